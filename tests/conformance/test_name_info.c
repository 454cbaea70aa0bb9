/*
 * WskGetNameInfo, with addresses that need no network.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"

static PCWSTR Literal(VOID) {
  return TEST_IPV6 ? L"::1" : L"127.0.0.1";
}

static PWSK_CALL Name(PWSK_CALL Call, PVOID Address, ULONG Length,
                      PUNICODE_STRING Node, PUNICODE_STRING Service,
                      ULONG Flags) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskGetNameInfo(
      TestNpi.Client, Address, Length, Node, Service, Flags, NULL, NULL, Irp);
  return Call;
}

/* ---- WskGetNameInfo -------------------------------------------------- */

/* Buffers that are watched behind their MaximumLength. */
typedef struct _NAMES {
  UNICODE_STRING Node, Service;
  WCHAR NodeText[200], ServiceText[60];
} NAMES, *PNAMES;

static PNAMES Names(PNAMES To, USHORT NodeLength, USHORT ServiceLength) {
  RtlFillMemory(To, sizeof(*To), 0x5A);
  To->Node.Length = To->Service.Length = 0;
  To->Node.MaximumLength = NodeLength;
  To->Node.Buffer = To->NodeText;
  To->Service.MaximumLength = ServiceLength;
  To->Service.Buffer = To->ServiceText;
  return To;
}

static BOOLEAN Untouched(PWSTR Text, SIZE_T From, SIZE_T Size) {
  for (; From < Size; From++)
    if (((PUCHAR)Text)[From] != 0x5A)
      return FALSE;
  return TRUE;
}

static VOID CheckName(PUNICODE_STRING Name, PCWSTR Expected) {
  UNICODE_STRING Whole;

  RtlInitUnicodeString(&Whole, Expected);
  CHECK(RtlEqualUnicodeString(Name, &Whole, FALSE));
  CHECK_EQUAL(Whole.Length, Name->Length);
  CHECK_EQUAL(0, Name->Buffer[Name->Length / sizeof(WCHAR)]);
}

static VOID numbers_are_given_as_numbers(VOID) {
  TEST_ADDRESS Address;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_PENDED(Name(NewCall(), Loopback(&Address, 80), sizeof(Address),
                    &To.Node, &To.Service, NI_NUMERICHOST | NI_NUMERICSERV),
               STATUS_SUCCESS, 0);
  CheckName(&To.Node, Literal());
  CheckName(&To.Service, L"80");
}

/* Defends against an output that is written although it was not given, and a
 * look-up for it. */
static VOID either_name_may_be_left_out(VOID) {
  TEST_ADDRESS Address;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_PENDED(Name(NewCall(), Loopback(&Address, 80), sizeof(Address),
                    &To.Node, NULL, NI_NUMERICHOST),
               STATUS_SUCCESS, 0);
  CheckName(&To.Node, Literal());
  CHECK_PENDED(Name(NewCall(), Foreign(&Address, 7), sizeof(Address), NULL,
                    &To.Service, NI_NUMERICSERV | NI_NAMEREQD),
               STATUS_SUCCESS, 0);
  CheckName(&To.Service, L"7");
  CHECK_AT_ONCE(Name(NewCall(), Loopback(&Address, 80), sizeof(Address), NULL,
                     NULL, NI_NUMERICHOST),
                STATUS_INVALID_PARAMETER, 0);
}

/* An address for documentation: no resolver knows a name. */
static VOID an_address_without_a_name_gives_the_literal(VOID) {
  PCWSTR Expected = TEST_IPV6 ? L"2001:db8::1" : L"192.0.2.1";
  TEST_ADDRESS Address;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_PENDED(Name(NewCall(), Foreign(&Address, 80), sizeof(Address), &To.Node,
                    &To.Service, NI_NUMERICSERV | NI_NOFQDN),
               STATUS_SUCCESS, 0);
  CheckName(&To.Node, Expected);
  CHECK_PENDED(Name(NewCall(), Foreign(&Address, 80), sizeof(Address), &To.Node,
                    &To.Service, NI_NAMEREQD | NI_NUMERICSERV),
               STATUS_NO_MATCH, 0);
}

/* Every host knows itself, by one name or another. */
static VOID a_known_address_gives_its_name(VOID) {
  static const ULONG Flags[] = {0, NI_NOFQDN, NI_DGRAM, NI_NOFQDN | NI_DGRAM};
  TEST_ADDRESS Address;
  ULONG i;
  NAMES To;

  for (i = 0; i < RTL_NUMBER_OF(Flags); i++) {
    Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
    CHECK_PENDED(Name(NewCall(), Loopback(&Address, 80), sizeof(Address),
                      &To.Node, &To.Service, Flags[i]),
                 STATUS_SUCCESS, 0);
    CHECK(To.Node.Length > 0 && To.Service.Length > 0);
    CHECK_EQUAL(0, To.NodeText[To.Node.Length / sizeof(WCHAR)]);
    CHECK_EQUAL(0, To.ServiceText[To.Service.Length / sizeof(WCHAR)]);
  }
}

/* Defends against a null behind the buffer, and against one name without the
 * other. */
static VOID nothing_is_written_where_there_is_no_room(VOID) {
  USHORT Needed = TEST_IPV6 ? sizeof(L"::1") : sizeof(L"127.0.0.1"), Room;
  TEST_ADDRESS Address;
  NAMES To;

  for (Room = 0; Room <= Needed; Room++) {
    Names(&To, Room, sizeof(To.ServiceText));
    CHECK_PENDED(Name(NewCall(), Loopback(&Address, 80), sizeof(Address),
                      &To.Node, &To.Service, NI_NUMERICHOST | NI_NUMERICSERV),
                 Room < Needed ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS, 0);
    CHECK(Untouched(To.NodeText, Room < Needed ? 0 : Needed,
                    sizeof(To.NodeText)));
    CHECK(Untouched(To.ServiceText, Room < Needed ? 0 : sizeof(L"80"),
                    sizeof(To.ServiceText)));
  }
  Names(&To, sizeof(To.NodeText), sizeof(L"80") - 1);
  CHECK_PENDED(Name(NewCall(), Loopback(&Address, 80), sizeof(Address),
                    &To.Node, &To.Service, NI_NUMERICHOST | NI_NUMERICSERV),
               STATUS_BUFFER_TOO_SMALL, 0);
  CHECK(Untouched(To.NodeText, 0, sizeof(To.NodeText)));
  CHECK(Untouched(To.ServiceText, 0, sizeof(To.ServiceText)));
}

static VOID TryAddress(PVOID Address, ULONG Length, ULONG Flags) {
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_AT_ONCE(Name(NewCall(), Address, Length, &To.Node, NULL, Flags),
                STATUS_INVALID_PARAMETER, 0);
}

static VOID what_is_no_address_has_no_name(VOID) {
  TEST_ADDRESS Address;
  UNICODE_STRING NoBuffer = {0, 10, NULL};

  Loopback(&Address, 80);
  TryAddress(NULL, sizeof(Address), 0);
  TryAddress(&Address, 0, 0);
  TryAddress(&Address,
             TEST_IPV6 ? sizeof(SOCKADDR_IN6) - 1 : sizeof(SOCKADDR_IN) - 1, 0);
  TryAddress(&Address, sizeof(Address), 0x20);
  CHECK_AT_ONCE(Name(NewCall(), &Address, sizeof(Address), &NoBuffer, NULL, 0),
                STATUS_INVALID_PARAMETER, 0);
  Address.Any.sa_family = AF_UNSPEC;
  TryAddress(&Address, sizeof(Address), 0);
}

static VOID a_length_beyond_any_address_is_reported(VOID) {
  SOCKADDR_STORAGE Storage[2];
  NAMES To;

  RtlZeroMemory(Storage, sizeof(Storage));
  Loopback((PTEST_ADDRESS)Storage, 80);
  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_PENDED(Name(NewCall(), Storage, sizeof(Storage[0]), &To.Node, NULL,
                    NI_NUMERICHOST),
               STATUS_SUCCESS, 0);
  host_expect_reports();
  TryAddress(Storage, sizeof(Storage[0]) + 1, 0);
  CHECK_EQUAL(1, host_reports("NAMEINFO-09"));
}

static VOID a_call_needs_an_irp(VOID) {
  TEST_ADDRESS Address;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               TestNpi.Dispatch->WskGetNameInfo(
                   TestNpi.Client, &Loopback(&Address, 80)->Any,
                   sizeof(Address), &To.Node, NULL, 0, NULL, NULL, NULL));
  CHECK(Untouched(To.NodeText, 0, sizeof(To.NodeText)));
}

static VOID a_thread_comes_with_its_process(VOID) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Address;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  Call->Returned = TestNpi.Dispatch->WskGetNameInfo(
      TestNpi.Client, &Loopback(&Address, 80)->Any, sizeof(Address), &To.Node,
      NULL, 0, NULL, (PETHREAD)KeGetCurrentThread(), Irp);
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
}

static VOID names_are_for_passive_level(VOID) {
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  KIRQL Irql;
  NAMES To;

  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  host_expect_reports();
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  Name(Call, Loopback(&Address, 80), sizeof(Address), &To.Node, NULL,
       NI_NUMERICHOST);
  CHECK_EQUAL(1, host_reports("KE-IRQL-01"));
  KeLowerIrql(Irql);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
}

/* Defends against a cancel that is forgotten because it came too early. */
static VOID a_look_up_cancelled_before_the_call(VOID) {
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  NAMES To;

  CancelCall(Call);
  Names(&To, sizeof(To.NodeText), sizeof(To.ServiceText));
  CHECK_PENDED(Name(Call, Loopback(&Address, 80), sizeof(Address), &To.Node,
                    NULL, NI_NUMERICHOST),
               STATUS_CANCELLED, 0);
  CHECK(Untouched(To.NodeText, 0, sizeof(To.NodeText)));
}

CONFORMANCE_GROUP(name_info) = {
    TEST(numbers_are_given_as_numbers, "NAMEINFO-01 NAMEINFO-04 NAMEINFO-06"),
    TEST(either_name_may_be_left_out, "NAMEINFO-03"),
    TEST(an_address_without_a_name_gives_the_literal,
         "NAMEINFO-02 NAMEINFO-04 NAMEINFO-05"),
    TEST(a_known_address_gives_its_name, "NAMEINFO-01 NAMEINFO-07"),
    TEST(nothing_is_written_where_there_is_no_room, "NAMEINFO-01 NAMEINFO-08"),
    TEST(what_is_no_address_has_no_name, "NAMEINFO-09"),
    TEST(a_length_beyond_any_address_is_reported, "NAMEINFO-09"),
    TEST(a_call_needs_an_irp, "NAMEINFO-01"),
    TEST(a_thread_comes_with_its_process, "ADDRINFO-03"),
    TEST(names_are_for_passive_level, "IRQL-04"),
    TEST(a_look_up_cancelled_before_the_call, "IRP-19"),
};
