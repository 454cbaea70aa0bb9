/*
 * The table of options and IOCTLs. See control.h.
 *
 * Rows are grouped by the file that their handlers stand in.
 */
#include "wsk/control.h"

#include "wsk/events.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

/* A code whose handler is not there yet. */
static NTSTATUS not_yet(const struct wsk_control *control) {
  return wsk__not_yet(control->code->name, control->irp);
}

/* clang-format off */
#define OPTION(type_, level_, code_) \
  .type = type_, .level = level_, .code = (ULONG)code_, .name = #code_
#define IOCTL(code_) .type = WskIoctl, .code = code_, .name = #code_

/* A ULONG that is set and read, with an IRP. */
#define FLAG(level_, code_, on_, when_, set, get) \
  {OPTION(WskSetOption, level_, code_), .on = on_, .when = when_, \
   .input = WSK_ONE(ULONG), .output = WSK_ANYTHING, .handler = set}, \
  {OPTION(WskGetOption, level_, code_), .on = on_, \
   .input = WSK_ANYTHING, .output = WSK_ONE(ULONG), .handler = get}

const struct wsk_code wsk__codes[] = {
  /* ---- events.c ---- */
  {OPTION(WskSetOption, SOL_SOCKET, SO_WSK_EVENT_CALLBACK),
   .on = WSK_ON_ALL, .irp = WSK_IRP_OPTIONAL,
   .input = WSK_ONE(WSK_EVENT_CALLBACK_CONTROL), .output = WSK_ANYTHING,
   .handler = wsk__control_events},

  /* ---- sharing of addresses ---- */
  FLAG(SOL_SOCKET, SO_REUSEADDR, WSK_ON_TRANSPORT, WSK_BEFORE_BIND,
       not_yet, not_yet),
  FLAG(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, WSK_ON_TRANSPORT, WSK_BEFORE_BIND,
       not_yet, not_yet),
  {OPTION(WskSetOption, SOL_SOCKET, SO_WSK_SECURITY),
   .on = WSK_ON_TRANSPORT, .when = WSK_BEFORE_BIND,
   .input = WSK_ONE(PSECURITY_DESCRIPTOR), .output = WSK_ANYTHING,
   .handler = not_yet},
  {OPTION(WskGetOption, SOL_SOCKET, SO_WSK_SECURITY),
   .on = WSK_ON_TRANSPORT,
   .input = WSK_ANYTHING, .output = WSK_ONE(PSECURITY_DESCRIPTOR),
   .handler = not_yet},

  /* ---- conditional accept ---- */
  FLAG(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, WSK_ON_LISTENER | WSK_ON_STREAM,
       WSK_BEFORE_BIND, not_yet, not_yet),
  {IOCTL(SIO_WSK_QUERY_INSPECT_ID),
   .on = WSK_ON_CONNECTION, .irp = WSK_IRP_UNWANTED,
   .flags = WSK_CODE_RETURNED,
   .input = WSK_ANYTHING, .output = WSK_ONE(WSK_INSPECT_ID),
   .handler = not_yet},

  /* ---- addresses of datagram sockets ---- */
  {IOCTL(SIO_WSK_SET_REMOTE_ADDRESS),
   .on = WSK_ON_DATAGRAM, .when = WSK_AFTER_BIND,
   .input = WSK_MAYBE_ONE(SOCKADDR_IN), .output = WSK_NOTHING,
   .handler = not_yet},
  {IOCTL(SIO_WSK_SET_SENDTO_ADDRESS),
   .on = WSK_ON_DATAGRAM, .when = WSK_AFTER_BIND,
   .input = WSK_MAYBE_ONE(SOCKADDR_IN), .output = WSK_NOTHING,
   .handler = not_yet},

  /* ---- extensions ---- */
  {IOCTL(SIO_WSK_REGISTER_EXTENSION),
   .on = WSK_ON_ALL, .irp = WSK_IRP_UNWANTED,
   .input = WSK_ONE(WSK_EXTENSION_CONTROL_IN),
   .output = WSK_ONE(WSK_EXTENSION_CONTROL_OUT),
   .handler = not_yet},

  {.name = NULL},
};
/* clang-format on */
