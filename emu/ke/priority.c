/* Priorities of threads: remembered, and without an effect. They are relative
 * to that of the System process, and cannot leave its class. */
#include "ke/ke.h"

#include "verifier/report.h"

#define LOWEST  (LOW_PRIORITY + 1)
#define HIGHEST (LOW_REALTIME_PRIORITY - 1) /* of a variable priority */

/* An increment as large as this means the end of the class. */
#define SATURATION ((HIGH_PRIORITY + 1) / 2)

KPRIORITY KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority) {
  KPRIORITY old;

  ke__require_irql(PASSIVE_LEVEL, "KeSetPriorityThread");
  if (Priority < LOWEST || Priority > HIGH_PRIORITY) {
    vf__report(VF_THREAD_03, "KeSetPriorityThread of thread %p to %d",
               (void *)Thread, (int)Priority);
    return KeQueryPriorityThread(Thread);
  }
  ke__lock_dispatcher();
  old = Thread->Priority;
  Thread->Priority = Priority;
  ke__unlock_dispatcher();
  return old;
}

KPRIORITY KeQueryPriorityThread(PKTHREAD Thread) {
  KPRIORITY priority;

  ke__require_irql(PASSIVE_LEVEL, "KeQueryPriorityThread");
  ke__lock_dispatcher();
  priority = Thread->Priority;
  ke__unlock_dispatcher();
  return priority;
}

/* What becomes of an increment: that to the nearest end of the class, unless it
 * asks for the end itself. */
static LONG restrict_increment(LONG increment) {
  if (increment >= SATURATION || increment <= -SATURATION)
    return increment > 0 ? SATURATION : -SATURATION;
  if (increment > HIGHEST - KE_BASE_PRIORITY)
    return HIGHEST - KE_BASE_PRIORITY;
  if (increment < LOWEST - KE_BASE_PRIORITY)
    return LOWEST - KE_BASE_PRIORITY;
  return increment;
}

KPRIORITY ke__base_priority(PKTHREAD thread) {
  LONG increment = thread->BaseIncrement;

  if (increment == SATURATION)
    return HIGHEST;
  return increment == -SATURATION ? LOWEST : KE_BASE_PRIORITY + increment;
}

LONG KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment) {
  LONG old;

  ke__require_irql(PASSIVE_LEVEL, "KeSetBasePriorityThread");
  ke__lock_dispatcher();
  old = Thread->BaseIncrement;
  Thread->BaseIncrement = restrict_increment(Increment);
  Thread->Priority = ke__base_priority(Thread);
  ke__unlock_dispatcher();
  return old;
}
