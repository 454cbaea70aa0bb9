/*
 * Being told when interfaces, addresses and routes change, on Windows: see
 * net_interface.h. The host tells on threads of its own; each change is handed
 * to the owner of the loop.
 */
#ifdef _WIN32

#include "net/net_iphlp.h"

#include "loop/loop.h"
#include "os/os.h"

#include <assert.h>
#include <string.h>

enum { WATCHED = NET_OF_ROUTE + 1 };

static HANDLE handles[WATCHED];
static net_changed *current; /* owner of the loop only */
static unsigned run;         /* counts the watches; atomic */

/* ---- from the host's thread to the owner -------------------------------- */

struct message {
  struct loop_op op;
  unsigned run; /* the watch that it is for */
  struct net_change change;
};

static void tell(struct loop_op *op) {
  struct message *message = (struct message *)op;
  if (current != NULL &&
      message->run == __atomic_load_n(&run, __ATOMIC_RELAXED))
    current(&message->change);
  os__free(message);
}

/* Without memory the owner learns that something was missed. */
static struct loop_op missed_ops[WATCHED];
static int missed_pending[WATCHED]; /* atomic */

static void tell_missed(struct loop_op *op) {
  size_t of = (size_t)(op - missed_ops);
  struct net_change change = {.of = (enum net_change_of)of, .kind = NET_MISSED};
  __atomic_store_n(&missed_pending[of], 0, __ATOMIC_RELEASE);
  if (current != NULL)
    current(&change);
}

static void hand_over(const struct net_change *change) {
  struct message *message = os__alloc(sizeof(*message));
  if (message != NULL) {
    message->op.run = tell;
    message->run = __atomic_load_n(&run, __ATOMIC_RELAXED);
    message->change = *change;
    loop__submit(&message->op);
  } else if (__atomic_exchange_n(&missed_pending[change->of], 1,
                                 __ATOMIC_ACQ_REL) == 0) {
    missed_ops[change->of].run = tell_missed;
    loop__submit(&missed_ops[change->of]);
  }
}

/* ---- the host's callbacks ----------------------------------------------- */

static enum net_change_kind kind_of(MIB_NOTIFICATION_TYPE type) {
  switch (type) {
  case MibAddInstance:
    return NET_ADDED;
  case MibDeleteInstance:
    return NET_REMOVED;
  default:
    return NET_ALTERED;
  }
}

static VOID WINAPI on_interface(PVOID context, PMIB_IPINTERFACE_ROW row,
                                MIB_NOTIFICATION_TYPE type) {
  (void)context;
  if (row == NULL)
    return;
  struct net_change change = {.of = NET_OF_INTERFACE,
                              .kind = kind_of(type),
                              .family =
                                  row->Family == AF_INET ? NET_IPV4 : NET_IPV6,
                              .index = row->InterfaceIndex,
                              .luid = row->InterfaceLuid.Value};
  hand_over(&change);
}

static VOID WINAPI on_unicast(PVOID context, PMIB_UNICASTIPADDRESS_ROW row,
                              MIB_NOTIFICATION_TYPE type) {
  struct net_change change = {.of = NET_OF_UNICAST, .kind = kind_of(type)};
  (void)context;
  if (row == NULL || !net__from_inet(&row->Address, &change.address))
    return;
  change.family = (int)change.address.family;
  change.index = row->InterfaceIndex;
  change.luid = row->InterfaceLuid.Value;
  hand_over(&change);
}

static VOID WINAPI on_route(PVOID context, PMIB_IPFORWARD_ROW2 row,
                            MIB_NOTIFICATION_TYPE type) {
  struct net_change change = {.of = NET_OF_ROUTE, .kind = kind_of(type)};
  (void)context;
  if (row == NULL ||
      !net__from_inet(&row->DestinationPrefix.Prefix, &change.address) ||
      !net__from_inet(&row->NextHop, &change.next_hop))
    return;
  change.family = (int)change.address.family;
  change.prefix_length = row->DestinationPrefix.PrefixLength;
  change.index = row->InterfaceIndex;
  change.luid = row->InterfaceLuid.Value;
  hand_over(&change);
}

/* ---- life --------------------------------------------------------------- */

/* A host that has no such notification (Wine) tells nothing, and a test may
 * still say that something has changed. */
static DWORD start(enum net_change_of of) {
  const struct net_iphlp *host = net__iphlp();
  HANDLE *handle = &handles[of];
  if (host->CancelMibChangeNotify2 == NULL)
    return NO_ERROR;
  switch (of) {
  case NET_OF_INTERFACE:
    return host->NotifyIpInterfaceChange == NULL
               ? NO_ERROR
               : host->NotifyIpInterfaceChange(AF_UNSPEC, on_interface, NULL,
                                               FALSE, handle);
  case NET_OF_UNICAST:
    return host->NotifyUnicastIpAddressChange == NULL
               ? NO_ERROR
               : host->NotifyUnicastIpAddressChange(AF_UNSPEC, on_unicast, NULL,
                                                    FALSE, handle);
  default:
    return host->NotifyRouteChange2 == NULL
               ? NO_ERROR
               : host->NotifyRouteChange2(AF_UNSPEC, on_route, NULL, FALSE,
                                          handle);
  }
}

static void cancel_all(void) {
  for (int of = 0; of < WATCHED; of++) {
    if (handles[of] != NULL)
      (void)net__iphlp()->CancelMibChangeNotify2(handles[of]);
    handles[of] = NULL;
  }
}

int net__watch_start(net_changed *changed) {
  assert(loop__owned());
  if (current != NULL)
    return NET_EBUSY;
  __atomic_add_fetch(&run, 1, __ATOMIC_RELAXED);
  current = changed;
  for (int of = 0; of < WATCHED; of++) {
    int error = net__from_iphlp(start((enum net_change_of)of));
    if (error == NET_OK || error == NET_ENOTSUP)
      continue;
    cancel_all();
    current = NULL;
    return error;
  }
  return NET_OK;
}

/* The host waits for its callbacks here; they wait for nobody. */
void net__watch_stop(void) {
  assert(loop__owned());
  cancel_all();
  current = NULL;
}

#endif
