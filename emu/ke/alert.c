/*
 * What ends a wait before its time. Nothing in this process does so by itself:
 * there are no user threads, hence no user APCs and nobody who terminates a
 * thread, and alerts are the system's own. A test asks for it (uwsk/fault.h),
 * because a driver that waits for a user has to be ready for it.
 *
 * As in "Waits and APCs": an interruption that finds no wait it may end stays
 * with the thread until there is one.
 */
#include "ke/ke.h"

struct kind {
  enum ke_interruption bit;
  bool alertable_only; /* else waits for a user only */
  bool is_apc;         /* held back while the thread has APCs disabled */
  NTSTATUS status;
};

static const struct kind kinds[] = {
    {KE_ALERT, true, false, STATUS_ALERTED},
    {KE_TERMINATION, false, true, STATUS_USER_APC},
    {KE_USER_APC, true, true, STATUS_USER_APC},
};

static bool ends(const struct kind *kind, PKTHREAD thread, KPROCESSOR_MODE mode,
                 BOOLEAN alertable) {
  if ((thread->Interruptions & kind->bit) == 0)
    return false;
  if (kind->is_apc &&
      (thread->KernelApcDisable != 0 || thread->GuardedRegions != 0 ||
       thread->OwnedMutants != 0))
    return false;
  return kind->alertable_only ? alertable != FALSE : mode == UserMode;
}

bool ke__take_interruption(PKTHREAD thread, KPROCESSOR_MODE mode,
                           BOOLEAN alertable, NTSTATUS *status) {
  for (unsigned i = 0; i < RTL_NUMBER_OF(kinds); i++)
    if (ends(&kinds[i], thread, mode, alertable)) {
      thread->Interruptions &= (UCHAR)~kinds[i].bit;
      *status = kinds[i].status;
      return true;
    }
  return false;
}

/* The thread's regions are its own, but while it waits it does not change them.
 */
void ke__interrupt(PKTHREAD thread, enum ke_interruption what) {
  struct loop_thread *waiter = NULL;
  NTSTATUS status;

  ke__lock_dispatcher();
  thread->Interruptions |= (UCHAR)what;
  if (thread->WaitCount != 0 &&
      ke__take_interruption(thread, thread->WaitMode, thread->WaitAlertable,
                            &status))
    waiter = ke__end_wait(thread, status);
  ke__unlock_dispatcher();
  if (waiter != NULL)
    loop__wake(waiter);
}
