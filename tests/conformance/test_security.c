/* Security descriptors: the cache of the client, and those of sockets. */
#include <ntifs.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"
#include "wsksecurity.h"

/* ---- the cache ----------------------------------------------------------- */

/* Defends against a copy that still points into the client's memory. */
static VOID a_cached_descriptor_is_a_copy_in_one_piece(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;
  BOOLEAN Present = FALSE, Defaulted = TRUE;
  PACL List = NULL;
  PVOID Entry = NULL;

  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  CHECK(Cached != (PVOID)&Mine.Descriptor);
  RtlZeroMemory(&Mine, sizeof(Mine));
  CHECK(RtlValidSecurityDescriptor(Cached));
  CHECK(((SECURITY_DESCRIPTOR *)Cached)->Control & SE_SELF_RELATIVE);
  CHECK_STATUS(STATUS_SUCCESS, RtlGetDaclSecurityDescriptor(Cached, &Present,
                                                            &List, &Defaulted));
  CHECK(Present && !Defaulted);
  REQUIRE(List != NULL);
  CHECK_EQUAL(1, List->AceCount);
  REQUIRE(RtlGetAce(List, 0, &Entry) == STATUS_SUCCESS);
  CHECK(RtlEqualSid(&((ACCESS_ALLOWED_ACE *)Entry)->SidStart, TestEverybody));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* Defends against a cache that takes only one of the two forms. */
static VOID a_cached_descriptor_can_be_cached_again(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR One = NULL, Other = NULL;

  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &One) == STATUS_SUCCESS);
  if (CHECK(CacheDescriptor(One, &Other) == STATUS_SUCCESS))
    CHECK_EQUAL(RtlLengthSecurityDescriptor(One),
                RtlLengthSecurityDescriptor(Other));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(One));
  REQUIRE(Other != NULL);
  CHECK(RtlValidSecurityDescriptor(Other));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Other));
}

/* Defends against a copy that ends before what lies behind a gap. */
static VOID a_descriptor_in_one_piece_may_have_gaps(VOID) {
  struct {
    SECURITY_DESCRIPTOR_RELATIVE Head;
    UCHAR Gap[400];
    SID Owner;
    UCHAR Another[100];
    ACL List;
  } Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;
  BOOLEAN Present = FALSE, Defaulted;
  PSID Owner = NULL;
  PACL List = NULL;

  RtlFillMemory(&Mine, sizeof(Mine), 0xA5);
  RtlZeroMemory(&Mine.Head, sizeof(Mine.Head));
  Mine.Head.Revision = SECURITY_DESCRIPTOR_REVISION;
  Mine.Head.Control = SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_DACL_PROTECTED;
  Mine.Head.Owner = (ULONG)((PUCHAR)&Mine.Owner - (PUCHAR)&Mine);
  Mine.Head.Dacl = (ULONG)((PUCHAR)&Mine.List - (PUCHAR)&Mine);
  RtlCopySid(sizeof(Mine.Owner), &Mine.Owner, TestEverybody);
  RtlCreateAcl(&Mine.List, sizeof(Mine.List), ACL_REVISION);
  REQUIRE(CacheDescriptor(&Mine, &Cached) == STATUS_SUCCESS);
  RtlZeroMemory(&Mine, sizeof(Mine));
  CHECK(RtlValidSecurityDescriptor(Cached));
  RtlGetOwnerSecurityDescriptor(Cached, &Owner, &Defaulted);
  CHECK(Owner != NULL && RtlEqualSid(Owner, TestEverybody));
  RtlGetDaclSecurityDescriptor(Cached, &Present, &List, &Defaulted);
  CHECK(Present && List != NULL && List->AceCount == 0);
  CHECK(((SECURITY_DESCRIPTOR *)Cached)->Control & SE_DACL_PROTECTED);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* Defends against a list that is walked to nowhere. */
static VOID what_is_no_descriptor_is_not_cached(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;

  CHECK_STATUS(STATUS_INVALID_PARAMETER, CacheDescriptor(NULL, &Cached));
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  Mine.Descriptor.Revision = 2;
  CHECK_STATUS(STATUS_INVALID_SECURITY_DESCR,
               CacheDescriptor(&Mine.Descriptor, &Cached));
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  Mine.List.Acl.AceCount = 9;
  CHECK_STATUS(STATUS_INVALID_SECURITY_DESCR,
               CacheDescriptor(&Mine.Descriptor, &Cached));
  CHECK(Cached == NULL);
}

/* Defends against a second release that frees somebody else's memory. */
static VOID a_descriptor_is_released_once(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;

  host_expect_reports();
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
  CHECK_EQUAL(0, host_all_reports());
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ReleaseDescriptor(Cached));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ReleaseDescriptor(&Mine.Descriptor));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ReleaseDescriptor(NULL));
  CHECK_EQUAL(3, host_reports("SD-03"));
}

/* Defends against descriptors that a driver forgets each time it is loaded. */
static VOID descriptors_left_at_deregistration_are_reported(VOID) {
  WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi, Saved = TestNpi;
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;

  host_expect_reports();
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  host_spare(1);
  REQUIRE(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  REQUIRE(WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi) ==
          STATUS_SUCCESS);
  host_spare(0);
  TestNpi = Npi;
  CHECK_STATUS(STATUS_SUCCESS, CacheDescriptor(&Mine.Descriptor, &Cached));
  TestNpi = Saved;
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_reports("SD-02"));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* Defends against a leak where there is no memory for the second half. */
static VOID caching_a_descriptor_may_find_no_memory(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached;
  NTSTATUS Status;
  unsigned n = 0;

  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  do {
    Cached = NULL;
    host_fail_allocation(++n);
    Status = CacheDescriptor(&Mine.Descriptor, &Cached);
    if (host_allocation_failed()) {
      CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, Status);
      CHECK(Cached == NULL);
    }
  } while (host_allocation_failed());
  host_fail_allocation(0);
  CHECK(n > 1);
  CHECK_STATUS(STATUS_SUCCESS, Status);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* ---- of sockets ---------------------------------------------------------- */

/* Defends against a reference that the client does not know of. */
static VOID reading_a_descriptor_gives_a_reference(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL, Read = NULL;
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  CHECK_AT_ONCE(SetSecurity(NewCall(), Socket, Cached), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetSecurity(NewCall(), Socket, &Read), STATUS_SUCCESS,
                sizeof(Read));
  CHECK(Read == Cached);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
  CHECK(RtlValidSecurityDescriptor(Read));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Read));
  /* The socket has its own; the client can have it back. */
  CHECK_AT_ONCE(GetSecurity(NewCall(), Socket, &Read), STATUS_SUCCESS,
                sizeof(Read));
  CHECK(RtlValidSecurityDescriptor(Read));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Read));
}

/* Defends against a NULL where a client expects a descriptor. */
static VOID the_default_descriptor_can_be_read(VOID) {
  PSECURITY_DESCRIPTOR Read = NULL;
  PWSK_SOCKET Socket = OpenSocket(), Other = OpenSocket();
  BOOLEAN Present = FALSE, Defaulted;
  PACL List = NULL;

  REQUIRE(Socket != NULL && Other != NULL);
  CHECK_AT_ONCE(GetSecurity(NewCall(), Socket, &Read), STATUS_SUCCESS,
                sizeof(Read));
  REQUIRE(RtlValidSecurityDescriptor(Read));
  RtlGetDaclSecurityDescriptor(Read, &Present, &List, &Defaulted);
  CHECK(Present && List != NULL && List->AceCount == 0);
  CHECK_AT_ONCE(SetSecurity(NewCall(), Other, Read), STATUS_SUCCESS, 0);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Read));
}

/* Defends against a close that takes a reference which is the client's. */
static VOID closing_a_socket_does_not_release_its_descriptor(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  CHECK_AT_ONCE(SetSecurity(NewCall(), Socket, Cached), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(RtlValidSecurityDescriptor(Cached));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

static PWSK_CALL Create(PWSK_CALL Call, PSECURITY_DESCRIPTOR Descriptor) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL, NULL, Descriptor, Irp);
  return Call;
}

static PWSK_CALL CreateAndConnect(PWSK_CALL Call,
                                  PSECURITY_DESCRIPTOR Descriptor) {
  TEST_ADDRESS Local, Remote;
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocketConnect(
      TestNpi.Client, SOCK_STREAM, IPPROTO_TCP, &Wildcard(&Local, 0)->Any,
      &Loopback(&Remote, 1)->Any, 0, NULL, NULL, NULL, NULL, Descriptor, Irp);
  return Call;
}

/* Defends against the client's own memory in a socket that outlives it. */
static VOID a_descriptor_of_a_socket_has_to_be_cached(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  host_expect_reports();
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  CHECK_AT_ONCE(Create(NewCall(), &Mine.Descriptor), STATUS_INVALID_PARAMETER,
                0);
  CHECK_AT_ONCE(CreateAndConnect(NewCall(), &Mine.Descriptor),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(SetSecurity(NewCall(), Socket, &Mine.Descriptor),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(SetSecurity(NewCall(), Socket, NULL), STATUS_INVALID_PARAMETER,
                0);
  CHECK_EQUAL(4, host_reports("SOCKET-13"));
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  CHECK_PENDED(CreateAndConnect(NewCall(), Cached), STATUS_CONNECTION_REFUSED,
               0);
  CHECK(SocketOf(Create(NewCall(), Cached)) != NULL);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
  CHECK_EQUAL(4, host_all_reports());
}

/* Defends against a reference, or a default one, that is lost on the way. */
static VOID reading_a_descriptor_may_find_no_memory(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call = NewCall();
  PSECURITY_DESCRIPTOR Read = NULL;
  unsigned n = 0;

  REQUIRE(Socket != NULL);
  do {
    host_fail_allocation(++n);
    GetSecurity(Call, Socket, &Read);
    if (host_allocation_failed())
      CHECK_AT_ONCE(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
  } while (host_allocation_failed());
  host_fail_allocation(0);
  CHECK(n > 1);
  CHECK_AT_ONCE(Call, STATUS_SUCCESS, sizeof(Read));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Read));
}

static volatile LONG Refused;

/* Reads the descriptor of the call's socket, and replaces it, over and over. */
static VOID ReadAndReplace(PVOID Context) {
  PSECURITY_DESCRIPTOR Read = NULL;
  PWSK_CALL Call = Context;
  PWSK_SOCKET Socket = Call->ThenContext;
  ULONG i;

  for (i = 0; i < 200; i++) {
    GetSecurity(Call, Socket, &Read);
    WaitForCall(Call);
    SetSecurity(Call, Socket, Read);
    WaitForCall(Call);
    if (Call->Status != STATUS_SUCCESS ||
        ReleaseDescriptor(Read) != STATUS_SUCCESS)
      InterlockedIncrement(&Refused);
  }
}

/* Defends against counts that two threads change at once. */
static VOID threads_may_share_descriptors(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL One = NewCall(), Other = NewCall();
  TEST_THREAD Threads[2];

  REQUIRE(Socket != NULL);
  Refused = 0;
  One->ThenContext = Other->ThenContext = Socket;
  StartThread(&Threads[0], ReadAndReplace, One);
  StartThread(&Threads[1], ReadAndReplace, Other);
  JoinThread(&Threads[0]);
  JoinThread(&Threads[1]);
  CHECK_EQUAL(0, Refused);
}

CONFORMANCE_GROUP(security) = {
    TEST_ONCE(a_cached_descriptor_is_a_copy_in_one_piece, "SD-01"),
    TEST_ONCE(a_cached_descriptor_can_be_cached_again, "SD-01 SD-03"),
    TEST_ONCE(a_descriptor_in_one_piece_may_have_gaps, "SD-01"),
    TEST_ONCE(what_is_no_descriptor_is_not_cached, "SD-01"),
    TEST_ONCE(a_descriptor_is_released_once, "SD-03"),
    TEST_ONCE(descriptors_left_at_deregistration_are_reported, "SD-02"),
    TEST_ONCE(caching_a_descriptor_may_find_no_memory, "SD-01"),
    TEST(reading_a_descriptor_gives_a_reference, "SOPT-12 SD-03"),
    TEST(the_default_descriptor_can_be_read, "SOPT-12 SOCKET-14"),
    TEST(closing_a_socket_does_not_release_its_descriptor, "SD-04"),
    TEST(a_descriptor_of_a_socket_has_to_be_cached, "SOCKET-13"),
    TEST(reading_a_descriptor_may_find_no_memory, "SOPT-12"),
    TEST_ONCE(threads_may_share_descriptors, "SOPT-12"),
};
