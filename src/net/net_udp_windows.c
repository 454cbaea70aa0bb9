/*
 * Datagrams in and out, on Windows, with what goes beside their bytes.
 */
#ifdef _WIN32

#include "net/net_uv_udp.h"

#include <mswsock.h>
#include <string.h>

/* What older headers lack. */
#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif
#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif
#ifndef MSG_BCAST
#define MSG_BCAST 0x0400
#define MSG_MCAST 0x0800
#endif
#ifndef IP_TOS
#define IP_TOS 3
#endif
#define HOPS          21 /* IP_HOPLIMIT, IPV6_HOPLIMIT */
#define TRAFFIC_CLASS 39 /* IP_TCLASS, IPV6_TCLASS */
#define ECN           50 /* IP_ECN, IPV6_ECN */

union control {
  WSACMSGHDR align;
  unsigned char bytes[WSA_CMSG_SPACE(sizeof(struct in_pktinfo)) +
                      WSA_CMSG_SPACE(sizeof(struct in6_pktinfo)) +
                      4 * WSA_CMSG_SPACE(sizeof(int))];
};

/* ---- set-up ------------------------------------------------------------ */

static LPFN_WSARECVMSG receive_message;
static LPFN_WSASENDMSG send_message;

static int find(const struct net_udp *udp, GUID id, void *function,
                DWORD size) {
  DWORD got;
  return WSAIoctl(udp->host, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
                  sizeof(id), function, size, &got, NULL, NULL) == 0
             ? NET_OK
             : NET_ENOSYS;
}

/* They are the same for every socket of the one provider. Under the loop's
 * ownership. */
static int find_functions(const struct net_udp *udp) {
  GUID receive = WSAID_WSARECVMSG, send = WSAID_WSASENDMSG;
  if (receive_message != NULL && send_message != NULL)
    return NET_OK;
  int error = find(udp, receive, &receive_message, sizeof(receive_message));
  if (error == NET_OK)
    error = find(udp, send, &send_message, sizeof(send_message));
  return error;
}

/* Else a peer that has gone fails the next receive. */
static void silence(const struct net_udp *udp) {
  BOOL off = FALSE;
  DWORD got;
  (void)WSAIoctl(udp->host, SIO_UDP_CONNRESET, &off, sizeof(off), NULL, 0, &got,
                 NULL, NULL);
  (void)WSAIoctl(udp->host, SIO_UDP_NETRESET, &off, sizeof(off), NULL, 0, &got,
                 NULL, NULL);
}

int net__udp_prepare(struct net_udp *udp) {
  int on = 1;
  int error = find_functions(udp);
  if (error != NET_OK)
    return error;
  silence(udp);
  if (udp->family == NET_IPV4)
    return net__socket_set(udp->host, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
  return net__socket_set(udp->host, IPPROTO_IPV6, IPV6_PKTINFO, &on,
                         sizeof(on));
}

/* ---- control data that came -------------------------------------------- */

static int read_number(WSACMSGHDR *header) {
  int number;
  memcpy(&number, WSA_CMSG_DATA(header), sizeof(number));
  return number;
}

static void read_local(struct net_control *control, WSACMSGHDR *header) {
  struct in_pktinfo info;
  memcpy(&info, WSA_CMSG_DATA(header), sizeof(info));
  control->has |= NET_HAS_LOCAL;
  control->local_family = NET_IPV4;
  memcpy(control->local_ip, &info.ipi_addr, 4);
  control->interface_index = info.ipi_ifindex;
}

static void read_local6(struct net_control *control, WSACMSGHDR *header) {
  struct in6_pktinfo info;
  memcpy(&info, WSA_CMSG_DATA(header), sizeof(info));
  control->has |= NET_HAS_LOCAL;
  control->interface_index = info.ipi6_ifindex;
  control->local_family = NET_IPV6;
  memcpy(control->local_ip, &info.ipi6_addr, 16);
  if (!net__is_mapped(control->local_ip))
    return;
  control->local_family = NET_IPV4;
  memmove(control->local_ip, control->local_ip + 12, 4);
  memset(control->local_ip + 4, 0, 12);
}

static void read_one(struct net_control *control, WSACMSGHDR *header) {
  bool ipv6 = header->cmsg_level == IPPROTO_IPV6;
  if (!ipv6 && header->cmsg_level != IPPROTO_IP)
    return;
  switch (header->cmsg_type) {
  case IP_PKTINFO: /* and IPV6_PKTINFO */
    if (ipv6)
      read_local6(control, header);
    else
      read_local(control, header);
    break;
  case HOPS:
  case IP_TTL:
    control->has |= NET_HAS_HOPS;
    control->hops = read_number(header);
    break;
  case TRAFFIC_CLASS:
  case IP_TOS:
    control->has |= NET_HAS_TRAFFIC_CLASS | NET_HAS_ECN;
    control->traffic_class = read_number(header);
    control->ecn = control->traffic_class & 3;
    break;
  case ECN:
    control->has |= NET_HAS_ECN;
    control->ecn = read_number(header);
    break;
  default:
    break;
  }
}

static void read_control(const struct net_udp *udp, WSAMSG *message,
                         struct net_received *received) {
  struct net_control *control = &received->control;
  for (WSACMSGHDR *header = WSA_CMSG_FIRSTHDR(message); header != NULL;
       header = WSA_CMSG_NXTHDR(message, header))
    read_one(control, header);
  received->broadcast = (message->dwFlags & MSG_BCAST) != 0;
  received->multicast = (message->dwFlags & MSG_MCAST) != 0;
  if (control->has & NET_HAS_LOCAL) {
    received->multicast |=
        net__is_multicast(control->local_family, control->local_ip);
    received->broadcast |=
        net__is_broadcast(control->local_family, control->local_ip);
  }
  control->has &= NET_PEEK(udp->asked);
}

/* ---- receiving --------------------------------------------------------- */

/* The sum of their lengths. */
static size_t convert(const struct net_buffer *buffers, unsigned count,
                      WSABUF *out) {
  size_t room = 0;
  for (unsigned i = 0; i < count; i++) {
    size_t length = buffers[i].length;
    out[i].len = length < MAXLONG ? (ULONG)length : MAXLONG;
    out[i].buf = buffers[i].base;
    room += length;
  }
  return room;
}

/* What has become of datagrams that were sent earlier. */
static bool about_others(int error) {
  return error == WSAECONNRESET || error == WSAENETRESET;
}

static int receive_once(struct net_udp *udp, WSAMSG *message, DWORD *got) {
  int error;
  do {
    error = 0;
    if (receive_message(udp->host, message, got, NULL, NULL) != 0)
      error = WSAGetLastError();
  } while (about_others(error));
  return error;
}

int net__udp_try_recv(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, struct net_received *received) {
  WSABUF pieces[NET_DIRECT_BUFFERS + 1];
  char nowhere;
  struct sockaddr_storage remote;
  union control control;
  DWORD got = 0;
  size_t room = convert(buffers, count, pieces);
  if (count == 0)
    pieces[count++] = (WSABUF){0, &nowhere};
  WSAMSG message = {.name = (struct sockaddr *)&remote,
                    .namelen = sizeof(remote),
                    .lpBuffers = pieces,
                    .dwBufferCount = count,
                    .Control = {sizeof(control), (char *)control.bytes}};
  int error = receive_once(udp, &message, &got);
  if (error != 0 && error != WSAEMSGSIZE)
    return net__socket_error();
  memset(received, 0, sizeof(*received));
  received->truncated =
      error == WSAEMSGSIZE || (message.dwFlags & MSG_TRUNC) != 0;
  received->size_known = !received->truncated;
  received->bytes = received->truncated || got > room ? room : got;
  received->size = received->bytes;
  (void)net__from_sockaddr(&remote, &received->remote);
  read_control(udp, &message, received);
  return NET_OK;
}

/* The host knows the sum of all that wait, and not whether there is one. */
int64_t net__udp_next_size(struct net_udp *udp) {
  u_long bytes = 0;
  char byte;
  int error;
  do {
    error = recv(udp->host, &byte, 1, MSG_PEEK) >= 0 ? 0 : WSAGetLastError();
  } while (about_others(error));
  if (error != 0 && error != WSAEMSGSIZE)
    return net__socket_error();
  if (ioctlsocket(udp->host, FIONREAD, &bytes) != 0)
    return net__socket_error();
  return (int64_t)bytes;
}

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

/* ---- control data to be sent ------------------------------------------- */

struct writer {
  union control control;
  size_t used;
};

static void put(struct writer *writer, int level, int type, const void *data,
                size_t size) {
  WSACMSGHDR *header =
      (WSACMSGHDR *)(void *)(writer->control.bytes + writer->used);
  memset(header, 0, WSA_CMSG_SPACE(size));
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = WSA_CMSG_LEN(size);
  memcpy(WSA_CMSG_DATA(header), data, size);
  writer->used += WSA_CMSG_SPACE(size);
}

static void put_local(struct writer *writer, bool ipv6,
                      const struct net_control *control) {
  struct in_pktinfo info = {.ipi_ifindex = control->interface_index};
  struct in6_pktinfo info6 = {.ipi6_ifindex = control->interface_index};
  if (!ipv6) {
    memcpy(&info.ipi_addr, control->local_ip, 4);
    put(writer, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
    return;
  }
  if (control->local_family == NET_IPV4)
    net__map(control->local_ip, info6.ipi6_addr.s6_addr);
  else
    memcpy(&info6.ipi6_addr, control->local_ip, 16);
  put(writer, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
}

static void write_control(const struct net_udp *udp,
                          const struct net_control *control,
                          struct writer *writer) {
  bool ipv6 = udp->family == NET_IPV6;
  int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  writer->used = 0;
  if (control->has & NET_HAS_LOCAL)
    put_local(writer, ipv6, control);
  if (control->has & NET_HAS_HOPS)
    put(writer, level, HOPS, &control->hops, sizeof(int));
  if (control->has & NET_HAS_TRAFFIC_CLASS)
    put(writer, level, ipv6 ? TRAFFIC_CLASS : IP_TOS, &control->traffic_class,
        sizeof(int));
  if (control->has & NET_HAS_ECN)
    put(writer, level, ECN, &control->ecn, sizeof(int));
}

/* ---- sending ----------------------------------------------------------- */

static int send_once(struct net_udp *udp, WSAMSG *message) {
  DWORD sent;
  int error;
  do {
    error = 0;
    if (send_message(udp->host, message, 0, &sent, NULL, NULL) != 0)
      error = WSAGetLastError();
  } while (about_others(error));
  return error == 0 ? NET_OK : net__socket_error();
}

int net__udp_try_send(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, const struct net_address *remote,
                      const struct net_control *control) {
  struct sockaddr_storage name;
  struct writer writer;
  WSABUF pieces[NET_DIRECT_BUFFERS + 1];
  char nothing = 0;
  if (remote->family != udp->family)
    return NET_EAFNOSUPPORT;
  net__to_sockaddr(remote, &name);
  (void)convert(buffers, count, pieces);
  if (count == 0)
    pieces[count++] = (WSABUF){0, &nothing};
  WSAMSG message = {.name = (struct sockaddr *)&name,
                    .namelen = (int)net__sockaddr_length(udp->family),
                    .lpBuffers = pieces,
                    .dwBufferCount = count};
  if (control != NULL && control->has != 0) {
    write_control(udp, control, &writer);
    message.Control.buf = (char *)writer.control.bytes;
    message.Control.len = (ULONG)writer.used;
  }
  return send_once(udp, &message);
}

#endif
