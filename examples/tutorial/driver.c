/* The driver around it: loading, a thread, unloading. */
#include "beacon.h"

USHORT BeaconPort = 7007;
volatile NTSTATUS BeaconAnswer;

static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Wsk;
static PIRP Irp;
static PKTHREAD Thread;

static VOID Ask(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  InterlockedExchange((volatile LONG *)&BeaconAnswer,
                      BeaconAsk(&Wsk, Irp, BeaconPort));
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static NTSTATUS StartThread(VOID) {
  HANDLE Handle;
  NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL,
                                         NULL, Ask, NULL);

  if (!NT_SUCCESS(Status))
    return Status;
  ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType,
                            KernelMode, (PVOID *)&Thread, NULL);
  return ZwClose(Handle);
}

/* A server that says nothing must not keep the driver from unloading. Cancelled
 * between two calls the IRP would be used again, hence the loop. */
static VOID StopThread(VOID) {
  LARGE_INTEGER Soon = {.QuadPart = -10 * 10000}; /* 10 ms */

  do
    BeaconCancel(Irp);
  while (KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, &Soon) ==
         STATUS_TIMEOUT);
  ObDereferenceObject(Thread);
}

static VOID LeaveWsk(VOID) {
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

static NTSTATUS EnterWsk(VOID) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client = {NULL, &Dispatch};
  NTSTATUS Status = WskRegister(&Client, &Registration);

  if (!NT_SUCCESS(Status))
    return Status;
  Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Wsk);
  if (!NT_SUCCESS(Status))
    WskDeregister(&Registration);
  return Status;
}

static VOID Unload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  StopThread();
  LeaveWsk();
  IoFreeIrp(Irp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(RegistryPath);
  BeaconAnswer = STATUS_PENDING;
  Irp = IoAllocateIrp(1, FALSE);
  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = EnterWsk();
  if (NT_SUCCESS(Status)) {
    Status = StartThread();
    if (!NT_SUCCESS(Status))
      LeaveWsk();
  }
  if (!NT_SUCCESS(Status)) {
    IoFreeIrp(Irp);
    return Status;
  }
  Driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
}
