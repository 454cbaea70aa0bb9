/* Basic sockets: no more than their options and their close. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"

static PWSK_CALL CreateBasic(USHORT Type, ULONG Protocol) {
  return CreateSocket(NewCall(), TestFamily, Type, Protocol,
                      WSK_FLAG_BASIC_SOCKET);
}

static const WSK_PROVIDER_BASIC_DISPATCH *BasicOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

/* Defends against a table of another category, behind which a client would
 * find functions that are not there on Windows. */
static VOID a_basic_socket_has_two_functions(VOID) {
  PWSK_CALL Call = CreateBasic(SOCK_STREAM, IPPROTO_TCP);
  PWSK_SOCKET Socket = SocketOf(Call), Connection = OpenSocket();

  REQUIRE(Socket != NULL && Connection != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
  CHECK(Socket->Dispatch != Connection->Dispatch);
  CHECK_EQUAL(2 * sizeof(PVOID), sizeof(WSK_PROVIDER_BASIC_DISPATCH));
  CHECK(BasicOf(Socket)->WskControlSocket ==
        DispatchOf(Connection)->WskControlSocket);
  CHECK(BasicOf(Socket)->WskCloseSocket ==
        DispatchOf(Connection)->WskCloseSocket);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against a basic socket that only TCP has, and one of what nobody
 * has. */
static VOID a_basic_socket_is_of_any_transport(VOID) {
  static const struct {
    USHORT Type;
    ULONG Protocol;
    BOOLEAN Good;
  } Kinds[] = {
      {SOCK_STREAM, IPPROTO_TCP, TRUE},   {SOCK_DGRAM, IPPROTO_UDP, TRUE},
      {SOCK_RAW, IPPROTO_ICMP, TRUE},     {SOCK_RAW, 253, TRUE},
      {SOCK_STREAM, IPPROTO_UDP, FALSE},  {SOCK_DGRAM, IPPROTO_TCP, FALSE},
      {SOCK_STREAM, IPPROTO_ICMP, FALSE}, {SOCK_RAW, 256, FALSE},
      {99, IPPROTO_TCP, FALSE},           {0, 0, FALSE},
  };
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Kinds); i++) {
    PWSK_CALL Call = CreateBasic(Kinds[i].Type, Kinds[i].Protocol);

    if (Kinds[i].Good) {
      PWSK_SOCKET Socket = SocketOf(Call);

      CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
    } else {
      CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
    }
  }
}

/* Defends against families that reach the host as they are. */
static VOID a_basic_socket_is_of_a_known_family(VOID) {
  static const ADDRESS_FAMILY Families[] = {0, 1, 10, 99};
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Families); i++)
    CHECK_AT_ONCE(CreateSocket(NewCall(), Families[i], SOCK_STREAM, IPPROTO_TCP,
                               WSK_FLAG_BASIC_SOCKET),
                  STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a socket that costs a descriptor, which it has no use for. */
static VOID a_basic_socket_needs_nothing_of_the_host(VOID) {
  PWSK_CALL Call;
  PWSK_SOCKET Socket;

  if (!host_take_descriptors()) {
    CHECK(host_is_windows());
    return;
  }
  Call = CreateBasic(SOCK_RAW, IPPROTO_ICMP);
  Socket = SocketOf(Call);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
  host_give_descriptors();
}

static NTSTATUS Enable(PWSK_SOCKET Socket, ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return BasicOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Events),
      &Events, 0, NULL, NULL, NULL);
}

/* Defends against an event that would be called through a table that is not
 * there. */
static VOID a_basic_socket_has_no_events(VOID) {
  static const ULONG Masks[] = {WSK_EVENT_ACCEPT,
                                WSK_EVENT_RECEIVE,
                                WSK_EVENT_DISCONNECT,
                                WSK_EVENT_SEND_BACKLOG,
                                WSK_EVENT_RECEIVE_FROM,
                                WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE,
                                0};
  PWSK_SOCKET Socket = SocketOf(CreateBasic(SOCK_STREAM, IPPROTO_TCP));
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Masks); i++)
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Enable(Socket, Masks[i]));
}

static PWSK_CALL CreateWith(PVOID Context, const VOID *Dispatch) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_BASIC_SOCKET, Context, Dispatch, NULL, NULL, NULL, Irp);
  return Call;
}

/* Defends against callbacks that a client believes it has, and against a report
 * where there is nothing to say. */
static VOID a_basic_sockets_context_is_reported(VOID) {
  static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks;

  host_expect_reports();
  CHECK(SocketOf(CreateWith(NULL, NULL)) != NULL);
  CHECK_EQUAL(0, host_all_reports());
  CHECK(SocketOf(CreateWith(&TestNpi, NULL)) != NULL);
  CHECK_EQUAL(1, host_reports("SOCKET-10"));
  CHECK(SocketOf(CreateWith(NULL, &Callbacks)) != NULL);
  CHECK_EQUAL(2, host_reports("SOCKET-10"));
  CHECK_EQUAL(2, host_all_reports());
}

CONFORMANCE_GROUP(basic) = {
    TEST(a_basic_socket_has_two_functions,
         "CAT-02 CAT-06 SOCKET-02 TYPES-01 TYPES-06"),
    TEST(a_basic_socket_is_of_any_transport,
         "SOCKET-03 SOCKET-04 SOCKET-05 SOCKET-06"),
    TEST_ONCE(a_basic_socket_is_of_a_known_family, "SOCKET-06"),
    TEST(a_basic_socket_needs_nothing_of_the_host, "CAT-02"),
    TEST(a_basic_socket_has_no_events, "CAT-03"),
    TEST(a_basic_sockets_context_is_reported, "SOCKET-10"),
};
