/*
 * echo_client: a WSK client that talks to a TCP echo server.
 *
 * Ordinary kernel code. A system thread captures the WSK provider, connects to
 * 127.0.0.1 with WskSocketConnect, sends three messages, checks that each comes
 * back, disconnects gracefully and closes. Every call is made the synchronous
 * way: an IRP, a completion routine that sets an event, a wait.
 */
#include <ntddk.h>
#include <wsk.h>

#ifdef __UWSK__
/* What only this host has: a number from its command line, and a way to tell it
 * that there is nothing left to wait for. */
unsigned uwsk_parameter(const char *name, unsigned fallback);
void uwsk_driver_done(void);
#else
#define uwsk_parameter(name, fallback) (fallback)
#define uwsk_driver_done()
#endif

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD EchoUnload;
static KSTART_ROUTINE EchoThread;
static IO_COMPLETION_ROUTINE EchoCompleted;

static WSK_REGISTRATION Registration;
static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static PKTHREAD Thread;

/* ---- one call at a time -------------------------------------------------- */

typedef struct _ECHO_CALL {
  PIRP Irp;
  KEVENT Done;
} ECHO_CALL;

/* STATUS_MORE_PROCESSING_REQUIRED: the IRP is ours, the I/O manager must not go
 * on with it. */
static NTSTATUS EchoCompleted(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Makes the IRP ready for the next call. */
static PIRP EchoBegin(ECHO_CALL *Call) {
  IoReuseIrp(Call->Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Call->Irp, EchoCompleted, &Call->Done, TRUE, TRUE,
                         TRUE);
  return Call->Irp;
}

/* The completion routine runs whatever the call returned. */
static NTSTATUS EchoEnd(ECHO_CALL *Call) {
  KeWaitForSingleObject(&Call->Done, Executive, KernelMode, FALSE, NULL);
  return Call->Irp->IoStatus.Status;
}

/* ---- the conversation ---------------------------------------------------- */

static NTSTATUS EchoConnect(PWSK_PROVIDER_NPI Wsk, ECHO_CALL *Call,
                            PWSK_SOCKET *Socket) {
  SOCKADDR_IN Local = {0}, Remote = {0};
  NTSTATUS Status;

  Local.sin_family = AF_INET;
  Remote.sin_family = AF_INET;
  Remote.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Remote.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  Wsk->Dispatch->WskSocketConnect(
      Wsk->Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&Local,
      (PSOCKADDR)&Remote, 0, NULL, NULL, NULL, NULL, NULL, EchoBegin(Call));
  Status = EchoEnd(Call);
  if (NT_SUCCESS(Status))
    *Socket = (PWSK_SOCKET)Call->Irp->IoStatus.Information;
  return Status;
}

static NTSTATUS EchoSay(PWSK_SOCKET Socket, ECHO_CALL *Call, PMDL Mdl,
                        PCHAR Buffer, PCSTR Text) {
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch = Socket->Dispatch;
  WSK_BUF Message = {Mdl, 0, strlen(Text)};
  NTSTATUS Status;

  RtlCopyMemory(Buffer, Text, Message.Length);
  Dispatch->WskSend(Socket, &Message, 0, EchoBegin(Call));
  Status = EchoEnd(Call);
  if (!NT_SUCCESS(Status))
    return Status;

  /* TCP may return the bytes in pieces; WAITALL waits for the last. */
  RtlZeroMemory(Buffer, Message.Length);
  Dispatch->WskReceive(Socket, &Message, WSK_FLAG_WAITALL, EchoBegin(Call));
  Status = EchoEnd(Call);
  if (!NT_SUCCESS(Status))
    return Status;
  if (Call->Irp->IoStatus.Information != Message.Length ||
      !RtlEqualMemory(Buffer, Text, Message.Length))
    return STATUS_INVALID_NETWORK_RESPONSE;
  DbgPrint("echo_client: \"%s\" came back\n", Text);
  return STATUS_SUCCESS;
}

static NTSTATUS EchoTalk(PWSK_SOCKET Socket, ECHO_CALL *Call, PMDL Mdl,
                         PCHAR Buffer) {
  static const PCSTR Texts[] = {"Hello", "from the kernel", "and goodbye"};
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch = Socket->Dispatch;
  NTSTATUS Status = STATUS_SUCCESS;
  ULONG i;

  for (i = 0; NT_SUCCESS(Status) && i < RTL_NUMBER_OF(Texts); i++)
    Status = EchoSay(Socket, Call, Mdl, Buffer, Texts[i]);
  if (NT_SUCCESS(Status)) {
    Dispatch->WskDisconnect(Socket, NULL, 0, EchoBegin(Call));
    Status = EchoEnd(Call);
  }
  Dispatch->WskCloseSocket(Socket, EchoBegin(Call));
  EchoEnd(Call);
  return Status;
}

static NTSTATUS EchoRun(PWSK_PROVIDER_NPI Wsk) {
  static CHAR Buffer[64]; /* a driver's globals are never paged out */
  NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
  PMDL Mdl = IoAllocateMdl(Buffer, sizeof(Buffer), FALSE, FALSE, NULL);
  PWSK_SOCKET Socket;
  ECHO_CALL Call;

  Call.Irp = IoAllocateIrp(1, FALSE);
  KeInitializeEvent(&Call.Done, SynchronizationEvent, FALSE);
  if (Mdl != NULL && Call.Irp != NULL) {
    MmBuildMdlForNonPagedPool(Mdl);
    Status = EchoConnect(Wsk, &Call, &Socket);
    if (NT_SUCCESS(Status))
      Status = EchoTalk(Socket, &Call, Mdl, Buffer);
  }
  if (Call.Irp != NULL)
    IoFreeIrp(Call.Irp);
  if (Mdl != NULL)
    IoFreeMdl(Mdl);
  return Status;
}

static VOID EchoThread(PVOID Context) {
  WSK_PROVIDER_NPI Wsk;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Context);
  Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Wsk);
  if (NT_SUCCESS(Status)) {
    Status = EchoRun(&Wsk);
    WskReleaseProviderNPI(&Registration);
  }
  DbgPrint("echo_client: finished with status 0x%08X\n", Status);
  uwsk_driver_done();
  PsTerminateSystemThread(Status);
}

/* ---- load and unload ----------------------------------------------------- */

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  WSK_CLIENT_NPI Client = {NULL, &ClientDispatch};
  HANDLE Handle;
  NTSTATUS Status = WskRegister(&Client, &Registration);

  UNREFERENCED_PARAMETER(RegistryPath);
  if (!NT_SUCCESS(Status))
    return Status;
  Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                                EchoThread, NULL);
  if (!NT_SUCCESS(Status)) {
    WskDeregister(&Registration);
    return Status;
  }
  ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType,
                            KernelMode, (PVOID *)&Thread, NULL);
  ZwClose(Handle);
  DriverObject->DriverUnload = EchoUnload;
  return STATUS_SUCCESS;
}

/* WskDeregister ends a capture that still waits and returns when the last one
 * is released. The thread must be gone before its code is. */
static VOID EchoUnload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  WskDeregister(&Registration);
  KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(Thread);
}
