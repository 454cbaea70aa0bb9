/* What the provider has under way. See outstanding.h. */
#include "wsk/outstanding.h"

#include "io/io.h"
#include "uwsk/fault.h"
#include "wsk/data_block.h"
#include "wsk/plan.h"
#include "wsk/socket.h"
#include "wsk/wsk.h"

/* Others' fields, read as they are: not atomically, for an atomic read would be
 * held against whoever writes plainly what nobody else has seen yet. */
#define UNGUARDED __attribute__((no_sanitize("thread")))

#define KINDS (WSK_OP_CLOSE + 1)

/* The arguments of an operation, from a packet that may be completing. */
UNGUARDED static const volatile struct wsk_args *
args_of(const volatile IRP *irp) {
  CCHAR location = irp->CurrentLocation;
  const volatile IO_STACK_LOCATION *stack = (const volatile void *)(irp + 1);
  if (location < 1 || location > irp->StackCount)
    return NULL;
  return (const volatile void *)&stack[location - 1].Parameters;
}

UNGUARDED static void fill_irp(const volatile IRP *irp,
                               const volatile struct wsk_args *args,
                               struct wsk_seen_irp *seen) {
  const volatile struct wsk_op *op =
      (const volatile void *)irp->Tail.Overlay.DriverContext;
  unsigned kind = args->kind;
  seen->irp = (const void *)irp;
  seen->call = kind < KINDS ? wsk__op_name((enum wsk_op_kind)kind) : "a call";
  seen->socket = op->socket;
  seen->cancelled = irp->Cancel != FALSE;
}

UNGUARDED bool wsk__see_irp(PIRP irp, struct wsk_seen_irp *seen) {
  const volatile struct wsk_args *args = args_of(irp);
  if ((((const volatile IRP *)irp)->AllocationFlags & IO_IRP_AT_PROVIDER) ==
          0 ||
      args == NULL)
    return false;
  fill_irp(irp, args, seen);
  return true;
}

/* ---- sockets ------------------------------------------------------------- */

struct sockets {
  struct wsk_seen_socket *seen;
  size_t room, count;
};

/* Blocks are recycled, and so the way through them ends somewhere else at the
 * worst. */
UNGUARDED static unsigned count_retained(const struct wsk_socket *socket) {
  const struct wsk_block *volatile const *link =
      (const struct wsk_block *volatile const *)&socket->data.retained;
  unsigned count = 0;
  for (; *link != NULL && count < WSK_BLOCKS_MAX; count++)
    link = (const struct wsk_block *volatile const *)&(*link)->next_head;
  return count + *(const volatile unsigned *)&socket->datagrams.retained_count;
}

UNGUARDED static void see_socket(struct wsk_socket *socket, void *context) {
  static const char *const states[] = {
#define X(name, text) text,
      WSK_STATES(X)
#undef X
  };
  struct sockets *sockets = context;
  const volatile struct wsk_socket *live = socket;
  if (sockets->count++ >= sockets->room)
    return;
  sockets->seen[sockets->count - 1] = (struct wsk_seen_socket){
      .socket = socket,
      .category = wsk__categories[wsk__socket_role(socket)].name,
      .state = states[live->state],
      .call = live->record.number != 0 ? live->record.call : NULL,
      .caller = live->record.caller,
      .pending = __atomic_load_n(&socket->pending, __ATOMIC_RELAXED),
      .retained = count_retained(socket)};
}

size_t wsk__see_sockets(struct wsk_seen_socket *seen, size_t room) {
  struct sockets sockets = {seen, room, 0};
  wsk__socket_try_each(see_socket, &sockets);
  return sockets.count;
}

/* ---- breaking ------------------------------------------------------------ */

#define BROKEN_AT_ONCE 64

struct alive {
  struct wsk_socket *sockets[BROKEN_AT_ONCE];
  size_t count;
};

UNGUARDED static void collect_alive(struct wsk_socket *socket, void *context) {
  struct alive *alive = context;
  enum wsk_state state = *(const volatile enum wsk_state *)&socket->state;
  if (state != WSK_FREE && state != WSK_DEAD && state != WSK_CLOSING &&
      alive->count < BROKEN_AT_ONCE)
    alive->sockets[alive->count++] = socket;
}

/* They are dead when this returns, so that each round finds others. */
static void force_all(void) {
  struct alive alive;
  do {
    alive.count = 0;
    wsk__socket_try_each(collect_alive, &alive);
    for (size_t i = 0; i < alive.count; i++)
      (void)wsk__force_close((PWSK_SOCKET)(PVOID)alive.sockets[i]);
  } while (alive.count == BROKEN_AT_ONCE);
}

void wsk__break_all(void) {
  struct uwsk_held held;
  force_all();
  while (wsk__held_first(&held))
    (void)wsk__held_proceed(held.irp);
  wsk__set_provider_ready(true);
}
