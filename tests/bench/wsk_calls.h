/*
 * A registered client, and one IRP with an event to call synchronously with.
 */
#ifndef UWSK_BENCH_WSK_CALLS_H
#define UWSK_BENCH_WSK_CALLS_H

#include <ntddk.h>
#include <wsk.h>

extern WSK_PROVIDER_NPI bench_provider;
extern PIRP bench_irp;
extern PMDL bench_mdl; /* of BENCH_BULK bytes */

/* The IRP, ready for a call that bench_finish waits for; its Information. */
PIRP bench_ready_irp(void);
ULONG_PTR bench_finish(void);

#endif
