/* SIDs, access control lists, security descriptors. */
#include <ntifs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static SID world = {1, 1, SECURITY_WORLD_SID_AUTHORITY, {0}};

/* ---- SIDs -------------------------------------------------------------- */

/* Defends against a head that is counted with one sub-authority in it. */
static void a_sid_is_as_long_as_its_sub_authorities(void **state) {
  SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
  UCHAR room[SECURITY_MAX_SID_SIZE], copy[SECURITY_MAX_SID_SIZE];
  PSID sid = room;

  (void)state;
  assert_int_equal(RtlLengthRequiredSid(0), 8);
  assert_int_equal(RtlLengthRequiredSid(15), SECURITY_MAX_SID_SIZE);
  assert_int_equal(RtlInitializeSid(sid, &authority, 16),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlInitializeSid(sid, &authority, 2), STATUS_SUCCESS);
  *RtlSubAuthoritySid(sid, 0) = SECURITY_BUILTIN_DOMAIN_RID;
  *RtlSubAuthoritySid(sid, 1) = DOMAIN_ALIAS_RID_ADMINS;
  assert_int_equal(*RtlSubAuthorityCountSid(sid), 2);
  assert_true(RtlValidSid(sid));
  assert_int_equal(RtlLengthSid(sid), 16);
  assert_int_equal(RtlCopySid(15, copy, sid), STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(RtlCopySid(16, copy, sid), STATUS_SUCCESS);
  assert_true(RtlEqualSid(copy, sid));
  (*RtlSubAuthoritySid(copy, 1))++;
  assert_false(RtlEqualSid(copy, sid));
  assert_false(RtlEqualSid(&world, sid));
}

/* Defends against what is followed although it is no SID. */
static void what_is_no_sid_is_not_valid(void **state) {
  SID sid = world;

  (void)state;
  assert_false(RtlValidSid(NULL));
  sid.Revision = 2;
  assert_false(RtlValidSid(&sid));
  sid = world;
  sid.SubAuthorityCount = 16;
  assert_false(RtlValidSid(&sid));
}

/* ---- lists -------------------------------------------------------------- */

union list {
  ACL acl;
  UCHAR bytes[64];
};

static void a_list_has_the_room_it_was_given(void **state) {
  union list list;

  (void)state;
  assert_int_equal(RtlCreateAcl(&list.acl, sizeof(ACL) - 1, ACL_REVISION),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(RtlCreateAcl(&list.acl, 65536, ACL_REVISION),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlCreateAcl(&list.acl, sizeof(list), 1),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlCreateAcl(&list.acl, sizeof(list), 5),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlCreateAcl(&list.acl, sizeof(list), ACL_REVISION),
                   STATUS_SUCCESS);
  assert_int_equal(list.acl.AclSize, sizeof(list));
  assert_int_equal(list.acl.AceCount, 0);
  assert_true(RtlValidAcl(&list.acl));
}

/* Defends against an entry that is written past the end. */
static void entries_are_added_while_there_is_room(void **state) {
  union list list;
  PVOID ace;
  SID none = world;
  USHORT each = 8 + 12; /* head, mask, SID */

  (void)state;
  none.Revision = 0;
  RtlCreateAcl(&list.acl, 8 + 2 * each, ACL_REVISION);
  list.bytes[8 + 2 * each] = 0xA5;
  assert_int_equal(RtlAddAccessAllowedAce(&list.acl, 2, 1, &none),
                   STATUS_INVALID_SID);
  assert_int_equal(RtlAddAccessAllowedAce(&list.acl, 5, 1, &world),
                   STATUS_REVISION_MISMATCH);
  assert_int_equal(RtlAddAccessDeniedAce(&list.acl, 2, GENERIC_READ, &world),
                   STATUS_SUCCESS);
  assert_int_equal(RtlAddAccessAllowedAceEx(&list.acl, 4, INHERIT_ONLY_ACE,
                                            GENERIC_WRITE, &world),
                   STATUS_SUCCESS);
  assert_int_equal(RtlAddAccessAllowedAce(&list.acl, 2, 1, &world),
                   STATUS_ALLOTTED_SPACE_EXCEEDED);
  assert_int_equal(list.bytes[8 + 2 * each], 0xA5);
  assert_int_equal(list.acl.AceCount, 2);
  assert_int_equal(list.acl.AclRevision, 4);
  assert_int_equal(RtlGetAce(&list.acl, 2, &ace), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlGetAce(&list.acl, 1, &ace), STATUS_SUCCESS);
  assert_ptr_equal(ace, &list.bytes[8 + each]);
  assert_int_equal(((ACCESS_ALLOWED_ACE *)ace)->Mask, GENERIC_WRITE);
  assert_int_equal(((ACE_HEADER *)ace)->AceFlags, INHERIT_ONLY_ACE);
  assert_int_equal(((ACE_HEADER *)ace)->AceSize, each);
  assert_int_equal(RtlGetAce(&list.acl, 0, &ace), STATUS_SUCCESS);
  assert_int_equal(((ACE_HEADER *)ace)->AceType, ACCESS_DENIED_ACE_TYPE);
  assert_true(RtlEqualSid(&((ACCESS_DENIED_ACE *)ace)->SidStart, &world));
}

/* Defends against a walk that goes by lengths nobody has looked at. */
static void a_list_with_a_bad_entry_is_not_valid(void **state) {
  union list list;
  ACE_HEADER *ace = (ACE_HEADER *)(void *)(&list.acl + 1);

  (void)state;
  assert_false(RtlValidAcl(NULL));
  RtlCreateAcl(&list.acl, sizeof(list), ACL_REVISION);
  RtlAddAccessAllowedAce(&list.acl, ACL_REVISION, 1, &world);
  assert_true(RtlValidAcl(&list.acl));
  ace->AceSize = 0;
  assert_false(RtlValidAcl(&list.acl));
  ace->AceSize = sizeof(list);
  assert_false(RtlValidAcl(&list.acl));
  assert_int_equal(RtlAddAccessAllowedAce(&list.acl, ACL_REVISION, 1, &world),
                   STATUS_INVALID_ACL);
  ace->AceSize = 16; /* not all of its SID */
  assert_false(RtlValidAcl(&list.acl));
  ace->AceSize = 20;
  list.acl.AceCount = 9;
  assert_false(RtlValidAcl(&list.acl));
}

/* ---- descriptors --------------------------------------------------------- */

struct descriptor {
  SECURITY_DESCRIPTOR is;
  union list list;
};

static void make_descriptor(struct descriptor *d) {
  assert_int_equal(RtlCreateSecurityDescriptor(&d->is, 1), STATUS_SUCCESS);
  RtlCreateAcl(&d->list.acl, 8 + 20, ACL_REVISION);
  RtlAddAccessAllowedAce(&d->list.acl, ACL_REVISION, 1, &world);
  assert_int_equal(
      RtlSetDaclSecurityDescriptor(&d->is, TRUE, &d->list.acl, FALSE),
      STATUS_SUCCESS);
  assert_int_equal(RtlSetOwnerSecurityDescriptor(&d->is, &world, TRUE),
                   STATUS_SUCCESS);
}

/* Defends against a new descriptor with what was in its memory. */
static void a_new_descriptor_is_empty(void **state) {
  SECURITY_DESCRIPTOR descriptor;
  BOOLEAN present = TRUE, defaulted = 7;
  PACL list = (PACL)(void *)&descriptor;
  PSID owner = &world;

  (void)state;
  memset(&descriptor, 0xA5, sizeof(descriptor));
  assert_int_equal(RtlCreateSecurityDescriptor(&descriptor, 2),
                   STATUS_UNKNOWN_REVISION);
  assert_int_equal(RtlCreateSecurityDescriptor(&descriptor, 1), STATUS_SUCCESS);
  assert_int_equal(descriptor.Control, 0);
  assert_true(RtlValidSecurityDescriptor(&descriptor));
  assert_int_equal(RtlLengthSecurityDescriptor(&descriptor),
                   SECURITY_DESCRIPTOR_MIN_LENGTH);
  assert_int_equal(
      RtlGetDaclSecurityDescriptor(&descriptor, &present, &list, &defaulted),
      STATUS_SUCCESS);
  assert_false(present);
  assert_ptr_equal(list, &descriptor);
  assert_int_equal(defaulted, 7);
  assert_int_equal(
      RtlGetOwnerSecurityDescriptor(&descriptor, &owner, &defaulted),
      STATUS_SUCCESS);
  assert_null(owner);
  assert_int_equal(defaulted, FALSE);
}

/* Defends against a list that stays although it was taken away. */
static void a_list_is_set_and_taken_away(void **state) {
  struct descriptor d;
  BOOLEAN present, defaulted;
  PACL list;

  (void)state;
  make_descriptor(&d);
  assert_int_equal(RtlLengthSecurityDescriptor(&d.is), 40 + 28 + 12);
  RtlGetDaclSecurityDescriptor(&d.is, &present, &list, &defaulted);
  assert_true(present);
  assert_ptr_equal(list, &d.list.acl);
  RtlSetDaclSecurityDescriptor(&d.is, TRUE, NULL, TRUE);
  RtlGetDaclSecurityDescriptor(&d.is, &present, &list, &defaulted);
  assert_true(present && defaulted);
  assert_null(list);
  assert_true(RtlValidSecurityDescriptor(&d.is));
  RtlSetDaclSecurityDescriptor(&d.is, FALSE, &d.list.acl, FALSE);
  RtlGetDaclSecurityDescriptor(&d.is, &present, &list, &defaulted);
  assert_false(present);
  d.is.Revision = 0;
  assert_int_equal(RtlSetDaclSecurityDescriptor(&d.is, TRUE, NULL, FALSE),
                   STATUS_UNKNOWN_REVISION);
  assert_int_equal(
      RtlGetDaclSecurityDescriptor(&d.is, &present, &list, &defaulted),
      STATUS_UNKNOWN_REVISION);
  assert_false(RtlValidSecurityDescriptor(&d.is));
}

/* Defends against a copy that leans on the original. */
static void a_descriptor_is_put_into_one_piece(void **state) {
  struct descriptor d;
  UCHAR piece[128];
  ULONG size = 0;
  BOOLEAN present, defaulted;
  PACL list;
  PSID owner, group;

  (void)state;
  make_descriptor(&d);
  assert_int_equal(RtlAbsoluteToSelfRelativeSD(&d.is, NULL, &size),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(size, 20 + 28 + 12);
  memset(piece, 0xA5, sizeof(piece));
  assert_int_equal(RtlAbsoluteToSelfRelativeSD(&d.is, piece, &size),
                   STATUS_SUCCESS);
  assert_int_equal(piece[size], 0xA5);
  memset(&d, 0, sizeof(d));
  assert_true(RtlValidSecurityDescriptor(piece));
  assert_int_equal(RtlLengthSecurityDescriptor(piece), size);
  RtlGetDaclSecurityDescriptor(piece, &present, &list, &defaulted);
  assert_true(present && RtlValidAcl(list));
  assert_true((PUCHAR)list > piece && (PUCHAR)list < piece + size);
  RtlGetOwnerSecurityDescriptor(piece, &owner, &defaulted);
  assert_true(defaulted && RtlEqualSid(owner, &world));
  RtlGetGroupSecurityDescriptor(piece, &group, &defaulted);
  assert_null(group);
  assert_int_equal(RtlAbsoluteToSelfRelativeSD(piece, piece, &size),
                   STATUS_BAD_DESCRIPTOR_FORMAT);
  assert_int_equal(RtlSetDaclSecurityDescriptor(piece, TRUE, NULL, FALSE),
                   STATUS_INVALID_SECURITY_DESCR);
  assert_int_equal(RtlSetGroupSecurityDescriptor(piece, &world, FALSE),
                   STATUS_INVALID_SECURITY_DESCR);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sid_is_as_long_as_its_sub_authorities),
      cmocka_unit_test(what_is_no_sid_is_not_valid),
      cmocka_unit_test(a_list_has_the_room_it_was_given),
      cmocka_unit_test(entries_are_added_while_there_is_room),
      cmocka_unit_test(a_list_with_a_bad_entry_is_not_valid),
      cmocka_unit_test(a_new_descriptor_is_empty),
      cmocka_unit_test(a_list_is_set_and_taken_away),
      cmocka_unit_test(a_descriptor_is_put_into_one_piece),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
