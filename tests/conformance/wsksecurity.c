/* Security descriptors, and the codes that deal with them. Kernel code. */
#include <ntifs.h>
#include <wsk.h>

#include "conformance.h"
#include "wskcall.h"
#include "wsksecurity.h"

static SID Everybody = {1, 1, SECURITY_WORLD_SID_AUTHORITY, {0}};
static SID System = {1, 1, SECURITY_NT_AUTHORITY, {SECURITY_LOCAL_SYSTEM_RID}};
static struct {
  SID Sid;
  ULONG More[4];
} Somebody = {{1, 5, SECURITY_NT_AUTHORITY, {21}}, {1, 2, 3, 1000}};

PSID TestEverybody = &Everybody;
PSID TestSystem = &System;
PSID TestSomebody = &Somebody;

VOID AddEntry(PTEST_DESCRIPTOR Descriptor, PSID Sid, UCHAR AceType) {
  PACL Acl = &Descriptor->List.Acl;
  NTSTATUS Status =
      AceType == ACCESS_ALLOWED_ACE_TYPE
          ? RtlAddAccessAllowedAce(Acl, ACL_REVISION, GENERIC_ALL, Sid)
          : RtlAddAccessDeniedAce(Acl, ACL_REVISION, GENERIC_ALL, Sid);

  CHECK_STATUS(STATUS_SUCCESS, Status);
}

VOID GrantTo(PTEST_DESCRIPTOR Descriptor, PSID Sid, UCHAR AceType) {
  CHECK_STATUS(STATUS_SUCCESS,
               RtlCreateAcl(&Descriptor->List.Acl, sizeof(Descriptor->List),
                            ACL_REVISION));
  CHECK_STATUS(STATUS_SUCCESS,
               RtlCreateSecurityDescriptor(&Descriptor->Descriptor,
                                           SECURITY_DESCRIPTOR_REVISION));
  AddEntry(Descriptor, Sid, AceType);
  CHECK_STATUS(STATUS_SUCCESS,
               RtlSetDaclSecurityDescriptor(&Descriptor->Descriptor, TRUE,
                                            &Descriptor->List.Acl, FALSE));
}

NTSTATUS CacheDescriptor(PVOID Descriptor, PSECURITY_DESCRIPTOR *Cached) {
  return TestNpi.Dispatch->WskControlClient(
      TestNpi.Client, WSK_CACHE_SD, sizeof(PSECURITY_DESCRIPTOR), &Descriptor,
      sizeof(PSECURITY_DESCRIPTOR), Cached, NULL, NULL);
}

NTSTATUS ReleaseDescriptor(PSECURITY_DESCRIPTOR Cached) {
  return TestNpi.Dispatch->WskControlClient(TestNpi.Client, WSK_RELEASE_SD,
                                            sizeof(Cached), &Cached, 0, NULL,
                                            NULL, NULL);
}

PWSK_CALL SetSecurity(PWSK_CALL Call, PWSK_SOCKET Socket,
                      PSECURITY_DESCRIPTOR Cached) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  PIRP Irp = PrepareCall(Call);

  Call->Returned = Dispatch->WskControlSocket(
      Socket, WskSetOption, SO_WSK_SECURITY, SOL_SOCKET, sizeof(Cached),
      &Cached, 0, NULL, NULL, Irp);
  return Call;
}

PWSK_CALL GetSecurity(PWSK_CALL Call, PWSK_SOCKET Socket,
                      PSECURITY_DESCRIPTOR *Cached) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  PIRP Irp = PrepareCall(Call);

  Call->Returned = Dispatch->WskControlSocket(
      Socket, WskGetOption, SO_WSK_SECURITY, SOL_SOCKET, 0, NULL,
      sizeof(*Cached), Cached, NULL, Irp);
  return Call;
}
