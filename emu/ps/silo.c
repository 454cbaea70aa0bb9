/*
 * Silos. There is one, the host's, whose pointer is NULL as it is on Windows:
 * everything runs in it, and no container is ever made. What is left is that a
 * thread is attached and detached in pairs.
 */
#include "ps/ps.h"

#include "ke/ke.h"
#include "verifier/report.h"

#define HOST_SILO ((PESILO)NULL)

PESILO PsGetHostSilo(VOID) {
  return HOST_SILO;
}

BOOLEAN PsIsHostSilo(PESILO Silo) {
  return Silo == HOST_SILO;
}

PESILO PsGetCurrentServerSilo(VOID) {
  ke__require_irql(DISPATCH_LEVEL, "PsGetCurrentServerSilo");
  return HOST_SILO;
}

PESILO PsGetEffectiveServerSilo(PESILO Silo) {
  ke__require_irql(DISPATCH_LEVEL, "PsGetEffectiveServerSilo");
  return Silo;
}

PESILO PsGetThreadServerSilo(PETHREAD Thread) {
  UNREFERENCED_PARAMETER(Thread);
  ke__require_irql(DISPATCH_LEVEL, "PsGetThreadServerSilo");
  return HOST_SILO;
}

BOOLEAN PsIsCurrentThreadInServerSilo(VOID) {
  ke__require_irql(DISPATCH_LEVEL, "PsIsCurrentThreadInServerSilo");
  return FALSE;
}

PESILO PsAttachSiloToCurrentThread(PESILO Silo) {
  PETHREAD thread = PsGetCurrentThread();
  PESILO before = thread->Silo;

  VF_ENTER("PsAttachSiloToCurrentThread");
  if (Silo != HOST_SILO)
    vf__report(VF_SILO_01,
               "PsAttachSiloToCurrentThread of %p, which is no silo",
               (void *)Silo);
  thread->Silo = HOST_SILO;
  return before;
}

VOID PsDetachSiloFromCurrentThread(PESILO PreviousSilo) {
  PETHREAD thread = PsGetCurrentThread();

  VF_ENTER("PsDetachSiloFromCurrentThread");
  if (thread->Silo == PS_NO_SILO ||
      (PreviousSilo != PS_NO_SILO && PreviousSilo != HOST_SILO)) {
    vf__report(VF_SILO_01, "PsDetachSiloFromCurrentThread to %p%s",
               (void *)PreviousSilo,
               thread->Silo == PS_NO_SILO ? " by a thread that is not attached"
                                          : ", which is no silo");
    return;
  }
  thread->Silo = PreviousSilo;
}
