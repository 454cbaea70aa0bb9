/*
 * Io: cancel-safe queues. The driver brings the queue and its lock, the system
 * the protocol by which an IRP in it is cancelled.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, nc-wdm-io_csq_<routine>; "Cancel-Safe IRP
 * Queues". Every function runs at IRQL <= DISPATCH_LEVEL, and at no higher one
 * than the driver's lock allows. DriverContext[3] of a queued IRP is the
 * system's.
 */
#ifndef UWSK_KM_CSQ_PARTS_H
#define UWSK_KM_CSQ_PARTS_H

#include <uwsk_io_types.h>

#define IO_TYPE_CSQ_IRP_CONTEXT 1
#define IO_TYPE_CSQ             2
#define IO_TYPE_CSQ_EX          3

typedef struct _IO_CSQ IO_CSQ, *PIO_CSQ;

/* Which IRP of a queue is meant, for IoCsqRemoveIrp. The driver's memory, for
 * as long as the IRP is in the queue; only the system looks into it. */
typedef struct _IO_CSQ_IRP_CONTEXT {
  ULONG Type;
  struct _IRP *Irp;
  PIO_CSQ Csq;
} IO_CSQ_IRP_CONTEXT, *PIO_CSQ_IRP_CONTEXT;

/* The driver's routines. The first four are called with the lock held. */
typedef VOID NTAPI IO_CSQ_INSERT_IRP(PIO_CSQ Csq, PIRP Irp);
typedef IO_CSQ_INSERT_IRP *PIO_CSQ_INSERT_IRP;
typedef NTSTATUS NTAPI IO_CSQ_INSERT_IRP_EX(PIO_CSQ Csq, PIRP Irp,
                                            PVOID InsertContext);
typedef IO_CSQ_INSERT_IRP_EX *PIO_CSQ_INSERT_IRP_EX;
typedef VOID NTAPI IO_CSQ_REMOVE_IRP(PIO_CSQ Csq, PIRP Irp);
typedef IO_CSQ_REMOVE_IRP *PIO_CSQ_REMOVE_IRP;
/* The first IRP behind Irp (NULL: of all) that PeekContext means, or NULL. */
typedef PIRP NTAPI IO_CSQ_PEEK_NEXT_IRP(PIO_CSQ Csq, PIRP Irp,
                                        PVOID PeekContext);
typedef IO_CSQ_PEEK_NEXT_IRP *PIO_CSQ_PEEK_NEXT_IRP;
typedef VOID NTAPI IO_CSQ_ACQUIRE_LOCK(PIO_CSQ Csq, PKIRQL Irql);
typedef IO_CSQ_ACQUIRE_LOCK *PIO_CSQ_ACQUIRE_LOCK;
typedef VOID NTAPI IO_CSQ_RELEASE_LOCK(PIO_CSQ Csq, KIRQL Irql);
typedef IO_CSQ_RELEASE_LOCK *PIO_CSQ_RELEASE_LOCK;
/* The IRP was cancelled and is out of the queue: completes it. Without the
 * lock, at the canceller's IRQL. */
typedef VOID NTAPI IO_CSQ_COMPLETE_CANCELED_IRP(PIO_CSQ Csq, PIRP Irp);
typedef IO_CSQ_COMPLETE_CANCELED_IRP *PIO_CSQ_COMPLETE_CANCELED_IRP;

/* The driver's memory, nonpaged, until the queue is empty for good. */
struct _IO_CSQ {
  ULONG Type;
  PIO_CSQ_INSERT_IRP CsqInsertIrp;
  PIO_CSQ_REMOVE_IRP CsqRemoveIrp;
  PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp;
  PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock;
  PIO_CSQ_RELEASE_LOCK CsqReleaseLock;
  PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp;
  PVOID ReservePointer;
};

UWSK_BEGIN_C

/* Make a queue; STATUS_SUCCESS. The Ex form's insert routine may refuse an IRP.
 * Any IRQL. */
NTKERNELAPI NTSTATUS NTAPI IoCsqInitialize(
    PIO_CSQ Csq, PIO_CSQ_INSERT_IRP CsqInsertIrp,
    PIO_CSQ_REMOVE_IRP CsqRemoveIrp, PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
    PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock, PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
    PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp);
NTKERNELAPI NTSTATUS NTAPI IoCsqInitializeEx(
    PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX CsqInsertIrp,
    PIO_CSQ_REMOVE_IRP CsqRemoveIrp, PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
    PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock, PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
    PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp);

/* Puts an IRP of the driver's into the queue and marks it pending: the dispatch
 * routine returns STATUS_PENDING, for the IRP may be complete by then. One that
 * has been cancelled is not inserted, but completed as cancelled. Context may
 * be NULL when IoCsqRemoveIrp is not needed. */
NTKERNELAPI VOID NTAPI IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp,
                                      PIO_CSQ_IRP_CONTEXT Context);

/* The same, with InsertContext for the insert routine of the Ex form. Returns
 * what that returned: after an error the IRP is not queued, not marked pending
 * and still the caller's. Otherwise STATUS_SUCCESS. */
NTKERNELAPI NTSTATUS NTAPI IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp,
                                            PIO_CSQ_IRP_CONTEXT Context,
                                            PVOID InsertContext);

/* Takes the IRP of Context out of the queue; it is the caller's then. NULL when
 * it was removed before, or is being cancelled. */
NTKERNELAPI PIRP NTAPI IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context);

/* Takes the next IRP out that PeekContext means to the driver's peek routine
 * and that is not being cancelled; NULL when there is none. */
NTKERNELAPI PIRP NTAPI IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext);

UWSK_END_C

#endif
