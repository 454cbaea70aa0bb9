/*
 * What is watched while nothing is wrong, so that a report can tell how it came
 * to it: the public calls that each thread is in, and the last events of each
 * object.
 *
 * Both hang off the trace's points (emu/etw/trace.h) and off the ledger's
 * (emu/ob/track.h). Off, each point costs one predictable branch; on, a few
 * writes. Nothing allocates: events lie in rings, one for the objects whose
 * addresses hash alike, and new ones overwrite old ones.
 *
 * Invariants: a ring's lock is a leaf. A call counts as over when its frame is
 * not above the frame that asks: nobody has to say that it returns, so an
 * exception that goes past it does no harm.
 */
#ifndef UWSK_VERIFIER_WATCH_H
#define UWSK_VERIFIER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "uwsk/verifier.h"

/* Bits of vf__watched. */
enum {
  VF_WATCH_TRACE = 1,   /* the trace is printed */
  VF_WATCH_OBJECTS = 2, /* calls and events are remembered */
};

extern unsigned vf__watched;

#define VF_WATCHES(bits)                                                       \
  __builtin_expect(                                                            \
      (__atomic_load_n(&vf__watched, __ATOMIC_RELAXED) & (bits)) != 0, 0)

void vf__watch(unsigned bit, bool on);

/* ---- calls ------------------------------------------------------------- */

/* Of the function that these are used in. */
#define VF_CALLER() __builtin_return_address(0)
#define VF_FRAME()  __builtin_frame_address(0)

/* First thing in a public function: reports made in it name the function and
 * the code that called it. `call` is a literal. */
#define VF_ENTER(call)                                                         \
  (VF_WATCHES(VF_WATCH_OBJECTS) ? vf__enter((call), VF_CALLER(), VF_FRAME())   \
                                : (void)0)

/* The same in a function that several public ones share: `caller` is theirs. Or
 * for what a callback has done wrong, once it has returned: it is named, and
 * `caller` is NULL. */
#define VF_ENTER_FROM(call, caller)                                            \
  (VF_WATCHES(VF_WATCH_OBJECTS) ? vf__enter((call), (caller), VF_FRAME())      \
                                : (void)0)

void vf__enter(const char *call, const void *caller, const void *frame);

/* The innermost call that goes on around `frame`; NULL when there is none. */
const char *vf__call_around(const void *frame, const void **caller);

/* ---- memory on stacks -------------------------------------------------- */

/* Somebody else uses an IRP that may stand on the calling thread's stack: if it
 * does, it has to be given back before the thread goes on above it. The calls
 * of the thread see to that, and report IRP-STACK-01. */
void vf__lend_stack(const void *irp, const void *frame);
void vf__give_stack_back(const void *irp);

/* ---- events ------------------------------------------------------------ */

/* How many events a report shows, and how many a ring holds. */
#define VF_EVENTS_SHOWN 12
#define VF_EVENTS_KEPT  16

/* Thread and IRQL are filled in. */
void vf__remember(const void *object, const struct uwsk_event *event);

/* The last events of an object, oldest first; returns how many. */
unsigned vf__recall(const void *object, struct uwsk_event *events,
                    unsigned room);

/* Forgets the events of every object. */
void vf__forget_events(void);

/* ---- asked of the executive (emu/ke/irql.c) ---------------------------- */

unsigned char vf__irql(void);
const char *vf__irql_name(unsigned char irql);

#endif
