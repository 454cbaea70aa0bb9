/*
 * The kernel proper, as the other rooms of the executive see it.
 *
 * Threads. Every host thread that calls in has a KTHREAD: a system thread's is
 * an object of its own (emu/ps), any other thread's lives in thread-local
 * storage. IRQL is per thread, as it is per processor on NT.
 *
 * The dispatcher lock guards the signal state and the wait list of every
 * dispatcher object, and all wait blocks. It is a leaf: under it there is no
 * callback, no allocation, no other lock and no wake-up. Whoever signals
 * collects the threads to wake and wakes them after letting go.
 */
#ifndef UWSK_KE_H
#define UWSK_KE_H

#include <ntddk.h>
#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

/* A public function that waits, or calls client code that does. */
struct ke_call {
  const char *name;
  const void *caller;         /* the code that called it */
  const void *object;         /* the lock it is about; or NULL */
  const volatile void *owner; /* where the lock keeps who has it; or NULL */
};

#define KE_CALLS 4

struct _KTHREAD {
  DISPATCHER_HEADER Header; /* signalled when the thread has ended */
  struct loop_thread *Parking;
  PKWAIT_BLOCK WaitBlocks; /* of the wait in progress */
  ULONG WaitCount;
  NTSTATUS WaitStatus; /* written by whoever satisfies the wait */
  KPRIORITY Priority;
  LONG BaseIncrement;
  ULONG Number;          /* as the trace prints it */
  LONG KernelApcDisable; /* critical regions it is in */
  LONG GuardedRegions;
  LONG OwnedMutants; /* under the dispatcher lock */
  /* What watch.h says of its waits. */
  LIST_ENTRY Waiting; /* in ke__waiting, while it has wait blocks */
  /* That it is in. Copies: a test that fails jumps out of them. */
  struct ke_call Calls[KE_CALLS];
  ULONG CallCount;     /* may be more than there is room for */
  ULONGLONG Waits;     /* how many it has made */
  ULONG Watched;       /* its own */
  BOOLEAN TellsOfHang; /* its own */
  uint64_t NextLook;   /* its own */
};

struct _ETHREAD {
  struct _KTHREAD Tcb;
  NTSTATUS ExitStatus;
  PACCESS_TOKEN ClientToken; /* while it impersonates; emu/ps/token.c, atomic */
};

int ke__start(void);
void ke__stop(void);

/* Tells the kernel which KTHREAD the calling host thread is; NULL goes back to
 * the thread's own. */
void ke__set_current_thread(PKTHREAD thread);

/* Signals a thread object: its waiters are released. */
void ke__signal_thread(PKTHREAD thread);

/* ---- dispatcher (wait.c) ----------------------------------------------- */

void ke__lock_dispatcher(void);
void ke__unlock_dispatcher(void);

/* Gives up after a while: for reports of a kernel that is stuck. */
bool ke__try_lock_dispatcher(void);

/* The threads that wait; under the lock. */
extern LIST_ENTRY ke__waiting;

/* Satisfies as many waiters of a signalled object as its state allows. The
 * dispatcher lock is held on entry and released on return. */
void ke__release_waiters(DISPATCHER_HEADER *header);

/* The same, and leaves the object not signalled. */
void ke__pulse_waiters(DISPATCHER_HEADER *header);

/* False, with a report in the name of `call`, when the object was never
 * initialised or is of another kind than `type_low` to `type_high`. */
bool ke__check_object(const void *object, unsigned type_low, unsigned type_high,
                      const char *call);

/* Kinds of dispatcher object, as NT numbers them. */
enum {
  KE_NOTIFICATION_EVENT = 0,
  KE_SYNCHRONIZATION_EVENT = 1,
  KE_MUTANT = 2,
  KE_SEMAPHORE = 5,
  KE_THREAD = 6,
  KE_NOTIFICATION_TIMER = 8,
  KE_SYNCHRONIZATION_TIMER = 9,
};

/* ---- DPCs and timers (dpc.c, timer.c) ---------------------------------- */

/* With the dispatcher lock held. True when the DPC was not queued before. The
 * caller lets go of the lock and calls ke__start_dpcs. */
bool ke__queue_dpc(PKDPC dpc, PVOID argument1, PVOID argument2);
bool ke__unqueue_dpc(PKDPC dpc);
void ke__start_dpcs(void);
void ke__forget_dpcs(void);

/* With the lock held: neither queued nor running. */
bool ke__dpc_is_idle(PKDPC dpc);

/* The type of a DPC inside a timer object (ex/timer.c). NT has no such type. */
#define KE_TIMER_DPC 0x7E

/* As KeSetTimerEx, with the period in nanoseconds, which is kept behind the
 * timer when that is a ke_long_timer. */
struct ke_long_timer {
  KTIMER timer;
  uint64_t period_ns;
};

BOOLEAN ke__set_long_timer(struct ke_long_timer *timer, LARGE_INTEGER due,
                           uint64_t period_ns, PKDPC dpc);

/* Takes the timers that are set in memory that is about to go out of their
 * queue, with a report in the name of `call`. */
void ke__forget_timers_in(const void *start, size_t size, const char *call);

/* Takes every timer and DPC out of its queue, with a report for each timer.
 * Returns how many timers there were. */
size_t ke__forget_timers(void);

/* ---- clock (clock.c) --------------------------------------------------- */

/* All time comes from here, so that a virtual clock can take its place. */
uint64_t ke__clock_ns(void);        /* monotonic; what deadlines are in */
LONGLONG ke__system_time(void);     /* 100 ns since 1601 */
ULONGLONG ke__interrupt_time(void); /* 100 ns since start */

/* The deadline that an NT time-out means: NULL never, negative from now,
 * otherwise a system time. */
uint64_t ke__deadline(const LARGE_INTEGER *timeout);

/* ---- IRQL (irql.c) ----------------------------------------------------- */

/* Reports a call above `limit`; true when the IRQL is right. */
bool ke__require_irql(KIRQL limit, const char *call);

/* Reports a call by a thread that normal kernel APCs may interrupt. */
void ke__require_apcs_disabled(const char *call);

/* Sets the IRQL without any check, for the brackets around client code. */
KIRQL ke__swap_irql(KIRQL irql);

const char *ke__irql_name(KIRQL irql);

#endif
