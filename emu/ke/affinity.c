/*
 * Which processors a thread runs on: those it was given (its user affinity), or
 * those that a driver has chosen for a while (its system affinity). The host is
 * asked to keep it there; where the host cannot, it is only remembered.
 *
 * The lock guards the masks, and keeps what the host was told last in step with
 * them.
 */
#include "ke/ke.h"

#include "os/os.h"

static struct os_spin lock;
static bool in_use; /* some thread was confined: new ones may inherit that */

KAFFINITY ke__processors(void) {
  KAFFINITY processors;

  KeQueryActiveProcessorCount(&processors);
  return processors;
}

static bool is_valid(KAFFINITY processors) {
  return processors != 0 && (processors & ~ke__processors()) == 0;
}

/* ---- under the lock ---------------------------------------------------- */

static KAFFINITY effective(PKTHREAD thread) {
  return thread->SystemAffinity != 0 ? thread->SystemAffinity
                                     : thread->UserAffinity;
}

static void apply(PKTHREAD thread) {
  in_use = true;
  if (thread->HostId != 0)
    os__bind_thread(thread->HostId, effective(thread));
}

/* 0 goes back to the user affinity, when there is something to go back from. */
static KAFFINITY set_system(KAFFINITY processors) {
  PKTHREAD thread = KeGetCurrentThread();
  KAFFINITY before;

  os__spin_lock(&lock);
  before = thread->SystemAffinity;
  if (before != processors) {
    thread->SystemAffinity = processors;
    apply(thread);
  }
  os__spin_unlock(&lock);
  return before;
}

/* ---- for the other rooms ----------------------------------------------- */

void ke__enter_thread(PKTHREAD thread) {
  os__spin_lock(&lock);
  thread->HostId = os__thread_id();
  if (in_use)
    apply(thread);
  os__spin_unlock(&lock);
}

bool ke__set_user_affinity(PKTHREAD thread, KAFFINITY processors) {
  if (!is_valid(processors))
    return false;
  os__spin_lock(&lock);
  thread->UserAffinity = processors;
  apply(thread);
  os__spin_unlock(&lock);
  return true;
}

KAFFINITY ke__affinity(PKTHREAD thread) {
  KAFFINITY processors;

  os__spin_lock(&lock);
  processors = effective(thread);
  os__spin_unlock(&lock);
  return processors;
}

/* ---- what drivers call ------------------------------------------------- */

KAFFINITY KeSetSystemAffinityThreadEx(KAFFINITY Affinity) {
  ke__require_irql(DISPATCH_LEVEL, "KeSetSystemAffinityThreadEx");
  return is_valid(Affinity) ? set_system(Affinity) : 0;
}

VOID KeSetSystemAffinityThread(KAFFINITY Affinity) {
  ke__require_irql(DISPATCH_LEVEL, "KeSetSystemAffinityThread");
  if (is_valid(Affinity))
    set_system(Affinity);
}

/* Without a system affinity there is nothing to revert. */
static void revert(KAFFINITY processors) {
  if (KeGetCurrentThread()->SystemAffinity != 0 &&
      (processors == 0 || is_valid(processors)))
    set_system(processors);
}

VOID KeRevertToUserAffinityThreadEx(KAFFINITY Affinity) {
  ke__require_irql(DISPATCH_LEVEL, "KeRevertToUserAffinityThreadEx");
  revert(Affinity);
}

VOID KeRevertToUserAffinityThread(VOID) {
  ke__require_irql(DISPATCH_LEVEL, "KeRevertToUserAffinityThread");
  revert(0);
}

static bool is_valid_group(const GROUP_AFFINITY *affinity) {
  return affinity->Group == 0 && is_valid(affinity->Mask);
}

VOID KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity,
                                    PGROUP_AFFINITY PreviousAffinity) {
  KAFFINITY before = 0;

  ke__require_irql(DISPATCH_LEVEL, "KeSetSystemGroupAffinityThread");
  if (is_valid_group(Affinity))
    before = set_system(Affinity->Mask);
  if (PreviousAffinity != NULL)
    *PreviousAffinity = (GROUP_AFFINITY){.Mask = before};
}

VOID KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity) {
  ke__require_irql(DISPATCH_LEVEL, "KeRevertToUserGroupAffinityThread");
  if (PreviousAffinity->Mask == 0 || is_valid_group(PreviousAffinity))
    revert(PreviousAffinity->Mask);
}
