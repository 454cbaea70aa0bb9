/* Event callbacks, and SO_WSK_EVENT_CALLBACK. See events.h. */
#include "wsk/events.h"

#include "etw/trace.h"
#include "ke/ke.h"
#include "mm/lent.h"
#include "verifier/report.h"
#include "wsk/control.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

static const struct wsk_event_source *const sources[] = {
    &wsk__abort_source,        &wsk__inspect_source, &wsk__accept_source,
    &wsk__receive_from_source, &wsk__receive_source, &wsk__disconnect_source,
    &wsk__backlog_source};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

/* ---- calling ----------------------------------------------------------- */

KIRQL wsk__callback_begin(void) {
  return ke__swap_irql(DISPATCH_LEVEL);
}

void wsk__callback_end(KIRQL irql, const char *name) {
  if (KeGetCurrentIrql() != DISPATCH_LEVEL) {
    VF_ENTER_FROM(name, NULL);
    vf__report(VF_IO_IRQL_01, "%s returned at IRQL %s", name,
               ke__irql_name(KeGetCurrentIrql()));
  }
  ke__swap_irql(irql);
}

/* Under the receive lane's lock. */
static const struct wsk_event_source *due(const struct wsk_socket *socket) {
  for (size_t i = 0; i < SOURCES; i++)
    if ((sources[i]->event == 0 ||
         (socket->events.enabled & sources[i]->event) != 0) &&
        sources[i]->has_callback(socket) && sources[i]->due(socket))
      return sources[i];
  return NULL;
}

/* What is to be told next, marked as running instead of what has been; NULL
 * when nothing is. */
static const struct wsk_event_source *next_callback(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  const struct wsk_event_source *source = due(socket);
  socket->events.running = source != NULL ? source->event : 0;
  os__spin_unlock(&socket->receive.lock);
  return source;
}

static void finish_disabling(struct wsk_socket *socket) {
  while (!IsListEmpty(&socket->disabling))
    wsk__op_finish(wsk__irp_of_link(RemoveHeadList(&socket->disabling)),
                   STATUS_SUCCESS, 0);
}

static void run_callbacks(struct loop_op *op) {
  struct wsk_socket *socket =
      CONTAINING_RECORD(op, struct wsk_socket, event_op);
  const struct wsk_event_source *source;
  while ((source = next_callback(socket)) != NULL) {
    finish_disabling(socket);
    ULONG owner = ke__enter_owner(socket->client->owner);
    source->indicate(socket);
    ke__enter_owner(owner);
  }
  socket->event_op_busy = false;
  finish_disabling(socket);
  /* There is room for more. */
  wsk__accept_pump(socket);
  wsk__receive_pump(socket);
  wsk__socket_remove_pending(socket);
}

static bool is_due(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool is = due(socket) != NULL;
  os__spin_unlock(&socket->receive.lock);
  return is;
}

void wsk__events_pump(struct wsk_socket *socket) {
  if (socket->event_op_busy || !is_due(socket))
    return;
  socket->event_op_busy = true;
  wsk__socket_add_pending(socket);
  socket->event_op.run = run_callbacks;
  loop__complete(&socket->event_op);
}

void wsk__events_wanted(struct wsk_socket *socket) {
  if (is_due(socket) && wsk__socket_request_scan(socket))
    loop__submit(&socket->scan_op);
}

bool wsk__event_is_enabled(struct wsk_socket *socket, ULONG events) {
  os__spin_lock(&socket->receive.lock);
  bool enabled = (socket->events.enabled & events) != 0;
  os__spin_unlock(&socket->receive.lock);
  return enabled;
}

bool wsk__event_may_be_enabled(const struct wsk_socket *socket, ULONG events) {
  return (__atomic_load_n(&socket->events.enabled, __ATOMIC_RELAXED) &
          events) != 0;
}

/* Callbacks get the context as long as any are enabled. */
static void lend_context(struct wsk_socket *socket, bool enabled) {
  const void *lent = enabled ? socket->context : NULL;
  if (lent == socket->lent_context)
    return;
  if (socket->lent_context != NULL)
    mm__give_context_back(socket->lent_context);
  if (lent != NULL)
    mm__lend_context(lent);
  socket->lent_context = lent;
}

void wsk__events_set(struct wsk_socket *socket, ULONG enabled) {
  lend_context(socket, enabled != 0);
  __atomic_store_n(&socket->events.enabled, enabled, __ATOMIC_RELAXED);
}

/* ---- who has which ----------------------------------------------------- */

/* Those of `events` that the client has no function for. */
static ULONG missing(const struct wsk_socket *socket, ULONG events) {
  ULONG without = 0;
  for (size_t i = 0; i < SOURCES; i++)
    if ((events & sources[i]->event) != 0 && !sources[i]->has_callback(socket))
      without |= sources[i]->event;
  return without;
}

void wsk__events_set_static(struct wsk_socket *socket) {
  ULONG events = socket->client->static_events &
                 wsk__categories[wsk__socket_role(socket)].events;
  os__spin_lock(&socket->receive.lock);
  wsk__events_set(socket, socket->events.enabled | events);
  socket->events.fixed |= events;
  os__spin_unlock(&socket->receive.lock);
}

/* Sets the client's side, and switches more events on; those of all that are on
 * for which there is no function. */
static ULONG attach(struct wsk_socket *socket, ULONG events, PVOID context,
                    const void *dispatch) {
  os__spin_lock(&socket->receive.lock);
  socket->context = context;
  socket->dispatch = dispatch;
  wsk__events_set(socket, socket->events.enabled | events);
  ULONG without = missing(socket, socket->events.enabled);
  os__spin_unlock(&socket->receive.lock);
  return without;
}

/* Something may have waited for this, and has to be watched for. */
static void look_anew(struct wsk_socket *socket) {
  if (wsk__socket_request_scan(socket))
    loop__submit(&socket->scan_op);
}

void wsk__events_attach(struct wsk_socket *socket, PVOID context,
                        const void *dispatch) {
  ULONG without = attach(socket, 0, context, dispatch);
  if (without != 0)
    vf__report_on(
        VF_STATICEV_06, socket,
        "socket %p without a function for events %#x, which are on in "
        "every socket",
        (void *)socket, (unsigned)without);
  if (wsk__event_is_enabled(socket, ~0u))
    look_anew(socket);
}

void wsk__events_inherit(struct wsk_socket *socket, struct wsk_socket *listener,
                         PVOID context, const void *dispatch) {
  os__spin_lock(&listener->receive.lock);
  ULONG inherited = listener->events.inherited;
  os__spin_unlock(&listener->receive.lock);
  ULONG without = attach(socket, inherited, context, dispatch);
  if (without != 0) {
    VF_ENTER_FROM("WskAcceptEvent", NULL);
    vf__report_on(VF_ACCEPTEV_04, socket,
                  "WskAcceptEvent gave socket %p no function for events %#x",
                  (void *)socket, (unsigned)without);
  }
  wsk__receive_pump(socket);
  wsk__events_pump(socket);
}

/* ---- SO_WSK_EVENT_CALLBACK --------------------------------------------- */

/* Switches events on; false when some of them are for ever as they are. */
static bool switch_on(struct wsk_socket *socket, ULONG events) {
  ULONG own = wsk__categories[wsk__socket_role(socket)].events;
  os__spin_lock(&socket->receive.lock);
  bool allowed = (socket->events.fixed & events) == 0;
  if (allowed) {
    wsk__events_set(socket, socket->events.enabled | (events & own));
    socket->events.inherited |= events & ~own;
  }
  os__spin_unlock(&socket->receive.lock);
  return allowed;
}

static NTSTATUS enable(const struct wsk_control *control, ULONG events) {
  struct wsk_socket *socket = control->socket;
  ULONG own = wsk__categories[wsk__socket_role(socket)].events;
  if (control->irp != NULL)
    vf__report_on(VF_EVENTS_02, socket,
                  "SO_WSK_EVENT_CALLBACK enables with IRP %p",
                  (void *)control->irp);
  if (missing(socket, events & own) != 0) {
    vf__report_on(VF_EVENTS_18, socket,
                  "SO_WSK_EVENT_CALLBACK without a function for "
                  "events %#x",
                  (unsigned)events);
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  }
  if (!switch_on(socket, events))
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  look_anew(socket);
  return wsk__control_answer(control, STATUS_SUCCESS, 0);
}

/* What runs now ends on the loop, and so before this or after it. */
static void start_disable(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (socket->event_op_busy)
    InsertTailList(&socket->disabling, &irp->Tail.Overlay.ListEntry);
  else
    wsk__op_finish(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS disable(const struct wsk_control *control, ULONG event) {
  struct wsk_socket *socket = control->socket;
  os__spin_lock(&socket->receive.lock);
  bool allowed = (socket->events.fixed & event) == 0;
  bool running = (socket->events.running & event) != 0;
  if (allowed)
    wsk__events_set(socket, socket->events.enabled & ~event);
  os__spin_unlock(&socket->receive.lock);
  if (!allowed || !running)
    return wsk__control_answer(
        control, allowed ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER, 0);
  return control->irp != NULL
             ? wsk__op_submit(control->irp, start_disable, false)
             : STATUS_EVENT_PENDING;
}

/* Whether these events can be set or reset on such a socket. */
static bool is_valid(const struct wsk_socket *socket,
                     const WSK_EVENT_CALLBACK_CONTROL *control) {
  ULONG events = control->EventMask & ~(ULONG)WSK_EVENT_DISABLE;
  ULONG own = wsk__categories[wsk__socket_role(socket)].events;
  if (control->NpiId == NULL ||
      !RtlEqualMemory(control->NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)))
    return false;
  /* One at a time is disabled, and connections inherit theirs for good. */
  if (control->EventMask & WSK_EVENT_DISABLE)
    return (events & (events - 1)) == 0 && (events & own) != 0;
  ULONG all = wsk__socket_role(socket) == WSK_LISTENER
                  ? own | wsk__categories[WSK_CONNECTION].events
                  : own;
  return events != 0 && (events & ~all) == 0;
}

/* A connection that is over has no more events, but they can be switched off.
 */
static bool is_ready(struct wsk_socket *socket, bool disables) {
  enum wsk_state state = wsk__socket_state(socket);
  switch (wsk__socket_role(socket)) {
  case WSK_STREAM: /* neither of two yet */
    return false;
  case WSK_CONNECTION:
    return state == WSK_CONNECTED || (state == WSK_DEAD && disables);
  default:
    return state == WSK_BOUND;
  }
}

NTSTATUS wsk__control_events(const struct wsk_control *control) {
  const WSK_EVENT_CALLBACK_CONTROL *events = control->input;
  struct wsk_socket *socket = control->socket;
  if (events == NULL || control->input_size < sizeof(*events) ||
      !is_valid(socket, events))
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  bool disables = (events->EventMask & WSK_EVENT_DISABLE) != 0;
  if (!is_ready(socket, disables))
    return wsk__control_answer(control, STATUS_INVALID_DEVICE_STATE, 0);
  return disables
             ? disable(control, events->EventMask & ~(ULONG)WSK_EVENT_DISABLE)
             : enable(control, events->EventMask);
}
