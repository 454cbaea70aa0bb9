/* Control data of datagrams: CMSGHDR entries and the transport's words. */
#include "wsk/datagram.h"

/* ---- what came with a datagram ----------------------------------------- */

struct writer {
  PUCHAR to;
  ULONG room, written;
  bool truncated;
};

/* An entry that does not fit is left out, and so are those after it. */
static void put(struct writer *writer, INT level, INT type, const void *data,
                ULONG length) {
  ULONG space = (ULONG)WSA_CMSG_SPACE(length);
  if (writer->truncated || space > writer->room - writer->written) {
    writer->truncated = true;
    return;
  }
  PUCHAR at = writer->to + writer->written; /* anywhere */
  CMSGHDR header = {WSA_CMSG_LEN(length), level, type};
  RtlZeroMemory(at, space);
  RtlCopyMemory(at, &header, sizeof(header));
  RtlCopyMemory(at + WSA_CMSG_LEN(0), data, length);
  writer->written += space;
}

static void put_local(struct writer *writer, const struct net_control *from) {
  if (from->local_family == NET_IPV4) {
    IN_PKTINFO info = {.ipi_ifindex = from->interface_index};
    RtlCopyMemory(&info.ipi_addr, from->local_ip, sizeof(info.ipi_addr));
    put(writer, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
  } else {
    IN6_PKTINFO info = {.ipi6_ifindex = from->interface_index};
    RtlCopyMemory(&info.ipi6_addr, from->local_ip, sizeof(info.ipi6_addr));
    put(writer, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
  }
}

static void put_int(struct writer *writer, bool ipv4, INT ipv4_type,
                    INT ipv6_type, int value) {
  INT data = value;
  put(writer, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? ipv4_type : ipv6_type,
      &data, sizeof(data));
}

ULONG wsk__control_info_out(PCMSGHDR to, ULONG room, enum net_family family,
                            const struct net_control *from, bool *truncated) {
  struct writer writer = {.to = (PUCHAR)to, .room = to != NULL ? room : 0};
  bool ipv4 = family == NET_IPV4;
  if (from->has & NET_HAS_LOCAL)
    put_local(&writer, from);
  if (from->has & NET_HAS_HOPS)
    put_int(&writer, ipv4, IP_HOPLIMIT, IPV6_HOPLIMIT, from->hops);
  if (from->has & NET_HAS_TRAFFIC_CLASS)
    put_int(&writer, ipv4, IP_TOS, IPV6_TCLASS, from->traffic_class);
  if (from->has & NET_HAS_ECN)
    put_int(&writer, ipv4, IP_ECN, IPV6_ECN, from->ecn);
  *truncated = writer.truncated;
  return writer.written;
}

/* ---- what shall go with one -------------------------------------------- */

struct entry {
  INT level, type;
  const UCHAR *data;
  SIZE_T length;
};

static bool take_int(const struct entry *entry, int most, int *value) {
  INT data;
  if (entry->length != sizeof(data))
    return false;
  RtlCopyMemory(&data, entry->data, sizeof(data));
  *value = data;
  return data >= 0 && data <= most;
}

static bool take_local_ipv4(struct net_control *to, const struct entry *entry) {
  IN_PKTINFO info;
  if (entry->length != sizeof(info))
    return false;
  RtlCopyMemory(&info, entry->data, sizeof(info));
  to->local_family = NET_IPV4;
  to->interface_index = info.ipi_ifindex;
  RtlCopyMemory(to->local_ip, &info.ipi_addr, sizeof(info.ipi_addr));
  return true;
}

static bool take_local_ipv6(struct net_control *to, const struct entry *entry) {
  IN6_PKTINFO info;
  if (entry->length != sizeof(info))
    return false;
  RtlCopyMemory(&info, entry->data, sizeof(info));
  to->local_family = NET_IPV6;
  to->interface_index = info.ipi6_ifindex;
  RtlCopyMemory(to->local_ip, &info.ipi6_addr, sizeof(info.ipi6_addr));
  return true;
}

/* The types of both levels have the same numbers, but for the type of service
 * of IPv4, which has an older one, too. */
_Static_assert(IP_PKTINFO == IPV6_PKTINFO && IP_HOPLIMIT == IPV6_HOPLIMIT &&
                   IP_TCLASS == IPV6_TCLASS && IP_ECN == IPV6_ECN,
               "one switch reads both levels");

static bool take(struct net_control *to, const struct entry *entry) {
  bool ipv4 = entry->level == IPPROTO_IP;
  if (ipv4 && (entry->type == IP_TTL || entry->type == IP_TOS)) {
    struct entry same = *entry;
    same.type = entry->type == IP_TTL ? IP_HOPLIMIT : IP_TCLASS;
    return take(to, &same);
  }
  switch (entry->type) {
  case IP_PKTINFO:
    to->has |= NET_HAS_LOCAL;
    return ipv4 ? take_local_ipv4(to, entry) : take_local_ipv6(to, entry);
  case IP_HOPLIMIT:
    to->has |= NET_HAS_HOPS;
    return take_int(entry, 255, &to->hops);
  case IP_TCLASS:
    to->has |= NET_HAS_TRAFFIC_CLASS;
    return take_int(entry, 255, &to->traffic_class);
  case IP_ECN:
    to->has |= NET_HAS_ECN;
    return take_int(entry, 3, &to->ecn);
  default:
    return false;
  }
}

static bool is_level(INT level, enum net_family family) {
  return level == IPPROTO_IP || (level == IPPROTO_IPV6 && family == NET_IPV6);
}

bool wsk__control_info_in(struct net_control *to, const CMSGHDR *from,
                          ULONG length, enum net_family family) {
  const UCHAR *next = (const UCHAR *)from, *end = next + length;
  RtlZeroMemory(to, sizeof(*to));
  while ((SIZE_T)(end - next) >= sizeof(CMSGHDR)) {
    CMSGHDR header;
    RtlCopyMemory(&header, next, sizeof(header));
    if (header.cmsg_len < WSA_CMSG_LEN(0) ||
        header.cmsg_len > (SIZE_T)(end - next))
      return false;
    struct entry entry = {header.cmsg_level, header.cmsg_type,
                          next + WSA_CMSG_LEN(0),
                          header.cmsg_len - WSA_CMSG_LEN(0)};
    if (!is_level(entry.level, family) || !take(to, &entry))
      return false;
    /* The last entry need not be padded. */
    SIZE_T step = WSA_CMSGHDR_ALIGN(header.cmsg_len);
    next = step < (SIZE_T)(end - next) ? next + step : end;
  }
  return next == end;
}
