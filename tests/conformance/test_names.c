/*
 * WskGetAddressInfo and WskFreeAddressInfo, with names that need no network.
 * What happens while the host takes its time: tests/wsk/test_lookup.c.
 */
#include <ntifs.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define PORT_80 RtlUshortByteSwap(80)

/* ---- calls ----------------------------------------------------------- */

static PCWSTR Literal(VOID) {
  return TEST_IPV6 ? L"::1" : L"127.0.0.1";
}

static SIZE_T AddressLength(VOID) {
  return TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
}

static PUNICODE_STRING Text(PUNICODE_STRING String, PCWSTR Characters) {
  if (Characters == NULL)
    return NULL;
  RtlInitUnicodeString(String, Characters);
  return String;
}

static PWSK_CALL ResolveStrings(PWSK_CALL Call, PUNICODE_STRING Node,
                                PUNICODE_STRING Service, PADDRINFOEXW Hints,
                                PADDRINFOEXW *Result) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskGetAddressInfo(
      TestNpi.Client, Node, Service, 0, NULL, Hints, Result, NULL, NULL, Irp);
  return Call;
}

static PWSK_CALL Resolve(PWSK_CALL Call, PCWSTR Node, PCWSTR Service,
                         PADDRINFOEXW Hints, PADDRINFOEXW *Result) {
  UNICODE_STRING NodeName, ServiceName;

  return ResolveStrings(Call, Text(&NodeName, Node),
                        Text(&ServiceName, Service), Hints, Result);
}

static VOID Free(PADDRINFOEXW List) {
  TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, List);
}

static ADDRINFOEXW HintsOf(INT Flags) {
  ADDRINFOEXW Hints;

  RtlZeroMemory(&Hints, sizeof(Hints));
  Hints.ai_flags = Flags;
  Hints.ai_family = TestFamily;
  return Hints;
}

static BOOLEAN IsText(PCWSTR Wide, PCWSTR Expected) {
  UNICODE_STRING One, Other;

  RtlInitUnicodeString(&One, Wide);
  RtlInitUnicodeString(&Other, Expected);
  return RtlEqualUnicodeString(&One, &Other, FALSE);
}

/* Of the entries there are, whatever their order. */
static VOID CheckEntries(PADDRINFOEXW List, USHORT Port) {
  for (; List != NULL; List = List->ai_next) {
    CHECK(List->ai_family == AF_INET || List->ai_family == AF_INET6);
    CHECK_EQUAL(List->ai_family == AF_INET6 ? sizeof(SOCKADDR_IN6)
                                            : sizeof(SOCKADDR_IN),
                List->ai_addrlen);
    CHECK_EQUAL(List->ai_family, List->ai_addr->sa_family);
    /* The port lies at the same place in both. */
    CHECK_EQUAL(Port, ((PSOCKADDR_IN)List->ai_addr)->sin_port);
    CHECK(List->ai_blob == NULL && List->ai_bloblen == 0);
    CHECK(List->ai_provider == NULL);
  }
}

/* ---- what is found --------------------------------------------------- */

/* Defends against a port in the wrong byte order, and one entry a kind of
 * socket, which a client that tries one after the other would connect to three
 * times. */
static VOID a_literal_gives_one_entry(VOID) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;

  CHECK_PENDED(Resolve(NewCall(), Literal(), L"80", NULL, &List),
               STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  CHECK_EQUAL(TestFamily, List->ai_family);
  CHECK_EQUAL(AddressLength(), List->ai_addrlen);
  CHECK_EQUAL(0, List->ai_socktype);
  CHECK_EQUAL(0, List->ai_protocol);
  CHECK(List->ai_canonname == NULL);
  CHECK(List->ai_next == NULL);
  CHECK(IsLoopback((PTEST_ADDRESS)List->ai_addr));
  CheckEntries(List, PORT_80);
  Free(List);
}

/* Defends against an entry that a WskSocketConnect cannot use as it is. */
static VOID an_entry_is_an_address_to_connect_to(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  UNICODE_STRING Service, Node;
  PADDRINFOEXW List = NULL;
  TEST_ADDRESS Local;
  WCHAR Digits[8];

  Service.Buffer = Digits;
  Service.Length = 0;
  Service.MaximumLength = sizeof(Digits);
  CHECK_STATUS(STATUS_SUCCESS, RtlIntegerToUnicodeString(Port, 10, &Service));
  CHECK_PENDED(
      ResolveStrings(NewCall(), Text(&Node, Literal()), &Service, NULL, &List),
      STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  CHECK(SocketOf(CreateConnected(NewCall(), Wildcard(&Local, 0),
                                 List->ai_addr)) != NULL);
  Free(List);
}

/* Defends against a name that only works as a literal. */
static VOID a_host_name_is_looked_up(VOID) {
  PADDRINFOEXW List = NULL, Entry;

  CHECK_PENDED(Resolve(NewCall(), L"localhost", L"80", NULL, &List),
               STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  for (Entry = List; Entry != NULL; Entry = Entry->ai_next)
    if (Entry->ai_family == AF_INET)
      CHECK_EQUAL(127,
                  ((PSOCKADDR_IN)Entry->ai_addr)->sin_addr.S_un.S_un_b.s_b1);
  CheckEntries(List, PORT_80);
  Free(List);
}

/* Defends against a list of which only the head is good. */
static VOID several_results_form_a_list(VOID) {
  PADDRINFOEXW List = NULL, Entry;
  BOOLEAN Four = FALSE, Six = FALSE;
  ULONG Count = 0;

  /* Nobody: this machine, in either family. */
  CHECK_PENDED(Resolve(NewCall(), NULL, L"80", NULL, &List), STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  for (Entry = List; Entry != NULL; Entry = Entry->ai_next) {
    Four = Four || Entry->ai_family == AF_INET;
    Six = Six || Entry->ai_family == AF_INET6;
    TestFamily = (ADDRESS_FAMILY)Entry->ai_family;
    CHECK(IsLoopback((PTEST_ADDRESS)Entry->ai_addr));
    Count++;
  }
  CHECK_EQUAL(2, Count);
  CHECK(Four && Six);
  CheckEntries(List, PORT_80);
  Free(List);
}

static VOID no_service_means_port_0(VOID) {
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(Resolve(NewCall(), Literal(), NULL, NULL, &List), STATUS_SUCCESS,
               0);
  REQUIRE(List != NULL);
  CheckEntries(List, 0);
  Free(List);
}

/* The entries say what the hints said, even what does not belong together: a
 * client passes them on to WskSocket. */
static VOID type_and_protocol_are_those_of_the_hints(VOID) {
  static const INT Kinds[][2] = {
      {SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP},
      {SOCK_STREAM, 0},           {0, IPPROTO_UDP},
      {SOCK_RAW, IPPROTO_ICMP},   {SOCK_STREAM, IPPROTO_UDP}};
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Kinds); i++) {
    ADDRINFOEXW Hints = HintsOf(0);
    PADDRINFOEXW List = NULL;

    Hints.ai_socktype = Kinds[i][0];
    Hints.ai_protocol = Kinds[i][1];
    CHECK_PENDED(Resolve(NewCall(), Literal(), L"80", &Hints, &List),
                 STATUS_SUCCESS, 0);
    REQUIRE(List != NULL);
    CHECK_EQUAL(Kinds[i][0], List->ai_socktype);
    CHECK_EQUAL(Kinds[i][1], List->ai_protocol);
    CHECK(List->ai_next == NULL);
    Free(List);
  }
}

/* ---- hints ----------------------------------------------------------- */

static VOID a_family_narrows_the_search(VOID) {
  ADDRINFOEXW Hints = HintsOf(0);
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(Resolve(NewCall(), NULL, L"80", &Hints, &List), STATUS_SUCCESS,
               0);
  REQUIRE(List != NULL);
  CHECK_EQUAL(TestFamily, List->ai_family);
  CHECK(List->ai_next == NULL);
  Free(List);
  /* The literal of the other family. */
  CHECK_PENDED(Resolve(NewCall(), TEST_IPV6 ? L"127.0.0.1" : L"::1", L"80",
                       &Hints, &List),
               STATUS_NOT_FOUND, 0);
  CHECK(List == NULL);
}

/* Defends against flags whose values are the host's, not Windows'. */
static VOID passive_without_a_node_is_the_wildcard(VOID) {
  ADDRINFOEXW Hints = HintsOf(AI_PASSIVE);
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(Resolve(NewCall(), NULL, L"80", &Hints, &List), STATUS_SUCCESS,
               0);
  REQUIRE(List != NULL);
  CHECK(IsWildcard((PTEST_ADDRESS)List->ai_addr));
  CheckEntries(List, PORT_80);
  Free(List);
}

static VOID the_canonical_name_is_in_the_first_entry(VOID) {
  ADDRINFOEXW Hints = HintsOf(AI_CANONNAME | AI_NUMERICHOST);
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(Resolve(NewCall(), Literal(), NULL, &Hints, &List),
               STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  if (CHECK(List->ai_canonname != NULL))
    CHECK(IsText(List->ai_canonname, Literal()));
  Free(List);
}

static VOID a_numeric_host_is_not_looked_up(VOID) {
  ADDRINFOEXW Hints = HintsOf(AI_NUMERICHOST);
  PADDRINFOEXW List = (PADDRINFOEXW)1;

  CHECK_PENDED(Resolve(NewCall(), L"localhost", NULL, &Hints, &List),
               STATUS_NOT_FOUND, 0);
  CHECK(List == NULL);
}

static VOID a_numeric_service_is_not_looked_up(VOID) {
  ADDRINFOEXW Hints = HintsOf(AI_NUMERICSERV);
  PADDRINFOEXW List = NULL;

  Hints.ai_socktype = SOCK_STREAM;
  CHECK_PENDED(Resolve(NewCall(), Literal(), L"http", &Hints, &List),
               STATUS_NOT_FOUND, 0);
  CHECK_PENDED(Resolve(NewCall(), Literal(), L"80", &Hints, &List),
               STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  Free(List);
}

/* A machine without a table of services knows no name; no machine gives "http"
 * another number. */
static VOID a_service_name_gives_its_port(VOID) {
  ADDRINFOEXW Hints = HintsOf(0);
  PADDRINFOEXW List = NULL;
  PWSK_CALL Call = NewCall();

  Hints.ai_socktype = SOCK_STREAM;
  CHECK(WaitForCall(Resolve(Call, Literal(), L"http", &Hints, &List)));
  if (List != NULL) {
    CHECK_PENDED(Call, STATUS_SUCCESS, 0);
    CheckEntries(List, PORT_80);
    Free(List);
  } else {
    CHECK_PENDED(Call, STATUS_NOT_FOUND, 0);
  }
}

/* Defends against a resolver that takes the number modulo 65536. */
static VOID a_service_is_a_port_or_a_name(VOID) {
  static const PCWSTR Bad[] = {L"65536", L"99999999999", L"-1",
                               L" 80",   L"+80",         L"no-such-service"};
  PADDRINFOEXW List = NULL;
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Bad); i++) {
    CHECK_PENDED(Resolve(NewCall(), Literal(), Bad[i], NULL, &List),
                 STATUS_NOT_FOUND, 0);
    CHECK(List == NULL);
  }
  CHECK_PENDED(Resolve(NewCall(), Literal(), L"65535", NULL, &List),
               STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  CheckEntries(List, 0xFFFF);
  Free(List);
}

/* ---- what is not found ----------------------------------------------- */

/* Observed: STATUS_NOT_FOUND, where the documentation says STATUS_NO_MATCH. */
static VOID an_unknown_host_is_not_found(VOID) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;

  CHECK_PENDED(Resolve(NewCall(), L"no-such-host.invalid", L"80", NULL, &List),
               STATUS_NOT_FOUND, 0);
  CHECK(List == NULL);
}

static VOID a_call_without_an_irp_is_refused(VOID) {
  PADDRINFOEXW List = NULL;
  UNICODE_STRING Node;

  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               TestNpi.Dispatch->WskGetAddressInfo(
                   TestNpi.Client, Text(&Node, Literal()), NULL, 0, NULL, NULL,
                   &List, NULL, NULL, NULL));
  CHECK(List == NULL);
}

static VOID a_call_needs_a_client(VOID) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  PADDRINFOEXW List = NULL;
  UNICODE_STRING Node;

  Call->Returned =
      TestNpi.Dispatch->WskGetAddressInfo(NULL, Text(&Node, Literal()), NULL, 0,
                                          NULL, NULL, &List, NULL, NULL, Irp);
  CHECK_AT_ONCE(Call, STATUS_INVALID_HANDLE, 0);
}

/* ---- what may be left out, and what may not -------------------------- */

static VOID something_has_to_be_asked(VOID) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;
  UNICODE_STRING Empty = {0, 0, NULL};

  CHECK_AT_ONCE(Resolve(NewCall(), NULL, NULL, NULL, &List),
                STATUS_INVALID_PARAMETER, 0);
  CHECK(List == NULL);
  CHECK_AT_ONCE(ResolveStrings(NewCall(), &Empty, &Empty, NULL, &List),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(Resolve(NewCall(), Literal(), NULL, NULL, NULL),
                STATUS_INVALID_PARAMETER, 0);
}

static PWSK_CALL ResolveFor(PEPROCESS Process, PETHREAD Thread, ULONG Space,
                            PADDRINFOEXW *List) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  UNICODE_STRING Node;

  Call->Returned = TestNpi.Dispatch->WskGetAddressInfo(
      TestNpi.Client, Text(&Node, Literal()), NULL, Space, NULL, NULL, List,
      Process, Thread, Irp);
  return Call;
}

static VOID a_thread_comes_with_its_process(VOID) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;

  CHECK_AT_ONCE(ResolveFor(NULL, (PETHREAD)KeGetCurrentThread(), 0, &List),
                STATUS_INVALID_PARAMETER, 0);
  CHECK(List == NULL);
}

/* Defends against a look-up in the name of two users at once. */
static VOID a_thread_that_impersonates_names_no_owner(VOID) {
  PETHREAD Thread = (PETHREAD)KeGetCurrentThread();
  PACCESS_TOKEN Token = PsReferencePrimaryToken(PsGetCurrentProcess());
  PADDRINFOEXW List = NULL;

  CHECK_STATUS(STATUS_SUCCESS, PsImpersonateClient(Thread, Token, FALSE, FALSE,
                                                   SecurityImpersonation));
  PsDereferencePrimaryToken(Token);
  CHECK_AT_ONCE(ResolveFor(PsGetCurrentProcess(), NULL, 0, &List),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(ResolveFor(PsGetCurrentProcess(), Thread, 0, &List),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_PENDED(ResolveFor(NULL, NULL, 0, &List), STATUS_SUCCESS, 0);
  Free(List);
  PsRevertToSelf();
  CHECK_PENDED(ResolveFor(PsGetCurrentProcess(), Thread, 0, &List),
               STATUS_SUCCESS, 0);
  Free(List);
}

static VOID only_known_namespaces_are_asked(VOID) {
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(ResolveFor(NULL, NULL, NS_DNS, &List), STATUS_SUCCESS, 0);
  REQUIRE(List != NULL);
  Free(List);
  CHECK_AT_ONCE(ResolveFor(NULL, NULL, NS_SAP, &List), STATUS_NOT_SUPPORTED, 0);
}

static VOID TryHints(PADDRINFOEXW Hints, PCWSTR Node, NTSTATUS Status) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;

  CHECK_AT_ONCE(Resolve(NewCall(), Node, L"80", Hints, &List), Status, 0);
  CHECK(List == NULL);
}

static VOID senseless_hints_are_refused(VOID) {
  ADDRINFOEXW Hints = HintsOf(AI_CANONNAME);

  TryHints(&Hints, NULL, STATUS_INVALID_PARAMETER);
  Hints = HintsOf(AI_CANONNAME | AI_FQDN);
  TryHints(&Hints, Literal(), STATUS_INVALID_PARAMETER);
  Hints = HintsOf(0x40000000);
  TryHints(&Hints, Literal(), STATUS_INVALID_PARAMETER);
  Hints = HintsOf(0);
  Hints.ai_addrlen = 16;
  TryHints(&Hints, Literal(), STATUS_INVALID_PARAMETER);
  Hints = HintsOf(0);
  Hints.ai_family = AF_APPLETALK;
  TryHints(&Hints, Literal(), STATUS_NOT_SUPPORTED);
  Hints = HintsOf(0);
  Hints.ai_socktype = 99;
  TryHints(&Hints, Literal(), STATUS_NOT_SUPPORTED);
}

/* Defends against half characters that turn into others on the way, and so
 * into the name of another host. */
static VOID a_name_that_is_no_text_is_refused(VOID) {
  static WCHAR High[] = {'a', 0xD800, 'b'}, Low[] = {0xDC00}, End[] = {0xDBFF};
  static WCHAR Turned[] = {0xDC00, 0xD800}, Null[] = {'a', 0, 'b'};
  UNICODE_STRING Bad[] = {{sizeof(High), sizeof(High), High},
                          {sizeof(Low), sizeof(Low), Low},
                          {sizeof(End), sizeof(End), End},
                          {sizeof(Turned), sizeof(Turned), Turned},
                          {sizeof(Null), sizeof(Null), Null},
                          {3, 4, High},
                          {4, 4, NULL}};
  PADDRINFOEXW List = (PADDRINFOEXW)1;
  UNICODE_STRING Good;
  ULONG i;

  Text(&Good, Literal());
  for (i = 0; i < RTL_NUMBER_OF(Bad); i++) {
    CHECK_AT_ONCE(ResolveStrings(NewCall(), &Bad[i], NULL, NULL, &List),
                  STATUS_INVALID_PARAMETER, 0);
    CHECK_AT_ONCE(ResolveStrings(NewCall(), &Good, &Bad[i], NULL, &List),
                  STATUS_INVALID_PARAMETER, 0);
  }
  CHECK(List == NULL);
}

/* A whole pair of surrogates is a character like any other; there is no host
 * of that name. */
static VOID a_name_may_have_any_character(VOID) {
  static WCHAR Pair[] = {0xD83D, 0xDE00, '.', 'i', 'n',
                         'v',    'a',    'l', 'i', 'd'};
  UNICODE_STRING Node = {sizeof(Pair), sizeof(Pair), Pair};
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(ResolveStrings(NewCall(), &Node, NULL, NULL, &List),
               STATUS_NOT_FOUND, 0);
}

static VOID TryLength(ULONG Length, NTSTATUS Status, BOOLEAN AtOnce) {
  static WCHAR Long[2000];
  UNICODE_STRING Node = {(USHORT)(Length * sizeof(WCHAR)), sizeof(Long), Long};
  PADDRINFOEXW List = NULL;
  ULONG i;

  for (i = 0; i < Length; i++)
    Long[i] = 'a';
  if (AtOnce)
    CHECK_AT_ONCE(ResolveStrings(NewCall(), &Node, NULL, NULL, &List), Status,
                  0);
  else
    CHECK_PENDED(ResolveStrings(NewCall(), &Node, NULL, NULL, &List), Status,
                 0);
}

static VOID no_host_has_a_name_that_long(VOID) {
  TryLength(NI_MAXHOST - 1, STATUS_NOT_FOUND, FALSE);
  TryLength(NI_MAXHOST, STATUS_INVALID_PARAMETER, TRUE);
}

/* ---- WskFreeAddressInfo ---------------------------------------------- */

static VOID only_the_head_of_a_list_is_freed(VOID) {
  PADDRINFOEXW List = NULL;
  ADDRINFOEXW Own = HintsOf(0);

  CHECK_PENDED(Resolve(NewCall(), NULL, L"80", NULL, &List), STATUS_SUCCESS, 0);
  REQUIRE(List != NULL && List->ai_next != NULL);
  host_expect_reports();
  Free(List->ai_next);
  CHECK_EQUAL(1, host_reports("FREEADDR-01"));
  Free(&Own);
  CHECK_EQUAL(2, host_reports("FREEADDR-01"));
  CheckEntries(List, PORT_80);
  Free(List);
  CHECK_EQUAL(2, host_reports("FREEADDR-01"));
  Free(List);
  CHECK_EQUAL(3, host_reports("FREEADDR-01"));
}

static VOID a_list_is_freed_by_the_client_that_got_it(VOID) {
  PADDRINFOEXW List = NULL;

  CHECK_PENDED(Resolve(NewCall(), Literal(), NULL, NULL, &List), STATUS_SUCCESS,
               0);
  REQUIRE(List != NULL);
  host_expect_reports();
  TestNpi.Dispatch->WskFreeAddressInfo(NULL, List);
  CHECK_EQUAL(1, host_reports("FREEADDR-01"));
  /* It is gone all the same. */
  Free(List);
  CHECK_EQUAL(2, host_reports("FREEADDR-01"));
}

static VOID a_list_left_at_deregistration_is_reported(VOID) {
  const WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi, Mine = TestNpi;
  PADDRINFOEXW List = NULL;

  host_spare(1);
  CHECK_STATUS(STATUS_SUCCESS,
               WskRegister((PWSK_CLIENT_NPI)&Client, &Registration));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  host_spare(0);
  TestNpi = Npi;
  CHECK_PENDED(Resolve(NewCall(), Literal(), NULL, NULL, &List), STATUS_SUCCESS,
               0);
  TestNpi = Mine;
  WskReleaseProviderNPI(&Registration);
  host_expect_reports();
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_reports("ADDRINFO-09"));
  REQUIRE(List != NULL);
  Free(List);
}

static VOID names_are_for_passive_level(VOID) {
  PADDRINFOEXW List = NULL;
  PWSK_CALL Call = NewCall();
  KIRQL Irql;

  host_expect_reports();
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  Resolve(Call, Literal(), NULL, NULL, &List);
  CHECK_EQUAL(1, host_reports("KE-IRQL-01"));
  KeLowerIrql(Irql);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  Free(List);
  CHECK_EQUAL(2, host_reports("KE-IRQL-01"));
  KeLowerIrql(Irql);
}

/* ---- cancelling, and many at once ------------------------------------ */

/* Defends against a cancel that is forgotten because it came too early. */
static VOID a_look_up_cancelled_before_the_call(VOID) {
  PADDRINFOEXW List = (PADDRINFOEXW)1;
  PWSK_CALL Call = NewCall();

  CancelCall(Call);
  CHECK_PENDED(Resolve(Call, Literal(), L"80", NULL, &List), STATUS_CANCELLED,
               0);
  CHECK(List == NULL);
}

#define MANY 100

static PADDRINFOEXW ManyLists[MANY];
static PWSK_CALL ManyCalls[MANY];

static VOID a_hundred_look_ups_at_once(VOID) {
  ULONG i;

  for (i = 0; i < MANY; i++)
    ManyCalls[i] = Resolve(NewCall(), Literal(), L"80", NULL, &ManyLists[i]);
  for (i = 0; i < MANY; i++) {
    CHECK_PENDED(ManyCalls[i], STATUS_SUCCESS, 0);
    if (!CHECK(ManyLists[i] != NULL))
      continue;
    CheckEntries(ManyLists[i], PORT_80);
    Free(ManyLists[i]);
  }
}

/* A result is there exactly when the look-up succeeded. */
static VOID CheckCancelledOrNot(VOID) {
  ULONG i;

  for (i = 0; i < MANY; i++) {
    CHECK(WaitForCall(ManyCalls[i]));
    CHECK_PENDED(ManyCalls[i],
                 ManyLists[i] != NULL ? STATUS_SUCCESS : STATUS_CANCELLED, 0);
    if (ManyLists[i] != NULL)
      Free(ManyLists[i]);
  }
}

/* A cancel meets each at another point of its way. */
static VOID a_cancel_is_in_time_or_not(VOID) {
  ULONG i;

  for (i = 0; i < MANY; i++) {
    ManyCalls[i] = Resolve(NewCall(), Literal(), L"80", NULL, &ManyLists[i]);
    if (i % 3 != 0)
      CancelCall(ManyCalls[i / 2]);
  }
  CheckCancelledOrNot();
}

static VOID CancelMany(PVOID Context) {
  ULONG i;

  UNREFERENCED_PARAMETER(Context);
  for (i = 0; i < MANY; i++)
    CancelCall(ManyCalls[i]);
}

/* Defends against a look-up that is freed by the one who completes it while the
 * one who cancels it still has it in his hands. */
static VOID another_thread_cancels_in_time_or_not(VOID) {
  TEST_THREAD Thread;
  ULONG i;

  for (i = 0; i < MANY; i++)
    ManyCalls[i] = Resolve(NewCall(), Literal(), L"80", NULL, &ManyLists[i]);
  StartThread(&Thread, CancelMany, NULL);
  CheckCancelledOrNot();
  JoinThread(&Thread);
}

CONFORMANCE_GROUP(names) = {
    TEST(a_literal_gives_one_entry, "ADDRINFO-01 ADDRINFO-05 ADDRINFO-06 "
                                    "ADDRINFO-08 OBS-03"),
    TEST(an_entry_is_an_address_to_connect_to, "ADDRINFO-06"),
    TEST_ONCE(a_host_name_is_looked_up, "ADDRINFO-06"),
    TEST_ONCE(several_results_form_a_list, "ADDRINFO-01 ADDRINFO-07"),
    TEST(no_service_means_port_0, "ADDRINFO-07"),
    TEST(type_and_protocol_are_those_of_the_hints, "ADDRINFO-01"),
    TEST(a_family_narrows_the_search, "ADDRINFO-07"),
    TEST(passive_without_a_node_is_the_wildcard, "ADDRINFO-07"),
    TEST(the_canonical_name_is_in_the_first_entry, "ADDRINFO-01"),
    TEST(a_numeric_host_is_not_looked_up, "ADDRINFO-06"),
    TEST(a_numeric_service_is_not_looked_up, "ADDRINFO-06"),
    TEST(a_service_name_gives_its_port, "ADDRINFO-06"),
    TEST(a_service_is_a_port_or_a_name, "ADDRINFO-06"),
    TEST_ONCE(an_unknown_host_is_not_found, "ADDRINFO-02 ADDRINFO-08 OBS-02"),
    TEST(a_call_without_an_irp_is_refused, "OBS-01"),
    TEST(a_call_needs_a_client, "ADDRINFO-01"),
    TEST(something_has_to_be_asked, "ADDRINFO-07"),
    TEST(a_thread_comes_with_its_process, "ADDRINFO-03"),
    TEST(a_thread_that_impersonates_names_no_owner, "ADDRINFO-04"),
    TEST(only_known_namespaces_are_asked, "ADDRINFO-07"),
    TEST(senseless_hints_are_refused, "ADDRINFO-07"),
    TEST(a_name_that_is_no_text_is_refused, "ADDRINFO-06"),
    TEST_ONCE(a_name_may_have_any_character, "ADDRINFO-02"),
    TEST_ONCE(no_host_has_a_name_that_long, "ADDRINFO-02"),
    TEST_ONCE(only_the_head_of_a_list_is_freed, "FREEADDR-01"),
    TEST(a_list_is_freed_by_the_client_that_got_it, "FREEADDR-01"),
    TEST_ONCE(a_list_left_at_deregistration_is_reported, "ADDRINFO-09"),
    TEST(names_are_for_passive_level, "IRQL-04"),
    TEST(a_look_up_cancelled_before_the_call, "IRP-19 ADDRINFO-10"),
    TEST(a_hundred_look_ups_at_once, "ADDRINFO-01"),
    TEST(a_cancel_is_in_time_or_not, "IRP-19 ADDRINFO-10"),
    TEST(another_thread_cancels_in_time_or_not, "IRP-19 ADDRINFO-10"),
};
