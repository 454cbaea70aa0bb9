/* The token of the process, and who impersonates. See ntifs.h. */
#include <ntifs.h>

#include "ke/ke.h"
#include "ps/ps.h"
#include "verifier/report.h"

struct token {
  LONG references; /* of clients; our own is not counted */
};

static struct token primary;

PACCESS_TOKEN PsReferencePrimaryToken(PEPROCESS Process) {
  UNREFERENCED_PARAMETER(Process);
  ke__require_irql(PASSIVE_LEVEL, "PsReferencePrimaryToken");
  InterlockedIncrement(&primary.references);
  return &primary;
}

VOID PsDereferencePrimaryToken(PACCESS_TOKEN PrimaryToken) {
  ke__require_irql(APC_LEVEL, "PsDereferencePrimaryToken");
  if (PrimaryToken == &primary &&
      InterlockedDecrement(&primary.references) >= 0)
    return;
  vf__report(VF_OBJECT_01, "PsDereferencePrimaryToken of %p, which is %s",
             PrimaryToken,
             PrimaryToken == &primary ? "not referenced" : "no token");
  if (PrimaryToken == &primary)
    InterlockedIncrement(&primary.references);
}

static void set_token(PETHREAD thread, PACCESS_TOKEN token) {
  __atomic_store_n(&thread->ClientToken, token, __ATOMIC_RELEASE);
}

NTSTATUS PsImpersonateClient(PETHREAD Thread, PACCESS_TOKEN Token,
                             BOOLEAN CopyOnOpen, BOOLEAN EffectiveOnly,
                             SECURITY_IMPERSONATION_LEVEL ImpersonationLevel) {
  UNREFERENCED_PARAMETER(CopyOnOpen);
  UNREFERENCED_PARAMETER(EffectiveOnly);
  UNREFERENCED_PARAMETER(ImpersonationLevel);
  ke__require_irql(PASSIVE_LEVEL, "PsImpersonateClient");
  if (Thread == NULL || (Token != NULL && Token != &primary))
    return STATUS_INVALID_PARAMETER;
  set_token(Thread, Token);
  return STATUS_SUCCESS;
}

VOID PsRevertToSelf(VOID) {
  ke__require_irql(PASSIVE_LEVEL, "PsRevertToSelf");
  set_token(PsGetCurrentThread(), NULL);
}

bool ps__is_impersonating(void) {
  return __atomic_load_n(&PsGetCurrentThread()->ClientToken,
                         __ATOMIC_ACQUIRE) != NULL;
}
