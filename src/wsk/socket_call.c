/* What every call checks before anything else. */
#include "wsk/socket.h"

#include "ke/ke.h"
#include "mm/mdl_walk.h"
#include "verifier/report.h"
#include "wsk/calls.h"
#include "wsk/plan.h"

static bool is_closed(struct wsk_socket *socket) {
  enum wsk_state state = wsk__socket_state(socket);
  return state == WSK_FREE || state == WSK_CLOSING;
}

/* The client knows that it is dead. */
static void check_dead(struct wsk_socket *socket, enum wsk_op_kind kind) {
  if (kind != WSK_OP_CLOSE &&
      __atomic_load_n(&socket->death_told, __ATOMIC_RELAXED))
    vf__report_on(VF_IRP_21, socket,
                  "%s on socket %p, of which a call has ended with "
                  "STATUS_FILE_FORCED_CLOSED",
                  wsk__op_name(kind), (void *)socket);
}

NTSTATUS wsk__call_begin(PWSK_SOCKET handle, PIRP irp, enum wsk_op_kind kind,
                         struct wsk_socket **socket) {
  const char *call = wsk__op_name(kind);
  ke__check_irql(DISPATCH_LEVEL, call);
  if (irp == NULL)
    return STATUS_INVALID_PARAMETER;
  *socket = (struct wsk_socket *)(void *)handle;
  NTSTATUS status = wsk__op_begin(irp, kind, NULL);
  if (!NT_SUCCESS(status))
    return status;
  if (*socket == NULL)
    return wsk__op_refuse(irp, STATUS_INVALID_HANDLE);
  if (is_closed(*socket)) {
    vf__report_bugcheck(VF_CLOSE_06, handle, handle, KeGetCurrentIrql(), 0, 0,
                        "%s on socket %p, which was closed", call,
                        (void *)handle);
    return wsk__op_refuse(irp, STATUS_FILE_CLOSED);
  }
  check_dead(*socket, kind);
  wsk__op(irp)->socket = *socket;
  wsk__call_enter(*socket, irp, VF_FRAME());
  return wsk__plan_call(irp, *socket);
}

bool wsk__no_flags(ULONG flags, const char *call) {
  if (flags != 0)
    vf__report(VF_FLAGS_01, "%s with flags %#x, which are reserved", call,
               (unsigned)flags);
  return flags == 0;
}

struct wsk_client *wsk__client_call_begin(PWSK_CLIENT handle, PIRP irp,
                                          enum wsk_op_kind kind, KIRQL irql,
                                          NTSTATUS *refused) {
  ke__check_irql(irql, wsk__op_name(kind));
  *refused =
      irp == NULL ? STATUS_INVALID_PARAMETER : wsk__op_begin(irp, kind, NULL);
  if (*refused != STATUS_SUCCESS)
    return NULL;
  struct wsk_client *client = wsk__client_enter(handle, wsk__op_name(kind));
  if (client == NULL)
    *refused = wsk__op_refuse(irp, STATUS_INVALID_HANDLE);
  else
    wsk__op(irp)->client = client; /* for an answer that is put off */
  if (client != NULL) {
    *refused = wsk__plan_call(irp, NULL);
    if (*refused != STATUS_SUCCESS) {
      wsk__client_leave(client);
      client = NULL;
    }
  }
  return client;
}

/* The rules of WSK_BUF. STATUS_SUCCESS, or what the call answers. */
static NTSTATUS check_buffer(const WSK_BUF *buffer, const char *call) {
  if (buffer == NULL || (buffer->Mdl == NULL && buffer->Length > 0))
    return STATUS_INVALID_PARAMETER;
  if (buffer->Length == 0)
    return STATUS_SUCCESS;
  if (buffer->Offset >= MmGetMdlByteCount(buffer->Mdl)) {
    vf__report(VF_BUF_01, "%s with offset %u into a first MDL of %u bytes",
               call, (unsigned)buffer->Offset,
               (unsigned)MmGetMdlByteCount(buffer->Mdl));
    return STATUS_INVALID_PARAMETER;
  }
  size_t room = mm__chain_length(buffer->Mdl, buffer->Offset);
  if (buffer->Length > room) {
    vf__report(VF_BUF_04, "%s of %llu bytes, of which the MDL chain has %llu",
               call, (unsigned long long)buffer->Length,
               (unsigned long long)room);
    return STATUS_INVALID_PARAMETER;
  }
  const MDL *unlocked =
      mm__chain_unlocked(buffer->Mdl, buffer->Offset, buffer->Length);
  if (unlocked != NULL)
    vf__report(VF_BUF_05, "%s with MDL %p, whose pages are not locked", call,
               (const void *)unlocked);
  return STATUS_SUCCESS;
}

NTSTATUS wsk__call_buffer(PIRP irp, const WSK_BUF *buffer) {
  struct wsk_args *args = wsk__args(irp);
  NTSTATUS status = check_buffer(buffer, wsk__op_name(args->kind));
  if (NT_SUCCESS(status)) {
    args->mdl = buffer->Mdl;
    args->offset = buffer->Offset;
    args->length = buffer->Length;
    args->buffered = TRUE;
  }
  return status;
}
