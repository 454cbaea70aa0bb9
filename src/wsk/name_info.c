/* WskGetNameInfo. */
#include "etw/trace.h"
#include "os/os.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/lookup.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

#define KNOWN_FLAGS                                                            \
  (NI_NOFQDN | NI_NUMERICHOST | NI_NAMEREQD | NI_NUMERICSERV | NI_DGRAM)

/* The strings are the client's, and stay until the IRP completes. */
struct name_lookup {
  struct wsk_lookup lookup; /* first */
  struct net_address address;
  unsigned flags;
  PUNICODE_STRING node, service;
};

/* ---- what is answered ---------------------------------------------------- */

static bool fits(PCUNICODE_STRING to, const char *text) {
  return to == NULL ||
         wsk__name_wide_size(text) + sizeof(WCHAR) <= to->MaximumLength;
}

static void put(PUNICODE_STRING to, const char *text) {
  if (to == NULL)
    return;
  to->Length = (USHORT)wsk__name_wide_size(text);
  wsk__name_put_wide(to->Buffer, to->Length, text);
}

static NTSTATUS failure(int error) {
  NTSTATUS status = wsk__status(error);
  return status == STATUS_NOT_FOUND ? STATUS_NO_MATCH : status;
}

/* Both or none. */
static NTSTATUS answer(const struct name_lookup *lookup,
                       const struct net_names *found) {
  if (found->error != NET_OK)
    return failure(found->error);
  if (!fits(lookup->node, found->node) ||
      !fits(lookup->service, found->service))
    return STATUS_BUFFER_TOO_SMALL;
  put(lookup->node, found->node);
  put(lookup->service, found->service);
  return STATUS_SUCCESS;
}

static void named(void *user, const struct net_names *found) {
  struct name_lookup *lookup = user;
  wsk__lookup_finish(&lookup->lookup, answer(lookup, found));
}

/* ---- the call ------------------------------------------------------------ */

static int begin(struct wsk_lookup *base) {
  struct name_lookup *lookup = (struct name_lookup *)base;
  return net__name(&base->request, &lookup->address, lookup->flags, named,
                   lookup);
}

/* The host is not to look for what nobody wants to know. */
static unsigned transport_flags(const struct name_lookup *lookup, ULONG flags) {
  if (lookup->node == NULL)
    flags = (flags & ~(ULONG)NI_NAMEREQD) | NI_NUMERICHOST;
  if (lookup->service == NULL)
    flags |= NI_NUMERICSERV;
  return (flags & NI_NOFQDN ? NET_NI_NOFQDN : 0) |
         (flags & NI_NUMERICHOST ? NET_NI_NUMERICHOST : 0) |
         (flags & NI_NAMEREQD ? NET_NI_NAMEREQD : 0) |
         (flags & NI_NUMERICSERV ? NET_NI_NUMERICSERV : 0) |
         (flags & NI_DGRAM ? NET_NI_DGRAM : 0);
}

static bool is_usable(PCUNICODE_STRING to) {
  return to == NULL || to->Buffer != NULL;
}

static bool read_address(const SOCKADDR *from, ULONG length,
                         struct net_address *to) {
  if (length > sizeof(SOCKADDR_STORAGE)) {
    vf__report(VF_NAMEINFO_09,
               "WskGetNameInfo with an address of %u bytes, of %u at most",
               (unsigned)length, (unsigned)sizeof(SOCKADDR_STORAGE));
    return false;
  }
  if (from == NULL || length < sizeof(from->sa_family))
    return false;
  if (from->sa_family == AF_INET)
    return length >= sizeof(SOCKADDR_IN) && wsk__address_in(to, from);
  return from->sa_family == AF_INET6 && length >= sizeof(SOCKADDR_IN6) &&
         wsk__address_in(to, from);
}

static NTSTATUS look_up(struct wsk_client *client, PIRP irp,
                        const struct name_lookup *wanted) {
  struct name_lookup *lookup = os__alloc(sizeof(*lookup));
  if (lookup == NULL)
    return wsk__op_refuse(irp, STATUS_INSUFFICIENT_RESOURCES);
  *lookup = *wanted;
  lookup->lookup.begin = begin;
  lookup->lookup.failure = failure;
  return wsk__lookup_submit(&lookup->lookup, client, irp);
}

NTSTATUS WSKAPI wsk__get_name_info(PWSK_CLIENT Client, PSOCKADDR SockAddr,
                                   ULONG SockAddrLength,
                                   PUNICODE_STRING NodeName,
                                   PUNICODE_STRING ServiceName, ULONG Flags,
                                   PEPROCESS OwningProcess,
                                   PETHREAD OwningThread, PIRP Irp) {
  struct name_lookup wanted = {.node = NodeName, .service = ServiceName};
  NTSTATUS status;
  ETW_CALL("WskGetNameInfo", NULL, Irp, "%u bytes flags %#x",
           (unsigned)SockAddrLength, (unsigned)Flags);
  struct wsk_client *client = wsk__client_call_begin(
      Client, Irp, WSK_OP_NAME_INFO, PASSIVE_LEVEL, &status);
  if (client != NULL) {
    wanted.flags = transport_flags(&wanted, Flags);
    if (!read_address(SockAddr, SockAddrLength, &wanted.address) ||
        (NodeName == NULL && ServiceName == NULL) || !is_usable(NodeName) ||
        !is_usable(ServiceName) || (Flags & ~(ULONG)KNOWN_FLAGS) != 0 ||
        !wsk__lookup_may_name(OwningProcess, OwningThread))
      status = wsk__op_refuse(Irp, STATUS_INVALID_PARAMETER);
    else
      status = look_up(client, Irp, &wanted);
    wsk__client_leave(client);
  }
  ETW_RETURN("WskGetNameInfo", Irp, status);
  return status;
}
