/* Questions to the kernel's routing: see net_netlink.h. */
#ifdef __linux__

#include "net/net_netlink.h"

#include "net/net_host.h"
#include "net/net_uv.h"
#include "os/os.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often a list is asked for that changes while it is read. */
#define ATTEMPTS 10

static int host_error(int number) {
  return net__from_uv(uv_translate_sys_error(number));
}

int net__netlink_family(int family) {
  if (family == NET_IPV4)
    return AF_INET;
  return family == NET_IPV6 ? AF_INET6 : AF_UNSPEC;
}

/* ---- the socket --------------------------------------------------------- */

int net__netlink_open(int *host, unsigned groups) {
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
  uv_os_sock_t opened;
  int error = net__socket_open(&opened, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (error != NET_OK)
    return error;
  if (syscall(SYS_bind, opened, &name, sizeof(name)) != 0) {
    error = host_error(errno);
    net__socket_close(opened);
    return error;
  }
  *host = opened;
  return NET_OK;
}

/* A driver may have a recv of its own, but hardly a read. */
int64_t net__netlink_read(int host, void *buffer, size_t size) {
  ssize_t length;
  do
    length = read(host, buffer, size);
  while (length < 0 && errno == EINTR);
  if (length > 0)
    return length;
  return length == 0 ? NET_EOF : host_error(errno);
}

static int send_request(int host, const struct nlmsghdr *request) {
  ssize_t length;
  do
    length = write(host, request, request->nlmsg_len);
  while (length < 0 && errno == EINTR);
  return length < 0 ? host_error(errno) : NET_OK;
}

const struct nlmsghdr *net__netlink_next(const char **at, size_t *left) {
  const struct nlmsghdr *message = (const void *)*at;
  if (*left < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
      message->nlmsg_len > *left)
    return NULL;
  size_t step = NLMSG_ALIGN(message->nlmsg_len);
  if (step > *left)
    step = *left;
  *at += step;
  *left -= step;
  return message;
}

/* ---- the answer --------------------------------------------------------- */

struct answer {
  net_netlink_row *row;
  void *context;
  int error;
  bool done;
};

static void hear(struct answer *answer, const struct nlmsghdr *message) {
  const struct nlmsgerr *error = NLMSG_DATA(message);
  if (message->nlmsg_flags & NLM_F_DUMP_INTR)
    answer->error = NET_EAGAIN;
  if (message->nlmsg_type == NLMSG_ERROR) {
    answer->error = error->error != 0 ? host_error(-error->error) : NET_OK;
    answer->done = true;
  } else if (message->nlmsg_type == NLMSG_DONE) {
    if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) && error->error < 0)
      answer->error = host_error(-error->error);
    answer->done = true;
  } else {
    answer->row(message, answer->context);
    answer->done = (message->nlmsg_flags & NLM_F_MULTI) == 0;
  }
}

static void hear_all(struct answer *answer, const void *buffer, int64_t size) {
  const struct nlmsghdr *message;
  const char *at = buffer;
  size_t left = (size_t)size;
  while (!answer->done && (message = net__netlink_next(&at, &left)) != NULL)
    hear(answer, message);
}

static void wait_for(int host) {
  struct pollfd wanted = {.fd = host, .events = POLLIN};
  (void)poll(&wanted, 1, -1);
}

static int read_answer(int host, struct answer *answer) {
  void *buffer = os__alloc(NETLINK_BUFFER);
  if (buffer == NULL)
    return NET_ENOMEM;
  while (!answer->done) {
    int64_t size = net__netlink_read(host, buffer, NETLINK_BUFFER);
    if (size > 0) {
      hear_all(answer, buffer, size);
    } else if (size == NET_EAGAIN) {
      wait_for(host);
    } else {
      answer->error = (int)size;
      answer->done = true;
    }
  }
  os__free(buffer);
  return answer->error;
}

int net__netlink_ask(struct nlmsghdr *request, unsigned flags,
                     net_netlink_row *row, void *context) {
  struct answer answer = {.row = row, .context = context};
  int host;
  request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  request->nlmsg_seq = 1;
  int error = net__netlink_open(&host, 0);
  if (error != NET_OK)
    return error;
  error = send_request(host, request);
  if (error == NET_OK)
    error = read_answer(host, &answer);
  net__socket_close(host);
  return error;
}

/* ---- lists -------------------------------------------------------------- */

struct dump {
  struct nlmsghdr header;
  union {
    struct rtgenmsg any; /* what all bodies begin with */
    struct ifinfomsg link;
    struct rtmsg route;
  } body;
};

struct adder {
  net_netlink_add *add;
  struct net_list *list;
};

static void add_row(const struct nlmsghdr *message, void *context) {
  struct adder *adder = context;
  adder->add(message, adder->list);
}

int net__netlink_list(int type, int family, size_t item_size,
                      net_netlink_add *add, void **items, size_t *count) {
  struct net_list list = {.item_size = item_size};
  struct adder adder = {add, &list};
  struct dump dump;
  int error, attempts = 0;
  do {
    net__list_clear(&list);
    memset(&dump, 0, sizeof(dump));
    dump.header.nlmsg_len = sizeof(dump);
    dump.header.nlmsg_type = (uint16_t)type;
    dump.body.any.rtgen_family = (unsigned char)net__netlink_family(family);
    error = net__netlink_ask(&dump.header, NLM_F_DUMP, add_row, &adder);
  } while (error == NET_EAGAIN && ++attempts < ATTEMPTS);
  /* A list that never stands still is told as it was seen. */
  return net__list_give(&list, error == NET_EAGAIN ? NET_OK : error, items,
                        count);
}

/* ---- attributes --------------------------------------------------------- */

void net__netlink_put(struct nlmsghdr *request, int type, const void *value,
                      size_t length) {
  struct rtattr *attribute =
      (void *)((char *)request + NLMSG_ALIGN(request->nlmsg_len));
  attribute->rta_type = (unsigned short)type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), value, length);
  request->nlmsg_len =
      (uint32_t)(NLMSG_ALIGN(request->nlmsg_len) + RTA_SPACE(length));
}

void net__netlink_sort(struct rtattr *first, size_t length,
                       struct rtattr **table, unsigned last) {
  int left = (int)length;
  memset(table, 0, (last + 1) * sizeof(*table));
  for (; RTA_OK(first, left); first = RTA_NEXT(first, left)) {
    unsigned type = first->rta_type & ~(unsigned)NLA_F_NESTED;
    if (type <= last)
      table[type] = first;
  }
}

uint32_t net__netlink_u32(const struct rtattr *attribute, uint32_t otherwise) {
  uint32_t value = otherwise;
  if (attribute != NULL && RTA_PAYLOAD(attribute) >= sizeof(value))
    memcpy(&value, RTA_DATA(attribute), sizeof(value));
  return value;
}

bool net__netlink_address(int host_family, const struct rtattr *attribute,
                          struct net_address *address) {
  size_t size = host_family == AF_INET ? 4 : 16;
  memset(address, 0, sizeof(*address));
  if (host_family != AF_INET && host_family != AF_INET6)
    return false;
  address->family = host_family == AF_INET ? NET_IPV4 : NET_IPV6;
  if (attribute != NULL && RTA_PAYLOAD(attribute) >= size)
    memcpy(address->ip, RTA_DATA(attribute), size);
  return true;
}

#endif
