/*
 * Tokens and impersonation.
 *
 * A process has one user, so there is one token. What remains of impersonation
 * is its state: a thread that impersonates may not do some things.
 *
 * Pages: ddi/ntifs/nf-ntifs-<name>.
 */
#ifndef UWSK_KM_TOKEN_H
#define UWSK_KM_TOKEN_H

#include <uwsk_io_types.h>
#include <uwsk_se_types.h>

UWSK_BEGIN_C

/* The token of the process, with one reference more: give it back with
 * PsDereferencePrimaryToken. IRQL PASSIVE_LEVEL, to give it back <= APC_LEVEL.
 */
NTKERNELAPI PACCESS_TOKEN NTAPI PsReferencePrimaryToken(PEPROCESS Process);
NTKERNELAPI VOID NTAPI PsDereferencePrimaryToken(PACCESS_TOKEN PrimaryToken);

/* Thread acts in the name of Token's user until PsRevertToSelf, or until this
 * is called with a NULL token. The system holds a reference meanwhile.
 * CopyOnOpen, EffectiveOnly and ImpersonationLevel change nothing here.
 * STATUS_SUCCESS; STATUS_INVALID_PARAMETER for what is no token. IRQL
 * PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI PsImpersonateClient(
    PETHREAD Thread, PACCESS_TOKEN Token, BOOLEAN CopyOnOpen,
    BOOLEAN EffectiveOnly, SECURITY_IMPERSONATION_LEVEL ImpersonationLevel);

/* The calling thread is itself again. IRQL PASSIVE_LEVEL. */
NTKERNELAPI VOID NTAPI PsRevertToSelf(VOID);

UWSK_END_C

#endif
