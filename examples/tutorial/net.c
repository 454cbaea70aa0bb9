/* The networking code of the driver. */
#include "beacon.h"

#define LENGTH 4

static NTSTATUS CallDone(PDEVICE_OBJECT Device, PIRP Irp, PVOID Event) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Event, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED; /* the IRP is ours again */
}

static KSPIN_LOCK Lock; /* an IRP is not cancelled while it is made anew */

VOID BeaconCancel(PIRP Irp) {
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  IoCancelIrp(Irp);
  KeReleaseSpinLock(&Lock, Irql);
}

static PIRP CallBegin(PIRP Irp, PKEVENT Done) {
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  KeReleaseSpinLock(&Lock, Irql);
  KeInitializeEvent(Done, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(Irp, CallDone, Done, TRUE, TRUE, TRUE);
  return Irp;
}

static NTSTATUS CallEnd(PIRP Irp, PKEVENT Done) {
  KeWaitForSingleObject(Done, Executive, KernelMode, FALSE, NULL);
  return Irp->IoStatus.Status;
}

/* TCP may bring an answer in pieces; Length less than LENGTH: the end. */
static NTSTATUS Receive(PWSK_SOCKET Socket, PIRP Irp, PMDL Mdl,
                        PSIZE_T Length) {
  const WSK_PROVIDER_CONNECTION_DISPATCH *Call = Socket->Dispatch;
  WSK_BUF Buffer = {Mdl, 0, LENGTH};
  NTSTATUS Status;
  KEVENT Done;

  Call->WskReceive(Socket, &Buffer, WSK_FLAG_WAITALL, CallBegin(Irp, &Done));
  Status = CallEnd(Irp, &Done);
  *Length = Irp->IoStatus.Information;
  return Status;
}

static NTSTATUS Talk(PWSK_SOCKET Socket, PIRP Irp, PUCHAR Bytes, PMDL Mdl) {
  const WSK_PROVIDER_CONNECTION_DISPATCH *Call = Socket->Dispatch;
  WSK_BUF Buffer = {Mdl, 0, LENGTH};
  SIZE_T Length = 0;
  NTSTATUS Status;
  KEVENT Done;

  RtlCopyMemory(Bytes, "ping", LENGTH);
  Call->WskSend(Socket, &Buffer, 0, CallBegin(Irp, &Done));
  Status = CallEnd(Irp, &Done);
  if (NT_SUCCESS(Status))
    Status = Receive(Socket, Irp, Mdl, &Length);
  if (!NT_SUCCESS(Status))
    return Status;
  if (Length != LENGTH || !RtlEqualMemory(Bytes, "pong", LENGTH))
    return STATUS_INVALID_NETWORK_RESPONSE;
  /* Both directions end before the close, which would cut them off. */
  Call->WskDisconnect(Socket, NULL, 0, CallBegin(Irp, &Done));
  Status = CallEnd(Irp, &Done);
  if (NT_SUCCESS(Status))
    Status = Receive(Socket, Irp, Mdl, &Length);
  if (NT_SUCCESS(Status) && Length != 0)
    return STATUS_INVALID_NETWORK_RESPONSE;
  return Status;
}

static NTSTATUS TalkInPool(PWSK_SOCKET Socket, PIRP Irp) {
  PUCHAR Bytes = ExAllocatePoolWithTag(NonPagedPoolNx, LENGTH, 'ncaB');
  NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
  PMDL Mdl;

  if (Bytes == NULL)
    return Status;
  Mdl = IoAllocateMdl(Bytes, LENGTH, FALSE, FALSE, NULL);
  if (Mdl != NULL) {
    MmBuildMdlForNonPagedPool(Mdl);
    Status = Talk(Socket, Irp, Bytes, Mdl);
    IoFreeMdl(Mdl);
  }
  ExFreePool(Bytes);
  return Status;
}

NTSTATUS BeaconAsk(PWSK_PROVIDER_NPI Wsk, PIRP Irp, USHORT Port) {
  SOCKADDR_IN Local = {AF_INET}, Remote = {AF_INET};
  const WSK_PROVIDER_BASIC_DISPATCH *Call;
  PWSK_SOCKET Socket;
  NTSTATUS Status;
  KEVENT Done;

  PAGED_CODE();
  Remote.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001); /* 127.0.0.1 */
  Remote.sin_port = RtlUshortByteSwap(Port);
  Wsk->Dispatch->WskSocketConnect(Wsk->Client, SOCK_STREAM, IPPROTO_TCP,
                                  (PSOCKADDR)&Local, (PSOCKADDR)&Remote, 0,
                                  NULL, NULL, NULL, NULL, NULL,
                                  CallBegin(Irp, &Done));
  Status = CallEnd(Irp, &Done);
  if (!NT_SUCCESS(Status))
    return Status;
  Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
  Status = TalkInPool(Socket, Irp);
  Call = Socket->Dispatch;
  Call->WskCloseSocket(Socket, CallBegin(Irp, &Done));
  CallEnd(Irp, &Done);
  return Status;
}
