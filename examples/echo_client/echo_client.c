/*
 * echo_client: a WSK client that talks to a TCP echo server. A system thread
 * connects to 127.0.0.1 with WskSocketConnect, sends three messages, checks
 * that each comes back, disconnects gracefully and closes.
 */
#include "../common/message.h"
#include "../common/wsk_client.h"

static PKTHREAD Thread;

static NTSTATUS Say(PWSK_SOCKET Socket, PCSTR Text) {
  const WSK_PROVIDER_CONNECTION_DISPATCH *Call = Socket->Dispatch;
  SIZE_T Length = strlen(Text);
  MESSAGE *Message = MessageAllocate(Length);
  NTSTATUS Status;

  if (Message == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  RtlCopyMemory(Message->Data, Text, Length);
  Status = ClientWait(Call->WskSend(Socket, &Message->Buffer, 0, ClientIrp()));
  RtlZeroMemory(Message->Data, Length);
  if (NT_SUCCESS(Status)) /* TCP may return it in pieces; wait for the last. */
    Status = ClientWait(Call->WskReceive(Socket, &Message->Buffer,
                                         WSK_FLAG_WAITALL, ClientIrp()));
  if (NT_SUCCESS(Status) && (ClientInformation() != Length ||
                             !RtlEqualMemory(Message->Data, Text, Length)))
    Status = STATUS_INVALID_NETWORK_RESPONSE;
  if (NT_SUCCESS(Status))
    DbgPrint("echo_client: \"%s\" came back\n", Text);
  MessageFree(Message);
  return Status;
}

static NTSTATUS Talk(VOID) {
  static const PCSTR Texts[] = {"Hello", "from the kernel", "and goodbye"};
  SOCKADDR_IN Local = {.sin_family = AF_INET};
  SOCKADDR_IN Remote = ClientAddress();
  const WSK_PROVIDER_CONNECTION_DISPATCH *Call;
  PWSK_SOCKET Socket;
  NTSTATUS Status = ClientWait(Wsk.Dispatch->WskSocketConnect(
      Wsk.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&Local,
      (PSOCKADDR)&Remote, 0, NULL, NULL, NULL, NULL, NULL, ClientIrp()));

  if (!NT_SUCCESS(Status))
    return Status;
  Socket = (PWSK_SOCKET)ClientInformation();
  Call = Socket->Dispatch;
  for (ULONG i = 0; NT_SUCCESS(Status) && i < RTL_NUMBER_OF(Texts); i++)
    Status = Say(Socket, Texts[i]);
  if (NT_SUCCESS(Status))
    Status = ClientWait(Call->WskDisconnect(Socket, NULL, 0, ClientIrp()));
  ClientClose(Socket);
  return Status;
}

static VOID Run(PVOID Context) {
  NTSTATUS Status = Talk();

  DbgPrint("echo_client: finished with status 0x%08X\n", Status);
  uwsk_driver_done();
  PsTerminateSystemThread(Status);
}

static NTSTATUS Start(VOID) {
  HANDLE Handle;
  NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL,
                                         NULL, Run, NULL);

  if (!NT_SUCCESS(Status))
    return Status;
  ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType,
                            KernelMode, (PVOID *)&Thread, NULL);
  return ZwClose(Handle);
}

/* The thread must be gone before its code is. */
static VOID Stop(VOID) {
  if (Thread == NULL)
    return;
  KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(Thread);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  return ClientLoad(Driver, Start, Stop);
}
