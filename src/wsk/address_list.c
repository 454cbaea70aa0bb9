/* This machine's addresses. See address_list.h. */
#include "wsk/address_list.h"

#include "net/net_option.h"
#include "wsk/address.h"
#include "wsk/socket.h"
#include "wsk/wsk.h"

/* ---- the layout --------------------------------------------------------- */

static INT sockaddr_size(enum net_family family) {
  return family == NET_IPV4 ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);
}

/* A SOCKET_ADDRESS_LIST with its addresses behind it. */
static SIZE_T list_size(enum net_family family, size_t count) {
  size_t entries = count > 0 ? count : 1;
  return SIZEOF_SOCKET_ADDRESS_LIST(entries) +
         count * (SIZE_T)sockaddr_size(family);
}

static void put_entry(SOCKET_ADDRESS_LIST *list, size_t index, SOCKADDR *at,
                      const struct net_address *address) {
  wsk__address_out(at, address);
  list->Address[index].lpSockaddr = at;
  list->Address[index].iSockaddrLength = sockaddr_size(address->family);
}

static void put_list(void *output, enum net_family family,
                     const struct net_local_address *found, size_t count) {
  SOCKET_ADDRESS_LIST *list = output;
  UCHAR *at =
      (UCHAR *)output + SIZEOF_SOCKET_ADDRESS_LIST(count > 0 ? count : 1);
  list->iAddressCount = (INT)count;
  for (size_t i = 0; i < count; i++) {
    put_entry(list, i, (SOCKADDR *)(void *)at, &found[i].address);
    at += sockaddr_size(family);
  }
}

/* ---- the query ---------------------------------------------------------- */

/* What the host has; freed by the caller. NULL without memory. The list may
 * grow between the two questions. */
static struct net_local_address *ask_host(enum net_family family,
                                          size_t *count) {
  size_t room = 16;
  for (;;) {
    struct net_local_address *found = os__alloc(room * sizeof(*found));
    if (found == NULL)
      return NULL;
    if (net__local_addresses((int)family, found, room, count) != NET_OK)
      *count = SIZE_MAX;
    if (*count <= room)
      return found;
    os__free(found);
    if (*count == SIZE_MAX)
      return NULL;
    room = *count;
  }
}

/* Loopback is no address that others could use: it is told of alone, when the
 * machine has no other. What is left. */
static size_t without_loopback(struct net_local_address *found, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!found[i].loopback)
      found[kept++] = found[i];
  return kept > 0 ? kept : count;
}

NTSTATUS wsk__address_list_query(const struct wsk_control *control) {
  enum net_family family = control->socket->family;
  size_t count = 0;
  struct net_local_address *found = ask_host(family, &count);
  if (found == NULL)
    return wsk__control_answer(control, STATUS_INSUFFICIENT_RESOURCES, 0);
  count = without_loopback(found, count);
  SIZE_T size = list_size(family, count);
  bool fits = control->output_size >= size;
  if (fits)
    put_list(control->output, family, found, count);
  os__free(found);
  return wsk__control_answer(
      control, fits ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW, size);
}

/* ---- changes ------------------------------------------------------------ */

static void start_change(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_start_cancelled(irp))
    return;
  /* STATUS_PENDING: it has neither died nor is it closed. */
  NTSTATUS status = wsk__socket_end_status(
      socket, socket->closing != NULL ? STATUS_CANCELLED : STATUS_PENDING);
  if (status != STATUS_PENDING) {
    wsk__op_finish(irp, status, 0);
    return;
  }
  InsertTailList(&socket->address_changes, &irp->Tail.Overlay.ListEntry);
  wsk__op_queued(irp);
}

NTSTATUS wsk__address_list_change(const struct wsk_control *control) {
  if (control->returned != NULL)
    *control->returned = 0;
  return wsk__op_submit(control->irp, start_change, true);
}

void wsk__address_list_fail_all(struct wsk_socket *socket, NTSTATUS status) {
  while (!IsListEmpty(&socket->address_changes))
    wsk__op_finish(wsk__irp_of_link(RemoveHeadList(&socket->address_changes)),
                   status, 0);
}

/* Families whose addresses have changed; not 0 while the operation that tells
 * of it is on its way. */
#define IPV4_CHANGED 1u
#define IPV6_CHANGED 2u
static unsigned changed;
static struct loop_op change_op;

struct collect {
  unsigned families;
  LIST_ENTRY irps;
};

static void collect_waiting(struct wsk_socket *socket, void *context) {
  struct collect *collect = context;
  unsigned family = socket->family == NET_IPV4 ? IPV4_CHANGED : IPV6_CHANGED;
  if ((collect->families & family) == 0)
    return;
  while (!IsListEmpty(&socket->address_changes))
    InsertTailList(&collect->irps, RemoveHeadList(&socket->address_changes));
}

static void tell_of_changes(struct loop_op *op) {
  struct collect collect;
  LIST_ENTRY settled;
  UNREFERENCED_PARAMETER(op);
  collect.families = __atomic_exchange_n(&changed, 0, __ATOMIC_ACQ_REL);
  InitializeListHead(&collect.irps);
  InitializeListHead(&settled);
  wsk__socket_for_each(collect_waiting, &collect);
  while (!IsListEmpty(&collect.irps)) {
    PLIST_ENTRY link = RemoveHeadList(&collect.irps);
    if (wsk__op_settle(wsk__irp_of_link(link), STATUS_SUCCESS, 0))
      InsertTailList(&settled, link);
  }
  while (!IsListEmpty(&settled))
    wsk__op_complete(wsk__irp_of_link(RemoveHeadList(&settled)));
}

void wsk__addresses_changed(bool ipv4, bool ipv6) {
  unsigned families = (ipv4 ? IPV4_CHANGED : 0) | (ipv6 ? IPV6_CHANGED : 0);
  if (families == 0 ||
      __atomic_fetch_or(&changed, families, __ATOMIC_ACQ_REL) != 0)
    return;
  change_op.run = tell_of_changes;
  loop__submit(&change_op);
}

void wsk__address_list_stop(void) {
  changed = 0;
}

/* ---- sorting ------------------------------------------------------------ */

/* RFC 6724's default policy table: prefixes, longest first, and how much an
 * address is preferred. */
static const struct policy {
  UCHAR prefix[16];
  UCHAR bits;
  UCHAR precedence;
} policies[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 50},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 35},
    {{0}, 96, 1},
    {{0x20, 0x01, 0, 0}, 32, 5},
    {{0x20, 0x02}, 16, 30},
    {{0x3f, 0xfe}, 16, 1},
    {{0xfe, 0xc0}, 10, 1},
    {{0xfc}, 7, 3},
    {{0}, 0, 40},
};

static bool has_prefix(const UCHAR *ip, const UCHAR *prefix, unsigned bits) {
  unsigned bytes = bits / 8, rest = bits % 8;
  if (!RtlEqualMemory(ip, prefix, bytes))
    return false;
  return rest == 0 || ((ip[bytes] ^ prefix[bytes]) >> (8 - rest)) == 0;
}

static unsigned precedence(const UCHAR *ip) {
  const struct policy *policy = policies;
  while (!has_prefix(ip, policy->prefix, policy->bits))
    policy++;
  return policy->precedence;
}

/* Smaller scopes first: the number is that of RFC 4291's multicast scopes. */
static unsigned scope(const UCHAR *ip) {
  static const UCHAR loopback[16] = {[15] = 1};
  if (ip[0] == 0xff)
    return ip[1] & 15u;
  if (RtlEqualMemory(ip, loopback, 16) ||
      (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80))
    return 2;
  return ip[0] == 0xfe && (ip[1] & 0xc0) == 0xc0 ? 5 : 14;
}

/* Whether b is to stand before a. */
static bool goes_before(const SOCKET_ADDRESS *b, const SOCKET_ADDRESS *a) {
  const UCHAR *x = ((SOCKADDR_IN6 *)(void *)b->lpSockaddr)->sin6_addr.u.Byte;
  const UCHAR *y = ((SOCKADDR_IN6 *)(void *)a->lpSockaddr)->sin6_addr.u.Byte;
  if (precedence(x) != precedence(y))
    return precedence(x) > precedence(y);
  return scope(x) < scope(y);
}

static bool is_sortable(const SOCKET_ADDRESS_LIST *list, SIZE_T size) {
  if (list->iAddressCount < 0 ||
      size < SIZEOF_SOCKET_ADDRESS_LIST((SIZE_T)list->iAddressCount))
    return false;
  for (INT i = 0; i < list->iAddressCount; i++)
    if (list->Address[i].lpSockaddr == NULL ||
        list->Address[i].iSockaddrLength < (INT)sizeof(SOCKADDR_IN6) ||
        list->Address[i].lpSockaddr->sa_family != AF_INET6)
      return false;
  return true;
}

/* Stable: equals keep their order. */
static void sort(SOCKET_ADDRESS *entries, INT count) {
  for (INT i = 1; i < count; i++) {
    SOCKET_ADDRESS entry = entries[i];
    INT at = i;
    for (; at > 0 && goes_before(&entry, &entries[at - 1]); at--)
      entries[at] = entries[at - 1];
    entries[at] = entry;
  }
}

/* The entries of the output point to the addresses of the input. */
NTSTATUS wsk__address_list_sort(const struct wsk_control *control) {
  const SOCKET_ADDRESS_LIST *input = control->input;
  SOCKET_ADDRESS_LIST *output = control->output;
  if (!is_sortable(input, control->input_size))
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  SIZE_T entries =
      (SIZE_T)(input->iAddressCount > 0 ? input->iAddressCount : 1);
  SIZE_T size = SIZEOF_SOCKET_ADDRESS_LIST(entries);
  if (control->output_size < size)
    return wsk__control_answer(control, STATUS_BUFFER_OVERFLOW, size);
  RtlMoveMemory(output, input,
                SIZEOF_SOCKET_ADDRESS_LIST((SIZE_T)input->iAddressCount));
  sort(output->Address, output->iAddressCount);
  return wsk__control_answer(control, STATUS_SUCCESS, size);
}
