/*
 * Datagrams in and out, on POSIX hosts, with what goes beside their bytes.
 */
#ifndef _WIN32

#ifdef __APPLE__
#define __APPLE_USE_RFC_3542
#endif

#include "net/net_uv_udp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Room for each kind of control data once, and for the int that some hosts
 * write as a byte. */
union control {
  struct cmsghdr align;
  unsigned char bytes[CMSG_SPACE(sizeof(struct in_pktinfo)) +
                      CMSG_SPACE(sizeof(struct in6_pktinfo)) +
                      4 * CMSG_SPACE(sizeof(int))];
};

#ifdef __linux__
#define WHOLE_SIZE                                                             \
  MSG_TRUNC /* recvmsg answers the size of the whole datagram */
#else
#define WHOLE_SIZE 0
#endif

/* ---- set-up ------------------------------------------------------------ */

static int turn_on(const struct net_udp *udp, int level, int name) {
  int on = 1;
  return net__socket_set(udp->host, level, name, &on, sizeof(on));
}

/* On Linux a socket hears, unless told otherwise, what any socket of the host
 * has joined; on Windows, what it has joined itself. */
#ifdef __linux__
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif
static void hear_own_groups(const struct net_udp *udp) {
  int off = 0;
  (void)net__socket_set(udp->host, IPPROTO_IP, IP_MULTICAST_ALL, &off,
                        sizeof(off));
  if (udp->family == NET_IPV6)
    (void)net__socket_set(udp->host, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off,
                          sizeof(off));
}
#else
static void hear_own_groups(const struct net_udp *udp) {
  (void)udp;
}
#endif

/* An IPv6 socket of Windows does not speak IPv4 until it is told to. A raw one
 * never does, and some hosts have no such option for it. */
int net__udp_prepare(struct net_udp *udp) {
  hear_own_groups(udp);
  if (udp->family == NET_IPV4)
    return turn_on(udp, IPPROTO_IP, IP_PKTINFO);
  int error = turn_on(udp, IPPROTO_IPV6, IPV6_V6ONLY);
  if (error != NET_OK && udp->kind != NET_RAW)
    return error;
  return turn_on(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO);
}

/* ---- control data that came -------------------------------------------- */

static int read_number(struct cmsghdr *header) {
  int number;
  if (header->cmsg_len < CMSG_LEN(sizeof(number)))
    return *CMSG_DATA(header);
  memcpy(&number, CMSG_DATA(header), sizeof(number));
  return number;
}

/* The host says by which of its own addresses it would answer. That is the
 * destination of a datagram, unless it was sent to many. */
static void read_local(struct net_received *received, struct cmsghdr *header) {
  struct in_pktinfo info;
  struct net_control *control = &received->control;
  memcpy(&info, CMSG_DATA(header), sizeof(info));
  control->local_family = NET_IPV4;
  memcpy(control->local_ip, &info.ipi_addr, 4);
  control->interface_index = (uint32_t)info.ipi_ifindex;
  received->broadcast = info.ipi_spec_dst.s_addr != 0 &&
                        info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr;
}

static void read_local6(struct net_received *received, struct cmsghdr *header) {
  struct in6_pktinfo info;
  struct net_control *control = &received->control;
  memcpy(&info, CMSG_DATA(header), sizeof(info));
  control->interface_index = (uint32_t)info.ipi6_ifindex;
  control->local_family = NET_IPV6;
  memcpy(control->local_ip, &info.ipi6_addr, 16);
  if (!net__is_mapped(control->local_ip))
    return;
  control->local_family = NET_IPV4;
  memmove(control->local_ip, control->local_ip + 12, 4);
  memset(control->local_ip + 4, 0, 12);
}

/* BSD names what came as the option that asked for it. */
static void read_ipv4(struct net_received *received, struct cmsghdr *header) {
  struct net_control *control = &received->control;
  if (header->cmsg_type == IP_PKTINFO) {
    control->has |= NET_HAS_LOCAL;
    read_local(received, header);
  } else if (header->cmsg_type == IP_TTL || header->cmsg_type == IP_RECVTTL) {
    control->has |= NET_HAS_HOPS;
    control->hops = read_number(header);
  } else if (header->cmsg_type == IP_TOS || header->cmsg_type == IP_RECVTOS) {
    control->has |= NET_HAS_TRAFFIC_CLASS | NET_HAS_ECN;
    control->traffic_class = read_number(header);
  }
}

static void read_ipv6(struct net_received *received, struct cmsghdr *header) {
  struct net_control *control = &received->control;
  if (header->cmsg_type == IPV6_PKTINFO) {
    control->has |= NET_HAS_LOCAL;
    read_local6(received, header);
  } else if (header->cmsg_type == IPV6_HOPLIMIT) {
    control->has |= NET_HAS_HOPS;
    control->hops = read_number(header);
  } else if (header->cmsg_type == IPV6_TCLASS) {
    control->has |= NET_HAS_TRAFFIC_CLASS | NET_HAS_ECN;
    control->traffic_class = read_number(header);
  }
}

static void read_control(const struct net_udp *udp, struct msghdr *message,
                         struct net_received *received) {
  struct net_control *control = &received->control;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level == IPPROTO_IP)
      read_ipv4(received, header);
    else if (header->cmsg_level == IPPROTO_IPV6)
      read_ipv6(received, header);
  }
  control->ecn = control->traffic_class & 3;
  if (control->has & NET_HAS_LOCAL) {
    received->multicast =
        net__is_multicast(control->local_family, control->local_ip);
    received->broadcast =
        !received->multicast &&
        (received->broadcast ||
         net__is_broadcast(control->local_family, control->local_ip));
  }
  control->has &= NET_PEEK(udp->asked);
}

/* ---- receiving --------------------------------------------------------- */

static size_t room_of(const struct net_buffer *buffers, unsigned count) {
  size_t room = 0;
  for (unsigned i = 0; i < count; i++)
    room += buffers[i].length;
  return room;
}

/* What one call of the host fills in. */
struct incoming {
  struct sockaddr_storage remote;
  union control control;
};

static struct msghdr expect(struct incoming *incoming,
                            const struct net_buffer *buffers, unsigned count) {
  struct msghdr message = {.msg_name = &incoming->remote,
                           .msg_namelen = sizeof(incoming->remote),
                           .msg_iov = (struct iovec *)buffers,
                           .msg_iovlen = count,
                           .msg_control = incoming->control.bytes,
                           .msg_controllen = sizeof(incoming->control.bytes)};
  return message;
}

static void fill_in(const struct net_udp *udp, struct msghdr *message,
                    size_t size, size_t room, struct net_received *received) {
  memset(received, 0, sizeof(*received));
  received->truncated = (message->msg_flags & MSG_TRUNC) != 0;
  received->size_known = WHOLE_SIZE != 0 || !received->truncated;
  received->bytes = size < room ? size : room;
  received->size = size;
  (void)net__from_sockaddr(message->msg_name, &received->remote);
  read_control(udp, message, received);
}

/* What has become of datagrams that were sent earlier. The host forgets it when
 * it has told. */
static bool about_others(void) {
  return errno == EINTR || errno == ECONNREFUSED || errno == EHOSTUNREACH ||
         errno == ENETUNREACH;
}

int net__udp_try_recv(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, struct net_received *received) {
  struct incoming incoming;
  struct msghdr message;
  ssize_t got;
  do {
    message = expect(&incoming, buffers, count);
    got = recvmsg(udp->host, &message, MSG_DONTWAIT | WHOLE_SIZE);
  } while (got < 0 && about_others());
  if (got < 0)
    return net__socket_error();
  fill_in(udp, &message, (size_t)got, room_of(buffers, count), received);
  return NET_OK;
}

int64_t net__udp_next_size(struct net_udp *udp) {
  char byte;
  struct iovec nowhere = {&byte, 0};
  struct msghdr message = {.msg_iov = &nowhere, .msg_iovlen = 1};
  ssize_t size;
  do {
    size = recvmsg(udp->host, &message, MSG_DONTWAIT | MSG_PEEK | WHOLE_SIZE);
  } while (size < 0 && about_others());
  if (size < 0)
    return net__socket_error();
  return WHOLE_SIZE != 0 ? size : 65535;
}

#ifdef __linux__

int net__udp_try_recv_many(struct net_udp *udp, struct net_slot *slots,
                           unsigned room) {
  struct incoming incoming[NET_BATCH];
  struct mmsghdr messages[NET_BATCH];
  int got;
  room = room < NET_BATCH ? room : NET_BATCH;
  do {
    for (unsigned i = 0; i < room; i++)
      messages[i].msg_hdr =
          expect(&incoming[i], slots[i].buffers, slots[i].count);
    got = recvmmsg(udp->host, messages, room, MSG_DONTWAIT | WHOLE_SIZE, NULL);
  } while (got < 0 && about_others());
  if (got < 0)
    return net__socket_error();
  for (int i = 0; i < got; i++)
    fill_in(udp, &messages[i].msg_hdr, messages[i].msg_len,
            room_of(slots[i].buffers, slots[i].count), &slots[i].received);
  return got;
}

#else

int net__udp_try_recv_many(struct net_udp *udp, struct net_slot *slots,
                           unsigned room) {
  unsigned got = 0;
  int error = NET_EAGAIN;
  while (got < room && got < NET_BATCH) {
    error = net__udp_try_recv(udp, slots[got].buffers, slots[got].count,
                              &slots[got].received);
    if (error != NET_OK)
      break;
    got++;
  }
  return got > 0 ? (int)got : error;
}

#endif

/* ---- control data to be sent ------------------------------------------- */

struct writer {
  size_t used;
  union control control;
};

static void put(struct writer *writer, int level, int type, const void *data,
                size_t size) {
  struct cmsghdr *header =
      (struct cmsghdr *)(void *)(writer->control.bytes + writer->used);
  memset(header, 0, CMSG_SPACE(size));
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), data, size);
  writer->used += CMSG_SPACE(size);
}

/* The host takes the interface for that of the route, and the address for the
 * source. */
static void put_local(struct writer *writer,
                      const struct net_control *control) {
  struct in_pktinfo info = {.ipi_ifindex = (int)control->interface_index};
  memcpy(&info.ipi_spec_dst, control->local_ip, 4);
  put(writer, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

static void put_local6(struct writer *writer,
                       const struct net_control *control) {
  struct in6_pktinfo info = {.ipi6_ifindex = control->interface_index};
  if (control->local_family == NET_IPV4)
    net__map(control->local_ip, info.ipi6_addr.s6_addr);
  else
    memcpy(&info.ipi6_addr, control->local_ip, 16);
  put(writer, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static bool names_something(const struct net_control *control) {
  static const unsigned char nothing[16];
  size_t length = control->local_family == NET_IPV6 ? 16 : 4;
  return control->interface_index != 0 ||
         memcmp(control->local_ip, nothing, length) != 0;
}

/* The ECN bits are the lower two of the traffic class, which is the socket's
 * own where the datagram brings none. */
static int traffic_class(struct net_udp *udp,
                         const struct net_control *control) {
  int whole = (control->has & NET_HAS_TRAFFIC_CLASS) != 0
                  ? control->traffic_class
                  : NET_PEEK(udp->traffic_class);
  if (control->has & NET_HAS_ECN)
    whole = (whole & ~3) | (control->ecn & 3);
  return whole;
}

/* What goes out as IPv4 takes the control data of IPv4, also from an IPv6
 * socket, but for the source address. */
static void write_control(struct net_udp *udp, bool as_ipv4,
                          const struct net_control *control,
                          struct writer *writer) {
  writer->used = 0;
  if ((control->has & NET_HAS_LOCAL) && names_something(control)) {
    if (udp->family == NET_IPV6)
      put_local6(writer, control);
    else
      put_local(writer, control);
  }
  if (control->has & NET_HAS_HOPS)
    put(writer, as_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
        as_ipv4 ? IP_TTL : IPV6_HOPLIMIT, &control->hops, sizeof(int));
  if (control->has & (NET_HAS_TRAFFIC_CLASS | NET_HAS_ECN)) {
    int whole = traffic_class(udp, control);
    put(writer, as_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
        as_ipv4 ? IP_TOS : IPV6_TCLASS, &whole, sizeof(whole));
  }
}

/* ---- sending ----------------------------------------------------------- */

static bool goes_as_ipv4(const struct net_address *remote) {
  return remote->family == NET_IPV4 || net__is_mapped(remote->ip);
}

int net__udp_try_send(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, const struct net_address *remote,
                      const struct net_control *control) {
  struct sockaddr_storage name;
  struct writer writer;
  ssize_t sent;
  if (remote->family != udp->family)
    return NET_EAFNOSUPPORT;
  net__to_sockaddr(remote, &name);
  struct msghdr message = {.msg_name = &name,
                           .msg_namelen =
                               (socklen_t)net__sockaddr_length(udp->family),
                           .msg_iov = (struct iovec *)buffers,
                           .msg_iovlen = count};
  if (control != NULL && control->has != 0) {
    write_control(udp, goes_as_ipv4(remote), control, &writer);
    message.msg_control = writer.used > 0 ? writer.control.bytes : NULL;
    message.msg_controllen = writer.used;
  }
  do {
    sent = sendmsg(udp->host, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && (errno == EINTR || errno == ECONNREFUSED));
  return sent >= 0 ? NET_OK : net__socket_error();
}

#endif
