/* The life of sockets: blocks, counts, closing. See socket.h. */
#include "wsk/socket.h"

#include <assert.h>
#include <stddef.h>

#include "etw/trace.h"
#include "io/io.h"
#include "ke/watch.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/address_list.h"
#include "wsk/calls.h"
#include "wsk/names.h"
#include "wsk/nmr.h"
#include "wsk/plan.h"
#include "wsk/security.h"
#include "wsk/transport.h"
#include "wsk/wsk.h"

static struct os_spin blocks_lock;                /* guards the two lists */
static struct wsk_socket *first_free, *last_free; /* oldest first */
static LIST_ENTRY sockets = {&sockets, &sockets}; /* those that are not free */

/* ---- blocks ------------------------------------------------------------ */

/* Only here may it be asked for again: before that it stands in the loop's
 * queue still, and must not be put there twice. */
static void run_scan(struct loop_op *op) {
  struct wsk_socket *socket = CONTAINING_RECORD(op, struct wsk_socket, scan_op);
  __atomic_store_n(&socket->scan_requested, 0, __ATOMIC_RELEASE);
  /* Or asked for by a canceller of the socket that was here before. */
  if (wsk__socket_state(socket) != WSK_FREE)
    wsk__socket_scan_cancelled(socket);
}

static struct wsk_socket *make_block(void) {
  struct wsk_socket *socket = os__alloc(sizeof(*socket));
  if (socket == NULL)
    return NULL;
  socket->scan_op.run = run_scan;
  InitializeListHead(&socket->block_link);
  return socket;
}

static struct wsk_socket *take_block(void) {
  os__spin_lock(&blocks_lock);
  struct wsk_socket *socket = first_free;
  if (socket != NULL)
    first_free = socket->next_free;
  if (first_free == NULL)
    last_free = NULL;
  os__spin_unlock(&blocks_lock);
  return socket;
}

static void list_socket(struct wsk_socket *socket) {
  os__spin_lock(&blocks_lock);
  InsertTailList(&sockets, &socket->all_link);
  os__spin_unlock(&blocks_lock);
}

static void give_block_back(struct wsk_socket *socket) {
  os__spin_lock(&blocks_lock);
  RemoveEntryList(&socket->all_link);
  socket->next_free = NULL;
  if (last_free != NULL)
    last_free->next_free = socket;
  else
    first_free = socket;
  last_free = socket;
  os__spin_unlock(&blocks_lock);
}

/* What only the owner of the loop may touch. It does not before the state says
 * that there is a socket. */
static void initialize_owned(struct wsk_socket *socket) {
  RtlZeroMemory(&socket->tcp, offsetof(struct wsk_socket, scan_op) -
                                  offsetof(struct wsk_socket, tcp));
  InitializeListHead(&socket->sends);
  InitializeListHead(&socket->receives);
  InitializeListHead(&socket->limbo);
  InitializeListHead(&socket->disabling);
  InitializeListHead(&socket->address_changes);
}

static void initialize(struct wsk_socket *socket, struct wsk_client *client,
                       enum wsk_category category, enum net_family family) {
  initialize_owned(socket);
  /* Locks, the scan and the free list are not the client's to see anew. */
  wsk__socket_lock(socket);
  socket->base.Dispatch = wsk__categories[category].dispatch;
  socket->context = NULL;
  socket->dispatch = NULL;
  socket->category = socket->role = category;
  socket->unsupported = socket->accepted = false;
  InitializeListHead(&socket->waiting);
  socket->waiting_count = 0;
  socket->full = socket->undelivered = false;
  socket->conditional = false;
  InitializeListHead(&socket->uninspected);
  InitializeListHead(&socket->pended);
  InitializeListHead(&socket->aborted);
  socket->asking = NULL;
  socket->inspection = WSK_INSPECTION_OVER;
  RtlZeroMemory(&socket->inspect_id, sizeof(socket->inspect_id));
  wsk__datagrams_initialize(&socket->datagrams);
  RtlZeroMemory(&socket->events, sizeof(socket->events));
  socket->death_told = false;
  socket->forced = socket->accept_told = socket->inspect_told = false;
  RtlZeroMemory(&socket->sharing, sizeof(socket->sharing));
  socket->attachments = NULL;
  socket->events.backlog = WSK_IDEAL_BACKLOG;
  RtlZeroMemory(&socket->data, sizeof(socket->data));
  socket->state = WSK_UNBOUND;
  socket->send.pending = socket->receive.pending = 0;
  socket->send.ended = socket->receive.ended = false;
  socket->send.begun = socket->receive.begun = false;
  socket->send.error = socket->receive.error = STATUS_SUCCESS;
  socket->silent = socket->undelayed = false;
  socket->pending = 0;
  socket->client = client;
  socket->family = family;
  RtlZeroMemory(&socket->local, sizeof(socket->local));
  RtlZeroMemory(&socket->remote, sizeof(socket->remote));
  wsk__socket_unlock(socket);
}

struct wsk_socket *wsk__socket_create(struct wsk_client *client,
                                      enum wsk_category category,
                                      enum net_family family) {
  struct wsk_socket *socket = take_block();
  if (socket == NULL)
    socket = make_block();
  if (socket == NULL)
    return NULL;
  initialize(socket, client, category, family);
  wsk__events_set_static(socket);
  wsk__client_add(client);
  wsk__client_has_socket(client);
  socket->record.object = NULL;
  list_socket(socket);
  return socket;
}

void wsk__socket_track(struct wsk_socket *socket, const char *call,
                       const void *caller) {
  socket->record =
      (struct ob_record){.object = socket,
                         .call = call,
                         .caller = caller,
                         .kind = OB_SOCKET,
                         .detail = wsk__categories[socket->category].name};
  ob__track(&socket->record);
}

static bool has_handle(const struct wsk_socket *socket) {
  return socket->tcp != NULL || socket->udp != NULL;
}

static void release_block(struct wsk_socket *socket) {
  assert(!has_handle(socket));
  wsk__datagrams_forget(socket);
  wsk__data_drop(socket);
  wsk__socket_lock(socket);
  wsk__events_set(socket, 0);
  socket->state = WSK_FREE;
  wsk__socket_unlock(socket);
  if (socket->record.object != NULL)
    ob__untrack(&socket->record);
  wsk__extension_end(socket);
  wsk__sharing_end(socket);
  give_block_back(socket);
}

/* ---- counting ---------------------------------------------------------- */

struct wsk_lane *wsk__socket_lane(struct wsk_socket *socket,
                                  enum wsk_lane_id id) {
  switch (id) {
  case WSK_LANE_SEND:
    return &socket->send;
  case WSK_LANE_RECEIVE:
    return &socket->receive;
  default:
    return NULL;
  }
}

void wsk__socket_add_pending(struct wsk_socket *socket) {
  __atomic_add_fetch(&socket->pending, 1, __ATOMIC_ACQ_REL);
}

bool wsk__socket_leave_lane(struct wsk_socket *socket, enum wsk_lane_id id) {
  struct wsk_lane *lane = wsk__socket_lane(socket, id);
  if (lane == NULL)
    return false;
  os__spin_lock(&lane->lock);
  assert(lane->pending > 0);
  lane->pending--;
  bool events = lane == &socket->receive && lane->pending == 0 &&
                (socket->events.enabled != 0 || socket->role == WSK_LISTENER);
  os__spin_unlock(&lane->lock);
  return events;
}

void wsk__socket_remove_pending(struct wsk_socket *socket) {
  if (__atomic_sub_fetch(&socket->pending, 1, __ATOMIC_ACQ_REL) == 0)
    wsk__socket_check_close(socket);
}

/* ---- what the direct path has begun ------------------------------------ */

bool wsk__lane_has_begun(struct wsk_lane *lane) {
  os__spin_lock(&lane->lock);
  bool begun = lane->begun;
  os__spin_unlock(&lane->lock);
  return begun;
}

bool wsk__lane_arrived(struct wsk_lane *lane, PIRP irp) {
  if (wsk__op(irp)->done == 0)
    return false;
  os__spin_lock(&lane->lock);
  lane->begun = false;
  os__spin_unlock(&lane->lock);
  return true;
}

/* ---- closing ----------------------------------------------------------- */

void wsk__socket_check_close(struct wsk_socket *socket) {
  if ((socket->closing == NULL && !socket->undelivered) || has_handle(socket) ||
      __atomic_load_n(&socket->pending, __ATOMIC_ACQUIRE) != 0 ||
      __atomic_load_n(&socket->scan_requested, __ATOMIC_ACQUIRE) != 0)
    return;
  PIRP irp = socket->closing;
  socket->closing = NULL;
  if (irp != NULL)
    wsk__op_finish(irp, STATUS_SUCCESS, 0);
  else
    wsk__socket_discard(socket);
}

void wsk__socket_release(struct wsk_socket *socket, PIRP irp) {
  struct wsk_client *client = socket->client;
  NTSTATUS status = irp->IoStatus.Status;
  ULONG_PTR information = irp->IoStatus.Information;
  release_block(socket);
  io__complete(irp, status, information);
  /* Last: the client's code may be unloaded from here on. */
  wsk__client_leave(client);
}

void wsk__socket_discard(struct wsk_socket *socket) {
  struct wsk_client *client = socket->client;
  socket->undelivered = false;
  release_block(socket);
  wsk__client_leave(client);
}

void wsk__socket_close_handle(struct wsk_socket *socket, bool reset) {
  if (!wsk__socket_is_open(socket))
    return;
  socket->handle_closing = true;
  if (socket->udp != NULL)
    wsk__datagrams_close(socket);
  else
    net__tcp_close(socket->tcp, reset);
}

bool wsk__socket_is_aborted(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  NTSTATUS error = socket->receive.error;
  os__spin_unlock(&socket->receive.lock);
  return socket->closing == NULL && error == STATUS_CONNECTION_ABORTED;
}

/* Everything that was queued when the handle went. */
static void fail_everything(struct wsk_socket *socket) {
  NTSTATUS cut_off = wsk__socket_is_aborted(socket) ? STATUS_CONNECTION_ABORTED
                                                    : STATUS_CANCELLED;
  wsk__send_fail_all(socket, wsk__socket_end_status(socket, STATUS_CANCELLED));
  wsk__receive_fail_all(socket, wsk__socket_end_status(socket, cut_off));
  PIRP aborting = socket->aborting;
  socket->aborting = NULL;
  if (aborting != NULL)
    wsk__op_finish(aborting, STATUS_SUCCESS, 0);
}

void wsk__socket_handle_closed(struct wsk_socket *socket) {
  socket->tcp = NULL;
  socket->udp = NULL;
  if (socket->orphan || wsk__connect_renewed(socket))
    return;
  PIRP connecting = socket->connecting;
  socket->connecting = NULL;
  /* The last completion lets the close complete, and then the block is another
   * socket's: so there is one more to come until we are through. */
  wsk__socket_add_pending(socket);
  fail_everything(socket);
  wsk__socket_remove_pending(socket);
  /* When this is a WskSocketConnect, the socket goes with it; when it is not, a
   * close still waits for it. */
  if (connecting != NULL)
    wsk__connect_failed(socket, connecting,
                        wsk__socket_end_status(socket, STATUS_CANCELLED));
}

static void tcp_closed(void *user) {
  wsk__socket_handle_closed(user);
}

const struct net_tcp_events wsk__tcp_events = {
    .connected = wsk__connect_connected,
    .provide = wsk__receive_provide,
    .received = wsk__receive_received,
    .starved = wsk__receive_starved,
    .written = wsk__send_written,
    .finished = wsk__send_finished,
    .arrived = wsk__accept_arrived,
    .closed = tcp_closed,
};

int wsk__socket_open_handle(struct wsk_socket *socket) {
  if (socket->category == WSK_DATAGRAM)
    return wsk__datagrams_open(socket);
  return net__tcp_open(&socket->tcp, socket->family, &wsk__tcp_events, socket);
}

/* Whether a close now would cut the connection off. */
static bool close_needs_reset(struct wsk_socket *socket) {
  if (socket->remote.port == 0 || socket->tcp == NULL)
    return false; /* It never was connected. */
  if (!socket->finished)
    return true;
  return !socket->peer_finished && !net__tcp_peer_finished(socket->tcp);
}

/* Nothing is to be seen on the wire: the handle stays, without us. */
static void leave_silently(struct wsk_socket *socket) {
  if (!wsk__socket_is_open(socket))
    return;
  net__tcp_forget(socket->tcp);
  wsk__socket_handle_closed(socket);
}

static bool is_silent(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool silent = socket->silent;
  os__spin_unlock(&socket->receive.lock);
  return silent;
}

static void start_close(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  socket->closing = irp;
  wsk__accept_drop_waiting(socket);
  wsk__address_list_fail_all(socket, STATUS_CANCELLED);
  if (is_silent(socket))
    leave_silently(socket);
  else
    wsk__socket_close_handle(socket, close_needs_reset(socket));
  wsk__held_let_go(socket, true);
  wsk__socket_check_close(socket);
}

/* Both have to be asked before the socket counts as closing. */
static bool cuts_off(struct wsk_socket *socket) {
  wsk__socket_lock(socket);
  bool ends = socket->state == WSK_CONNECTED && !socket->silent &&
              !socket->send.ended && socket->send.error == STATUS_SUCCESS &&
              socket->receive.error == STATUS_SUCCESS;
  wsk__socket_unlock(socket);
  return ends;
}

static void check_manner(struct wsk_socket *socket, bool cut_off) {
  unsigned callers = wsk__calls_elsewhere(socket);
  if (callers > 0)
    vf__report_on(VF_CLOSE_05, socket,
                  "WskCloseSocket on socket %p, of which %u other threads are "
                  "in a call",
                  (void *)socket, callers);
  if (cut_off)
    vf__report_on(VF_CLOSE_07, socket,
                  "WskCloseSocket on socket %p, which is connected",
                  (void *)socket);
}

static NTSTATUS close_socket(PWSK_SOCKET handle, PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_CLOSE, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  wsk__datagrams_check_close(socket);
  bool cut_off = cuts_off(socket);
  if (!wsk__socket_begin_close(socket)) {
    /* Somebody else is closing it: its block may be another's by the time a
     * deferred answer is given. */
    wsk__op(irp)->socket = NULL;
    return wsk__op_refuse(irp, STATUS_FILE_CLOSED);
  }
  check_manner(socket, cut_off);
  wsk__data_check_close(socket);
  return wsk__op_submit(irp, start_close, false);
}

NTSTATUS WSKAPI wsk__close_socket(PWSK_SOCKET Socket, PIRP Irp) {
  ETW_CALL("WskCloseSocket", Socket, Irp, "%s", "");
  NTSTATUS status = close_socket(Socket, Irp);
  ETW_RETURN("WskCloseSocket", Irp, status);
  return status;
}

void wsk__socket_for_each(void (*visit)(struct wsk_socket *socket,
                                        void *context),
                          void *context) {
  os__spin_lock(&blocks_lock);
  for (PLIST_ENTRY link = sockets.Flink; link != &sockets; link = link->Flink)
    visit(CONTAINING_RECORD(link, struct wsk_socket, all_link), context);
  os__spin_unlock(&blocks_lock);
}

void wsk__socket_try_each(void (*visit)(struct wsk_socket *socket,
                                        void *context),
                          void *context) {
  if (!os__spin_try_lock(&blocks_lock))
    return;
  for (PLIST_ENTRY link = sockets.Flink; link != &sockets; link = link->Flink)
    visit(CONTAINING_RECORD(link, struct wsk_socket, all_link), context);
  os__spin_unlock(&blocks_lock);
}

/* ---- the end ----------------------------------------------------------- */

/* Both steps run as the owner of the loop, which may be a thread of the
 * client's that waits for ever. `state` is the last that they touch. */
struct stop {
  struct loop_op op;
  enum { STOP_BUSY, STOP_WAITING, STOP_DONE } state; /* atomic */
};

static void set_state(struct loop_op *op, int state) {
  __atomic_store_n(&CONTAINING_RECORD(op, struct stop, op)->state, state,
                   __ATOMIC_RELEASE);
}

static void close_orphans(struct loop_op *op) {
  for (PLIST_ENTRY link = sockets.Flink; link != &sockets; link = link->Flink) {
    struct wsk_socket *socket =
        CONTAINING_RECORD(link, struct wsk_socket, all_link);
    socket->orphan = true;
    wsk__socket_close_handle(socket, true);
  }
  set_state(op, STOP_WAITING);
}

static void look_for_orphans(struct loop_op *op) {
  int state = STOP_DONE;
  for (PLIST_ENTRY link = sockets.Flink; link != &sockets; link = link->Flink)
    if (has_handle(CONTAINING_RECORD(link, struct wsk_socket, all_link)))
      state = STOP_WAITING;
  set_state(op, state);
}

static bool orphans_are_closed(void *context) {
  struct stop *stop = context;
  if (__atomic_load_n(&stop->state, __ATOMIC_ACQUIRE) == STOP_WAITING) {
    stop->state = STOP_BUSY;
    stop->op.run = look_for_orphans;
    loop__submit(&stop->op);
  }
  return __atomic_load_n(&stop->state, __ATOMIC_ACQUIRE) == STOP_DONE;
}

void wsk__socket_stop(void) {
  struct stop stop = {{NULL, close_orphans}, STOP_BUSY};
  loop__submit(&stop.op);
  ke__run_until(orphans_are_closed, &stop);
  while (!IsListEmpty(&sockets)) {
    struct wsk_socket *socket =
        CONTAINING_RECORD(sockets.Flink, struct wsk_socket, all_link);
    wsk__datagrams_forget(socket);
    give_block_back(socket);
  }
  for (struct wsk_socket *socket; (socket = take_block()) != NULL;)
    os__free(socket);
}

void wsk__stop(void) {
  wsk__held_stop();
  wsk__nmr_stop();
  wsk__names_stop();
  wsk__transport_stop();
  wsk__extension_stop();
  wsk__socket_stop();
  wsk__sd_stop();
  wsk__address_list_stop();
  wsk__datagrams_stop();
  wsk__data_stop();
  wsk__client_stop();
}
