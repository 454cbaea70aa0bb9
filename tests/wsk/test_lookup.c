/*
 * Look-ups for which the host takes its time, or which it refuses. Kernel code;
 * slow_resolver.c makes the host wait.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "slow_resolver.h"
#include "wskcall.h"

/* ---- calls ----------------------------------------------------------- */

static PWSK_CALL ResolveBy(PWSK_PROVIDER_NPI Npi, PADDRINFOEXW *Result) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  UNICODE_STRING Node;

  *Result = (PADDRINFOEXW)1;
  RtlInitUnicodeString(&Node, L"127.0.0.1");
  Call->Returned = Npi->Dispatch->WskGetAddressInfo(
      Npi->Client, &Node, NULL, 0, NULL, NULL, Result, NULL, NULL, Irp);
  return Call;
}

static PWSK_CALL Resolve(PADDRINFOEXW *Result) {
  return ResolveBy(&TestNpi, Result);
}

typedef struct _NAME {
  UNICODE_STRING String;
  WCHAR Text[100];
} NAME;

static PWSK_CALL NameOf(NAME *To, ULONG Flags) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  SOCKADDR_IN Address;

  RtlZeroMemory(To, sizeof(*To));
  To->String.Buffer = To->Text;
  To->String.MaximumLength = sizeof(To->Text);
  RtlZeroMemory(&Address, sizeof(Address));
  Address.sin_family = AF_INET;
  Address.sin_addr.S_un.S_addr = RtlUlongByteSwap(0x7F000001);
  Call->Returned = TestNpi.Dispatch->WskGetNameInfo(
      TestNpi.Client, (PSOCKADDR)&Address, sizeof(Address), &To->String, NULL,
      Flags, NULL, NULL, Irp);
  return Call;
}

static VOID ResolveWell(VOID) {
  PADDRINFOEXW List;

  CHECK_PENDED(Resolve(&List), STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, List);
}

/* ---- cancelling ------------------------------------------------------ */

/* Defends against a cancel that waits for the host, and a late result that is
 * written into memory that is the client's again. */
static VOID a_cancel_does_not_wait_for_the_host(VOID) {
  PADDRINFOEXW List;
  PWSK_CALL Call;

  resolver_hold();
  Call = Resolve(&List);
  resolver_until_held(1);
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK(List == NULL);
  List = (PADDRINFOEXW)2;
  resolver_release();
  ResolveWell();
  CHECK(List == (PADDRINFOEXW)2);
}

static VOID a_name_is_cancelled_as_well(VOID) {
  PWSK_CALL Call;
  NAME Name;

  resolver_hold();
  Call = NameOf(&Name, 0);
  resolver_until_held(1);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  RtlZeroMemory(&Name, sizeof(Name));
  resolver_release();
  ResolveWell();
  CHECK_EQUAL(0, Name.Text[0]);
  CHECK_EQUAL(0, Name.String.Length);
}

#define MANY 40

/* More than the host has threads for: most of them have not begun. */
static VOID waiting_look_ups_are_cancelled_or_served(VOID) {
  static PADDRINFOEXW Lists[MANY];
  static PWSK_CALL Calls[MANY];
  ULONG i;

  resolver_hold();
  for (i = 0; i < MANY; i++)
    Calls[i] = Resolve(&Lists[i]);
  for (i = 0; i < MANY; i += 2)
    CHECK(CancelCall(Calls[i]));
  for (i = 0; i < MANY; i += 2)
    CHECK_PENDED(Calls[i], STATUS_CANCELLED, 0);
  CHECK_STILL_PENDING(Calls[MANY - 1]);
  resolver_release();
  for (i = 1; i < MANY; i += 2) {
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, 0);
    REQUIRE(Lists[i] != NULL);
    TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, Lists[i]);
  }
}

/* ---- deregistration -------------------------------------------------- */

static WSK_REGISTRATION Registration;

static VOID Deregister(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  WskDeregister(&Registration);
}

/* Another client, whose only work is a look-up that pends. */
static PWSK_CALL LeaveOnePending(PADDRINFOEXW *List) {
  WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};
  WSK_PROVIDER_NPI Npi;
  PWSK_CALL Call;

  CHECK_STATUS(STATUS_SUCCESS, WskRegister(&Client, &Registration));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  resolver_hold();
  Call = ResolveBy(&Npi, List);
  WskReleaseProviderNPI(&Registration);
  return Call;
}

/* Defends against a client that is unloaded while its completion routine is
 * still to be called. */
static VOID deregistration_waits_for_a_look_up(VOID) {
  TEST_THREAD Thread;
  PADDRINFOEXW List;
  PWSK_CALL Call;

  resolver_answer(RESOLVER_AGAIN);
  Call = LeaveOnePending(&List);
  StartThread(&Thread, Deregister, NULL);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  resolver_release();
  CHECK_PENDED(Call, STATUS_NOT_FOUND, 0);
  JoinThread(&Thread);
  resolver_answer(RESOLVER_USUAL);
}

static VOID deregistration_does_not_wait_for_the_host(VOID) {
  TEST_THREAD Thread;
  PADDRINFOEXW List;
  PWSK_CALL Call = LeaveOnePending(&List);

  resolver_until_held(1);
  StartThread(&Thread, Deregister, NULL);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  JoinThread(&Thread);
  resolver_release();
}

/* ---- a resolver that fails ------------------------------------------- */

/* Windows knows no "perhaps later": what cannot be asked for is not there. */
static VOID a_resolver_out_of_reach_finds_nothing(VOID) {
  PADDRINFOEXW List;
  UNICODE_STRING Literal;
  NAME Name;

  resolver_answer(RESOLVER_AGAIN);
  CHECK_PENDED(Resolve(&List), STATUS_NOT_FOUND, 0);
  CHECK(List == NULL);
  CHECK_PENDED(NameOf(&Name, NI_NAMEREQD), STATUS_NO_MATCH, 0);
  CHECK_PENDED(NameOf(&Name, 0), STATUS_SUCCESS, 0);
  RtlInitUnicodeString(&Literal, L"127.0.0.1");
  CHECK(RtlEqualUnicodeString(&Name.String, &Literal, FALSE));
  resolver_answer(RESOLVER_USUAL);
}

static VOID a_resolver_without_memory_is_told_apart(VOID) {
  PADDRINFOEXW List;
  NAME Name;

  resolver_answer(RESOLVER_MEMORY);
  CHECK_PENDED(Resolve(&List), STATUS_INSUFFICIENT_RESOURCES, 0);
  CHECK_PENDED(NameOf(&Name, 0), STATUS_INSUFFICIENT_RESOURCES, 0);
  resolver_answer(RESOLVER_USUAL);
}

CONFORMANCE_GROUP(lookup) = {
    TEST_ONCE(a_cancel_does_not_wait_for_the_host, "IRP-19 ADDRINFO-10"),
    TEST_ONCE(a_name_is_cancelled_as_well, "IRP-19"),
    TEST_ONCE(waiting_look_ups_are_cancelled_or_served, "IRP-19"),
    TEST_ONCE(deregistration_waits_for_a_look_up, "DEREG-04"),
    TEST_ONCE(deregistration_does_not_wait_for_the_host, "DEREG-04"),
    TEST_ONCE(a_resolver_out_of_reach_finds_nothing, "OBS-02 NAMEINFO-05"),
    TEST_ONCE(a_resolver_without_memory_is_told_apart, "ADDRINFO-01"),
};
