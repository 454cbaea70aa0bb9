/* WskControlClient: what is asked of the client, not of a socket. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"

#define MAX_TRANSPORTS 16

static NTSTATUS Control(ULONG Code, SIZE_T InputSize, PVOID Input,
                        SIZE_T OutputSize, PVOID Output, SIZE_T *Returned) {
  return TestNpi.Dispatch->WskControlClient(TestNpi.Client, Code, InputSize,
                                            Input, OutputSize, Output, Returned,
                                            NULL);
}

static PWSK_CALL ControlWith(PWSK_CALL Call, ULONG Code, SIZE_T InputSize,
                             PVOID Input) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskControlClient(
      TestNpi.Client, Code, InputSize, Input, 0, NULL, NULL, Irp);
  return Call;
}

static PWSK_CALL AwaitChange(PWSK_CALL Call) {
  return ControlWith(Call, WSK_TRANSPORT_LIST_CHANGE, 0, NULL);
}

/* ---- the list of transports ---------------------------------------------- */

static BOOLEAN Lists(const WSK_TRANSPORT *List, SIZE_T Count,
                     ADDRESS_FAMILY Family, USHORT Type, ULONG Protocol) {
  SIZE_T i;

  for (i = 0; i < Count; i++)
    if (List[i].AddressFamily == Family && List[i].SocketType == Type &&
        List[i].Protocol == Protocol)
      return TRUE;
  return FALSE;
}

/* Defends against a size that is written as a ULONG, and leaves rubbish above.
 */
static VOID the_transports_are_listed(VOID) {
  WSK_TRANSPORT List[MAX_TRANSPORTS];
  SIZE_T Size = (SIZE_T)-1, Count;

  CHECK_STATUS(STATUS_SUCCESS, Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL,
                                       sizeof(List), List, &Size));
  REQUIRE(Size > 0 && Size <= sizeof(List));
  CHECK_EQUAL(0, Size % sizeof(WSK_TRANSPORT));
  Count = Size / sizeof(WSK_TRANSPORT);
  CHECK(Lists(List, Count, AF_INET, SOCK_STREAM, IPPROTO_TCP));
  CHECK(Lists(List, Count, AF_INET6, SOCK_STREAM, IPPROTO_TCP));
  CHECK(Lists(List, Count, AF_INET, SOCK_DGRAM, IPPROTO_UDP));
  CHECK(Lists(List, Count, AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
}

/* Defends against a list that is cut, or a size that is that of what was. */
static VOID a_probe_answers_how_much_room_the_list_needs(VOID) {
  WSK_TRANSPORT List[MAX_TRANSPORTS];
  SIZE_T Needed = (SIZE_T)-1, Size = 0;

  RtlFillMemory(List, sizeof(List), 0xA5);
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
               Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, 0, NULL, &Needed));
  REQUIRE(Needed > sizeof(WSK_TRANSPORT) && Needed <= sizeof(List));
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Control(WSK_TRANSPORT_LIST_QUERY, 0,
                                               NULL, Needed - 1, List, &Size));
  CHECK_EQUAL(Needed, Size);
  CHECK_EQUAL(0xA5A5, List[0].Version);
  CHECK_STATUS(STATUS_SUCCESS,
               Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, Needed, List, &Size));
  CHECK_EQUAL(Needed, Size);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, Needed, List, NULL));
}

static PWSK_CALL CreateLike(const WSK_TRANSPORT *Transport) {
  return CreateSocket(NewCall(), Transport->AddressFamily,
                      Transport->SocketType, Transport->Protocol,
                      Transport->SocketType == SOCK_STREAM
                          ? WSK_FLAG_CONNECTION_SOCKET
                          : WSK_FLAG_DATAGRAM_SOCKET);
}

/* Defends against a list that promises what is not there. */
static VOID every_listed_transport_makes_a_socket(VOID) {
  WSK_TRANSPORT List[MAX_TRANSPORTS];
  SIZE_T Size = 0, i;

  REQUIRE(Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, sizeof(List), List,
                  &Size) == STATUS_SUCCESS);
  for (i = 0; i < Size / sizeof(List[0]); i++) {
    CHECK(SocketOf(CreateLike(&List[i])) != NULL);
    /* TCP does not send datagrams, and UDP makes no streams. */
    List[i].Protocol ^= IPPROTO_TCP ^ IPPROTO_UDP;
    CHECK_AT_ONCE(CreateLike(&List[i]), STATUS_INVALID_PARAMETER, 0);
  }
}

/* ---- waiting for it to change -------------------------------------------- */

/* Defends against an IRP that is told of a change before it, or of none. */
static VOID a_change_completes_what_waits_for_it(VOID) {
  PWSK_CALL One = AwaitChange(NewCall()), Other = AwaitChange(NewCall());

  CHECK_STILL_PENDING(One);
  CHECK(!IsCompleted(Other));
  host_change_transports();
  CHECK_PENDED(One, STATUS_SUCCESS, 0);
  CHECK_PENDED(Other, STATUS_SUCCESS, 0);
  AwaitChange(One);
  CHECK_STILL_PENDING(One);
  host_change_transports();
  CHECK_PENDED(One, STATUS_SUCCESS, 0);
}

static volatile LONG Again;

/* As a client does that wants to hear of every change. */
static VOID WaitAgain(PWSK_CALL Call) {
  if (InterlockedIncrement(&Again) == 1)
    AwaitChange(Call->ThenContext);
}

/* Defends against a change that goes round in circles. */
static VOID waiting_anew_in_the_completion_waits_for_the_next_change(VOID) {
  PWSK_CALL One = NewCall(), Next = NewCall();

  Again = 0;
  One->Then = WaitAgain;
  One->ThenContext = Next;
  AwaitChange(One);
  host_change_transports();
  CHECK_PENDED(One, STATUS_SUCCESS, 0);
  CHECK_STILL_PENDING(Next);
  host_change_transports();
  CHECK_PENDED(Next, STATUS_SUCCESS, 0);
}

/* Defends against an IRP that only a change can end. */
static VOID waiting_for_a_change_can_be_cancelled(VOID) {
  PWSK_CALL Call = NewCall(), Early = NewCall(), Other = AwaitChange(NewCall());

  AwaitChange(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CancelCall(Early);
  CHECK_PENDED(AwaitChange(Early), STATUS_CANCELLED, 0);
  CHECK(!IsCompleted(Other));
  host_change_transports();
  CHECK_PENDED(Other, STATUS_SUCCESS, 0);
}

static VOID Cancel(PVOID Context) {
  CancelCall(Context);
}

/* Defends against an IRP that is completed twice, or never. */
static VOID a_change_and_a_cancel_may_meet(VOID) {
  TEST_THREAD Thread;
  PWSK_CALL Call = NewCall();
  ULONG i;

  for (i = 0; i < 50; i++) {
    AwaitChange(Call);
    StartThread(&Thread, Cancel, Call);
    host_change_transports();
    CHECK(WaitForCall(Call));
    CHECK(Call->Status == STATUS_SUCCESS || Call->Status == STATUS_CANCELLED);
    CHECK_EQUAL(1, Call->Completions);
    JoinThread(&Thread);
  }
}

static VOID DeregisterNow(PVOID Registration) {
  WskDeregister(Registration);
}

/* Defends against a driver that cannot unload until the network changes. */
static VOID deregistering_cancels_what_waits_for_a_change(VOID) {
  WSK_REGISTRATION Registration;
  WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};
  WSK_PROVIDER_NPI Npi, Saved = TestNpi;
  PWSK_CALL Call = NewCall(), Late = NewCall(), Foreign = NewCall();
  TEST_THREAD Thread;

  AwaitChange(Foreign);
  host_spare(1);
  REQUIRE(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  REQUIRE(WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi) ==
          STATUS_SUCCESS);
  host_spare(0);
  TestNpi = Npi;
  AwaitChange(Call);
  StartThread(&Thread, DeregisterNow, &Registration);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  /* The capture holds it up; what comes now is late. */
  CHECK_PENDED(AwaitChange(Late), STATUS_CANCELLED, 0);
  TestNpi = Saved;
  WskReleaseProviderNPI(&Registration);
  JoinThread(&Thread);
  CHECK(!IsCompleted(Foreign));
  CancelCall(Foreign);
  CHECK_PENDED(Foreign, STATUS_CANCELLED, 0);
}

/* ---- arguments ----------------------------------------------------------- */

/* Defends against an IRP that nobody completes. */
static VOID an_irp_belongs_to_a_wait_alone(VOID) {
  ULONG Flags = WSK_TDI_BEHAVIOR_BYPASS_TDI;

  host_expect_reports();
  CHECK_AT_ONCE(ControlWith(NewCall(), WSK_TDI_BEHAVIOR, sizeof(Flags), &Flags),
                STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("CTRLCLIENT-05"));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TRANSPORT_LIST_CHANGE, 0, NULL, 0, NULL, NULL));
  CHECK_EQUAL(2, host_reports("CTRLCLIENT-05"));
  /* As it should be. */
  CHECK_STATUS(STATUS_SUCCESS,
               Control(WSK_TDI_BEHAVIOR, sizeof(Flags), &Flags, 0, NULL, NULL));
  CHECK_EQUAL(2, host_all_reports());
}

/* Defends against a table that is read past its end. */
static VOID an_unknown_code_is_refused(VOID) {
  ULONG Code;

  for (Code = 0; Code <= 1; Code++)
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 Control(Code, 0, NULL, 0, NULL, NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TDI_BEHAVIOR + 1, 0, NULL, 0, NULL, NULL));
  CHECK_AT_ONCE(ControlWith(NewCall(), 77, 0, NULL), STATUS_INVALID_PARAMETER,
                0);
}

/* Defends against a client that is taken at its word. */
static VOID a_buffer_and_its_size_go_together(VOID) {
  ULONG Flags = 0;
  SIZE_T Size = 7;

  host_expect_reports();
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TDI_BEHAVIOR, sizeof(Flags), NULL, 0, NULL, NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TDI_BEHAVIOR, 0, &Flags, 0, NULL, NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TDI_BEHAVIOR, sizeof(Flags), &Flags, sizeof(Flags),
                       &Flags, &Size));
  CHECK_EQUAL(0, Size);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, 100, NULL, &Size));
  CHECK_EQUAL(4, host_reports("CTRLCLIENT-03"));
  /* A size that is too small is a mistake of another kind. */
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Control(WSK_TDI_BEHAVIOR, 1, &Flags, 0, NULL, NULL));
  CHECK_EQUAL(4, host_all_reports());
}

/* Defends against a handle that is followed wherever it leads. */
static VOID a_client_that_is_none_is_refused(VOID) {
  SIZE_T Size = 0;

  CHECK_STATUS(STATUS_INVALID_HANDLE, TestNpi.Dispatch->WskControlClient(
                                          NULL, WSK_TRANSPORT_LIST_QUERY, 0,
                                          NULL, 0, NULL, &Size, NULL));
}

/* Defends against a provider that waits. */
static VOID controlling_works_at_dispatch_level(VOID) {
  SIZE_T Size = 0;
  PWSK_CALL Call = NewCall();
  KIRQL Irql;

  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
               Control(WSK_TRANSPORT_LIST_QUERY, 0, NULL, 0, NULL, &Size));
  AwaitChange(Call);
  CancelCall(Call);
  KeLowerIrql(Irql);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

/* ---- before the first socket --------------------------------------------- */

static NTSTATUS SetStatic(PNPIID NpiId, ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {NpiId, Mask};

  return Control(WSK_SET_STATIC_EVENT_CALLBACKS, sizeof(Events), &Events, 0,
                 NULL, NULL);
}

/* Defends against a mask that is tested against one category. */
static VOID static_events_may_be_of_all_categories(VOID) {
  NPIID Copy = NPI_WSK_INTERFACE_ID, Other = NPI_WSK_INTERFACE_ID;

  Other.Data1++;
  CHECK_STATUS(STATUS_SUCCESS,
               SetStatic(&Copy, WSK_EVENT_RECEIVE | WSK_EVENT_RECEIVE_FROM |
                                    WSK_EVENT_ACCEPT));
  CHECK_STATUS(STATUS_SUCCESS, SetStatic(&Copy, WSK_EVENT_DISCONNECT));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, SetStatic(&Copy, 0));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               SetStatic(&Copy, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, SetStatic(&Copy, 1));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, SetStatic(NULL, WSK_EVENT_ACCEPT));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, SetStatic(&Other, WSK_EVENT_ACCEPT));
}

/* Defends against sockets of one client that differ by their age. */
static VOID static_events_come_before_the_first_socket(VOID) {
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
               SetStatic((PNPIID)&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  /* That it is gone does not help. */
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
               SetStatic((PNPIID)&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE));
  CHECK_EQUAL(2, host_reports("STATICEV-02"));
}

/* Defends against a client that gives up because there is no TDI. */
static VOID tdi_is_spoken_of_before_the_first_socket(VOID) {
  static const WCHAR Device[] = {'\\', 'D', 'e', 'v', 'i', 'c', 'e', 0};
  WSK_TDI_MAP Map = {SOCK_STREAM, AF_INET, IPPROTO_TCP, Device};
  WSK_TDI_MAP_INFO Info = {1, &Map}, Bad = {1, NULL};
  ULONG Flags = WSK_TDI_BEHAVIOR_BYPASS_TDI, Unknown = 2;

  CHECK_STATUS(STATUS_SUCCESS, Control(WSK_TDI_DEVICENAME_MAPPING, sizeof(Info),
                                       &Info, 0, NULL, NULL));
  CHECK_STATUS(
      STATUS_INVALID_PARAMETER,
      Control(WSK_TDI_DEVICENAME_MAPPING, sizeof(Bad), &Bad, 0, NULL, NULL));
  CHECK_STATUS(STATUS_SUCCESS,
               Control(WSK_TDI_BEHAVIOR, sizeof(Flags), &Flags, 0, NULL, NULL));
  CHECK_STATUS(
      STATUS_INVALID_PARAMETER,
      Control(WSK_TDI_BEHAVIOR, sizeof(Unknown), &Unknown, 0, NULL, NULL));
  REQUIRE(OpenSocket() != NULL);
  host_expect_reports();
  CHECK_STATUS(
      STATUS_INVALID_DEVICE_STATE,
      Control(WSK_TDI_DEVICENAME_MAPPING, sizeof(Info), &Info, 0, NULL, NULL));
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
               Control(WSK_TDI_BEHAVIOR, sizeof(Flags), &Flags, 0, NULL, NULL));
  CHECK_EQUAL(1, host_reports("TDI-01"));
  CHECK_EQUAL(1, host_reports("TDI-02"));
}

CONFORMANCE_GROUP(control_client) = {
    TEST_ONCE(the_transports_are_listed, "TRANSPORT-01 TRANSPORT-03"),
    TEST_ONCE(a_probe_answers_how_much_room_the_list_needs,
              "TRANSPORT-02 CTRLCLIENT-02"),
    TEST_ONCE(every_listed_transport_makes_a_socket, "SOCKET-07"),
    TEST_ONCE(a_change_completes_what_waits_for_it, "TRANSPORT-04"),
    TEST_ONCE(waiting_anew_in_the_completion_waits_for_the_next_change,
              "TRANSPORT-04"),
    TEST_ONCE(waiting_for_a_change_can_be_cancelled, "TRANSPORT-04"),
    TEST_ONCE(a_change_and_a_cancel_may_meet, "TRANSPORT-04"),
    TEST_ONCE(deregistering_cancels_what_waits_for_a_change, "DEREG-05"),
    TEST_ONCE(an_irp_belongs_to_a_wait_alone, "CTRLCLIENT-01 CTRLCLIENT-05"),
    TEST_ONCE(an_unknown_code_is_refused, "CTRLCLIENT-04 CLIENTEV-03"),
    TEST_ONCE(a_buffer_and_its_size_go_together, "CTRLCLIENT-03"),
    TEST_ONCE(a_client_that_is_none_is_refused, "CTRLCLIENT-01"),
    TEST_ONCE(controlling_works_at_dispatch_level, "IRQL-03"),
    TEST_ONCE(static_events_may_be_of_all_categories, "STATICEV-01"),
    TEST(static_events_come_before_the_first_socket, "STATICEV-02"),
    TEST(tdi_is_spoken_of_before_the_first_socket, "TDI-01 TDI-02"),
};
