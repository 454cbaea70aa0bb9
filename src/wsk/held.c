/* Operations that wait for the test, and cancellations that do. See plan.h. */
#include "wsk/plan.h"

#include "wsk/connect.h"
#include "wsk/lookup.h"
#include "wsk/outstanding.h"
#include "wsk/socket.h"
#include "wsk/wsk.h"

struct held {
  struct held *next;
  struct loop_op *op;
  PIRP irp;
  struct wsk_socket *socket;
  enum uwsk_point point;
  bool answered;
};

static struct os_spin lock;
static struct held *oldest;
static int count; /* atomic */

/* ---- the list ---------------------------------------------------------- */

static void append(struct held *held) {
  struct held **link = &oldest;
  os__spin_lock(&lock);
  while (*link != NULL)
    link = &(*link)->next;
  *link = held;
  __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
  os__spin_unlock(&lock);
}

/* Takes the first that `fits` out of the list; NULL when none does. */
static struct held *take(bool (*fits)(const struct held *held,
                                      const void *context),
                         const void *context) {
  struct held **link = &oldest;
  if (__atomic_load_n(&count, __ATOMIC_ACQUIRE) == 0)
    return NULL;
  os__spin_lock(&lock);
  while (*link != NULL && !fits(*link, context))
    link = &(*link)->next;
  struct held *held = *link;
  if (held != NULL) {
    *link = held->next;
    __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
  }
  os__spin_unlock(&lock);
  return held;
}

static bool is_irp(const struct held *held, const void *irp) {
  return held->irp == irp;
}

static bool is_on(const struct held *held, const void *socket) {
  return held->socket == socket;
}

static bool is_cancelled_on(const struct held *held, const void *socket) {
  return held->socket == socket && wsk__op_is_cancelled(held->irp);
}

static bool is_any(const struct held *held, const void *context) {
  UNREFERENCED_PARAMETER(held);
  UNREFERENCED_PARAMETER(context);
  return true;
}

bool wsk__hold(struct loop_op *op, PIRP irp, bool answered) {
  struct held *held = os__alloc(sizeof(*held));
  if (held == NULL)
    return false;
  *held = (struct held){.op = op,
                        .irp = irp,
                        .socket = wsk__op(irp)->socket,
                        .point = wsk__point_of(irp),
                        .answered = answered};
  append(held);
  /* The canceller may have looked before it was to be found here. */
  if (wsk__op_is_cancelled(irp))
    wsk__held_let_go_irp(irp);
  return true;
}

/* ---- letting go -------------------------------------------------------- */

static bool let_go(struct held *held) {
  if (held == NULL)
    return false;
  struct loop_op *op = held->op;
  os__free(held);
  loop__submit(op);
  return true;
}

void wsk__held_let_go(struct wsk_socket *socket, bool all) {
  while (let_go(take(all ? is_on : is_cancelled_on, socket)))
    ;
}

void wsk__held_let_go_irp(PIRP irp) {
  (void)let_go(take(is_irp, irp));
}

bool wsk__held_proceed(PIRP irp) {
  return let_go(take(is_irp, irp));
}

bool wsk__held_first(struct uwsk_held *first) {
  os__spin_lock(&lock);
  const struct held *held = oldest;
  if (held != NULL)
    *first = (struct uwsk_held){held->point, (PWSK_SOCKET)(PVOID)held->socket,
                                held->irp};
  os__spin_unlock(&lock);
  return held != NULL;
}

size_t wsk__see_held(struct wsk_seen_irp *seen, size_t room) {
  size_t found = 0;
  if (!os__spin_try_lock(&lock))
    return 0;
  for (const struct held *held = oldest; held != NULL;
       held = held->next, found++)
    if (found < room)
      seen[found] = (struct wsk_seen_irp){
          .irp = held->irp,
          .call = wsk__op_name((enum wsk_op_kind)wsk__args(held->irp)->kind),
          .socket = held->socket};
  os__spin_unlock(&lock);
  return found;
}

unsigned wsk__held_count(void) {
  return (unsigned)__atomic_load_n(&count, __ATOMIC_ACQUIRE);
}

/* ---- completing what has done nothing ---------------------------------- */

/* The IRP carries the result that the test has chosen. */
static void finish(PIRP irp) {
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (!wsk__op_finish(irp, irp->IoStatus.Status, irp->IoStatus.Information))
    wsk__socket_scan_cancelled(socket);
}

static void finish_socket(PIRP irp) {
  wsk__args(irp)->releases = TRUE;
  finish(irp);
}

static void finish_connect(PIRP irp) {
  wsk__connect_failed(wsk__op(irp)->socket, irp, irp->IoStatus.Status);
}

static void finish_bind(PIRP irp) {
  wsk__socket_not_bound(wsk__op(irp)->socket);
  finish(irp);
}

static void finish_listen(PIRP irp) {
  wsk__socket_not_listening(wsk__op(irp)->socket);
  finish(irp);
}

static void finish_disconnect(PIRP irp) {
  wsk__socket_undo_disconnect(wsk__op(irp)->socket);
  finish(irp);
}

static void finish_lookup(PIRP irp) {
  wsk__lookup_give_up(irp, irp->IoStatus.Status);
}

/* What undoes what the call has begun. Without a row: nothing can. */
static const struct {
  void (*finish)(PIRP irp);
  bool succeeds; /* may complete with success as well */
} undone[] = {
    [WSK_OP_SOCKET] = {finish_socket, false},
    [WSK_OP_SOCKET_CONNECT] = {finish_connect, false},
    [WSK_OP_BIND] = {finish_bind, false},
    [WSK_OP_LISTEN] = {finish_listen, false},
    [WSK_OP_ACCEPT] = {finish, false},
    [WSK_OP_CONNECT] = {finish_connect, false},
    [WSK_OP_CONNECT_EX] = {finish_connect, false},
    [WSK_OP_ADDRESS] = {finish, true},
    [WSK_OP_ADDRESS_INFO] = {finish_lookup, false},
    [WSK_OP_NAME_INFO] = {finish_lookup, false},
    [WSK_OP_SEND] = {finish, true},
    [WSK_OP_RECEIVE] = {finish, true},
    [WSK_OP_SEND_TO] = {finish, true},
    [WSK_OP_SEND_MESSAGES] = {finish, true},
    [WSK_OP_RECEIVE_FROM] = {finish, true},
    [WSK_OP_DISCONNECT] = {finish_disconnect, false},
    [WSK_OP_CLOSE] = {NULL, false},
};

struct choice {
  PIRP irp;
  NTSTATUS status;
};

static bool can_end_so(const struct held *held, const void *context) {
  const struct choice *choice = context;
  if (held->irp != choice->irp)
    return false;
  UCHAR kind = wsk__args(held->irp)->kind;
  return undone[kind].finish != NULL &&
         (undone[kind].succeeds || !NT_SUCCESS(choice->status));
}

struct ending {
  struct loop_op op;
  PIRP irp;
};

static void end(struct loop_op *op) {
  struct ending *ending = CONTAINING_RECORD(op, struct ending, op);
  PIRP irp = ending->irp;
  os__free(ending);
  undone[wsk__args(irp)->kind].finish(irp);
}

bool wsk__held_complete(PIRP irp, NTSTATUS status, size_t information) {
  struct choice choice = {irp, status};
  struct ending *ending = os__alloc(sizeof(*ending));
  struct held *held = ending != NULL ? take(can_end_so, &choice) : NULL;
  if (held == NULL) {
    os__free(ending);
    return false;
  }
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  if (held->answered) {
    os__free(ending);
    return let_go(held);
  }
  os__free(held);
  *ending = (struct ending){{NULL, end}, irp};
  loop__submit(&ending->op);
  return true;
}

/* ---- cancelling, noticed late ------------------------------------------ */

static struct {
  bool held, noticing;  /* atomic */
  struct loop_op *kept; /* under the lock: ops that would notice one */
} cancels;

bool wsk__cancels_are_held(void) {
  return __atomic_load_n(&cancels.held, __ATOMIC_ACQUIRE) &&
         !__atomic_load_n(&cancels.noticing, __ATOMIC_ACQUIRE);
}

static void set_noticing(bool noticing) {
  __atomic_store_n(&cancels.noticing, noticing, __ATOMIC_RELEASE);
}

bool wsk__cancel_keep(struct loop_op *op) {
  os__spin_lock(&lock);
  bool keep = wsk__cancels_are_held();
  if (keep) {
    op->next = cancels.kept;
    cancels.kept = op;
  }
  os__spin_unlock(&lock);
  return keep;
}

struct notice {
  struct loop_op op;
  struct loop_op *scans; /* of sockets, which are counted as pending */
};

static void collect(struct wsk_socket *socket, void *context) {
  struct notice *notice = context;
  if (!wsk__socket_request_scan(socket))
    return;
  wsk__socket_add_pending(socket);
  socket->scan_op.next = notice->scans;
  notice->scans = &socket->scan_op;
}

static void scan_all(struct loop_op *scans) {
  for (struct loop_op *next; scans != NULL; scans = next) {
    next = scans->next;
    loop__submit(scans);
    wsk__socket_remove_pending(
        CONTAINING_RECORD(scans, struct wsk_socket, scan_op));
  }
}

static void submit_kept(void) {
  os__spin_lock(&lock);
  struct loop_op *kept = cancels.kept;
  cancels.kept = NULL;
  os__spin_unlock(&lock);
  for (struct loop_op *next; kept != NULL; kept = next) {
    next = kept->next;
    loop__submit(kept);
  }
}

static void notice_all(struct loop_op *op) {
  struct notice *notice = CONTAINING_RECORD(op, struct notice, op);
  set_noticing(true);
  wsk__socket_for_each(collect, notice);
  scan_all(notice->scans);
  submit_kept();
  set_noticing(false);
  os__free(notice);
}

void wsk__cancels_notice(void) {
  struct notice *notice = os__alloc(sizeof(*notice));
  if (notice == NULL)
    return;
  notice->op.run = notice_all;
  loop__submit(&notice->op);
}

void wsk__cancels_hold(bool hold) {
  __atomic_store_n(&cancels.held, hold, __ATOMIC_RELEASE);
  if (!hold)
    wsk__cancels_notice();
}

/* ---- the end ----------------------------------------------------------- */

void wsk__held_stop(void) {
  __atomic_store_n(&cancels.held, false, __ATOMIC_RELEASE);
  submit_kept();
  while (let_go(take(is_any, NULL)))
    ;
}
