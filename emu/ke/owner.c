/*
 * Whose code runs.
 *
 * Each driver that is loaded has a number, its owner number, and each thread
 * knows the number of the driver whose code it runs; 0 is nobody's. Calls into
 * drivers set it (emu/io/call.c and the like), what a driver makes inherits it:
 * threads, timers, DPCs, work items, IRPs. So unloading finds what a driver has
 * left under way, wherever its code lies: in a module of its own, or in a test
 * program beside the test.
 *
 * A thread that waits may run other people's callbacks; it is nobody's
 * meanwhile (wait.c). What is made in a callback whose driver is not known is
 * nobody's, and not missed: better than to blame another driver.
 *
 * `busy` counts what a driver has that runs its code by itself: its threads and
 * work items, and a DPC or notification while it runs. Numbers and counts are
 * guarded by the dispatcher lock, since the event that tells of zero is
 * signalled in one step with it.
 */
#include "ke/watch.h"

#include "os/os.h"

static struct owner {
  bool taken;
  LONG busy;
  KEVENT idle;
} owners[KE_OWNERS];

ULONG ke__owner(void) {
  return KeGetCurrentThread()->Owner;
}

ULONG ke__enter_owner(ULONG owner) {
  PKTHREAD thread = KeGetCurrentThread();
  ULONG before = thread->Owner;

  thread->Owner = owner;
  return before;
}

/* A number is used again when nothing of its last owner runs any more, which
 * may be runs of the runtime later. */
ULONG ke__new_owner(void) {
  ULONG found = 0;

  ke__lock_dispatcher();
  for (ULONG i = 1; i < KE_OWNERS && found == 0; i++)
    if (!owners[i].taken && owners[i].busy == 0)
      found = i;
  if (found != 0) {
    owners[found].taken = true;
    KeInitializeEvent(&owners[found].idle, NotificationEvent, TRUE);
  }
  ke__unlock_dispatcher();
  return found;
}

void ke__free_owner(ULONG owner) {
  ke__lock_dispatcher();
  owners[owner].taken = false;
  ke__unlock_dispatcher();
}

void ke__free_owners(void) {
  for (ULONG i = 1; i < KE_OWNERS; i++)
    ke__free_owner(i);
}

void ke__begin_busy(ULONG owner) {
  if (owner == 0)
    return;
  owners[owner].busy++;
  owners[owner].idle.Header.SignalState = 0;
}

void ke__count_busy(ULONG owner, LONG change) {
  struct owner *of = &owners[owner];

  if (owner == 0)
    return;
  ke__lock_dispatcher();
  of->busy += change;
  of->idle.Header.SignalState = of->busy == 0;
  if (of->busy == 0)
    ke__release_waiters(&of->idle.Header);
  else
    ke__unlock_dispatcher();
}

bool ke__wait_idle(ULONG owner, unsigned timeout_ms) {
  static const struct ke_call call = {.name = "DriverUnload"};
  LARGE_INTEGER timeout = {.QuadPart = -(LONGLONG)timeout_ms * 10000};
  struct owner *of = &owners[owner];

  if (owner == 0)
    return true;
  if (!ke__may_wait())
    timeout.QuadPart = 0;
  return ke__wait_as(&call, &of->idle, KernelMode, FALSE, &timeout) ==
         STATUS_SUCCESS;
}
