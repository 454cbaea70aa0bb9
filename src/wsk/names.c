/*
 * WskGetAddressInfo and WskFreeAddressInfo.
 *
 * A list of results is one allocation: the ledger's record, the entries, their
 * addresses, the canonical name. The client gets the first entry's address.
 */
#include "wsk/names.h"

#include <string.h>

#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/lookup.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

/* ---- lists --------------------------------------------------------------- */

union any_address {
  SOCKADDR_IN v4;
  SOCKADDR_IN6 v6;
};

struct address_list {
  struct ob_record record;
  LIST_ENTRY link;           /* among all lists */
  struct wsk_client *client; /* whose it is; NULL when that has gone */
  ADDRINFOEXW entries[];     /* then the addresses, then the name */
};

static struct os_spin lists_lock;
static LIST_ENTRY lists = {&lists, &lists};

static void enter_list(struct address_list *list, struct wsk_client *client,
                       const void *caller) {
  list->client = client;
  list->record = (struct ob_record){.object = list->entries,
                                    .call = "WskGetAddressInfo",
                                    .caller = caller,
                                    .kind = OB_ADDRESS_LIST};
  ob__track(&list->record);
  os__spin_lock(&lists_lock);
  InsertTailList(&lists, &list->link);
  os__spin_unlock(&lists_lock);
}

/* Returns whose it was. */
static struct wsk_client *leave_list(struct address_list *list) {
  os__spin_lock(&lists_lock);
  struct wsk_client *client = list->client;
  RemoveEntryList(&list->link);
  os__spin_unlock(&lists_lock);
  return client;
}

void wsk__names_client_gone(struct wsk_client *client) {
  unsigned left = 0;
  os__spin_lock(&lists_lock);
  for (PLIST_ENTRY link = lists.Flink; link != &lists; link = link->Flink) {
    struct address_list *list =
        CONTAINING_RECORD(link, struct address_list, link);
    if (list->client == client) {
      list->client = NULL;
      left++;
    }
  }
  os__spin_unlock(&lists_lock);
  if (left > 0)
    vf__report(VF_ADDRINFO_09,
               "WskDeregister while %u list%s of addresses not freed", left,
               left == 1 ? " is" : "s are");
}

void wsk__names_stop(void) {
  wsk__lookup_stop();
  while (!IsListEmpty(&lists)) {
    struct address_list *list =
        CONTAINING_RECORD(RemoveHeadList(&lists), struct address_list, link);
    /* One that was found during the stop came after ob__forget_all. */
    ob__untrack(&list->record);
    os__free(list);
  }
}

/* ---- what is asked ------------------------------------------------------- */

#define KNOWN_FLAGS                                                            \
  (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | AI_DNS_ONLY | \
   AI_FORCE_CLEAR_TEXT | AI_BYPASS_DNS_CACHE | AI_RETURN_TTL | AI_ALL |        \
   AI_ADDRCONFIG | AI_V4MAPPED | AI_NON_AUTHORITATIVE | AI_SECURE |            \
   AI_RETURN_PREFERRED_NAMES | AI_FQDN | AI_FILESERVER |                       \
   AI_DISABLE_IDN_ENCODING)

struct address_lookup {
  struct wsk_lookup lookup; /* first */
  struct net_question question;
  INT type, protocol; /* handed back as they were given */
  PADDRINFOEXW *result;
  const void *caller;
  char text[]; /* node and service */
};

static unsigned transport_flags(INT flags) {
  return (flags & AI_PASSIVE ? NET_AI_PASSIVE : 0) |
         (flags & (AI_CANONNAME | AI_FQDN) ? NET_AI_CANONNAME : 0) |
         (flags & AI_NUMERICHOST ? NET_AI_NUMERICHOST : 0) |
         (flags & AI_NUMERICSERV ? NET_AI_NUMERICSERV : 0) |
         (flags & AI_ALL ? NET_AI_ALL : 0) |
         (flags & AI_ADDRCONFIG ? NET_AI_ADDRCONFIG : 0) |
         (flags & AI_V4MAPPED ? NET_AI_V4MAPPED : 0);
}

static enum net_protocol protocol_of(INT type, INT protocol) {
  if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
    return protocol == IPPROTO_TCP ? NET_TCP : NET_UDP;
  if (type == SOCK_STREAM || type == SOCK_DGRAM)
    return type == SOCK_STREAM ? NET_TCP : NET_UDP;
  return NET_ANY_PROTOCOL;
}

static NTSTATUS check_hints(const ADDRINFOEXW *hints, bool has_node) {
  INT names = hints->ai_flags & (AI_CANONNAME | AI_FQDN);
  if (hints->ai_addrlen != 0 || hints->ai_canonname != NULL ||
      hints->ai_addr != NULL || hints->ai_next != NULL ||
      (hints->ai_flags & ~KNOWN_FLAGS) != 0)
    return STATUS_INVALID_PARAMETER;
  if (names == (AI_CANONNAME | AI_FQDN) || (names != 0 && !has_node))
    return STATUS_INVALID_PARAMETER;
  if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET &&
      hints->ai_family != AF_INET6)
    return STATUS_NOT_SUPPORTED;
  if (hints->ai_socktype < 0 || hints->ai_socktype > SOCK_SEQPACKET)
    return STATUS_NOT_SUPPORTED;
  return STATUS_SUCCESS;
}

static void take_hints(struct address_lookup *lookup,
                       const ADDRINFOEXW *hints) {
  struct net_question *question = &lookup->question;
  if (hints == NULL)
    return;
  lookup->type = hints->ai_socktype;
  lookup->protocol = hints->ai_protocol;
  question->flags = transport_flags(hints->ai_flags);
  question->protocol = protocol_of(hints->ai_socktype, hints->ai_protocol);
  if (hints->ai_family != AF_UNSPEC)
    question->family = hints->ai_family == AF_INET6 ? NET_IPV6 : NET_IPV4;
}

/* Resolvers differ about numbers that are no ports. */
static bool is_service(const char *service) {
  ULONG port = 0;
  size_t digits = 0;
  while (service[digits] >= '0' && service[digits] <= '9') {
    port = port * 10 + (ULONG)(service[digits++] - '0');
    if (port > MAXUSHORT)
      return service[strspn(service, "0123456789")] != '\0';
  }
  return digits > 0 || strchr("+- \t", service[0]) == NULL;
}

/* ---- what is answered ---------------------------------------------------- */

static void fill_entry(const struct address_lookup *lookup, ADDRINFOEXW *entry,
                       union any_address *room,
                       const struct net_address *address) {
  wsk__address_out((SOCKADDR *)(void *)room, address);
  entry->ai_family = address->family == NET_IPV6 ? AF_INET6 : AF_INET;
  entry->ai_socktype = lookup->type;
  entry->ai_protocol = lookup->protocol;
  entry->ai_addrlen =
      address->family == NET_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
  entry->ai_addr = (SOCKADDR *)(void *)room;
}

/* NULL when out of memory. */
static struct address_list *make_list(const struct address_lookup *lookup,
                                      const struct net_addresses *found) {
  ULONG name = found->canonical != NULL && lookup->question.node != NULL
                   ? wsk__name_wide_size(found->canonical)
                   : 0;
  struct address_list *list = os__alloc(
      sizeof(*list) +
      found->count * (sizeof(ADDRINFOEXW) + sizeof(union any_address)) + name +
      sizeof(WCHAR));
  if (list == NULL)
    return NULL;
  union any_address *room = (void *)&list->entries[found->count];
  for (size_t i = 0; i < found->count; i++) {
    fill_entry(lookup, &list->entries[i], &room[i], &found->addresses[i]);
    if (i > 0)
      list->entries[i - 1].ai_next = &list->entries[i];
  }
  if (name > 0) {
    list->entries[0].ai_canonname = (PWSTR)(void *)&room[found->count];
    wsk__name_put_wide(list->entries[0].ai_canonname, name, found->canonical);
  }
  return list;
}

static void resolved(void *user, const struct net_addresses *found) {
  struct address_lookup *lookup = user;
  NTSTATUS status = wsk__status(found->error);
  if (found->error == NET_OK) {
    struct address_list *list = make_list(lookup, found);
    if (list == NULL) {
      status = STATUS_INSUFFICIENT_RESOURCES;
    } else {
      enter_list(list, lookup->lookup.client, lookup->caller);
      *lookup->result = list->entries;
    }
  }
  wsk__lookup_finish(&lookup->lookup, status);
}

/* ---- the call ------------------------------------------------------------ */

static int begin(struct wsk_lookup *base) {
  struct address_lookup *lookup = (struct address_lookup *)base;
  const char *service = lookup->question.service;
  if (service != NULL && !is_service(service))
    return NET_EAI_SERVICE;
  int error = net__resolve(&base->request, &lookup->question, resolved, lookup);
  /* That is what libuv calls a text that cannot be a name. */
  return error == NET_EINVAL ? NET_EAI_NONAME : error;
}

struct arguments {
  PCUNICODE_STRING node, service;
  const ADDRINFOEXW *hints;
  PADDRINFOEXW *result;
  const void *caller;
};

static struct address_lookup *create(const struct arguments *arguments,
                                     ULONG node, ULONG service) {
  struct address_lookup *lookup = os__alloc(sizeof(*lookup) + node + service);
  if (lookup == NULL)
    return NULL;
  char *text = lookup->text;
  if (node > 0) {
    lookup->question.node = text;
    text = wsk__name_put(text, node, arguments->node);
  }
  if (service > 0) {
    lookup->question.service = text;
    (void)wsk__name_put(text, service, arguments->service);
  }
  take_hints(lookup, arguments->hints);
  lookup->result = arguments->result;
  lookup->caller = arguments->caller;
  lookup->lookup.begin = begin;
  lookup->lookup.failure = wsk__status;
  return lookup;
}

static NTSTATUS look_up(struct wsk_client *client, PIRP irp,
                        const struct arguments *arguments) {
  ULONG node = 0, service = 0;
  NTSTATUS status = wsk__name_size(arguments->node, &node);
  if (NT_SUCCESS(status))
    status = wsk__name_size(arguments->service, &service);
  if (NT_SUCCESS(status) && node == 0 && service == 0)
    status = STATUS_INVALID_PARAMETER;
  if (NT_SUCCESS(status) && arguments->hints != NULL)
    status = check_hints(arguments->hints, node > 0);
  if (!NT_SUCCESS(status))
    return wsk__op_refuse(irp, status);
  struct address_lookup *lookup = create(arguments, node, service);
  if (lookup == NULL)
    return wsk__op_refuse(irp, STATUS_INSUFFICIENT_RESOURCES);
  return wsk__lookup_submit(&lookup->lookup, client, irp);
}

/* What the trace shows of a name. */
static const char *plain(char text[64], PCUNICODE_STRING name) {
  size_t i = 0;
  if (name == NULL || name->Buffer == NULL)
    return "-";
  for (; i < 63 && i < name->Length / sizeof(WCHAR); i++)
    text[i] = name->Buffer[i] >= ' ' && name->Buffer[i] < 127
                  ? (char)name->Buffer[i]
                  : '?';
  text[i] = '\0';
  return text;
}

NTSTATUS WSKAPI wsk__get_address_info(
    PWSK_CLIENT Client, PUNICODE_STRING NodeName, PUNICODE_STRING ServiceName,
    ULONG NameSpace, GUID *Provider, PADDRINFOEXW Hints, PADDRINFOEXW *Result,
    PEPROCESS OwningProcess, PETHREAD OwningThread, PIRP Irp) {
  UNREFERENCED_PARAMETER(Provider);
  NTSTATUS status;
  ETW_CALL("WskGetAddressInfo", NULL, Irp, "%s service %s",
           plain((char[64]){0}, NodeName), plain((char[64]){0}, ServiceName));
  struct wsk_client *client = wsk__client_call_begin(
      Client, Irp, WSK_OP_ADDRESS_INFO, PASSIVE_LEVEL, &status);
  if (client != NULL) {
    struct arguments arguments = {NodeName, ServiceName, Hints, Result,
                                  OB_CALLER()};
    if (Result != NULL)
      *Result = NULL;
    if (Result == NULL || !wsk__lookup_may_name(OwningProcess, OwningThread))
      status = wsk__op_refuse(Irp, STATUS_INVALID_PARAMETER);
    else if (NameSpace != NS_ALL && NameSpace != NS_DNS)
      status = wsk__op_refuse(Irp, STATUS_NOT_SUPPORTED);
    else
      status = look_up(client, Irp, &arguments);
    wsk__client_leave(client);
  }
  ETW_RETURN("WskGetAddressInfo", Irp, status);
  return status;
}

/* ---- WskFreeAddressInfo -------------------------------------------------- */

static void free_list(struct wsk_client *client, PADDRINFOEXW head) {
  struct ob_record *record = ob__claim(OB_ADDRESS_LIST, head);
  if (record == NULL) {
    vf__report_on(VF_FREEADDR_01, head, "WskFreeAddressInfo of %p, which %s",
                  (void *)head,
                  ob__was_alive(OB_ADDRESS_LIST, head)
                      ? "was freed before"
                      : "is no list that WskGetAddressInfo gave");
    return;
  }
  struct address_list *list =
      CONTAINING_RECORD(record, struct address_list, record);
  if (leave_list(list) != client || client == NULL)
    vf__report_on(VF_FREEADDR_01, head,
                  "WskFreeAddressInfo of %p by another client than got it",
                  (void *)head);
  os__free(list);
}

VOID WSKAPI wsk__free_address_info(PWSK_CLIENT Client, PADDRINFOEXW AddrInfo) {
  ETW_CALL("WskFreeAddressInfo", NULL, NULL, "%s", "");
  ke__require_irql(PASSIVE_LEVEL, "WskFreeAddressInfo");
  struct wsk_client *client = wsk__client_enter(Client, "WskFreeAddressInfo");
  free_list(client, AddrInfo);
  if (client != NULL)
    wsk__client_leave(client);
  ETW_RETURN("WskFreeAddressInfo", NULL, STATUS_SUCCESS);
}
