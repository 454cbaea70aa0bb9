/* What the WSK side of every case needs: see wsk_calls.h. */
#include "wsk_calls.h"

#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

#include "bench.h"

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};
static WSK_REGISTRATION registration;
WSK_PROVIDER_NPI bench_provider;

static unsigned char bytes[BENCH_BULK];
PMDL bench_mdl;
PIRP bench_irp;
static KEVENT completed;

void bench_wsk_start(void) {
  static WSK_CLIENT_NPI npi = {NULL, &client_dispatch};
  bench_require(uwsk_start(NULL) == 0, "uwsk_start");
  /* The rows that close connections reset them, as their libuv twins do. */
  bench_require(uwsk_verifier_ignore("CLOSE-07"), "uwsk_verifier_ignore");
  bench_require(WskRegister(&npi, &registration) == STATUS_SUCCESS,
                "WskRegister");
  bench_require(WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT,
                                      &bench_provider) == STATUS_SUCCESS,
                "WskCaptureProviderNPI");
  bench_irp = IoAllocateIrp(1, FALSE);
  bench_mdl = IoAllocateMdl(bytes, sizeof(bytes), FALSE, FALSE, NULL);
  bench_require(bench_irp != NULL && bench_mdl != NULL, "an allocation");
  MmBuildMdlForNonPagedPool(bench_mdl);
  KeInitializeEvent(&completed, SynchronizationEvent, FALSE);
}

void bench_wsk_stop(void) {
  IoFreeMdl(bench_mdl);
  IoFreeIrp(bench_irp);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  bench_require(uwsk_stop() == 0, "uwsk_stop: something was left, which");
}

static NTSTATUS NTAPI signal_event(PDEVICE_OBJECT device, PIRP done,
                                   PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(done);
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

PIRP bench_ready_irp(void) {
  IoReuseIrp(bench_irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(bench_irp, signal_event, &completed, TRUE, TRUE, TRUE);
  return bench_irp;
}

ULONG_PTR bench_finish(void) {
  KeWaitForSingleObject(&completed, Executive, KernelMode, FALSE, NULL);
  bench_require(NT_SUCCESS(bench_irp->IoStatus.Status), "a WSK operation");
  return bench_irp->IoStatus.Information;
}
