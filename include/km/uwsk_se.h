/*
 * Security descriptors: SIDs, access control lists, and the two forms of a
 * descriptor that holds them.
 *
 * All of these are structures in the caller's memory; nothing is allocated.
 * Sizes and lengths are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntifs/nf-ntifs-<name>. IRQL <= APC_LEVEL,
 * for what creates, validates or measures a descriptor, sets its DACL or asks
 * for its owner PASSIVE_LEVEL, for RtlEqualSid any.
 */
#ifndef UWSK_KM_SE_H
#define UWSK_KM_SE_H

#include <ntdef.h>

#include <uwsk_se_types.h>

UWSK_BEGIN_C

/* ---- SIDs ---------------------------------------------------------------- */

typedef struct _SID_IDENTIFIER_AUTHORITY {
  UCHAR Value[6];
} SID_IDENTIFIER_AUTHORITY, *PSID_IDENTIFIER_AUTHORITY;

typedef struct _SID {
  UCHAR Revision;
  UCHAR SubAuthorityCount;
  SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
  ULONG SubAuthority[ANYSIZE_ARRAY];
} SID, *PISID;

#define SID_REVISION            1
#define SID_MAX_SUB_AUTHORITIES 15
#define SECURITY_MAX_SID_SIZE   68

#define SECURITY_NULL_SID_AUTHORITY                                            \
  {                                                                            \
    { 0, 0, 0, 0, 0, 0 }                                                       \
  }
#define SECURITY_WORLD_SID_AUTHORITY                                           \
  {                                                                            \
    { 0, 0, 0, 0, 0, 1 }                                                       \
  }
#define SECURITY_NT_AUTHORITY                                                  \
  {                                                                            \
    { 0, 0, 0, 0, 0, 5 }                                                       \
  }

#define SECURITY_WORLD_RID              0x00000000L
#define SECURITY_AUTHENTICATED_USER_RID 0x0000000BL
#define SECURITY_LOCAL_SYSTEM_RID       0x00000012L
#define SECURITY_LOCAL_SERVICE_RID      0x00000013L
#define SECURITY_NETWORK_SERVICE_RID    0x00000014L
#define SECURITY_BUILTIN_DOMAIN_RID     0x00000020L
#define DOMAIN_ALIAS_RID_ADMINS         0x00000220L
#define DOMAIN_ALIAS_RID_USERS          0x00000221L

/* Bytes of a SID with so many sub-authorities. */
NTSYSAPI ULONG NTAPI RtlLengthRequiredSid(ULONG SubAuthorityCount);

/* Fills in all but the sub-authorities. STATUS_INVALID_PARAMETER: more than 15
 * of them. */
NTSYSAPI NTSTATUS NTAPI
RtlInitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY IdentifierAuthority,
                 UCHAR SubAuthorityCount);

/* Where a sub-authority stands, and their count. Nothing is checked. */
NTSYSAPI PULONG NTAPI RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority);
NTSYSAPI PUCHAR NTAPI RtlSubAuthorityCountSid(PSID Sid);

NTSYSAPI BOOLEAN NTAPI RtlValidSid(PSID Sid);
NTSYSAPI BOOLEAN NTAPI RtlEqualSid(PSID Sid1, PSID Sid2);
NTSYSAPI ULONG NTAPI RtlLengthSid(PSID Sid);

/* STATUS_BUFFER_TOO_SMALL, and nothing is copied. */
NTSYSAPI NTSTATUS NTAPI RtlCopySid(ULONG DestinationSidLength,
                                   PSID DestinationSid, PSID SourceSid);

/* ---- access control lists ------------------------------------------------ */

#define ACL_REVISION    2
#define ACL_REVISION_DS 4

#define ACCESS_ALLOWED_ACE_TYPE 0x0
#define ACCESS_DENIED_ACE_TYPE  0x1
#define SYSTEM_AUDIT_ACE_TYPE   0x2

/* Of AceFlags: for heirs alone, not for the object itself. */
#define INHERIT_ONLY_ACE 0x8

typedef struct _ACE_HEADER {
  UCHAR AceType;
  UCHAR AceFlags;
  USHORT AceSize;
} ACE_HEADER, *PACE_HEADER;

/* The SID begins at SidStart. */
typedef struct _ACCESS_ALLOWED_ACE {
  ACE_HEADER Header;
  ACCESS_MASK Mask;
  ULONG SidStart;
} ACCESS_ALLOWED_ACE, *PACCESS_ALLOWED_ACE;

typedef struct _ACCESS_DENIED_ACE {
  ACE_HEADER Header;
  ACCESS_MASK Mask;
  ULONG SidStart;
} ACCESS_DENIED_ACE, *PACCESS_DENIED_ACE;

/* Makes an empty list in AclLength bytes. STATUS_BUFFER_TOO_SMALL: not even
 * its head fits; STATUS_INVALID_PARAMETER: more than 65,535 bytes, or a
 * revision that is not 2 to 4. */
NTSYSAPI NTSTATUS NTAPI RtlCreateAcl(PACL Acl, ULONG AclLength,
                                     ULONG AclRevision);

/* Adds an entry at the end. STATUS_INVALID_SID, STATUS_INVALID_ACL;
 * STATUS_REVISION_MISMATCH: a revision beyond 4;
 * STATUS_ALLOTTED_SPACE_EXCEEDED: no room. */
NTSYSAPI NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL Acl, ULONG AceRevision,
                                               ACCESS_MASK AccessMask,
                                               PSID Sid);
NTSYSAPI NTSTATUS NTAPI RtlAddAccessAllowedAceEx(PACL Acl, ULONG AceRevision,
                                                 ULONG AceFlags,
                                                 ACCESS_MASK AccessMask,
                                                 PSID Sid);
NTSYSAPI NTSTATUS NTAPI RtlAddAccessDeniedAce(PACL Acl, ULONG AceRevision,
                                              ACCESS_MASK AccessMask, PSID Sid);

/* *Ace points into the list. STATUS_INVALID_PARAMETER: there is no such. */
NTSYSAPI NTSTATUS NTAPI RtlGetAce(PACL Acl, ULONG AceIndex, PVOID *Ace);

NTSYSAPI BOOLEAN NTAPI RtlValidAcl(PACL Acl);

/* ---- security descriptors ------------------------------------------------ */

#define SE_OWNER_DEFAULTED 0x0001
#define SE_GROUP_DEFAULTED 0x0002
#define SE_DACL_PRESENT    0x0004
#define SE_DACL_DEFAULTED  0x0008
#define SE_SACL_PRESENT    0x0010
#define SE_SACL_DEFAULTED  0x0020
#define SE_DACL_PROTECTED  0x1000
#define SE_SELF_RELATIVE   0x8000

#define SECURITY_DESCRIPTOR_MIN_LENGTH (sizeof(SECURITY_DESCRIPTOR))

/* A descriptor in one piece of memory: offsets instead of pointers. */
typedef struct _SECURITY_DESCRIPTOR_RELATIVE {
  UCHAR Revision;
  UCHAR Sbz1;
  SECURITY_DESCRIPTOR_CONTROL Control;
  ULONG Owner;
  ULONG Group;
  ULONG Sacl;
  ULONG Dacl;
} SECURITY_DESCRIPTOR_RELATIVE, *PISECURITY_DESCRIPTOR_RELATIVE;

/* Makes an empty descriptor with pointers, a SECURITY_DESCRIPTOR. It grants
 * everything to everybody. STATUS_UNKNOWN_REVISION: Revision is not 1. */
NTSYSAPI NTSTATUS NTAPI RtlCreateSecurityDescriptor(
    PSECURITY_DESCRIPTOR SecurityDescriptor, ULONG Revision);

/* Whether the descriptor and all it holds have a form that is known. */
NTSYSAPI BOOLEAN NTAPI
RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor);

/* Bytes of the descriptor and all it holds, each part rounded up to 4. The
 * descriptor must be valid. */
NTSYSAPI ULONG NTAPI
RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor);

/* Only in a descriptor with pointers, of which nothing is copied. DaclPresent
 * FALSE takes the list away; a Dacl of NULL that is present grants everything.
 * STATUS_UNKNOWN_REVISION, STATUS_INVALID_SECURITY_DESCR (it is self-relative).
 */
NTSYSAPI NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(
    PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN DaclPresent, PACL Dacl,
    BOOLEAN DaclDefaulted);
NTSYSAPI NTSTATUS NTAPI
RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                              PSID Owner, BOOLEAN OwnerDefaulted);
NTSYSAPI NTSTATUS NTAPI
RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                              PSID Group, BOOLEAN GroupDefaulted);

/* Pointers into the descriptor, of either form. *Dacl and *DaclDefaulted are
 * not written when none is present. STATUS_UNKNOWN_REVISION. */
NTSYSAPI NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(
    PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN DaclPresent, PACL *Dacl,
    PBOOLEAN DaclDefaulted);
NTSYSAPI NTSTATUS NTAPI RtlGetSaclSecurityDescriptor(
    PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN SaclPresent, PACL *Sacl,
    PBOOLEAN SaclDefaulted);
NTSYSAPI NTSTATUS NTAPI
RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                              PSID *Owner, PBOOLEAN OwnerDefaulted);
NTSYSAPI NTSTATUS NTAPI
RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                              PSID *Group, PBOOLEAN GroupDefaulted);

/* Copies a descriptor with pointers into one piece of *BufferLength bytes.
 * STATUS_BUFFER_TOO_SMALL: *BufferLength is what it takes;
 * STATUS_BAD_DESCRIPTOR_FORMAT: it is in one piece already. */
NTSYSAPI NTSTATUS NTAPI RtlAbsoluteToSelfRelativeSD(
    PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor,
    PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor, PULONG BufferLength);

UWSK_END_C

#endif
