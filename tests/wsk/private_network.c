/*
 * A network namespace for this process: loopback and nothing else, with an
 * unreachable route and short patience. Needs no privilege where users may make
 * namespaces; where they may not, the tests fail and say so. Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int private_network(void);

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  ssize_t length = (ssize_t)strlen(text);
  int good = file >= 0 && write(file, text, (size_t)length) == length;

  if (file >= 0)
    close(file);
  return good ? 0 : -1;
}

/* Root may make a network; others make a world first in which they are root. */
static int enter_namespace(void) {
  char map[64];

  if (geteuid() == 0)
    return unshare(CLONE_NEWNET);
  snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return -1;
  return write_file("/proc/self/uid_map", map);
}

static int bring_loopback_up(void) {
  struct ifreq request;
  int file = socket(AF_INET, SOCK_DGRAM, 0), result;

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  result = ioctl(file, SIOCSIFFLAGS, &request);
  close(file);
  return result;
}

/* A message to the kernel's routing, and its one answer. */
struct route {
  struct nlmsghdr header;
  struct rtmsg message;
  struct rtattr attribute;
  unsigned char prefix[16];
};

static int add_unreachable_route(int family, const void *prefix, int bytes,
                                 int bits) {
  struct route route;
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
  } answer;
  int file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int good;

  memset(&route, 0, sizeof(route));
  memset(&answer, 0, sizeof(answer));
  route.header.nlmsg_len = (unsigned)(sizeof(route) - 16 + (size_t)bytes);
  route.header.nlmsg_type = RTM_NEWROUTE;
  route.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
  route.message.rtm_family = (unsigned char)family;
  route.message.rtm_dst_len = (unsigned char)bits;
  route.message.rtm_table = RT_TABLE_MAIN;
  route.message.rtm_protocol = RTPROT_STATIC;
  route.message.rtm_scope = RT_SCOPE_UNIVERSE;
  route.message.rtm_type = RTN_UNREACHABLE;
  route.attribute.rta_len = (unsigned short)RTA_LENGTH(bytes);
  route.attribute.rta_type = RTA_DST;
  memcpy(route.prefix, prefix, (size_t)bytes);
  good = send(file, &route, route.header.nlmsg_len, 0) > 0 &&
         recv(file, &answer, sizeof(answer), 0) > 0 && answer.error.error == 0;
  close(file);
  return good ? 0 : -1;
}

static int add_routes(void) {
  static const unsigned char v4[4] = {192, 0, 2, 0};
  static const unsigned char v6[16] = {0x20, 0x01, 0x0D, 0xB8, 0, 1};

  return add_unreachable_route(AF_INET, v4, 4, 24) != 0 ||
                 add_unreachable_route(AF_INET6, v6, 16, 48) != 0
             ? -1
             : 0;
}

/* One repetition, after a second; the older kernels have no linear ones. */
static int lose_patience(void) {
  write_file("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", "0");
  return write_file("/proc/sys/net/ipv4/tcp_syn_retries", "1");
}

int private_network(void) {
  static int (*const steps[])(void) = {enter_namespace, bring_loopback_up,
                                       add_routes, lose_patience};
  static const char *const names[] = {"network namespaces", "loopback",
                                      "unreachable routes", "net sysctls"};

  for (int i = 0; i < 4; i++)
    if (steps[i]() != 0) {
      fprintf(stderr,
              "these tests need a private network, and this host gives "
              "no %s: %s\n",
              names[i], strerror(errno));
      return -1;
    }
  return 0;
}
