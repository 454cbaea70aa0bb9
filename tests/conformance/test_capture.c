/* WskCaptureProviderNPI, WskReleaseProviderNPI,
 * WskQueryProviderCharacteristics. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static NTSTATUS RegisterVersion(USHORT Version,
                                PWSK_REGISTRATION Registration) {
  static WSK_CLIENT_DISPATCH Dispatch;
  WSK_CLIENT_NPI Client;

  Dispatch.Version = Version;
  Client.ClientContext = NULL;
  Client.Dispatch = &Dispatch;
  return WskRegister(&Client, Registration);
}

static NTSTATUS Register(PWSK_REGISTRATION Registration) {
  return RegisterVersion(MAKE_WSK_VERSION(1, 0), Registration);
}

static ULONGLONG Milliseconds(VOID) {
  return KeQueryInterruptTime() / 10000;
}

/* Defends against a table with holes, which a client would call into. */
static VOID a_capture_hands_out_client_and_table(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi = {NULL, NULL};

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK(Npi.Client != NULL);
  if (CHECK(Npi.Dispatch != NULL)) {
    CHECK_EQUAL(1, WSK_MAJOR_VERSION(Npi.Dispatch->Version));
    CHECK(Npi.Dispatch->Version >= MAKE_WSK_VERSION(1, 0));
    CHECK(Npi.Dispatch->WskSocket != NULL);
    CHECK(Npi.Dispatch->WskSocketConnect != NULL);
    CHECK(Npi.Dispatch->WskControlClient != NULL);
    CHECK(Npi.Dispatch->WskGetAddressInfo != NULL);
    CHECK(Npi.Dispatch->WskFreeAddressInfo != NULL);
    CHECK(Npi.Dispatch->WskGetNameInfo != NULL);
  }
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

/* Defends against a start-up path that hangs although it asked not to wait. */
static VOID no_wait_does_not_wait(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  host_provider_ready(0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  WskDeregister(&Registration);
}

typedef struct _CAPTURE {
  PWSK_REGISTRATION Registration;
  ULONG Timeout;
  WSK_PROVIDER_NPI Npi;
  NTSTATUS Status;
} CAPTURE;

static VOID CaptureNow(PVOID Context) {
  CAPTURE *Capture = Context;

  Capture->Status = WskCaptureProviderNPI(Capture->Registration,
                                          Capture->Timeout, &Capture->Npi);
}

static VOID CheckWaitEndsWithReadiness(ULONG Timeout) {
  WSK_REGISTRATION Registration;
  CAPTURE Capture = {&Registration, Timeout, {NULL, NULL}, STATUS_PENDING};
  TEST_THREAD Thread;

  host_provider_ready(0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  StartThread(&Thread, CaptureNow, &Capture);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  host_provider_ready(1);
  JoinThread(&Thread);
  CHECK_STATUS(STATUS_SUCCESS, Capture.Status);
  CHECK(Capture.Npi.Client != NULL && Capture.Npi.Dispatch != NULL);
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

/* Defends against a waiter that nobody wakes. */
static VOID an_infinite_wait_ends_when_the_provider_is_ready(VOID) {
  CheckWaitEndsWithReadiness(WSK_INFINITE_WAIT);
}

/* Defends against a limited wait that sleeps its whole time. */
static VOID a_limited_wait_ends_when_the_provider_is_ready(VOID) {
  CheckWaitEndsWithReadiness(10 * TEST_LONG);
}

/* Defends against milliseconds taken for something else. */
static VOID a_limited_wait_ends_with_its_time(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;
  ULONGLONG Start;

  host_provider_ready(0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  Start = Milliseconds();
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, 50, &Npi));
  CHECK(Milliseconds() - Start >= 49);
  CHECK(Milliseconds() - Start < TEST_LONG);
  WskDeregister(&Registration);
}

/* Defends against a version check in the wrong place: registering always
 * works, and a client may then ask what would be supported. */
static VOID a_version_is_refused_by_the_capture(VOID) {
  static const USHORT Versions[] = {
      MAKE_WSK_VERSION(2, 0), MAKE_WSK_VERSION(1, 1), MAKE_WSK_VERSION(0, 1)};
  WSK_PROVIDER_CHARACTERISTICS Range;
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Versions); i++) {
    REQUIRE(RegisterVersion(Versions[i], &Registration) == STATUS_SUCCESS);
    CHECK_STATUS(STATUS_NOINTERFACE,
                 WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
    CHECK_STATUS(STATUS_NOINTERFACE,
                 WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Npi));
    CHECK_STATUS(STATUS_SUCCESS,
                 WskQueryProviderCharacteristics(&Registration, &Range));
    WskDeregister(&Registration);
    REQUIRE(RegisterVersion(Range.HighestVersion, &Registration) ==
            STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS,
                 WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
    WskReleaseProviderNPI(&Registration);
    WskDeregister(&Registration);
  }
}

/* Defends against a worker thread that captures while the driver unloads. */
static VOID no_capture_succeeds_after_deregistering(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  WskDeregister(&Registration);
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, 10 * TEST_LONG, &Npi));
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Npi));
}

/* Defends against an unload that waits for a capture that waits for ever. */
static VOID deregistering_wakes_waiting_captures(VOID) {
  WSK_REGISTRATION Registration;
  CAPTURE Captures[2] = {
      {&Registration, WSK_INFINITE_WAIT, {NULL, NULL}, STATUS_PENDING},
      {&Registration, 10 * TEST_LONG, {NULL, NULL}, STATUS_PENDING}};
  TEST_THREAD Threads[2];
  ULONG i;

  host_provider_ready(0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  for (i = 0; i < 2; i++)
    StartThread(&Threads[i], CaptureNow, &Captures[i]);
  for (i = 0; i < 2; i++)
    CHECK(!ThreadEnds(&Threads[i], TEST_MOMENT));
  WskDeregister(&Registration);
  for (i = 0; i < 2; i++) {
    JoinThread(&Threads[i]);
    CHECK_STATUS(STATUS_DEVICE_NOT_READY, Captures[i].Status);
  }
}

/* Defends against a wait at DISPATCH_LEVEL, and against one that is reported
 * although nothing waits. */
static VOID only_a_waiting_capture_needs_passive_level(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;
  NTSTATUS Status;
  KIRQL Irql;

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  Status = WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi);
  WskReleaseProviderNPI(&Registration);
  KeLowerIrql(Irql);
  CHECK_STATUS(STATUS_SUCCESS, Status);
  CHECK_EQUAL(0, host_all_reports());

  host_expect_reports();
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Npi);
  if (NT_SUCCESS(Status))
    WskReleaseProviderNPI(&Registration);
  KeLowerIrql(Irql);
  CHECK(host_reports("KE-IRQL-01") >= 1);
  WskDeregister(&Registration);
}

/* Defends against a handle that is followed instead of looked up. */
static VOID only_a_client_that_was_handed_out_makes_sockets(VOID) {
  PWSK_CLIENT Client = TestNpi.Client;
  ULONG Nonsense[64] = {0};

  host_expect_reports();
  TestNpi.Client = NULL;
  CHECK_AT_ONCE(CreateSocket(NewCall(), AF_INET, SOCK_STREAM, IPPROTO_TCP,
                             WSK_FLAG_CONNECTION_SOCKET),
                STATUS_INVALID_HANDLE, 0);
  TestNpi.Client = (PWSK_CLIENT)Nonsense;
  CHECK_AT_ONCE(CreateSocket(NewCall(), AF_INET, SOCK_STREAM, IPPROTO_TCP,
                             WSK_FLAG_CONNECTION_SOCKET),
                STATUS_INVALID_HANDLE, 0);
  TestNpi.Client = Client;
}

/* Defends against a use of the provider's functions that nobody notices until
 * the provider is unloaded. While captured, the same call is silent. */
static VOID making_a_socket_after_the_release_is_reported(VOID) {
  WSK_PROVIDER_NPI Npi;
  PWSK_CALL Call = NewCall();

  host_expect_reports();
  CHECK_PENDED(CreateSocket(Call, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                            WSK_FLAG_CONNECTION_SOCKET),
               STATUS_SUCCESS, TEST_ANY);
  CHECK_PENDED(Close(NewCall(), SocketOf(Call)), STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, host_all_reports());
  WskReleaseProviderNPI(&TestRegistration);
  Call = NewCall();
  CHECK_PENDED(CreateSocket(Call, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                            WSK_FLAG_CONNECTION_SOCKET),
               STATUS_SUCCESS, TEST_ANY);
  CHECK_PENDED(Close(NewCall(), SocketOf(Call)), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("RELNPI-02"));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&TestRegistration, WSK_NO_WAIT, &Npi));
}

/* Defends against a count of captures that falls below none. */
static VOID releasing_once_too_often_is_reported(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;
  WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};

  REQUIRE(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  WskReleaseProviderNPI(&Registration);
  CHECK_EQUAL(0, host_all_reports());
  host_expect_reports();
  WskReleaseProviderNPI(&Registration);
  CHECK_EQUAL(1, host_reports("RELNPI-01"));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against sockets that die, or cannot be called, with the capture. */
static VOID sockets_work_on_after_the_release(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_PROVIDER_NPI Npi;

  REQUIRE(Socket != NULL);
  WskReleaseProviderNPI(&TestRegistration);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("out", 3)->Wsk, 0),
               STATUS_SUCCESS, 3);
  CHECK(peer_expect(Peer, "out", 3));
  peer_send(Peer, "in", 2);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  2);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  /* For the end of the test, which releases. */
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&TestRegistration, WSK_NO_WAIT, &Npi));
}

/* Defends against a range that is empty or upside down. */
static VOID the_provider_tells_its_versions(VOID) {
  WSK_PROVIDER_CHARACTERISTICS Range = {0, 0};
  WSK_REGISTRATION Registration;

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               WskQueryProviderCharacteristics(&Registration, &Range));
  CHECK_EQUAL(MAKE_WSK_VERSION(1, 0), Range.LowestVersion);
  CHECK_EQUAL(MAKE_WSK_VERSION(1, 0), Range.HighestVersion);
  WskDeregister(&Registration);
}

/* Defends against a query that waits. */
static VOID an_unready_provider_has_no_versions(VOID) {
  WSK_PROVIDER_CHARACTERISTICS Range;
  WSK_REGISTRATION Registration;

  host_provider_ready(0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskQueryProviderCharacteristics(&Registration, &Range));
  WskDeregister(&Registration);
}

CONFORMANCE_GROUP(capture) = {
    TEST_BARE(a_capture_hands_out_client_and_table,
              "CAPTURE-01 CAPTURE-12 OBS-19 TYPES-09"),
    TEST_BARE(no_wait_does_not_wait, "CAPTURE-02"),
    TEST_BARE(an_infinite_wait_ends_when_the_provider_is_ready, "CAPTURE-03"),
    TEST_BARE(a_limited_wait_ends_when_the_provider_is_ready, "CAPTURE-04"),
    TEST_BARE(a_limited_wait_ends_with_its_time, "CAPTURE-04"),
    TEST_BARE(a_version_is_refused_by_the_capture, "CAPTURE-05 QUERYCH-03"),
    TEST_BARE(no_capture_succeeds_after_deregistering, "CAPTURE-06"),
    TEST_BARE(deregistering_wakes_waiting_captures, "CAPTURE-07"),
    TEST_BARE(only_a_waiting_capture_needs_passive_level, "CAPTURE-11"),
    TEST_ONCE(only_a_client_that_was_handed_out_makes_sockets,
              "CAPTURE-13 OBS-05"),
    TEST_ONCE(making_a_socket_after_the_release_is_reported, "RELNPI-02"),
    TEST_BARE(releasing_once_too_often_is_reported, "RELNPI-01"),
    TEST(sockets_work_on_after_the_release, "RELNPI-03"),
    TEST_BARE(the_provider_tells_its_versions, "QUERYCH-01"),
    TEST_BARE(an_unready_provider_has_no_versions, "QUERYCH-02"),
};
