/* SIDs: structures of the caller's, without any allocation. */
#include <ntifs.h>

#include "ke/ke.h"
#include "rtl/inner.h"

static ULONG length_of(UCHAR count) {
  return (ULONG)FIELD_OFFSET(SID, SubAuthority) + count * (ULONG)sizeof(ULONG);
}

ULONG RtlLengthRequiredSid(ULONG SubAuthorityCount) {
  ke__within_irql(APC_LEVEL, "RtlLengthRequiredSid");
  return length_of((UCHAR)SubAuthorityCount);
}

NTSTATUS RtlInitializeSid(PSID Sid,
                          PSID_IDENTIFIER_AUTHORITY IdentifierAuthority,
                          UCHAR SubAuthorityCount) {
  ke__within_irql(APC_LEVEL, "RtlInitializeSid");
  SID *sid = Sid;
  if (SubAuthorityCount > SID_MAX_SUB_AUTHORITIES)
    return STATUS_INVALID_PARAMETER;
  sid->Revision = SID_REVISION;
  sid->SubAuthorityCount = SubAuthorityCount;
  sid->IdentifierAuthority = *IdentifierAuthority;
  return STATUS_SUCCESS;
}

PULONG RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority) {
  ke__within_irql(APC_LEVEL, "RtlSubAuthoritySid");
  return ((SID *)Sid)->SubAuthority + SubAuthority;
}

PUCHAR RtlSubAuthorityCountSid(PSID Sid) {
  return &((SID *)Sid)->SubAuthorityCount;
}

BOOLEAN rtl__sid_is_valid(PSID Sid) {
  const SID *sid = Sid;
  return sid != NULL && sid->Revision == SID_REVISION &&
         sid->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

BOOLEAN RtlValidSid(PSID Sid) {
  ke__within_irql(APC_LEVEL, "RtlValidSid");
  return rtl__sid_is_valid(Sid);
}

ULONG rtl__sid_length(PSID Sid) {
  return length_of(((const SID *)Sid)->SubAuthorityCount);
}

ULONG RtlLengthSid(PSID Sid) {
  ke__within_irql(APC_LEVEL, "RtlLengthSid");
  return rtl__sid_length(Sid);
}

BOOLEAN RtlEqualSid(PSID Sid1, PSID Sid2) {
  ULONG length = rtl__sid_length(Sid1);
  return length == rtl__sid_length(Sid2) && RtlEqualMemory(Sid1, Sid2, length);
}

NTSTATUS RtlCopySid(ULONG DestinationSidLength, PSID DestinationSid,
                    PSID SourceSid) {
  ke__within_irql(APC_LEVEL, "RtlCopySid");
  ULONG length = rtl__sid_length(SourceSid);
  if (length > DestinationSidLength)
    return STATUS_BUFFER_TOO_SMALL;
  RtlMoveMemory(DestinationSid, SourceSid, length);
  return STATUS_SUCCESS;
}
