/*
 * Options of both kinds of handles, by the table of net_option_table.h.
 */
#include "net/net_uv_udp.h"

#include "loop/loop.h"
#include "net/net_option_table.h"

#include <assert.h>
#include <string.h>

/* A handle of either kind, as far as options go. */
struct subject {
  uv_os_sock_t host;
  unsigned handle; /* UDP, RAW or TCP */
  bool ipv6;
  struct net_kept *kept;
  struct net_udp *udp; /* NULL: TCP */
};

static struct subject of_tcp(struct net_tcp *tcp) {
  struct subject subject = {.host = (uv_os_sock_t)tcp->host,
                            .handle = TCP,
                            .ipv6 = tcp->ipv6,
                            .kept = &tcp->kept};
  return subject;
}

static struct subject of_udp(struct net_udp *udp) {
  struct subject subject = {.host = udp->host,
                            .handle = udp->kind == NET_RAW ? RAW : UDP,
                            .ipv6 = udp->family == NET_IPV6,
                            .kept = &udp->kept,
                            .udp = udp};
  return subject;
}

static struct place place_of(const struct subject *subject,
                             const struct option_row *row) {
  return subject->ipv6 ? row->ipv6 : row->ipv4;
}

static const struct option_row *find(const struct subject *subject,
                                     enum net_option option) {
  size_t rows = sizeof(option_rows) / sizeof(option_rows[0]);
  for (size_t i = 0; i < rows; i++) {
    const struct option_row *row = &option_rows[i];
    bool anywhere = row->form == KEPT || row->form == COMES_ALONG ||
                    place_of(subject, row).level != NONE;
    if (row->option == option && (row->handles & subject->handle) && anywhere)
      return row;
  }
  return NULL;
}

/* ---- values ------------------------------------------------------------ */

#ifdef __linux__
#define NOT_SET    IP_PMTUDISC_WANT
#define UNBROKEN   IP_PMTUDISC_DO
#define BROKEN     IP_PMTUDISC_DONT
#define PROBE      IP_PMTUDISC_PROBE
#define FROM_TWICE 2
#else
#define NOT_SET    NET_MTU_NOT_SET
#define UNBROKEN   NET_MTU_DO
#define BROKEN     NET_MTU_DONT
#define PROBE      NET_MTU_PROBE
#define FROM_TWICE 1
#endif

static const int discover[] = {[NET_MTU_NOT_SET] = NOT_SET,
                               [NET_MTU_DO] = UNBROKEN,
                               [NET_MTU_DONT] = BROKEN,
                               [NET_MTU_PROBE] = PROBE};

#define FAST_OPEN_QUEUE 16

static bool to_host(enum form form, int value, int *host) {
  *host = value;
  if (form == SWITCH)
    *host = value != 0;
  else if (form == NETWORK_INDEX)
    *host = (int)htonl((uint32_t)value);
  else if (form == FRAGMENT)
    *host = value != 0 ? UNBROKEN : NOT_SET;
  else if (form == QUEUE)
    *host = value != 0 ? FAST_OPEN_QUEUE : 0;
  else if (form == DISCOVER && (value < 0 || value > NET_MTU_PROBE))
    return false;
  else if (form == DISCOVER)
    *host = discover[value];
  return true;
}

static int to_discover(int host) {
  for (int i = NET_MTU_NOT_SET; i <= NET_MTU_PROBE; i++)
    if (discover[i] == host)
      return i;
  return NET_MTU_NOT_SET;
}

static int from_host(enum form form, int host) {
  switch (form) {
  case SWITCH:
  case QUEUE:
    return host != 0;
  case DOUBLED:
    return host / FROM_TWICE;
  case NETWORK_INDEX:
    return (int)ntohl((uint32_t)host);
  case DISCOVER:
    return to_discover(host);
  case FRAGMENT:
    return host == UNBROKEN || host == PROBE;
  default:
    return host;
  }
}

/* BSD keeps some of them in a byte and takes no int. */
#if defined(_WIN32) || defined(__linux__)
#define IS_NARROW(form) ((void)(form), false)
#else
#define IS_NARROW(form) ((form) == NARROW)
#endif

static int host_set(const struct subject *subject, struct place place,
                    enum form form, int value) {
  unsigned char byte = (unsigned char)value;
  if (IS_NARROW(form))
    return net__socket_set(subject->host, place.level, place.name, &byte, 1);
  return net__socket_set(subject->host, place.level, place.name, &value,
                         sizeof(value));
}

/* Some hosts answer a switch in a byte. */
static int host_get(const struct subject *subject, struct place place,
                    enum form form, int *value) {
  unsigned char byte = 0;
  *value = 0;
  if (!IS_NARROW(form))
    return net__socket_get(subject->host, place.level, place.name, value,
                           sizeof(*value));
  int error = net__socket_get(subject->host, place.level, place.name, &byte, 1);
  *value = byte;
  return error;
}

/* ---- what comes along -------------------------------------------------- */

static unsigned bit_of(enum net_option option) {
  switch (option) {
  case NET_OPT_RECV_LOCAL:
    return NET_HAS_LOCAL;
  case NET_OPT_RECV_HOPS:
    return NET_HAS_HOPS;
  case NET_OPT_RECV_ECN:
    return NET_HAS_ECN;
  default:
    return NET_HAS_TRAFFIC_CLASS;
  }
}

/* Two of them are one option of the host, which is on for either. */
static bool is_needed(const struct net_udp *udp, struct place place) {
  size_t rows = sizeof(option_rows) / sizeof(option_rows[0]);
  for (size_t i = 0; i < rows; i++) {
    const struct option_row *row = &option_rows[i];
    struct place other = udp->family == NET_IPV6 ? row->ipv6 : row->ipv4;
    if (row->form == COMES_ALONG && other.level == place.level &&
        other.name == place.name && (udp->asked & bit_of(row->option)))
      return true;
  }
  return false;
}

/* An IPv6 handle gets datagrams of both families once V6ONLY is off; where the
 * host has no say in that for the other one, it does without. */
static int set_coming(const struct subject *subject,
                      const struct option_row *row, int value) {
  struct net_udp *udp = subject->udp;
  struct place place = place_of(subject, row);
  unsigned before = udp->asked, bit = bit_of(row->option);
  NET_POKE(udp->asked, value != 0 ? before | bit : before & ~bit);
  if (place.level == NONE)
    return NET_OK;
  int on = is_needed(udp, place);
  int error = host_set(subject, place, PLAIN, on);
  if (error != NET_OK)
    NET_POKE(udp->asked, before);
  else if (subject->ipv6)
    (void)host_set(subject, row->ipv4, PLAIN, on);
  return error;
}

/* ---- the interface of multicasts, IPv4 --------------------------------- */

#ifdef _WIN32

/* Windows takes an address whose first byte is 0 for an index. Wine does not.
 */
static int host_set_group_if(const struct subject *subject, struct place place,
                             bool by_index, int value) {
  unsigned char ip[4];
  int name = by_index ? (int)htonl((uint32_t)value) : value;
  int error = net__socket_set(subject->host, place.level, place.name, &name,
                              sizeof(name));
  if (error != NET_OK && by_index && net__ipv4_of((uint32_t)value, ip))
    error = net__socket_set(subject->host, place.level, place.name, ip, 4);
  return error;
}

#else

static int host_set_group_if(const struct subject *subject, struct place place,
                             bool by_index, int value) {
  struct ip_mreqn name = {.imr_ifindex = by_index ? value : 0};
  if (!by_index)
    memcpy(&name.imr_address, &value, 4);
  return net__socket_set(subject->host, place.level, place.name, &name,
                         sizeof(name));
}

#endif

/* Hosts answer with an address, so the index is kept. */
static int set_group_if(const struct subject *subject,
                        const struct option_row *row, int value) {
  bool by_index = row->option == NET_OPT_MULTICAST_IF;
  int error = host_set_group_if(subject, row->ipv4, by_index, value);
  if (error == NET_OK)
    subject->kept->multicast_if = by_index ? value : 0;
  return error;
}

static int get_group_if(const struct subject *subject,
                        const struct option_row *row, int *value) {
  if (row->option == NET_OPT_MULTICAST_IF) {
    *value = subject->kept->multicast_if;
    return NET_OK;
  }
  *value = 0;
  if (subject->kept->multicast_if != 0)
    return NET_OK;
  return net__socket_get(subject->host, row->ipv4.level, row->ipv4.name, value,
                         sizeof(*value));
}

/* ---- both verbs -------------------------------------------------------- */

/* A socket either shares its address or does not. */
static bool contradicts(const struct subject *subject, enum net_option option,
                        int value) {
  const struct net_kept *kept = subject->kept;
  return value != 0 && ((option == NET_OPT_REUSE && kept->exclusive) ||
                        (option == NET_OPT_EXCLUSIVE && kept->reuse));
}

static void remember(const struct subject *subject, enum net_option option,
                     int value) {
  struct net_kept *kept = subject->kept;
  if (option == NET_OPT_REUSE)
    kept->reuse = value != 0;
  else if (option == NET_OPT_EXCLUSIVE)
    kept->exclusive = value != 0;
  else if (option == NET_OPT_V6ONLY)
    kept->dual = value == 0;
  else if (option == NET_OPT_TRAFFIC_CLASS && subject->udp != NULL)
    NET_POKE(subject->udp->traffic_class, value);
}

static int set_plain(const struct subject *subject,
                     const struct option_row *row, int value) {
  int host, error = NET_OK;
  if (contradicts(subject, row->option, value) ||
      !to_host(row->form, value, &host))
    return NET_EINVAL;
  if (row->form != KEPT)
    error = host_set(subject, place_of(subject, row), row->form, host);
  if (error == NET_OK)
    remember(subject, row->option, value);
  return error;
}

static int set_option(const struct subject *subject, enum net_option option,
                      int value) {
  const struct option_row *row = find(subject, option);
  assert(loop__owned());
  if (row == NULL)
    return NET_ENOPROTOOPT;
  if (row->form == COMES_ALONG)
    return set_coming(subject, row, value);
  if (row->form == GROUP_IF)
    return set_group_if(subject, row, value);
  return set_plain(subject, row, value);
}

static int get_option(const struct subject *subject, enum net_option option,
                      int *value) {
  const struct option_row *row = find(subject, option);
  assert(loop__owned());
  if (row == NULL)
    return NET_ENOPROTOOPT;
  if (row->form == COMES_ALONG) {
    *value = (subject->udp->asked & bit_of(option)) != 0;
    return NET_OK;
  }
  if (row->form == GROUP_IF)
    return get_group_if(subject, row, value);
  if (row->form == KEPT) {
    *value = subject->kept->exclusive;
    return NET_OK;
  }
  int host;
  int error = host_get(subject, place_of(subject, row), row->form, &host);
  if (error == NET_OK)
    *value = from_host(row->form, host);
  return error;
}

int net__tcp_set_option(struct net_tcp *tcp, enum net_option option,
                        int value) {
  struct subject subject = of_tcp(tcp);
  return set_option(&subject, option, value);
}

int net__tcp_get_option(struct net_tcp *tcp, enum net_option option,
                        int *value) {
  struct subject subject = of_tcp(tcp);
  return get_option(&subject, option, value);
}

int net__udp_set_option(struct net_udp *udp, enum net_option option,
                        int value) {
  struct subject subject = of_udp(udp);
  return set_option(&subject, option, value);
}

int net__udp_get_option(struct net_udp *udp, enum net_option option,
                        int *value) {
  struct subject subject = of_udp(udp);
  return get_option(&subject, option, value);
}
