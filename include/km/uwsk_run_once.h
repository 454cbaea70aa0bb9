/*
 * Rtl: initialization that happens once, whoever comes first.
 *
 * Pages: ddi/ntddk/nf-ntddk-rtlrunonce<name>. IRQL <= APC_LEVEL. A context's
 * two low bits (RTL_RUN_ONCE_CTX_RESERVED_BITS) are zero.
 */
#ifndef UWSK_KM_RUN_ONCE_H
#define UWSK_KM_RUN_ONCE_H

#include <uwsk_rtl_types.h>

/* Flags: ask without starting; let several try at a time; give up. */
#define RTL_RUN_ONCE_CHECK_ONLY        0x00000001UL
#define RTL_RUN_ONCE_ASYNC             0x00000002UL
#define RTL_RUN_ONCE_INIT_FAILED       0x00000004UL
#define RTL_RUN_ONCE_CTX_RESERVED_BITS 2

UWSK_BEGIN_C

/* As RTL_RUN_ONCE_INIT does, which is for any level. IRQL <= APC_LEVEL. */
NTSYSAPI VOID NTAPI RtlRunOnceInitialize(PRTL_RUN_ONCE RunOnce);

/* Calls InitFn(RunOnce, Parameter, &context) unless a call of it has succeeded
 * (returned non-zero) already; who comes meanwhile waits. Context, which may be
 * NULL, gets what InitFn wrote. STATUS_SUCCESS; STATUS_UNSUCCESSFUL when InitFn
 * returned zero: the next caller tries again. */
NTSYSAPI NTSTATUS NTAPI RtlRunOnceExecuteOnce(PRTL_RUN_ONCE RunOnce,
                                              PRTL_RUN_ONCE_INIT_FN InitFn,
                                              PVOID Parameter, PVOID *Context);

/* The same in two steps. STATUS_SUCCESS: done, and Context has the data.
 * STATUS_PENDING: the caller initializes and calls RtlRunOnceComplete; others
 * wait, but with RTL_RUN_ONCE_ASYNC get STATUS_PENDING too.
 * STATUS_UNSUCCESSFUL: RTL_RUN_ONCE_CHECK_ONLY, and not done yet.
 * STATUS_INVALID_PARAMETER: flags that do not exist, do not go together or are
 * not those of the first. */
NTSYSAPI NTSTATUS NTAPI RtlRunOnceBeginInitialize(PRTL_RUN_ONCE RunOnce,
                                                  ULONG Flags, PVOID *Context);

/* STATUS_SUCCESS. STATUS_UNSUCCESSFUL: nobody has begun, or somebody else's
 * asynchronous attempt came first, and the caller's data is the caller's to
 * free. STATUS_INVALID_PARAMETER: as above, or a context that goes with a
 * failure or uses the reserved bits. */
NTSYSAPI NTSTATUS NTAPI RtlRunOnceComplete(PRTL_RUN_ONCE RunOnce, ULONG Flags,
                                           PVOID Context);

UWSK_END_C

#endif
