/* SIDs: structures of the caller's, without any allocation. */
#include <ntifs.h>

static ULONG length_of(UCHAR count) {
  return (ULONG)FIELD_OFFSET(SID, SubAuthority) + count * (ULONG)sizeof(ULONG);
}

ULONG RtlLengthRequiredSid(ULONG SubAuthorityCount) {
  return length_of((UCHAR)SubAuthorityCount);
}

NTSTATUS RtlInitializeSid(PSID Sid,
                          PSID_IDENTIFIER_AUTHORITY IdentifierAuthority,
                          UCHAR SubAuthorityCount) {
  SID *sid = Sid;
  if (SubAuthorityCount > SID_MAX_SUB_AUTHORITIES)
    return STATUS_INVALID_PARAMETER;
  sid->Revision = SID_REVISION;
  sid->SubAuthorityCount = SubAuthorityCount;
  sid->IdentifierAuthority = *IdentifierAuthority;
  return STATUS_SUCCESS;
}

PULONG RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority) {
  return ((SID *)Sid)->SubAuthority + SubAuthority;
}

PUCHAR RtlSubAuthorityCountSid(PSID Sid) {
  return &((SID *)Sid)->SubAuthorityCount;
}

BOOLEAN RtlValidSid(PSID Sid) {
  const SID *sid = Sid;
  return sid != NULL && sid->Revision == SID_REVISION &&
         sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

ULONG RtlLengthSid(PSID Sid) {
  return length_of(((const SID *)Sid)->SubAuthorityCount);
}

BOOLEAN RtlEqualSid(PSID Sid1, PSID Sid2) {
  ULONG length = RtlLengthSid(Sid1);
  return length == RtlLengthSid(Sid2) && RtlEqualMemory(Sid1, Sid2, length);
}

NTSTATUS RtlCopySid(ULONG DestinationSidLength, PSID DestinationSid,
                    PSID SourceSid) {
  ULONG length = RtlLengthSid(SourceSid);
  if (length > DestinationSidLength)
    return STATUS_BUFFER_TOO_SMALL;
  RtlMoveMemory(DestinationSid, SourceSid, length);
  return STATUS_SUCCESS;
}
