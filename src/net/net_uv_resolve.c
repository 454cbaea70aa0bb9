/*
 * Names on libuv, whose threads ask the host's resolver.
 *
 * Nothing here calls getaddrinfo by its name: a driver may have one of its own.
 */
#include "net/net_uv.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"
#include "os/os.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct net_lookup {
  union {
    uv_req_t any;
    uv_getaddrinfo_t addresses;
    uv_getnameinfo_t names;
  } request;
  /* Both NULL once it was cancelled. */
  net_resolved *resolved;
  net_named *named;
  void *user;
  /* Of net__name: the question, which may have to be asked twice. */
  struct sockaddr_storage host;
  unsigned flags;
};

static struct net_lookup *create(void *user) {
  struct net_lookup *lookup = os__alloc(sizeof(*lookup));
  if (lookup == NULL)
    return NULL;
  lookup->user = user;
  lookup->request.any.data = lookup;
  return lookup;
}

/* What a verb answers when libuv has or has not taken the request. */
static int started(struct net_lookup **out, struct net_lookup *lookup,
                   int uv_error) {
  loop__touched();
  if (uv_error != 0) {
    os__free(lookup);
    return net__from_uv(uv_error);
  }
  *out = lookup;
  return NET_OK;
}

/* Resolvers have errors of their own, some of which libuv does not know. */
static int error_of(int status) {
  int error = net__from_uv(status);
  return error == NET_UNKNOWN ? NET_EAI_FAIL : error;
}

/* libuv can take back what no thread has begun, and says so by the callback, as
 * everything. What has begun ends when it ends. */
void net__lookup_cancel(struct net_lookup *lookup) {
  assert(loop__owned());
  lookup->resolved = NULL;
  lookup->named = NULL;
  (void)uv_cancel(&lookup->request.any);
  loop__touched();
}

/* ---- addresses of a name ----------------------------------------------- */

static bool is_known(const struct net_address *addresses, size_t count,
                     const struct net_address *address) {
  for (size_t i = 0; i < count; i++)
    if (addresses[i].family == address->family &&
        addresses[i].scope_id == address->scope_id &&
        memcmp(addresses[i].ip, address->ip, sizeof(address->ip)) == 0)
      return true;
  return false;
}

/* Hosts give an address once for each kind of socket. */
static size_t collect(const struct addrinfo *host,
                      struct net_address *addresses) {
  struct sockaddr_storage storage;
  struct net_address address;
  size_t count = 0;
  for (; host != NULL; host = host->ai_next) {
    if ((size_t)host->ai_addrlen > sizeof(storage))
      continue;
    memset(&storage, 0, sizeof(storage));
    memcpy(&storage, host->ai_addr, (size_t)host->ai_addrlen);
    if (net__from_sockaddr(&storage, &address) == NET_OK &&
        !is_known(addresses, count, &address))
      addresses[count++] = address;
  }
  return count;
}

static size_t length_of(const struct addrinfo *host) {
  size_t length = 0;
  for (; host != NULL; host = host->ai_next)
    length++;
  return length;
}

static void report(struct net_lookup *lookup, const struct addrinfo *host) {
  struct net_addresses found = {.error = NET_ENOMEM};
  struct net_address *addresses =
      os__alloc(length_of(host) * sizeof(*addresses));
  if (addresses != NULL) {
    found.error = NET_OK;
    found.addresses = addresses;
    found.count = collect(host, addresses);
    found.canonical = host->ai_canonname;
    if (found.count == 0)
      found.error = NET_EAI_NODATA;
  }
  lookup->resolved(lookup->user, &found);
  os__free(addresses);
}

static void on_addresses(uv_getaddrinfo_t *request, int status,
                         struct addrinfo *host) {
  struct net_lookup *lookup = request->data;
  struct net_addresses failure = {.error = error_of(status)};
  if (status == 0 && host == NULL)
    failure.error = NET_EAI_NODATA;
  if (lookup->resolved == NULL)
    ; /* Nobody wants to know any more. */
  else if (failure.error != NET_OK)
    lookup->resolved(lookup->user, &failure);
  else
    report(lookup, host);
  uv_freeaddrinfo(host);
  os__free(lookup);
}

static int host_flags(unsigned flags) {
  static const struct {
    unsigned ours;
    int host;
  } table[] = {
      {NET_AI_PASSIVE, AI_PASSIVE},
      {NET_AI_CANONNAME, AI_CANONNAME},
      {NET_AI_NUMERICHOST, AI_NUMERICHOST},
      {NET_AI_NUMERICSERV, AI_NUMERICSERV},
      {NET_AI_ALL, AI_ALL},
      {NET_AI_ADDRCONFIG, AI_ADDRCONFIG},
      {NET_AI_V4MAPPED, AI_V4MAPPED},
  };
  int host = 0;
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    if (flags & table[i].ours)
      host |= table[i].host;
  return host;
}

static struct addrinfo hints_of(const struct net_question *question) {
  struct addrinfo hints = {.ai_flags = host_flags(question->flags),
                           .ai_family = AF_UNSPEC};
  if (question->family != 0)
    hints.ai_family = question->family == NET_IPV6 ? AF_INET6 : AF_INET;
  if (question->protocol == NET_TCP)
    hints.ai_socktype = SOCK_STREAM;
  else if (question->protocol == NET_UDP)
    hints.ai_socktype = SOCK_DGRAM;
  return hints;
}

int net__resolve(struct net_lookup **out, const struct net_question *question,
                 net_resolved *resolved, void *user) {
  assert(loop__owned());
  struct addrinfo hints = hints_of(question);
  struct net_lookup *lookup = create(user);
  if (lookup == NULL)
    return NET_ENOMEM;
  lookup->resolved = resolved;
  int error =
      uv_getaddrinfo(loop__uv(), &lookup->request.addresses, on_addresses,
                     question->node, question->service, &hints);
  return started(out, lookup, error);
}

/* ---- the name of an address -------------------------------------------- */

static int host_name_flags(unsigned flags) {
  return (flags & NET_NI_NOFQDN ? NI_NOFQDN : 0) |
         (flags & NET_NI_NUMERICHOST ? NI_NUMERICHOST : 0) |
         (flags & NET_NI_NAMEREQD ? NI_NAMEREQD : 0) |
         (flags & NET_NI_NUMERICSERV ? NI_NUMERICSERV : 0) |
         (flags & NET_NI_DGRAM ? NI_DGRAM : 0);
}

static void on_names(uv_getnameinfo_t *request, int status, const char *node,
                     const char *service);

static int ask_for_name(struct net_lookup *lookup) {
  return uv_getnameinfo(loop__uv(), &lookup->request.names, on_names,
                        (const struct sockaddr *)&lookup->host,
                        host_name_flags(lookup->flags));
}

/* Some hosts fail when they could not ask, though a literal would do. */
static bool literal_would_do(const struct net_lookup *lookup, int error) {
  return (lookup->flags & (NET_NI_NAMEREQD | NET_NI_NUMERICHOST)) == 0 &&
         (error == NET_EAI_AGAIN || error == NET_EAI_FAIL ||
          error == NET_EAI_NONAME);
}

/* Some hosts write the name of the interface where others write its number. */
static const char *with_scope_number(const struct net_lookup *lookup,
                                     const char *node, char *text,
                                     size_t size) {
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&lookup->host;
  const char *percent = strchr(node, '%');
  if (percent == NULL || in6->sin6_family != AF_INET6)
    return node;
  snprintf(text, size, "%.*s%%%u", (int)(percent - node), node,
           (unsigned)in6->sin6_scope_id);
  return text;
}

/* Under Wine libuv may miss a failure. */
static int error_of_name(int status, const char *node) {
  return status == 0 && node[0] == '\0' ? NET_EAI_NONAME : error_of(status);
}

static void on_names(uv_getnameinfo_t *request, int status, const char *node,
                     const char *service) {
  struct net_lookup *lookup = request->data;
  struct net_names found = {error_of_name(status, node), NULL, NULL};
  char literal[80];
  if (lookup->named != NULL && literal_would_do(lookup, found.error)) {
    lookup->flags |= NET_NI_NUMERICHOST;
    found.error = net__from_uv(ask_for_name(lookup));
    loop__touched();
    if (found.error == NET_OK)
      return;
  } else if (found.error == NET_OK) {
    found.node = with_scope_number(lookup, node, literal, sizeof(literal));
    found.service = service;
  }
  if (lookup->named != NULL)
    lookup->named(lookup->user, &found);
  os__free(lookup);
}

int net__name(struct net_lookup **out, const struct net_address *address,
              unsigned flags, net_named *named, void *user) {
  assert(loop__owned());
  struct net_lookup *lookup = create(user);
  if (lookup == NULL)
    return NET_ENOMEM;
  lookup->named = named;
  lookup->flags = flags;
  net__to_sockaddr(address, &lookup->host);
  return started(out, lookup, ask_for_name(lookup));
}
