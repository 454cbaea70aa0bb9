/*
 * udp_echo: a server that sends each datagram back to where it came from.
 * Nothing is copied: the datagrams of an indication are retained, each is sent
 * from the MDL that it came in, and the completion of the send releases it.
 */
#include "../common/wsk_client.h"

static PWSK_SOCKET Socket;
static const WSK_PROVIDER_DATAGRAM_DISPATCH *Call; /* the socket's */
static volatile LONG Sending = 1; /* datagrams on their way back, and we */
static KEVENT AllSent;

static VOID Done(VOID) {
  if (InterlockedDecrement(&Sending) == 0)
    KeSetEvent(&AllSent, IO_NO_INCREMENT, FALSE);
}

/* Whatever became of it: a datagram may get lost. */
static NTSTATUS Sent(PDEVICE_OBJECT Device, PIRP Irp, PVOID Datagram) {
  Call->WskRelease(Socket, (PWSK_DATAGRAM_INDICATION)Datagram);
  IoFreeIrp(Irp);
  Done();
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID SendBack(PWSK_DATAGRAM_INDICATION Datagram) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  if (Irp == NULL) {
    Call->WskRelease(Socket, Datagram);
    return;
  }
  InterlockedIncrement(&Sending);
  Call->WskSendTo(Socket, &Datagram->Buffer, 0, Datagram->RemoteAddress, 0,
                  NULL, ClientThen(Irp, Sent, Datagram));
}

/* Each datagram goes its own way and is released on its own. So it leaves the
 * list first, for it may be gone when SendBack returns. */
static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATAGRAM_INDICATION List) {
  while (List != NULL) {
    PWSK_DATAGRAM_INDICATION Datagram = List;

    List = Datagram->Next;
    Datagram->Next = NULL;
    SendBack(Datagram);
  }
  return STATUS_PENDING; /* They are ours until WskRelease. */
}

static NTSTATUS Start(VOID) {
  static const WSK_CLIENT_DATAGRAM_DISPATCH Callbacks = {OnReceive};
  NTSTATUS Status = ClientSocket(SOCK_DGRAM, IPPROTO_UDP,
                                 WSK_FLAG_DATAGRAM_SOCKET, &Callbacks, &Socket);

  if (!NT_SUCCESS(Status))
    return Status;
  Call = Socket->Dispatch;
  KeInitializeEvent(&AllSent, NotificationEvent, FALSE);
  Status = ClientBind(Socket, WSK_FLAG_DATAGRAM_SOCKET);
  return NT_SUCCESS(Status) ? ClientEvents(Socket, WSK_EVENT_RECEIVE_FROM)
                            : Status;
}

/* No callback comes after the first step, and nothing is retained after the
 * wait: so the socket can go. */
static VOID Stop(VOID) {
  if (Socket == NULL)
    return;
  ClientEvents(Socket, WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE);
  Done();
  KeWaitForSingleObject(&AllSent, Executive, KernelMode, FALSE, NULL);
  ClientClose(Socket);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  return ClientLoad(Driver, Start, Stop);
}
