/* Access control lists: a head and entries behind it, in one piece. */
#include <ntifs.h>

#include "ke/ke.h"
#include "rtl/inner.h"

#define HIGHEST_REVISION ACL_REVISION_DS

static PACE_HEADER first_ace(PACL acl) {
  return (PACE_HEADER)(void *)(acl + 1);
}

static PACE_HEADER next_ace(PACE_HEADER ace) {
  return (PACE_HEADER)(void *)((PUCHAR)ace + ace->AceSize);
}

NTSTATUS RtlCreateAcl(PACL Acl, ULONG AclLength, ULONG AclRevision) {
  ke__within_irql(APC_LEVEL, "RtlCreateAcl");
  if (AclLength < sizeof(ACL))
    return STATUS_BUFFER_TOO_SMALL;
  if (AclLength > MAXUSHORT || AclRevision < ACL_REVISION ||
      AclRevision > HIGHEST_REVISION)
    return STATUS_INVALID_PARAMETER;
  RtlZeroMemory(Acl, sizeof(*Acl));
  Acl->AclRevision = (UCHAR)AclRevision;
  Acl->AclSize = (USHORT)(AclLength & ~3u);
  return STATUS_SUCCESS;
}

/* Whether an entry lies between `ace` and `end`, and its SID in it. */
static BOOLEAN ace_is_valid(const ACE_HEADER *ace, const UCHAR *end) {
  SIZE_T room = (SIZE_T)(end - (const UCHAR *)ace);
  if (room < sizeof(*ace) || ace->AceSize < sizeof(*ace) ||
      ace->AceSize > room || ace->AceSize % sizeof(ULONG) != 0)
    return FALSE;
  if (ace->AceType > SYSTEM_AUDIT_ACE_TYPE)
    return TRUE; /* of a kind that is not looked into */
  SIZE_T head = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart);
  if (ace->AceSize < head + FIELD_OFFSET(SID, SubAuthority))
    return FALSE;
  PSID sid = (PSID)(ULONG_PTR)((const UCHAR *)ace + head);
  return rtl__sid_is_valid(sid) && rtl__sid_length(sid) <= ace->AceSize - head;
}

/* Where the entries end; NULL when the list is not valid. */
static PACE_HEADER end_of_aces(PACL acl) {
  if (acl->AclRevision < ACL_REVISION || acl->AclRevision > HIGHEST_REVISION ||
      acl->AclSize < sizeof(*acl))
    return NULL;
  const UCHAR *end = (const UCHAR *)acl + acl->AclSize;
  PACE_HEADER ace = first_ace(acl);
  for (USHORT i = 0; i < acl->AceCount; i++) {
    if (!ace_is_valid(ace, end))
      return NULL;
    ace = next_ace(ace);
  }
  return ace;
}

BOOLEAN RtlValidAcl(PACL Acl) {
  return Acl != NULL && end_of_aces(Acl) != NULL;
}

NTSTATUS RtlGetAce(PACL Acl, ULONG AceIndex, PVOID *Ace) {
  ke__within_irql(APC_LEVEL, "RtlGetAce");
  if (AceIndex >= Acl->AceCount)
    return STATUS_INVALID_PARAMETER;
  PACE_HEADER ace = first_ace(Acl);
  while (AceIndex-- > 0)
    ace = next_ace(ace);
  *Ace = ace;
  return STATUS_SUCCESS;
}

static NTSTATUS add_ace(PACL acl, ULONG revision, UCHAR type, ULONG flags,
                        ACCESS_MASK mask, PSID sid) {
  if (!rtl__sid_is_valid(sid))
    return STATUS_INVALID_SID;
  if (revision > HIGHEST_REVISION)
    return STATUS_REVISION_MISMATCH;
  ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)(void *)end_of_aces(acl);
  if (ace == NULL)
    return STATUS_INVALID_ACL;
  SIZE_T size =
      FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + rtl__sid_length(sid);
  if ((PUCHAR)ace + size > (PUCHAR)acl + acl->AclSize)
    return STATUS_ALLOTTED_SPACE_EXCEEDED;
  ace->Header.AceType = type;
  ace->Header.AceFlags = (UCHAR)flags;
  ace->Header.AceSize = (USHORT)size;
  ace->Mask = mask;
  RtlCopyMemory(&ace->SidStart, sid, rtl__sid_length(sid));
  acl->AceCount++;
  if (revision > acl->AclRevision)
    acl->AclRevision = (UCHAR)revision;
  return STATUS_SUCCESS;
}

NTSTATUS RtlAddAccessAllowedAce(PACL Acl, ULONG AceRevision,
                                ACCESS_MASK AccessMask, PSID Sid) {
  ke__within_irql(APC_LEVEL, "RtlAddAccessAllowedAce");
  return add_ace(Acl, AceRevision, ACCESS_ALLOWED_ACE_TYPE, 0, AccessMask, Sid);
}

NTSTATUS RtlAddAccessAllowedAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags,
                                  ACCESS_MASK AccessMask, PSID Sid) {
  ke__within_irql(APC_LEVEL, "RtlAddAccessAllowedAceEx");
  return add_ace(Acl, AceRevision, ACCESS_ALLOWED_ACE_TYPE, AceFlags,
                 AccessMask, Sid);
}

NTSTATUS RtlAddAccessDeniedAce(PACL Acl, ULONG AceRevision,
                               ACCESS_MASK AccessMask, PSID Sid) {
  return add_ace(Acl, AceRevision, ACCESS_DENIED_ACE_TYPE, 0, AccessMask, Sid);
}
