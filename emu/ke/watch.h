/*
 * Who waits, in whose call; and the watch over waits that must end.
 *
 * A wait that blocks stands in one list, with the public call it is part of, so
 * that a report can name it. Both change under the dispatcher lock, which a
 * blocking wait takes anyway.
 *
 * Watched are waits without a limit of the thread that started the runtime, and
 * of any thread inside a call that has to come to an end (ke__watch_begin). A
 * watched wait sleeps as ever, but never beyond its thread's next look; looks
 * come at fixed times, an eighth of the limit apart, whatever was waited for
 * meanwhile. A wait that ends before that costs no look, arms no timer of its
 * own and reads no clock for it. One that has slept through LOOKS whole
 * intervals is a hang. Counting looks and not nanoseconds, a process that stood
 * in a debugger loses one look, not its life.
 *
 * Of any other thread it is never said that it hangs: a driver's worker may
 * wait for work for days. Who waits for such a thread is reported, and then the
 * report tells what the other one waits for.
 */
#ifndef UWSK_KE_WATCH_H
#define UWSK_KE_WATCH_H

#include "ke/ke.h"
#include "ob/track.h"

/* ---- calls -------------------------------------------------------------- */

/* For calls that run client code, which waits in turn. What the first returns
 * is for the second. */
ULONG ke__enter_call(const struct ke_call *call);
void ke__leave_call(ULONG before);

/* As KeWaitForSingleObject; as KeWaitForMultipleObjects for any of at most two
 * objects; and as the former without a limit; but as part of `call`. The
 * objects are ours, or known to be good. */
NTSTATUS ke__wait_as(const struct ke_call *call, PVOID object,
                     KPROCESSOR_MODE mode, BOOLEAN alertable,
                     const LARGE_INTEGER *timeout);
NTSTATUS ke__wait_in(const struct ke_call *call, PVOID objects[], ULONG count,
                     const LARGE_INTEGER *timeout);
NTSTATUS ke__wait_for(const struct ke_call *call, PVOID object);

/* Neither the owner of the loop, which is not re-entrant, nor whoever is
 * telling of its own hang may wait. */
bool ke__may_wait(void);

/* ---- the watch ---------------------------------------------------------- */

struct ke_watch {
  /* Now and then, from a watched wait. */
  void (*look)(void);
  /* The calling thread's wait hangs. If it returns the wait goes on, and hangs
   * again after another limit. It must not wait. */
  void (*hang)(void);
};

/* Between these two the calling thread is watched. `limit_ms` 0: nobody is. */
void ke__watch_start(unsigned limit_ms, const struct ke_watch *watch);
void ke__watch_stop(void);

/* So is any thread between these. They nest. */
void ke__watch_begin(void);
void ke__watch_end(void);

/* Both are wait.c's. */
bool ke__is_watched(const struct _KTHREAD *thread);
void ke__wait_watched(PKTHREAD thread);

/* loop__run_until without a limit, watched like a wait. */
void ke__run_until(bool (*done)(void *context), void *context);

/* ---- what a report says ------------------------------------------------- */

#define KE_OBJECTS_SHOWN 3

struct ke_waiting {
  const struct _KTHREAD *thread;
  ULONG number;            /* of the thread */
  unsigned long long wait; /* tells its waits apart */
  ULONG call_count, object_count;
  struct ke_call calls[KE_CALLS]; /* the innermost first */
  bool all;                       /* waits for all of them */
  bool busy; /* … and drives the loop meanwhile: in a callback */
  struct {
    const void *object;
    const char *kind;
    ULONG thread;      /* its number, when the object is a thread */
    const void *owner; /* of a mutex; or NULL */
    bool signalled;
  } objects[KE_OBJECTS_SHOWN];
  const void *owner; /* who has the lock that it waits for; or NULL */
};

/* Copies the threads that wait. Returns how many there are, or 0 when the lock
 * cannot be had: it must be possible to report a kernel that is stuck. */
size_t ke__copy_waiting(struct ke_waiting *copies, size_t room);

/* The same of the calling thread, as far as it waits. */
void ke__copy_self(struct ke_waiting *copy);

#endif
