/*
 * Security descriptors, with pointers and in one piece.
 *
 * The four parts are looked at through part_of(), which knows both forms.
 */
#include <ntifs.h>

#include "ke/ke.h"
#include "rtl/inner.h"

enum part { OWNER, GROUP, SACL, DACL, PARTS };

static BOOLEAN is_relative(const SECURITY_DESCRIPTOR *descriptor) {
  return (descriptor->Control & SE_SELF_RELATIVE) != 0;
}

static BOOLEAN has(const SECURITY_DESCRIPTOR *descriptor, enum part part) {
  return part == SACL   ? (descriptor->Control & SE_SACL_PRESENT) != 0
         : part == DACL ? (descriptor->Control & SE_DACL_PRESENT) != 0
                        : TRUE;
}

static PVOID relative_part(const SECURITY_DESCRIPTOR *descriptor,
                           enum part part) {
  const SECURITY_DESCRIPTOR_RELATIVE *relative =
      (const SECURITY_DESCRIPTOR_RELATIVE *)(const void *)descriptor;
  ULONG offset = (&relative->Owner)[part];
  return offset == 0 ? NULL : (PVOID)((ULONG_PTR)descriptor + offset);
}

/* The owner, the group, or a list that is present; NULL when there is none. */
static PVOID part_of(const SECURITY_DESCRIPTOR *descriptor, enum part part) {
  if (!has(descriptor, part))
    return NULL;
  if (is_relative(descriptor))
    return relative_part(descriptor, part);
  return part == OWNER   ? descriptor->Owner
         : part == GROUP ? descriptor->Group
         : part == SACL  ? (PVOID)descriptor->Sacl
                         : (PVOID)descriptor->Dacl;
}

/* What it takes in one piece. */
static ULONG part_size(const SECURITY_DESCRIPTOR *descriptor, enum part part) {
  PVOID at = part_of(descriptor, part);
  if (at == NULL)
    return 0;
  ULONG size = part < SACL ? rtl__sid_length(at) : ((PACL)at)->AclSize;
  return (size + 3) & ~3u;
}

static BOOLEAN part_is_valid(const SECURITY_DESCRIPTOR *descriptor,
                             enum part part) {
  PVOID at = part_of(descriptor, part);
  return at == NULL || (part < SACL ? rtl__sid_is_valid(at) : RtlValidAcl(at));
}

/* ---- the whole ----------------------------------------------------------- */

NTSTATUS RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                     ULONG Revision) {
  ke__within_irql(PASSIVE_LEVEL, "RtlCreateSecurityDescriptor");
  if (Revision != SECURITY_DESCRIPTOR_REVISION)
    return STATUS_UNKNOWN_REVISION;
  RtlZeroMemory(SecurityDescriptor, sizeof(SECURITY_DESCRIPTOR));
  ((SECURITY_DESCRIPTOR *)SecurityDescriptor)->Revision = (UCHAR)Revision;
  return STATUS_SUCCESS;
}

static BOOLEAN is_known(const SECURITY_DESCRIPTOR *descriptor) {
  return descriptor->Revision == SECURITY_DESCRIPTOR_REVISION;
}

BOOLEAN RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor) {
  ke__within_irql(PASSIVE_LEVEL, "RtlValidSecurityDescriptor");
  const SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  if (descriptor == NULL || !is_known(descriptor))
    return FALSE;
  for (enum part part = OWNER; part < PARTS; part++)
    if (!part_is_valid(descriptor, part))
      return FALSE;
  return TRUE;
}

static ULONG size_of_parts(const SECURITY_DESCRIPTOR *descriptor) {
  ULONG size = 0;
  for (enum part part = OWNER; part < PARTS; part++)
    size += part_size(descriptor, part);
  return size;
}

ULONG RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor) {
  ke__within_irql(PASSIVE_LEVEL, "RtlLengthSecurityDescriptor");
  return size_of_parts(SecurityDescriptor) +
         (ULONG)(is_relative(SecurityDescriptor)
                     ? sizeof(SECURITY_DESCRIPTOR_RELATIVE)
                     : sizeof(SECURITY_DESCRIPTOR));
}

NTSTATUS
RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor,
                            PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor,
                            PULONG BufferLength) {
  ke__within_irql(APC_LEVEL, "RtlAbsoluteToSelfRelativeSD");
  static const enum part order[PARTS] = {SACL, DACL, OWNER, GROUP};
  const SECURITY_DESCRIPTOR *from = AbsoluteSecurityDescriptor;
  SECURITY_DESCRIPTOR_RELATIVE *to = SelfRelativeSecurityDescriptor;
  if (is_relative(from))
    return STATUS_BAD_DESCRIPTOR_FORMAT;
  ULONG offset = sizeof(*to), needed = offset + size_of_parts(from);
  if (*BufferLength < needed) {
    *BufferLength = needed;
    return STATUS_BUFFER_TOO_SMALL;
  }
  RtlZeroMemory(to, needed);
  to->Revision = from->Revision;
  to->Sbz1 = from->Sbz1;
  to->Control = from->Control | SE_SELF_RELATIVE;
  for (int i = 0; i < PARTS; i++) {
    PVOID at = part_of(from, order[i]);
    if (at == NULL)
      continue;
    RtlCopyMemory((PUCHAR)to + offset, at,
                  order[i] < SACL ? rtl__sid_length(at) : ((PACL)at)->AclSize);
    (&to->Owner)[order[i]] = offset;
    offset += part_size(from, order[i]);
  }
  return STATUS_SUCCESS;
}

/* ---- its parts ----------------------------------------------------------- */

static NTSTATUS check_writable(const SECURITY_DESCRIPTOR *descriptor) {
  return !is_known(descriptor)     ? STATUS_UNKNOWN_REVISION
         : is_relative(descriptor) ? STATUS_INVALID_SECURITY_DESCR
                                   : STATUS_SUCCESS;
}

static void set_control(SECURITY_DESCRIPTOR *descriptor, USHORT flag,
                        BOOLEAN on) {
  descriptor->Control &= (USHORT)~flag;
  if (on)
    descriptor->Control |= flag;
}

NTSTATUS RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                      BOOLEAN DaclPresent, PACL Dacl,
                                      BOOLEAN DaclDefaulted) {
  ke__within_irql(PASSIVE_LEVEL, "RtlSetDaclSecurityDescriptor");
  SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  NTSTATUS status = check_writable(descriptor);
  if (!NT_SUCCESS(status))
    return status;
  set_control(descriptor, SE_DACL_PRESENT, DaclPresent);
  if (DaclPresent) {
    descriptor->Dacl = Dacl;
    set_control(descriptor, SE_DACL_DEFAULTED, DaclDefaulted);
  }
  return STATUS_SUCCESS;
}

NTSTATUS RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                       PSID Owner, BOOLEAN OwnerDefaulted) {
  ke__within_irql(APC_LEVEL, "RtlSetOwnerSecurityDescriptor");
  SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  NTSTATUS status = check_writable(descriptor);
  if (!NT_SUCCESS(status))
    return status;
  descriptor->Owner = Owner;
  set_control(descriptor, SE_OWNER_DEFAULTED, OwnerDefaulted);
  return STATUS_SUCCESS;
}

NTSTATUS RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                       PSID Group, BOOLEAN GroupDefaulted) {
  ke__within_irql(APC_LEVEL, "RtlSetGroupSecurityDescriptor");
  SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  NTSTATUS status = check_writable(descriptor);
  if (!NT_SUCCESS(status))
    return status;
  descriptor->Group = Group;
  set_control(descriptor, SE_GROUP_DEFAULTED, GroupDefaulted);
  return STATUS_SUCCESS;
}

static NTSTATUS get_list(const SECURITY_DESCRIPTOR *descriptor, enum part part,
                         USHORT defaulted_flag, PBOOLEAN present, PACL *list,
                         PBOOLEAN defaulted) {
  if (!is_known(descriptor))
    return STATUS_UNKNOWN_REVISION;
  *present = has(descriptor, part);
  if (*present) {
    *list = part_of(descriptor, part);
    *defaulted = (descriptor->Control & defaulted_flag) != 0;
  }
  return STATUS_SUCCESS;
}

NTSTATUS RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                      PBOOLEAN DaclPresent, PACL *Dacl,
                                      PBOOLEAN DaclDefaulted) {
  ke__within_irql(APC_LEVEL, "RtlGetDaclSecurityDescriptor");
  return get_list(SecurityDescriptor, DACL, SE_DACL_DEFAULTED, DaclPresent,
                  Dacl, DaclDefaulted);
}

NTSTATUS RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                      PBOOLEAN SaclPresent, PACL *Sacl,
                                      PBOOLEAN SaclDefaulted) {
  ke__within_irql(APC_LEVEL, "RtlGetSaclSecurityDescriptor");
  return get_list(SecurityDescriptor, SACL, SE_SACL_DEFAULTED, SaclPresent,
                  Sacl, SaclDefaulted);
}

NTSTATUS RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                       PSID *Owner, PBOOLEAN OwnerDefaulted) {
  ke__within_irql(PASSIVE_LEVEL, "RtlGetOwnerSecurityDescriptor");
  const SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  if (!is_known(descriptor))
    return STATUS_UNKNOWN_REVISION;
  *Owner = part_of(descriptor, OWNER);
  *OwnerDefaulted = (descriptor->Control & SE_OWNER_DEFAULTED) != 0;
  return STATUS_SUCCESS;
}

NTSTATUS RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                       PSID *Group, PBOOLEAN GroupDefaulted) {
  ke__within_irql(APC_LEVEL, "RtlGetGroupSecurityDescriptor");
  const SECURITY_DESCRIPTOR *descriptor = SecurityDescriptor;
  if (!is_known(descriptor))
    return STATUS_UNKNOWN_REVISION;
  *Group = part_of(descriptor, GROUP);
  *GroupDefaulted = (descriptor->Control & SE_GROUP_DEFAULTED) != 0;
  return STATUS_SUCCESS;
}
