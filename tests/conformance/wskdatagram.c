/* Calls into datagram sockets. Kernel code. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "wskcall.h"
#include "wskdatagram.h"

const WSK_PROVIDER_DATAGRAM_DISPATCH *DatagramDispatchOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

static KIRQL Enter(VOID) {
  KIRQL Irql = KeGetCurrentIrql();

  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  return Irql;
}

static VOID Leave(KIRQL Irql) {
  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeLowerIrql(Irql);
}

#define MAKE_CALL(call, expression)                                            \
  do {                                                                         \
    PIRP Irp = PrepareCall(call);                                              \
    KIRQL Irql = Enter();                                                      \
    (call)->Returned = (expression);                                           \
    Leave(Irql);                                                               \
    return call;                                                               \
  } while (0)

static PWSK_CALL Create(PWSK_CALL Call,
                        const WSK_CLIENT_DATAGRAM_DISPATCH *Dispatch,
                        PVOID Context) {
  MAKE_CALL(Call, TestNpi.Dispatch->WskSocket(TestNpi.Client, TestFamily,
                                              SOCK_DGRAM, IPPROTO_UDP,
                                              WSK_FLAG_DATAGRAM_SOCKET, Context,
                                              Dispatch, NULL, NULL, NULL, Irp));
}

PWSK_SOCKET CreateDatagram(const WSK_CLIENT_DATAGRAM_DISPATCH *Dispatch,
                           PVOID Context) {
  PWSK_SOCKET Socket = SocketOf(Create(NewCall(), Dispatch, Context));

  CHECK(Socket != NULL);
  return Socket;
}

PWSK_SOCKET OpenDatagramWith(const WSK_CLIENT_DATAGRAM_DISPATCH *Dispatch,
                             PVOID Context, USHORT *Port) {
  PWSK_SOCKET Socket = CreateDatagram(Dispatch, Context);
  TEST_ADDRESS Address;

  if (Socket == NULL)
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetDatagramLocal(NewCall(), Socket, &Address), STATUS_SUCCESS,
                0);
  if (Port != NULL)
    *Port = PortOf(&Address);
  return CHECK(PortOf(&Address) != 0) ? Socket : NULL;
}

PWSK_SOCKET OpenDatagram(USHORT *Port) {
  return OpenDatagramWith(NULL, NULL, Port);
}

PWSK_CALL GetDatagramLocal(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskGetLocalAddress(Socket,
                                                                 Address, Irp));
}

PWSK_CALL SendToWith(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                     PVOID Remote, ULONG Length, PCMSGHDR Control) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskSendTo(
                      Socket, Buffer, 0, Remote, Length, Control, Irp));
}

PWSK_CALL SendTo(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                 PVOID Remote) {
  return SendToWith(Call, Socket, Buffer, Remote, 0, NULL);
}

PWSK_CALL SendMessages(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF_LIST List,
                       PVOID Remote) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskSendMessages(
                      Socket, List, 0, Remote, 0, NULL, Irp));
}

static PWSK_CALL ReceiveBare(PWSK_CALL Call, PWSK_SOCKET Socket,
                             PWSK_BUF Buffer) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskReceiveFrom(
                      Socket, Buffer, 0, NULL, NULL, NULL, NULL, Irp));
}

static PWSK_CALL ReceiveAll(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                            PRECEIVED Received) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskReceiveFrom(
                      Socket, Buffer, 0, &Received->Remote.Any,
                      &Received->ControlLength, (PVOID)Received->Control,
                      &Received->Flags, Irp));
}

PWSK_CALL ReceiveFrom(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                      PRECEIVED Received) {
  if (Received == NULL)
    return ReceiveBare(Call, Socket, Buffer);
  RtlFillMemory(Received, sizeof(*Received), 0xEE);
  Received->ControlLength = sizeof(Received->Control);
  return ReceiveAll(Call, Socket, Buffer, Received);
}

PVOID ControlOf(PVOID Control, ULONG Length, INT Level, INT Type, SIZE_T Size) {
  WSAMSG Message = {0};
  PCMSGHDR Header;

  Message.Control.buf = Control;
  Message.Control.len = Length;
  for (Header = WSA_CMSG_FIRSTHDR(&Message); Header != NULL;
       Header = WSA_CMSG_NXTHDR(&Message, Header)) {
    /* Nobody has written it: the receive had failed. */
    if (!CHECK(Header->cmsg_len <= Length))
      return NULL;
    if (Header->cmsg_level == Level && Header->cmsg_type == Type)
      return Header->cmsg_len == WSA_CMSG_LEN(Size) ? WSA_CMSG_DATA(Header)
                                                    : NULL;
  }
  return NULL;
}

PWSK_CALL SetAddress(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Code,
                     PTEST_ADDRESS Address) {
  SIZE_T Size = Address == NULL ? 0
                : TEST_IPV6     ? sizeof(SOCKADDR_IN6)
                                : sizeof(SOCKADDR_IN);

  MAKE_CALL(Call,
            DatagramDispatchOf(Socket)->WskControlSocket(
                Socket, WskIoctl, Code, 0, Size, Address, 0, NULL, NULL, Irp));
}

PWSK_CALL SetDatagramOption(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Level,
                            ULONG Option, ULONG *Value) {
  MAKE_CALL(Call, DatagramDispatchOf(Socket)->WskControlSocket(
                      Socket, WskSetOption, Option, Level, sizeof(*Value),
                      Value, 0, NULL, NULL, Irp));
}

NTSTATUS ControlReceiveFrom(PWSK_SOCKET Socket, ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return DatagramDispatchOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Events),
      &Events, 0, NULL, NULL, NULL);
}
