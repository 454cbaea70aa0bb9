/* Changes to a private network: see change_host.h. Linux. */
#include "change_host.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
  struct nlmsghdr header;
  union {
    struct ifaddrmsg address;
    struct rtmsg route;
    struct ifinfomsg link;
  } body;
  char attributes[128];
};

static void put(struct request *request, int type, const void *value,
                size_t length) {
  struct rtattr *attribute =
      (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
  attribute->rta_type = (unsigned short)type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), value, length);
  request->header.nlmsg_len =
      (unsigned)(NLMSG_ALIGN(request->header.nlmsg_len) + RTA_SPACE(length));
}

/* The kernel's answer is there when this returns, and so is the change. */
static int ask(struct request *request) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[256];
  } answer;
  int file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int good;
  memset(&answer, 0, sizeof(answer));
  request->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
  good = send(file, request, request->header.nlmsg_len, 0) > 0 &&
         recv(file, &answer, sizeof(answer), 0) > 0 && answer.error.error == 0;
  close(file);
  return good ? 0 : -1;
}

int change_address(bool add) {
  static const unsigned char address[4] = {10, 99, 0, 1};
  struct request request;
  memset(&request, 0, sizeof(request));
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.address));
  request.header.nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
  request.header.nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
  request.body.address.ifa_family = AF_INET;
  request.body.address.ifa_prefixlen = 24;
  request.body.address.ifa_index = if_nametoindex("lo");
  put(&request, IFA_LOCAL, address, sizeof(address));
  put(&request, IFA_ADDRESS, address, sizeof(address));
  return ask(&request);
}

int change_route(bool add) {
  static const unsigned char prefix[4] = {198, 51, 100, 0};
  const unsigned index = if_nametoindex("lo"), metric = 7;
  struct request request;
  memset(&request, 0, sizeof(request));
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.route));
  request.header.nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
  request.header.nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
  request.body.route.rtm_family = AF_INET;
  request.body.route.rtm_dst_len = 24;
  request.body.route.rtm_table = RT_TABLE_MAIN;
  request.body.route.rtm_protocol = RTPROT_STATIC;
  request.body.route.rtm_scope = RT_SCOPE_LINK;
  request.body.route.rtm_type = RTN_UNICAST;
  put(&request, RTA_DST, prefix, sizeof(prefix));
  put(&request, RTA_OIF, &index, sizeof(index));
  put(&request, RTA_PRIORITY, &metric, sizeof(metric));
  return ask(&request);
}

static int make_link(const char *kind) {
  struct request request;
  struct {
    struct rtattr header;
    char kind[12];
  } info;
  memset(&request, 0, sizeof(request));
  memset(&info, 0, sizeof(info));
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.link));
  request.header.nlmsg_type = RTM_NEWLINK;
  request.header.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
  put(&request, IFLA_IFNAME, "uwsk0", sizeof("uwsk0"));
  info.header.rta_type = IFLA_INFO_KIND;
  info.header.rta_len = (unsigned short)RTA_LENGTH(strlen(kind));
  strcpy(info.kind, kind);
  put(&request, IFLA_LINKINFO, &info, sizeof(info));
  return ask(&request);
}

int change_link(bool add) {
  struct request request;
  if (add)
    return make_link("dummy") == 0 || make_link("ifb") == 0 ||
                   make_link("bridge") == 0
               ? 0
               : -1;
  memset(&request, 0, sizeof(request));
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.link));
  request.header.nlmsg_type = RTM_DELLINK;
  request.body.link.ifi_index = (int)if_nametoindex("uwsk0");
  return ask(&request);
}

int change_mtu(int mtu) {
  struct ifreq request;
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, "lo");
  request.ifr_mtu = mtu;
  result = ioctl(file, SIOCSIFMTU, &request);
  close(file);
  return result;
}
