/*
 * The kernel proper, as the other rooms of the executive see it.
 *
 * Threads. Every host thread that calls in has a KTHREAD, which is an object:
 * emu/ps makes it, for a system thread when that is created, for any other when
 * it asks who it is. IRQL is per thread, as it is per processor on NT.
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
#include "verifier/watch.h"

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
  BOOLEAN WaitAlertable;
  KPROCESSOR_MODE WaitMode;
  UCHAR Interruptions; /* that no wait has taken notice of yet (alert.c) */
  KPRIORITY Priority;
  LONG BaseIncrement;
  KAFFINITY UserAffinity;   /* processors it may run on (affinity.c) */
  KAFFINITY SystemAffinity; /* those of a driver's choice, 0 when it has none */
  UCHAR IdealProcessor;
  uint64_t HostId;       /* os__thread_id, 0 before it runs */
  ULONG Number;          /* as the trace prints it */
  LONG KernelApcDisable; /* critical regions it is in */
  LONG GuardedRegions;
  LONG OwnedMutants; /* under the dispatcher lock */
  ULONG Owner;       /* of the driver whose code it runs (owner.c) */
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

/* Of a thread that is attached to no silo: the host's is NULL. */
#define PS_NO_SILO ((struct _EJOB *)(ULONG_PTR)-3)

/* What Windows calls MEMORY_PRIORITY_NORMAL. */
#define PS_NORMAL_PAGE_PRIORITY 5

struct _ETHREAD {
  struct _KTHREAD Tcb;
  NTSTATUS ExitStatus;
  BOOLEAN IsHostThread; /* ps/host_thread.c */
  PVOID StartAddress;
  ULONG PagePriority;        /* of information.c, remembered */
  UNICODE_STRING Name;       /* under information.c's lock */
  struct _EJOB *Silo;        /* it is attached to; PS_NO_SILO (ps/silo.c) */
  PACCESS_TOKEN ClientToken; /* while it impersonates; emu/ps/token.c, atomic */
};

int ke__start(void);
void ke__stop(void);

/* Tells the kernel which KTHREAD the calling host thread is; NULL when it is
 * none any more. */
void ke__set_current_thread(PKTHREAD thread);

/* What a new thread has: the process's priority, and all processors. */
void ke__initialize_thread(PKTHREAD thread);

/* Of the System process. Threads' priorities are relative to it (priority.c).
 */
#define KE_BASE_PRIORITY 8
KPRIORITY ke__base_priority(PKTHREAD thread);

/* Signals a thread object: its waiters are released. */
void ke__signal_thread(PKTHREAD thread);

/* ---- whose code runs (owner.c) ----------------------------------------- */

/* Owner numbers are below this, so that they fit into IRP.ApcEnvironment. */
#define KE_OWNERS 128

/* The number of the driver whose code the calling thread runs; 0: nobody's. */
ULONG ke__owner(void);

/* Sets it and returns what it was, for the brackets around client code. */
ULONG ke__enter_owner(ULONG owner);

/* A number for a driver, 0 when all are taken: that driver is nobody. */
ULONG ke__new_owner(void);
void ke__free_owner(ULONG owner);
void ke__free_owners(void); /* at the end of a run */

/* Something begins (1) or ceases (-1) to run the driver's code by itself. At
 * DISPATCH_LEVEL, too. */
void ke__count_busy(ULONG owner, LONG change);

/* It begins, with the dispatcher lock held. */
void ke__begin_busy(ULONG owner);

/* Waits until nothing does; false when something still does after that time. */
bool ke__wait_idle(ULONG owner, unsigned timeout_ms);

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

/* Ends the wait that a thread is in, with the dispatcher lock held. Returns
 * whom to wake after letting go of it. */
struct loop_thread *ke__end_wait(PKTHREAD thread, NTSTATUS status);

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

/* ---- interruptions of waits (alert.c) ---------------------------------- */

/* What can end a wait before its time: bits of Interruptions. */
enum ke_interruption {
  KE_ALERT = 1,       /* any alertable wait: STATUS_ALERTED */
  KE_USER_APC = 2,    /* any alertable wait: STATUS_USER_APC */
  KE_TERMINATION = 4, /* any wait for a user: STATUS_USER_APC */
};

/* Ends the thread's wait, or the next one that it may end. */
void ke__interrupt(PKTHREAD thread, enum ke_interruption what);

/* With the dispatcher lock held, on the thread itself, about to wait: what has
 * come meanwhile and ends such a wait. */
bool ke__take_interruption(PKTHREAD thread, KPROCESSOR_MODE mode,
                           BOOLEAN alertable, NTSTATUS *status);

/* ---- processors (affinity.c) ------------------------------------------- */

/* The processors there are, as a mask. */
KAFFINITY ke__processors(void);

/* On a new thread, before anything else: it goes to the processors it was
 * given, and leaves those it has inherited. */
void ke__enter_thread(PKTHREAD thread);

/* False for a mask without a processor, or of one that is not there. */
bool ke__set_user_affinity(PKTHREAD thread, KAFFINITY processors);
KAFFINITY ke__affinity(PKTHREAD thread);

/* ---- DPCs and timers (dpc.c, timer.c) ---------------------------------- */

/* With the dispatcher lock held. True when the DPC was not queued before. The
 * caller lets go of the lock and calls ke__start_dpcs. */
bool ke__queue_dpc(PKDPC dpc, ULONG owner, PVOID argument1, PVOID argument2);
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

/* Take the timers that are set, and the DPCs that are queued, in memory that is
 * about to go out of their queue, with a report in the name of `call`. */
void ke__forget_timers_in(const void *start, size_t size, const char *call);
void ke__forget_dpcs_in(const void *start, size_t size, const char *call);

/* The same for those of a driver that goes. Return how many there were. */
size_t ke__forget_timers_of(ULONG owner, const char *driver);
size_t ke__forget_dpcs_of(ULONG owner, const char *driver);

/* Where timers are set (timer_place.c). Whether one may be in these bytes, by a
 * few counts and without the dispatcher lock; a wrong "yes" is rare. */
bool ke__may_hold_timer(const void *start, size_t size);

/* A timer is set (1), or is so no more (-1). With the lock held. */
void ke__count_timer_at(const void *timer, int change);

/* Takes every timer and DPC out of its queue, with a report for each timer.
 * Returns how many timers there were that no report accounts for. */
size_t ke__forget_timers(void);

/* Whether any timer is set. */
bool ke__timers_are_set(void);

/* ---- clock (clock.c) --------------------------------------------------- */

/* All time comes from here, so that a virtual clock can take its place. */
uint64_t ke__clock_ns(void);        /* monotonic; what deadlines are in */
LONGLONG ke__system_time(void);     /* 100 ns since 1601 */
ULONGLONG ke__interrupt_time(void); /* 100 ns since start */

/* The deadline that an NT time-out means: NULL never, negative from now,
 * otherwise a system time. */
uint64_t ke__deadline(const LARGE_INTEGER *timeout);

/* ---- IRQL (irql.c) ----------------------------------------------------- */

/* Every public function that has a limit checks it; tests/spec/irql.tsv has the
 * limits, and tests/km/irql.py looks whether they are checked. A check is one
 * load and one branch, so that it may stand in what is called for each packet.
 * It never ends a call: the function goes on as well as it can. */

/* The calling thread's own. At a fixed distance from the thread's base even in
 * a shared library, where the host's linker has such a thing. */
#if defined(__ELF__)
#define KE_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define KE_THREAD_LOCAL _Thread_local
#endif
extern KE_THREAD_LOCAL KIRQL ke__irql;

/* The checks, true when the IRQL is right; `call` is a literal, or becomes one.
 *
 * ke__require_irql  first thing in a public function: reports made in the
 *                   function name it
 * ke__within_irql   the same without that mark, which costs more than the check
 * ke__check_irql    for functions that the trace knows already
 */
#define ke__require_irql(limit, call)                                          \
  (VF_ENTER(call), ke__within_irql((limit), (call)))
#define ke__within_irql(limit, call)                                           \
  (__builtin_expect(ke__irql <= (limit), 1)                                    \
       ? true                                                                  \
       : ke__report_above((limit), (call), VF_CALLER()))
#define ke__check_irql(limit, call)                                            \
  (__builtin_expect(ke__irql <= (limit), 1)                                    \
       ? true                                                                  \
       : ke__report_irql((limit), (call)))

/* What they come to when it is wrong; false. The former names the call. */
bool ke__report_above(KIRQL limit, const char *call, const void *caller)
    __attribute__((cold));
bool ke__report_irql(KIRQL limit, const char *call) __attribute__((cold));

/* For what must run at DISPATCH_LEVEL or above: the forms of lock routines that
 * do not raise. */
#define ke__require_dispatch(call)                                             \
  (__builtin_expect(ke__irql >= DISPATCH_LEVEL, 1)                             \
       ? (void)0                                                               \
       : ke__report_below_dispatch((call), VF_CALLER()))
void ke__report_below_dispatch(const char *call, const void *caller)
    __attribute__((cold));

/* Reports a call by a thread that normal kernel APCs may interrupt. Whoever
 * asks has said before what it is. */
void ke__require_apcs_disabled(const char *call);

/* Sets the IRQL without any check, for the brackets around client code. */
KIRQL ke__swap_irql(KIRQL irql);

const char *ke__irql_name(KIRQL irql);

#endif
