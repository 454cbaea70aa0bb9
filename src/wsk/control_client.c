/*
 * WskControlClient: one row per control code, which says what a call must look
 * like, and one function that does it.
 */
#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "verifier/report.h"
#include "wsk/client.h"
#include "wsk/provider.h"
#include "wsk/security.h"
#include "wsk/socket.h"
#include "wsk/transport.h"

struct request {
  struct wsk_client *client;
  SIZE_T input_size, output_size;
  PVOID input, output;
  SIZE_T returned; /* bytes written, or needed */
  bool asks_size;  /* somebody wants to know */
  PIRP irp;
  const void *caller;
};

/* ---- the operations ------------------------------------------------------ */

static NTSTATUS list_transports(struct request *request) {
  const WSK_TRANSPORT *list = wsk__transport_list(&request->returned);
  if (!request->asks_size)
    return STATUS_INVALID_PARAMETER;
  if (request->output_size < request->returned)
    return STATUS_BUFFER_OVERFLOW;
  RtlCopyMemory(request->output, list, request->returned);
  return STATUS_SUCCESS;
}

static NTSTATUS await_transports(struct request *request) {
  return wsk__transport_wait(request->client, request->irp);
}

static NTSTATUS cache_descriptor(struct request *request) {
  PSECURITY_DESCRIPTOR from = *(PSECURITY_DESCRIPTOR *)request->input;
  if (from == NULL)
    return STATUS_INVALID_PARAMETER;
  return wsk__sd_cache(request->client, from, request->output, request->caller);
}

static NTSTATUS release_descriptor(struct request *request) {
  PSECURITY_DESCRIPTOR cached = *(PSECURITY_DESCRIPTOR *)request->input;
  if (wsk__sd_release(cached))
    return STATUS_SUCCESS;
  vf__report_on(VF_SD_03, cached, "WSK_RELEASE_SD of %p, which %s", cached,
                ob__was_alive(OB_CACHED_SD, cached)
                    ? "was released before"
                    : "is no cached security descriptor");
  return STATUS_INVALID_PARAMETER;
}

/* There is no TDI, so the map is never looked at. */
static NTSTATUS map_tdi_devices(struct request *request) {
  const WSK_TDI_MAP_INFO *info = request->input;
  return info->ElementCount > 0 && info->Map == NULL ? STATUS_INVALID_PARAMETER
                                                     : STATUS_SUCCESS;
}

static NTSTATUS set_tdi_behavior(struct request *request) {
  ULONG flags = *(const ULONG *)request->input;
  return (flags & ~(ULONG)WSK_TDI_BEHAVIOR_BYPASS_TDI) != 0
             ? STATUS_INVALID_PARAMETER
             : STATUS_SUCCESS;
}

#define ALL_EVENTS                                                             \
  (WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT |               \
   WSK_EVENT_SEND_BACKLOG | WSK_EVENT_RECEIVE_FROM)

static NTSTATUS set_static_events(struct request *request) {
  const WSK_EVENT_CALLBACK_CONTROL *control = request->input;
  if (control->NpiId == NULL ||
      !RtlEqualMemory(control->NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)) ||
      control->EventMask == 0 || (control->EventMask & ~(ULONG)ALL_EVENTS) != 0)
    return STATUS_INVALID_PARAMETER;
  request->client->static_events = control->EventMask;
  return STATUS_SUCCESS;
}

/* ---- the table ----------------------------------------------------------- */

enum { ANY_TIME = VF_RULE_COUNT };

static const struct control {
  ULONG code;
  const char *name;
  SIZE_T input, output; /* bytes */
  bool lists;           /* the output is as long as it is */
  bool waits;           /* needs an IRP; the others want none */
  int before_sockets;   /* the rule that says so, or ANY_TIME */
  NTSTATUS (*run)(struct request *request);
} controls[] = {
    {WSK_TRANSPORT_LIST_QUERY, "WSK_TRANSPORT_LIST_QUERY", 0, 0, true, false,
     ANY_TIME, list_transports},
    {WSK_TRANSPORT_LIST_CHANGE, "WSK_TRANSPORT_LIST_CHANGE", 0, 0, false, true,
     ANY_TIME, await_transports},
    {WSK_CACHE_SD, "WSK_CACHE_SD", sizeof(PSECURITY_DESCRIPTOR),
     sizeof(PSECURITY_DESCRIPTOR), false, false, ANY_TIME, cache_descriptor},
    {WSK_RELEASE_SD, "WSK_RELEASE_SD", sizeof(PSECURITY_DESCRIPTOR), 0, false,
     false, ANY_TIME, release_descriptor},
    {WSK_TDI_DEVICENAME_MAPPING, "WSK_TDI_DEVICENAME_MAPPING",
     sizeof(WSK_TDI_MAP_INFO), 0, false, false, VF_TDI_01, map_tdi_devices},
    {WSK_SET_STATIC_EVENT_CALLBACKS, "WSK_SET_STATIC_EVENT_CALLBACKS",
     sizeof(WSK_EVENT_CALLBACK_CONTROL), 0, false, false, VF_STATICEV_02,
     set_static_events},
    {WSK_TDI_BEHAVIOR, "WSK_TDI_BEHAVIOR", sizeof(ULONG), 0, false, false,
     VF_TDI_02, set_tdi_behavior},
};

static const struct control *find_control(ULONG code) {
  for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
    if (controls[i].code == code)
      return &controls[i];
  return NULL;
}

/* ---- what a call must look like ------------------------------------------ */

static bool irp_fits(const struct control *control, PIRP irp) {
  if (control->waits == (irp != NULL))
    return true;
  vf__report(VF_CTRLCLIENT_05, "%s with%s an IRP", control->name,
             control->waits ? "out" : "");
  return !control->waits;
}

/* A buffer has a size, and one that the operation has no use for is not there.
 */
static bool buffer_fits(const struct control *control, const void *buffer,
                        SIZE_T size, bool wanted, const char *which) {
  if ((buffer != NULL) == (size > 0) && (wanted || size == 0))
    return true;
  vf__report(VF_CTRLCLIENT_03, "%s with %s buffer %p of %llu bytes",
             control->name, which, buffer, (unsigned long long)size);
  return false;
}

static NTSTATUS check_buffers(const struct control *control,
                              struct request *request) {
  if (!buffer_fits(control, request->input, request->input_size,
                   control->input > 0, "an input") ||
      !buffer_fits(control, request->output, request->output_size,
                   control->lists || control->output > 0, "an output") ||
      request->input_size < control->input)
    return STATUS_INVALID_PARAMETER;
  request->returned = control->output;
  return request->output_size < control->output ? STATUS_BUFFER_OVERFLOW
                                                : STATUS_SUCCESS;
}

static NTSTATUS check_time(const struct control *control,
                           struct wsk_client *client) {
  if (control->before_sockets == ANY_TIME || !wsk__client_had_sockets(client))
    return STATUS_SUCCESS;
  vf__report((enum vf_rule)control->before_sockets,
             "%s after the client has made a socket", control->name);
  return STATUS_INVALID_DEVICE_STATE;
}

static NTSTATUS run(const struct control *control, struct request *request) {
  if (control == NULL || !irp_fits(control, request->irp))
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status = check_buffers(control, request);
  if (NT_SUCCESS(status))
    status = check_time(control, request->client);
  if (NT_SUCCESS(status))
    status = control->run(request);
  if (!NT_SUCCESS(status) && status != STATUS_BUFFER_OVERFLOW)
    request->returned = 0;
  return status;
}

/* ---- the entry point ----------------------------------------------------- */

/* The client, counted in; NULL when the call answers *status. */
static struct wsk_client *begin(PWSK_CLIENT handle, PIRP irp,
                                NTSTATUS *status) {
  if (irp != NULL)
    return wsk__client_call_begin(handle, irp, WSK_OP_CONTROL_CLIENT,
                                  DISPATCH_LEVEL, status);
  ke__check_irql(DISPATCH_LEVEL, wsk__op_name(WSK_OP_CONTROL_CLIENT));
  *status = STATUS_INVALID_HANDLE;
  return wsk__client_enter(handle, wsk__op_name(WSK_OP_CONTROL_CLIENT));
}

static NTSTATUS control_client(ULONG code, struct request *request,
                               SIZE_T *returned) {
  PIRP irp = request->irp;
  request->asks_size = returned != NULL;
  NTSTATUS status = run(find_control(code), request);
  if (returned != NULL)
    *returned = request->returned;
  return irp == NULL || status == STATUS_PENDING
             ? status
             : wsk__op_answer(irp, status, 0);
}

NTSTATUS WSKAPI wsk__control_client(PWSK_CLIENT Client, ULONG ControlCode,
                                    SIZE_T InputSize, PVOID InputBuffer,
                                    SIZE_T OutputSize, PVOID OutputBuffer,
                                    SIZE_T *OutputSizeReturned, PIRP Irp) {
  NTSTATUS status;
  ETW_CALL("WskControlClient", NULL, Irp, "code %u", (unsigned)ControlCode);
  struct wsk_client *client = begin(Client, Irp, &status);
  if (client != NULL) {
    struct request request = {.client = client,
                              .input_size = InputSize,
                              .output_size = OutputSize,
                              .input = InputBuffer,
                              .output = OutputBuffer,
                              .irp = Irp,
                              .caller = OB_CALLER()};
    status = control_client(ControlCode, &request, OutputSizeReturned);
    wsk__client_leave(client);
  }
  ETW_RETURN("WskControlClient", Irp, status);
  return status;
}
