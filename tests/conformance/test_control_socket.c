/* WskControlSocket: what every option and every IOCTL has in common. The codes
 * stand in wskcontrol.c, and each goes through every test that is about it. */
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskcontrol.h"

#define ROOM 512

/* A buffer for any code, of zeros. */
typedef union _ANY {
  ULONG Number;
  ULONG64 Aligned[ROOM / sizeof(ULONG64)];
  UCHAR Bytes[ROOM];
} ANY;

static BOOLEAN IsFor(const CODE *Code, CONTROL_KIND Kind) {
  return (Code->On & (1u << Kind)) != 0;
}

/* IPv4's codes are IPv6's, too, where that speaks both. */
static BOOLEAN IsOfFamily(const CODE *Code) {
  return Code->Family == 0 || Code->Family == TestFamily;
}

/* The kind of sockets that a code is tried on. */
static CONTROL_KIND KindFor(const CODE *Code) {
  return IsFor(Code, KindConnection) ? KindConnection : KindDatagram;
}

/* A call of this code that nothing is wrong with. */
static CONTROL Good(const CODE *Code, ANY *Input, ANY *Output) {
  CONTROL C = {Code->Type, Code->Level,      Code->Code, Code->InputSize,
               NULL,       Code->OutputSize, NULL,       NULL};

  RtlZeroMemory(Input, sizeof(*Input));
  RtlZeroMemory(Output, sizeof(*Output));
  if (Code->InputSize != 0)
    C.Input = Input;
  if (Code->OutputSize != 0)
    C.Output = Output;
  return C;
}

static PWSK_SOCKET OpenBound(CONTROL_KIND Kind) {
  PWSK_SOCKET Socket = OpenKind(Kind);
  TEST_ADDRESS Address;

  if (Socket != NULL)
    CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
                 0);
  return Socket;
}

/* ---- types, codes, levels -------------------------------------------- */

/* Defends against a type that is taken for another. */
static VOID a_request_is_of_three_types(VOID) {
  static const LONG Types[] = {WskControlMax, 4, 99, -1};
  PWSK_SOCKET Socket = OpenSocket();
  ULONG i, Value = 0;

  REQUIRE(Socket != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Types); i++) {
    CONTROL C = {(WSK_CONTROL_SOCKET_TYPE)Types[i],
                 SOL_SOCKET,
                 SO_KEEPALIVE,
                 sizeof(Value),
                 &Value,
                 0,
                 NULL,
                 NULL};

    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_INVALID_PARAMETER, 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlNow(Socket, &C));
  }
}

/* Defends against an unknown code that is answered as if it had been carried
 * out, or whose IRP is forgotten. */
static VOID an_unknown_code_is_refused(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  CONTROL C = {WskSetOption, SOL_SOCKET, 0x6666, 0, NULL, 0, NULL, NULL};

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_NOT_SUPPORTED, 0);
  CHECK_STATUS(STATUS_NOT_SUPPORTED, ControlNow(Socket, &C));
  C.Type = WskGetOption;
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_NOT_SUPPORTED, 0);
  C.Type = WskIoctl;
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_INVALID_DEVICE_REQUEST,
                0);
  CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, ControlNow(Socket, &C));
}

/* Defends against an option that is found at a level which is another's. */
static VOID an_option_has_one_level(VOID) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_RECEIVE};
  CONTROL C = {WskSetOption,   IPPROTO_TCP, SO_WSK_EVENT_CALLBACK,
               sizeof(Events), &Events,     0,
               NULL,           NULL};
  PWSK_SOCKET Socket = OpenSocket();
  ANY Input, Output;
  ULONG i;

  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_NOT_SUPPORTED, ControlNow(Socket, &C));
  for (i = 0; i < TestCodesCount; i++) {
    if (TestCodes[i].Type == WskIoctl)
      continue;
    C = Good(&TestCodes[i], &Input, &Output);
    C.Level = 0x7777;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_NOT_SUPPORTED, 0);
  }
}

/* Defends against an IOCTL that is looked for at a level. */
static VOID an_ioctl_has_no_level(VOID) {
  static const ULONG Levels[] = {0, SOL_SOCKET, IPPROTO_TCP, 0x7777, ~0u};
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));
  SIZE_T Backlog, First = 0;
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Levels); i++) {
    CONTROL C = {WskIoctl, Levels[i], SIO_WSK_QUERY_IDEAL_SEND_BACKLOG,
                 0,        NULL,      sizeof(Backlog),
                 &Backlog, NULL};

    CHECK_COMPLETED(Control(NewCall(), Socket, &C), STATUS_SUCCESS,
                    sizeof(Backlog));
    if (i == 0)
      First = Backlog;
    CHECK_EQUAL(First, Backlog);
  }
}

/* ---- IRPs ------------------------------------------------------------ */

/* Defends against a call that cannot tell how it ended, and against one that
 * is refused silently. */
static VOID a_missing_irp_is_reported(VOID) {
  PWSK_SOCKET Sockets[Kinds];
  ANY Input, Output;
  ULONG i, Kind;

  for (Kind = 0; Kind < Kinds; Kind++)
    Sockets[Kind] = OpenKind((CONTROL_KIND)Kind);
  host_expect_reports();
  for (i = 0; i < TestCodesCount; i++) {
    const CODE *Code = &TestCodes[i];
    const char *Rule = Code->Type == WskIoctl ? "IOCTL-22" : "SOPT-13";
    unsigned Before = host_reports(Rule);
    CONTROL C = Good(Code, &Input, &Output);

    if (Code->Irp != IrpRequired || !IsOfFamily(Code))
      continue;
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 ControlNow(Sockets[KindFor(Code)], &C));
    CHECK_EQUAL(Before + 1, host_reports(Rule));
  }
}

/* The other way round: Windows would not touch the IRP. Defends against a
 * client that waits for it for ever. */
static VOID an_irp_too_many_is_reported_and_completed(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call = NewCall();
  UCHAR Byte;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Ioctl(Call, Socket, SIO_ADDRESS_LIST_QUERY, 0, NULL, sizeof(Byte), &Byte);
  CHECK_AT_ONCE(Call, STATUS_BUFFER_OVERFLOW, TEST_ANY);
  CHECK(Call->Information > sizeof(SOCKET_ADDRESS_LIST));
  CHECK_EQUAL(1, host_reports("IOCTL-23"));
}

/* Defends against a report of what the documentation asks for, and none of
 * what it forbids. */
static VOID the_returned_size_is_for_sizes_that_are_not_known(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  SIZE_T Returned = 99;
  ULONG Value = 7;
  CONTROL C = {WskIoctl, 0,        SIO_ADDRESS_LIST_QUERY, 0, NULL, 0,
               NULL,     &Returned};
  CONTROL Fixed = {WskGetOption, SOL_SOCKET,    SO_KEEPALIVE, 0,
                   NULL,         sizeof(Value), &Value,       &Returned};

  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW, ControlNow(Socket, &C));
  CHECK(Returned > sizeof(SOCKET_ADDRESS_LIST));
  host_expect_reports();
  CHECK_EQUAL(0, host_all_reports());
  CHECK_PENDED(Control(NewCall(), Socket, &Fixed), STATUS_SUCCESS,
               sizeof(Value));
  CHECK_EQUAL(1, host_reports("CTRLSOCK-07"));
  CHECK_EQUAL(sizeof(Value), Returned);
}

/* ---- sizes ----------------------------------------------------------- */

static VOID CheckTooSmall(PWSK_SOCKET Socket, const CODE *Code) {
  ANY Input, Output;
  CONTROL C = Good(Code, &Input, &Output);

  if (Code->InputSize != 0) {
    C.InputSize = Code->InputSize - 1;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_INVALID_PARAMETER, 0);
    C.InputSize = Code->InputSize;
    C.Input = NULL;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_INVALID_PARAMETER, 0);
    C.Input = &Input;
  }
  if (Code->OutputSize != 0) {
    C.OutputSize = Code->OutputSize - 1;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_BUFFER_TOO_SMALL, 0);
    C.OutputSize = 0;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_BUFFER_TOO_SMALL, 0);
    C.OutputSize = Code->OutputSize;
    C.Output = NULL;
    CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_INVALID_PARAMETER, 0);
  }
}

/* Defends against a read or a write beyond the client's buffer. */
static VOID a_buffer_that_is_too_small_is_refused(VOID) {
  PWSK_SOCKET Sockets[Kinds];
  ULONG i, Kind;

  for (Kind = 0; Kind < Kinds; Kind++)
    Sockets[Kind] = OpenKind((CONTROL_KIND)Kind);
  for (i = 0; i < TestCodesCount; i++)
    if (IsOfFamily(&TestCodes[i]))
      CheckTooSmall(Sockets[KindFor(&TestCodes[i])], &TestCodes[i]);
}

/* Defends against a buffer that is refused because it has more room than is
 * needed, and against more than the value in it. */
static VOID a_buffer_may_be_larger(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  ULONG Value[4] = {1, 2, 3, 4};
  CONTROL C = {WskSetOption, SOL_SOCKET, SO_KEEPALIVE, sizeof(Value),
               Value,        0,          NULL,         NULL};

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Control(NewCall(), Socket, &C), STATUS_SUCCESS, 0);
  C = (CONTROL){WskGetOption, SOL_SOCKET,    SO_KEEPALIVE, 0,
                NULL,         sizeof(Value), Value,        NULL};
  Value[0] = 99;
  CHECK_PENDED(Control(NewCall(), Socket, &C), STATUS_SUCCESS, sizeof(ULONG));
  CHECK_EQUAL(1, Value[0]);
  CHECK_EQUAL(2, Value[1]);
}

/* Clients have packed structures. Defends against a buffer that has to be
 * aligned. */
static VOID a_buffer_may_lie_anywhere(VOID) {
  PWSK_SOCKET Sockets[Kinds];
  ANY Input, Output;
  ULONG i, Kind;

  for (Kind = 0; Kind < Kinds; Kind++)
    Sockets[Kind] = OpenKind((CONTROL_KIND)Kind);
  host_expect_reports();
  for (i = 0; i < TestCodesCount; i++) {
    const CODE *Code = &TestCodes[i];
    PWSK_CALL Call = NewCall();
    CONTROL C = Good(Code, &Input, &Output);

    if (!IsOfFamily(Code) || Code->Code == SIO_ADDRESS_LIST_CHANGE)
      continue;
    C.Input = C.Input != NULL ? &Input.Bytes[1] : NULL;
    C.Output = C.Output != NULL ? &Output.Bytes[3] : NULL;
    CHECK(WaitForCall(Control(Call, Sockets[KindFor(Code)], &C)));
    CHECK_EQUAL(1, Call->Completions);
  }
}

/* … and means the same there. */
static VOID a_value_may_lie_anywhere(VOID) {
  PWSK_SOCKET Socket = OpenKind(KindDatagram);
  CONTROL C = {WskSetOption, SOL_SOCKET, SO_REUSEADDR, sizeof(ULONG),
               NULL,         0,          NULL,         NULL};
  ANY Buffer = {0};

  REQUIRE(Socket != NULL);
  Buffer.Bytes[1] = 1;
  C.Input = &Buffer.Bytes[1];
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_SUCCESS, 0);
  C = (CONTROL){WskGetOption, SOL_SOCKET,    SO_REUSEADDR,     0,
                NULL,         sizeof(ULONG), &Buffer.Bytes[7], NULL};
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_SUCCESS, sizeof(ULONG));
  CHECK_EQUAL(1, Buffer.Bytes[7]);
  CHECK_EQUAL(0, Buffer.Bytes[8]);
}

/* ---- categories and states ------------------------------------------- */

/* Defends against an option of datagrams that a listener takes. */
static VOID other_categories_do_not_have_the_code(VOID) {
  ANY Input, Output;
  ULONG i, Kind;

  for (Kind = 0; Kind < Kinds; Kind++) {
    PWSK_SOCKET Socket = OpenKind((CONTROL_KIND)Kind);

    REQUIRE(Socket != NULL);
    for (i = 0; i < TestCodesCount; i++) {
      const CODE *Code = &TestCodes[i];
      CONTROL C = Good(Code, &Input, &Output);

      if (!IsFor(Code, (CONTROL_KIND)Kind))
        CHECK_AT_ONCE(Control(NewCall(), Socket, &C),
                      STATUS_INVALID_DEVICE_REQUEST, 0);
    }
  }
}

/* Defends against an option that is taken when it has no effect any more. */
static VOID what_says_how_to_bind_comes_before(VOID) {
  ANY Input, Output;
  ULONG i, Kind;

  for (Kind = KindListener; Kind < Kinds; Kind++) {
    PWSK_SOCKET Socket = OpenBound((CONTROL_KIND)Kind);

    REQUIRE(Socket != NULL);
    for (i = 0; i < TestCodesCount; i++) {
      const CODE *Code = &TestCodes[i];
      CONTROL C = Good(Code, &Input, &Output);

      if (Code->When == BeforeBind && IsFor(Code, (CONTROL_KIND)Kind) &&
          IsOfFamily(Code))
        CHECK_AT_ONCE(Control(NewCall(), Socket, &C),
                      STATUS_INVALID_DEVICE_STATE, 0);
    }
  }
}

/* Defends against an answer about a connection that is not there. */
static VOID what_is_about_a_connection_needs_one(VOID) {
  PWSK_SOCKET Unbound = OpenSocket(), Bound = OpenBound(KindConnection);
  ANY Input, Output;
  ULONG i;

  REQUIRE(Unbound != NULL && Bound != NULL);
  for (i = 0; i < TestCodesCount; i++) {
    CONTROL C = Good(&TestCodes[i], &Input, &Output);

    if (TestCodes[i].When != Connected)
      continue;
    CHECK_AT_ONCE(Control(NewCall(), Unbound, &C), STATUS_INVALID_DEVICE_STATE,
                  0);
    CHECK_AT_ONCE(Control(NewCall(), Bound, &C), STATUS_INVALID_DEVICE_STATE,
                  0);
  }
}

/* Defends against IPv6's options on a socket that has no IPv6. */
static VOID an_ipv4_socket_has_no_options_of_ipv6(VOID) {
  PWSK_SOCKET Socket;
  ANY Input, Output;
  ULONG i;

  if (TEST_IPV6)
    return;
  Socket = OpenKind(KindDatagram);
  REQUIRE(Socket != NULL);
  for (i = 0; i < TestCodesCount; i++) {
    CONTROL C = Good(&TestCodes[i], &Input, &Output);

    if (TestCodes[i].Family == AF_INET6)
      CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_NOT_SUPPORTED, 0);
  }
}

/* ---- IRQL ------------------------------------------------------------ */

/* Each code at DISPATCH_LEVEL. Defends against a report of what may be called
 * there, and against none of what may not. The answers do not matter here. */
static VOID some_codes_are_for_passive_level(VOID) {
  PWSK_SOCKET Sockets[Kinds];
  ANY Input, Output;
  ULONG i, Kind;

  for (Kind = 0; Kind < Kinds; Kind++)
    Sockets[Kind] = OpenKind((CONTROL_KIND)Kind);
  host_expect_reports();
  for (i = 0; i < TestCodesCount; i++) {
    const CODE *Code = &TestCodes[i];
    unsigned Before = host_reports("KE-IRQL-01");
    CONTROL C = Good(Code, &Input, &Output);
    PWSK_CALL Call = NewCall();

    if (!IsOfFamily(Code))
      continue;
    TestAtDispatch = TRUE;
    Control(Call, Sockets[KindFor(Code)], &C);
    TestAtDispatch = FALSE;
    CHECK_EQUAL(Before + (Code->Passive ? 1 : 0), host_reports("KE-IRQL-01"));
    if (Code->Code == SIO_ADDRESS_LIST_CHANGE)
      CancelCall(Call);
    CHECK(WaitForCall(Call));
  }
}

/* ---- the life of a call ---------------------------------------------- */

/* Defends against an option that is set while its socket goes, and an IRP that
 * is lost with it. */
static VOID a_close_waits_for_options(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Set = NewCall(), Get = NewCall(), Gone = NewCall();
  ULONG Value = 0;

  REQUIRE(Socket != NULL);
  SetOption(Set, Socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  GetOption(Get, Socket, SOL_SOCKET, SO_KEEPALIVE, &Value);
  Close(Gone, Socket);
  CHECK(WaitForCall(Gone));
  CHECK(IsCompleted(Set) && IsCompleted(Get));
  CHECK(Set->Order < Gone->Order && Get->Order < Gone->Order);
}

/* Defends against an option that waits for a handle which has gone. */
static VOID a_socket_that_has_died_has_no_options(VOID) {
  PWSK_SOCKET Socket = OpenSocket(), Basic = OpenKind(KindBasic);
  PWSK_CALL First, Second;
  SIZE_T Backlog;

  REQUIRE(Socket != NULL && Basic != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 1),
               STATUS_SUCCESS, 0);
  First = Ioctl(NewCall(), Socket, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL);
  Second = Ioctl(NewCall(), Basic, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL);
  CHECK_STILL_PENDING(First);
  CHECK(host_kill_socket(Socket) && host_kill_socket(Basic));
  CHECK_PENDED(First, STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_PENDED(Second, STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_PENDED(
      Ioctl(NewCall(), Socket, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL),
      STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 0),
               STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_AT_ONCE(Ioctl(NewCall(), Socket, SIO_WSK_QUERY_RECEIVE_BACKLOG, 0, NULL,
                      sizeof(Backlog), &Backlog),
                STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
}

static VOID an_aborted_socket_has_no_options(VOID) {
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));
  ULONG Value;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 1),
               STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(GetOption(NewCall(), Socket, SOL_SOCKET, SO_RCVBUF, &Value),
               STATUS_INVALID_DEVICE_STATE, 0);
}

/* ---- threads --------------------------------------------------------- */

#define TURNS 100

/* One of several threads at a socket. */
typedef struct _SETTER {
  PWSK_SOCKET Socket;
  ULONG Option;
  PWSK_CALL Call;
  TEST_THREAD Thread;
} SETTER;

static VOID SetAndGet(PVOID Context) {
  SETTER *S = Context;
  ULONG i, Value = 0;

  for (i = 0; i < TURNS; i++) {
    CHECK_PENDED(
        SetOption(S->Call, S->Socket, SOL_SOCKET, S->Option, 20000 + i),
        STATUS_SUCCESS, 0);
    CHECK_PENDED(GetOption(S->Call, S->Socket, SOL_SOCKET, S->Option, &Value),
                 STATUS_SUCCESS, sizeof(Value));
    CHECK_EQUAL(20000 + i, Value);
  }
}

/* Defends against values that are written on another thread than the loop's. */
static VOID threads_have_options_of_one_socket(VOID) {
  SETTER Setters[2];
  PWSK_SOCKET Socket = OpenSocket();
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Setters); i++) {
    Setters[i].Socket = Socket;
    Setters[i].Option = i == 0 ? SO_RCVBUF : SO_SNDBUF;
    Setters[i].Call = NewCall();
  }
  for (i = 0; i < RTL_NUMBER_OF(Setters); i++)
    StartThread(&Setters[i].Thread, SetAndGet, &Setters[i]);
  for (i = 0; i < RTL_NUMBER_OF(Setters); i++)
    JoinThread(&Setters[i].Thread);
}

/* Defends against a read of freed memory, in place of a report. */
static VOID a_closed_socket_is_not_controlled(VOID) {
  CONTROL C = {WskIoctl, 0, SIO_ADDRESS_LIST_QUERY, 0, NULL, 0, NULL, NULL};
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  host_expect_reports();
  CHECK_STATUS(STATUS_FILE_CLOSED, ControlNow(Socket, &C));
  C.Type = WskSetOption;
  CHECK_AT_ONCE(Control(NewCall(), Socket, &C), STATUS_FILE_CLOSED, 0);
  CHECK_EQUAL(2, host_reports("CLOSE-06"));
}

CONFORMANCE_GROUP(control_socket) = {
    TEST_ONCE(a_request_is_of_three_types, "CTRLSOCK-04"),
    TEST_ONCE(an_unknown_code_is_refused, "CTRLSOCK-01"),
    TEST(an_option_has_one_level, "CTRLSOCK-06"),
    TEST(an_ioctl_has_no_level, "CTRLSOCK-05"),
    TEST(a_missing_irp_is_reported, "SOPT-13 IOCTL-22"),
    TEST(an_irp_too_many_is_reported_and_completed, "IOCTL-23 CTRLSOCK-01"),
    TEST(the_returned_size_is_for_sizes_that_are_not_known,
         "CTRLSOCK-02 CTRLSOCK-07 CTRLSOCK-10"),
    TEST(a_buffer_that_is_too_small_is_refused, "SOPT-01 SOPT-07 SOPT-09"),
    TEST(a_buffer_may_lie_anywhere, "SOPT-07"),
    TEST_ONCE(a_value_may_lie_anywhere, "SOPT-07"),
    TEST_ONCE(a_buffer_may_be_larger, "SOPT-07"),
    TEST(other_categories_do_not_have_the_code,
         "SOPT-01 SOPT-07 IOCTL-11 IOCTL-12 IOCTL-15"),
    TEST(what_says_how_to_bind_comes_before, "SOPT-14"),
    TEST(what_is_about_a_connection_needs_one, "IOCTL-11 IOCTL-12 IOCTL-15"),
    TEST_ONCE(an_ipv4_socket_has_no_options_of_ipv6, "CTRLSOCK-06"),
    TEST(some_codes_are_for_passive_level, "CTRLSOCK-09 IRQL-07"),
    TEST_ONCE(a_close_waits_for_options, "CLOSE-02"),
    TEST_ONCE(a_closed_socket_is_not_controlled, "CLOSE-06"),
    TEST_ONCE(a_socket_that_has_died_has_no_options, "IRP-20"),
    TEST_ONCE(an_aborted_socket_has_no_options, "CTRLSOCK-02"),
    TEST_ONCE(threads_have_options_of_one_socket, "CTRLSOCK-02"),
};
