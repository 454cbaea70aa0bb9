/*
 * Plans: how a test wants an operation to complete (uwsk/fault.h).
 *
 * A call that gets past its first checks asks the rules. What they say is noted
 * in the operation (wsk_args.plan), and followed where operations complete:
 * op.c. Without rules every plan is WSK_PLAN_NONE, and nothing here is called.
 *
 * A held operation is complete in every respect but that its loop_op has not
 * been submitted. It is let go when the test says so, when it is cancelled, and
 * when its socket closes or dies; then it runs as if it had just been made.
 */
#ifndef UWSK_WSK_PLAN_H
#define UWSK_WSK_PLAN_H

#include <ntddk.h>
#include <stdbool.h>

#include "fault/fault.h"
#include "wsk/op.h"

enum wsk_plan {
  WSK_PLAN_NONE,
  WSK_PLAN_INLINE,  /* return the final status, if it is there in time */
  WSK_PLAN_PENDING, /* return STATUS_PENDING, though it is */
  WSK_PLAN_LATER,   /* complete when the call is over */
  WSK_PLAN_HOLD,    /* wait for the test */
};

/* Asks the rules about an operation that has just begun: STATUS_SUCCESS, or it
 * has been completed, and this is what the call returns. */
NTSTATUS wsk__plan_call(PIRP irp, struct wsk_socket *socket);

/* Where a rule would meet the operation. */
enum uwsk_point wsk__point_of(PIRP irp);

static inline bool wsk__plan_is(PIRP irp, enum wsk_plan plan) {
  return wsk__args(irp)->plan == plan;
}

/* ---- inline (plan.c) --------------------------------------------------- */

/* A call that hands its operation to the loop, and would rather complete it
 * itself. On its stack. */
struct wsk_inline_call {
  struct wsk_inline_call *next;
  PIRP irp;
  bool finished;
};

void wsk__inline_begin(struct wsk_inline_call *call, PIRP irp);

/* True when the operation has finished, and is the caller's to complete;
 * otherwise it has been marked pending, and may be gone. */
bool wsk__inline_end(struct wsk_inline_call *call);

/* An operation with that plan finishes: true when its call takes it over. */
bool wsk__inline_catch(PIRP irp);

/* ---- held (held.c) ----------------------------------------------------- */

/* Keeps `op`, which belongs to the IRP, from being submitted. `answered`: all
 * but the completion is over. False without memory: submit it then. */
bool wsk__hold(struct loop_op *op, PIRP irp, bool answered);

/* Lets go what is held on the socket: what was cancelled, or all. Owner only.
 */
void wsk__held_let_go(struct wsk_socket *socket, bool all);

/* The same for one operation without a socket, if it is held. */
void wsk__held_let_go_irp(PIRP irp);

/* ---- cancelling, noticed late (held.c) --------------------------------- */

/* Whether nobody is to notice a cancellation now. */
bool wsk__cancels_are_held(void);

/* Keeps the op that would notice one until then. False: submit it. */
bool wsk__cancel_keep(struct loop_op *op);

/* Ends all of this, for the end of the runtime. */
void wsk__held_stop(void);

#endif
