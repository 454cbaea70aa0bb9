/* Calls of sockets that are being made. See calls.h. */
#include "wsk/calls.h"

#include "wsk/socket.h"

#define DEPTH 8u

/* Outermost first. One more than there is room for is not counted. */
static _Thread_local struct {
  unsigned depth;
  struct {
    struct wsk_socket *socket;
    PIRP irp;
    const void *frame;
  } calls[DEPTH];
} mine;

static void leave_innermost(void) {
  struct wsk_socket *socket = mine.calls[--mine.depth].socket;
  __atomic_sub_fetch(&socket->callers, 1, __ATOMIC_RELEASE);
}

void wsk__call_enter(struct wsk_socket *socket, PIRP irp, const void *frame) {
  while (mine.depth > 0 &&
         (ULONG_PTR)mine.calls[mine.depth - 1].frame <= (ULONG_PTR)frame)
    leave_innermost();
  if (mine.depth == DEPTH)
    return;
  mine.calls[mine.depth].socket = socket;
  mine.calls[mine.depth].irp = irp;
  mine.calls[mine.depth++].frame = frame;
  __atomic_add_fetch(&socket->callers, 1, __ATOMIC_RELEASE);
}

void wsk__call_leave(PIRP irp) {
  if (mine.depth > 0 && mine.calls[mine.depth - 1].irp == irp)
    leave_innermost();
}

unsigned wsk__calls_elsewhere(const struct wsk_socket *socket) {
  unsigned callers = __atomic_load_n(&socket->callers, __ATOMIC_ACQUIRE);
  for (unsigned i = 0; i < mine.depth; i++)
    callers -= mine.calls[i].socket == socket;
  return callers;
}
