/* WskRegister and WskDeregister. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static NTSTATUS RegisterWith(const WSK_CLIENT_DISPATCH *Dispatch,
                             PWSK_REGISTRATION Registration) {
  WSK_CLIENT_NPI Client;

  Client.ClientContext = NULL;
  Client.Dispatch = Dispatch;
  return WskRegister(&Client, Registration);
}

static NTSTATUS Register(PWSK_REGISTRATION Registration) {
  return RegisterWith(&TestClientDispatch, Registration);
}

/* For tests that need one; what it does without memory is test_capture.c's. */
static VOID Capture(PWSK_REGISTRATION Registration, PWSK_PROVIDER_NPI Npi) {
  host_spare(1);
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(Registration, WSK_NO_WAIT, Npi));
  host_spare(0);
}

static VOID DeregisterNow(PVOID Registration) {
  WskDeregister(Registration);
}

/* Defends against a registration that needs a capture to be undone. */
static VOID a_client_registers_and_deregisters(VOID) {
  WSK_REGISTRATION Registration;

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  WskDeregister(&Registration);
}

/* Defends against state kept per client instead of per block. */
static VOID one_client_may_register_twice(VOID) {
  WSK_REGISTRATION One, Other;
  WSK_PROVIDER_NPI OneNpi, OtherNpi;
  WSK_PROVIDER_CHARACTERISTICS Range;

  CHECK_STATUS(STATUS_SUCCESS, Register(&One));
  CHECK_STATUS(STATUS_SUCCESS, Register(&Other));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&One, WSK_NO_WAIT, &OneNpi));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Other, WSK_NO_WAIT, &OtherNpi));
  WskReleaseProviderNPI(&One);
  WskDeregister(&One);
  CHECK_STATUS(STATUS_SUCCESS, WskQueryProviderCharacteristics(&Other, &Range));
  WskReleaseProviderNPI(&Other);
  WskDeregister(&Other);
}

/* Defends against a provider that takes what it cannot use. */
static VOID bad_registrations_are_refused(VOID) {
  WSK_REGISTRATION Registration;
  WSK_CLIENT_DISPATCH Reserved = TestClientDispatch;
  WSK_CLIENT_NPI Client;

  host_expect_reports();
  Client.ClientContext = NULL;
  Client.Dispatch = &TestClientDispatch;
  Reserved.Reserved = 1;
  CHECK_STATUS(STATUS_INVALID_PARAMETER, WskRegister(NULL, &Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, WskRegister(&Client, NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, RegisterWith(NULL, &Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               RegisterWith(&Reserved, &Registration));
  CHECK_EQUAL(1, host_reports("REGISTER-07"));
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against a registration that takes the place of another. */
static VOID registering_a_block_twice_is_reported(VOID) {
  WSK_REGISTRATION Registration;

  host_expect_reports();
  CHECK_STATUS(STATUS_SUCCESS,
               RegisterWith(&TestClientDispatch, &Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               RegisterWith(&TestClientDispatch, &Registration));
  CHECK_EQUAL(1, host_reports("REGISTER-02"));
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_all_reports());
}

static VOID deregistering_twice_is_reported(VOID) {
  WSK_REGISTRATION Registration;

  host_expect_reports();
  CHECK_STATUS(STATUS_SUCCESS,
               RegisterWith(&TestClientDispatch, &Registration));
  WskDeregister(&Registration);
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_reports("REGISTER-03"));
  CHECK_EQUAL(1, host_all_reports());
}

static volatile LONG ClientEvents;

static NTSTATUS WSKAPI OnClientEvent(PVOID Context, ULONG Type,
                                     PVOID Information, SIZE_T Length) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Type);
  UNREFERENCED_PARAMETER(Information);
  UNREFERENCED_PARAMETER(Length);
  InterlockedIncrement(&ClientEvents);
  return STATUS_NOT_IMPLEMENTED;
}

/* Defends against a provider that invents client events: there are none. */
static VOID the_client_event_is_never_called(VOID) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                               OnClientEvent};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  ClientEvents = 0;
  REQUIRE(RegisterWith(&Dispatch, &Registration) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  CHECK_EQUAL(0, ClientEvents);
}

/* Defends against tables that are unloaded while a client still holds them. */
static VOID deregistering_waits_for_every_capture(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;
  TEST_THREAD Thread;

  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  Capture(&Registration, &Npi);
  Capture(&Registration, &Npi);
  StartThread(&Thread, DeregisterNow, &Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  WskReleaseProviderNPI(&Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  WskReleaseProviderNPI(&Registration);
  JoinThread(&Thread);
}

typedef struct _INSIDE {
  KEVENT Entered;
  volatile LONG MayLeave;
  WSK_PROVIDER_NPI Npi;
} INSIDE;

/* A completion inside the call it belongs to keeps that call from returning. */
static VOID StayInside(PWSK_CALL Call) {
  INSIDE *Inside = Call->ThenContext;

  KeSetEvent(&Inside->Entered, IO_NO_INCREMENT, FALSE);
  while (InterlockedCompareExchange(&Inside->MayLeave, 0, 0) == 0)
    KeStallExecutionProcessor(10);
}

static VOID CallWskSocket(PVOID Context) {
  PWSK_CALL Call = Context;
  INSIDE *Inside = Call->ThenContext;

  Call->Returned = Inside->Npi.Dispatch->WskSocket(
      Inside->Npi.Client, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
      WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL, NULL, NULL,
      PrepareCall(Call));
}

/* Defends against a provider that unloads under a thread's feet: the return
 * address of a call in progress would be gone. */
static VOID deregistering_waits_for_a_call_in_progress(VOID) {
  WSK_REGISTRATION Registration;
  TEST_THREAD Caller, Thread;
  INSIDE Inside;
  PWSK_CALL Call = NewCall();

  RtlZeroMemory(&Inside, sizeof(Inside));
  KeInitializeEvent(&Inside.Entered, NotificationEvent, FALSE);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  Capture(&Registration, &Inside.Npi);
  Call->Then = StayInside;
  Call->ThenContext = &Inside;
  StartThread(&Caller, CallWskSocket, Call);
  CHECK(WaitForEvent(&Inside.Entered, TEST_LONG));
  WskReleaseProviderNPI(&Registration);
  StartThread(&Thread, DeregisterNow, &Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  InterlockedExchange(&Inside.MayLeave, 1);
  JoinThread(&Thread);
  JoinThread(&Caller);
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a client that unloads while its sockets call it. */
static VOID deregistering_waits_for_open_sockets(VOID) {
  WSK_REGISTRATION Registration;
  WSK_CLIENT_NPI Client;
  TEST_THREAD Thread;
  PWSK_SOCKET Socket;
  WSK_PROVIDER_NPI Saved = TestNpi;

  Client.ClientContext = NULL;
  Client.Dispatch = &TestClientDispatch;
  REQUIRE(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  Capture(&Registration, &TestNpi);
  Socket = OpenSocket();
  TestNpi = Saved;
  WskReleaseProviderNPI(&Registration);
  if (!CHECK(Socket != NULL)) {
    WskDeregister(&Registration);
    return;
  }
  StartThread(&Thread, DeregisterNow, &Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  JoinThread(&Thread);
}

/* Defends against an IRP that completes into an unloaded driver. */
static VOID deregistering_waits_for_a_pending_irp(VOID) {
  WSK_REGISTRATION Registration;
  TEST_ADDRESS Local, Remote;
  TEST_THREAD Thread;
  PWSK_CALL Call;
  USHORT Port = peer_silent_port(TEST_IPV6);
  WSK_PROVIDER_NPI Saved = TestNpi;

  REQUIRE(Port != 0);
  REQUIRE(Register(&Registration) == STATUS_SUCCESS);
  Capture(&Registration, &TestNpi);
  Call =
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port));
  TestNpi = Saved;
  WskReleaseProviderNPI(&Registration);
  StartThread(&Thread, DeregisterNow, &Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  CHECK_STILL_PENDING(Call);
  CancelCall(Call);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  JoinThread(&Thread);
}

/* Defends against a wait at DISPATCH_LEVEL that nobody is told of. */
static VOID registering_above_passive_level_is_reported(VOID) {
  WSK_REGISTRATION Registration;
  KIRQL Irql;

  host_expect_reports();
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  if (Register(&Registration) == STATUS_SUCCESS) {
    KeLowerIrql(Irql);
    CHECK(host_all_reports() == 1);
    KeRaiseIrql(DISPATCH_LEVEL, &Irql);
    WskDeregister(&Registration);
  }
  KeLowerIrql(Irql);
  CHECK(host_all_reports() >= 2);
}

CONFORMANCE_GROUP(register) = {
    TEST_BARE(a_client_registers_and_deregisters, "REGISTER-01 REGISTER-03"),
    TEST_BARE(one_client_may_register_twice, "REGISTER-02"),
    TEST_BARE(bad_registrations_are_refused, "REGISTER-07"),
    TEST_BARE(registering_a_block_twice_is_reported, "REGISTER-02"),
    TEST_BARE(deregistering_twice_is_reported, "REGISTER-03"),
    TEST_BARE(the_client_event_is_never_called, "REGISTER-08 CLIENTEV-01"),
    TEST_BARE(deregistering_waits_for_every_capture, "DEREG-01 CAPTURE-09"),
    TEST_BARE(deregistering_waits_for_a_call_in_progress, "DEREG-02"),
    TEST(deregistering_waits_for_open_sockets, "DEREG-03"),
    TEST(deregistering_waits_for_a_pending_irp, "DEREG-04"),
    TEST_BARE(registering_above_passive_level_is_reported, "IRQL-01"),
};
