/* Attaching to a process. There is one, whose address space all threads are in;
 * what is left is that the calls come in pairs. */
#include <ntddk.h>

#include "ke/ke.h"
#include "verifier/report.h"

VOID KeStackAttachProcess(PEPROCESS Process, PRKAPC_STATE ApcState) {
  ke__require_irql(APC_LEVEL, "KeStackAttachProcess");
  RtlZeroMemory(ApcState, sizeof(*ApcState));
  InitializeListHead(&ApcState->ApcListHead[KernelMode]);
  InitializeListHead(&ApcState->ApcListHead[UserMode]);
  ApcState->Process = (PKPROCESS)(PVOID)Process;
}

VOID KeUnstackDetachProcess(PRKAPC_STATE ApcState) {
  ke__require_irql(APC_LEVEL, "KeUnstackDetachProcess");
  if (ApcState->Process == NULL)
    vf__report(VF_ATTACH_01, "%p is of no attached process", (void *)ApcState);
  ApcState->Process = NULL;
}
