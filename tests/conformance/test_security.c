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
  REQUIRE(CacheDescriptor(One, &Other) == STATUS_SUCCESS);
  CHECK_EQUAL(RtlLengthSecurityDescriptor(One),
              RtlLengthSecurityDescriptor(Other));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(One));
  CHECK(RtlValidSecurityDescriptor(Other));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Other));
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
  REQUIRE(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  REQUIRE(WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi) ==
          STATUS_SUCCESS);
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

CONFORMANCE_GROUP(security) = {
    TEST_ONCE(a_cached_descriptor_is_a_copy_in_one_piece, "SD-01"),
    TEST_ONCE(a_cached_descriptor_can_be_cached_again, "SD-01 SD-03"),
    TEST_ONCE(what_is_no_descriptor_is_not_cached, "SD-01"),
    TEST_ONCE(a_descriptor_is_released_once, "SD-03"),
    TEST_ONCE(descriptors_left_at_deregistration_are_reported, "SD-02"),
    TEST_ONCE(caching_a_descriptor_may_find_no_memory, "SD-01"),
};
