/* WskControlSocket as a driver calls it. See wskcontrol.h. */
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "wskcall.h"
#include "wskcontrol.h"

/* ---- calls ----------------------------------------------------------- */

static NTSTATUS Call(PWSK_SOCKET Socket, const CONTROL *C, PIRP Irp) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  KIRQL Irql = KeGetCurrentIrql(), Old;
  NTSTATUS Status;

  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeRaiseIrql(DISPATCH_LEVEL, &Old);
  Status = Dispatch->WskControlSocket(Socket, C->Type, C->Code, C->Level,
                                      C->InputSize, C->Input, C->OutputSize,
                                      C->Output, C->Returned, Irp);
  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeLowerIrql(Irql);
  return Status;
}

PWSK_CALL Control(PWSK_CALL WskCall, PWSK_SOCKET Socket, const CONTROL *C) {
  if (HasSocket(WskCall, Socket))
    WskCall->Returned = Call(Socket, C, PrepareCall(WskCall));
  return WskCall;
}

NTSTATUS ControlNow(PWSK_SOCKET Socket, const CONTROL *C) {
  return CHECK(Socket != NULL) ? Call(Socket, C, NULL) : STATUS_INVALID_HANDLE;
}

/* The value lies on the stack and is gone when the call has returned: real
 * drivers do that, too. */
PWSK_CALL SetOption(PWSK_CALL WskCall, PWSK_SOCKET Socket, ULONG Level,
                    ULONG Option, ULONG Value) {
  ULONG Input = Value;
  CONTROL C = {WskSetOption, Level, Option, sizeof(Input),
               &Input,       0,     NULL,   NULL};

  Control(WskCall, Socket, &C);
  Input = ~Value;
  return WskCall;
}

PWSK_CALL GetOption(PWSK_CALL WskCall, PWSK_SOCKET Socket, ULONG Level,
                    ULONG Option, PULONG Value) {
  CONTROL C = {WskGetOption, Level,          Option, 0,
               NULL,         sizeof(*Value), Value,  NULL};

  return Control(WskCall, Socket, &C);
}

PWSK_CALL Ioctl(PWSK_CALL WskCall, PWSK_SOCKET Socket, ULONG Code,
                SIZE_T InputSize, const VOID *Input, SIZE_T OutputSize,
                PVOID Output) {
  CONTROL C = {WskIoctl,   0,      Code, InputSize, (PVOID)(ULONG_PTR)Input,
               OutputSize, Output, NULL};

  return Control(WskCall, Socket, &C);
}

ULONG OptionOf(PWSK_SOCKET Socket, ULONG Level, ULONG Option) {
  ULONG Value = 0xdeadbeef;

  CHECK_PENDED(GetOption(NewCall(), Socket, Level, Option, &Value),
               STATUS_SUCCESS, sizeof(Value));
  return Value;
}

/* ---- sockets --------------------------------------------------------- */

PWSK_SOCKET OpenKind(CONTROL_KIND Kind) {
  static const ULONG Flags[Kinds] = {
      WSK_FLAG_BASIC_SOCKET, WSK_FLAG_LISTEN_SOCKET, WSK_FLAG_CONNECTION_SOCKET,
      WSK_FLAG_DATAGRAM_SOCKET, WSK_FLAG_STREAM_SOCKET};
  BOOLEAN Datagram = Kind == KindDatagram;
  PWSK_SOCKET Socket = SocketOf(
      CreateSocket(NewCall(), TestFamily, Datagram ? SOCK_DGRAM : SOCK_STREAM,
                   Datagram ? IPPROTO_UDP : IPPROTO_TCP, Flags[Kind]));

  CHECK(Socket != NULL);
  return Socket;
}

/* ---- the codes ------------------------------------------------------- */

/* clang-format off */
#define SET(level, code, on, when, family) \
  {WskSetOption, level, (ULONG)code, #code, on, when, IrpRequired, \
   sizeof(ULONG), 0, FALSE, family}
#define GET(level, code, on, family) \
  {WskGetOption, level, (ULONG)code, #code, on, AnyTime, IrpRequired, \
   0, sizeof(ULONG), FALSE, family}
#define OPTION(level, code, on, when, family) \
  SET(level, code, on, when, family), GET(level, code, on, family)
#define GROUP(level, code, type, family) \
  {WskSetOption, level, code, #code, ON_DATAGRAM, AnyTime, IrpRequired, \
   sizeof(type), 0, FALSE, family}
#define GROUPS_BY_INDEX(level, family) \
  GROUP(level, MCAST_JOIN_GROUP, GROUP_REQ, family), \
  GROUP(level, MCAST_LEAVE_GROUP, GROUP_REQ, family), \
  GROUP(level, MCAST_BLOCK_SOURCE, GROUP_SOURCE_REQ, family), \
  GROUP(level, MCAST_UNBLOCK_SOURCE, GROUP_SOURCE_REQ, family), \
  GROUP(level, MCAST_JOIN_SOURCE_GROUP, GROUP_SOURCE_REQ, family), \
  GROUP(level, MCAST_LEAVE_SOURCE_GROUP, GROUP_SOURCE_REQ, family)
#define IOCTL(code, on, when, irp, input, output, passive) \
  {WskIoctl, 0, code, #code, on, when, irp, input, output, passive, 0}

const CODE TestCodes[] = {
  OPTION(SOL_SOCKET, SO_KEEPALIVE, ON_TCP, AnyTime, 0),
  OPTION(SOL_SOCKET, SO_RCVBUF, ON_TRANSPORT, AnyTime, 0),
  OPTION(SOL_SOCKET, SO_SNDBUF, ON_TRANSPORT, AnyTime, 0),
  OPTION(SOL_SOCKET, SO_BROADCAST, ON_DATAGRAM, AnyTime, 0),
  OPTION(SOL_SOCKET, SO_PORT_SCALABILITY, ON_TRANSPORT, BeforeBind, 0),
  OPTION(SOL_SOCKET, SO_RANDOMIZE_PORT, ON_TRANSPORT, BeforeBind, 0),
  OPTION(SOL_SOCKET, SO_REUSE_UNICASTPORT, ON_TRANSPORT, BeforeBind, 0),

  OPTION(IPPROTO_TCP, TCP_NODELAY, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_KEEPIDLE, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_KEEPINTVL, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_KEEPCNT, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_MAXSEG, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_MAXRT, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_MAXRTMS, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_FASTOPEN, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_TIMESTAMPS, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_EXPEDITED_1122, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_STDURG, ON_TCP, AnyTime, 0),
  OPTION(IPPROTO_TCP, TCP_BSDURGENT, ON_TCP, AnyTime, 0),

  OPTION(IPPROTO_UDP, UDP_NOCHECKSUM, ON_DATAGRAM, AnyTime, AF_INET),

  OPTION(IPPROTO_IP, IP_TTL, ON_TRANSPORT, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_TOS, ON_TRANSPORT, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_DONTFRAGMENT, ON_TRANSPORT, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_MTU_DISCOVER, ON_TRANSPORT, AnyTime, AF_INET),
  GET(IPPROTO_IP, IP_MTU, ON_TRANSPORT, AF_INET),
  OPTION(IPPROTO_IP, IP_UNICAST_IF, ON_TRANSPORT, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_HDRINCL, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_RECEIVE_BROADCAST, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_PKTINFO, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_RECVTTL, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_RECVTOS, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_ECN, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_MULTICAST_TTL, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_MULTICAST_LOOP, ON_DATAGRAM, AnyTime, AF_INET),
  OPTION(IPPROTO_IP, IP_MULTICAST_IF, ON_DATAGRAM, AnyTime, AF_INET),

  OPTION(IPPROTO_IPV6, IPV6_V6ONLY, ON_TRANSPORT, BeforeBind, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS, ON_TRANSPORT, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_TCLASS, ON_TRANSPORT, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_DONTFRAG, ON_TRANSPORT, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_MTU_DISCOVER, ON_TRANSPORT, AnyTime, AF_INET6),
  GET(IPPROTO_IPV6, IPV6_MTU, ON_TRANSPORT, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_UNICAST_IF, ON_TRANSPORT, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_HDRINCL, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_CHECKSUM, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_PKTINFO, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_HOPLIMIT, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_RECVTCLASS, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_ECN, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, ON_DATAGRAM, AnyTime, AF_INET6),
  OPTION(IPPROTO_IPV6, IPV6_MULTICAST_IF, ON_DATAGRAM, AnyTime, AF_INET6),

  GROUP(IPPROTO_IP, IP_ADD_MEMBERSHIP, IP_MREQ, AF_INET),
  GROUP(IPPROTO_IP, IP_DROP_MEMBERSHIP, IP_MREQ, AF_INET),
  GROUP(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, IP_MREQ_SOURCE, AF_INET),
  GROUP(IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, IP_MREQ_SOURCE, AF_INET),
  GROUP(IPPROTO_IP, IP_BLOCK_SOURCE, IP_MREQ_SOURCE, AF_INET),
  GROUP(IPPROTO_IP, IP_UNBLOCK_SOURCE, IP_MREQ_SOURCE, AF_INET),
  GROUP(IPPROTO_IPV6, IPV6_JOIN_GROUP, IPV6_MREQ, AF_INET6),
  GROUP(IPPROTO_IPV6, IPV6_LEAVE_GROUP, IPV6_MREQ, AF_INET6),
  GROUPS_BY_INDEX(IPPROTO_IP, AF_INET),
  GROUPS_BY_INDEX(IPPROTO_IPV6, AF_INET6),

  IOCTL(SIO_ADDRESS_LIST_QUERY, ON_ALL, AnyTime, IrpUnwanted, 0, 0, TRUE),
  IOCTL(SIO_ADDRESS_LIST_CHANGE, ON_ALL, AnyTime, IrpRequired, 0, 0, TRUE),
  IOCTL(SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, ON_CONNECTION, Connected, IrpRequired,
        0, sizeof(SIZE_T), FALSE),
  IOCTL(SIO_WSK_QUERY_RECEIVE_BACKLOG, ON_CONNECTION, Connected, IrpRequired,
        0, sizeof(SIZE_T), FALSE),
  IOCTL(SIO_WSK_SET_TCP_SILENT_MODE, ON_CONNECTION, Connected, IrpRequired,
        0, 0, FALSE),
  IOCTL(SIO_KEEPALIVE_VALS, ON_TCP, AnyTime, IrpRequired,
        sizeof(struct tcp_keepalive), 0, FALSE),
  IOCTL(SIO_LOOPBACK_FAST_PATH, ON_TRANSPORT, AnyTime, IrpRequired,
        0, 0, TRUE),
  IOCTL(SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, ON_CONNECTION, AnyTime,
        IrpRequired, 0, 0, TRUE),
  IOCTL(SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT, ON_CONNECTION, AnyTime,
        IrpRequired, 0, 0, TRUE),
  IOCTL(SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS, ON_CONNECTION | ON_STREAM,
        AnyTime, IrpRequired, 1, 0, TRUE),
};
/* clang-format on */

const ULONG TestCodesCount = RTL_NUMBER_OF(TestCodes);
