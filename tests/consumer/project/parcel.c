/*
 * A driver as people write them: other spellings of the headers' names, a pool
 * tag in quotes, a wide literal, and a global function that is called send.
 */
#include <Ntddk.h>
#include <Wsk.h>

#ifndef UWSK_NO_BCRYPT
#include <bcrypt.h>
#endif

#pragma warning(disable : 4201)

#define PARCEL_TAG 'lcrP'

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD ParcelUnload;

static const WSK_CLIENT_DISPATCH ParcelDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static WSK_REGISTRATION ParcelRegistration;
static PWSTR ParcelName;

/* Its name is the C library's; nobody but this driver may end up here. */
int send(PCWSTR Text, SIZE_T Bytes) {
  ParcelName = (PWSTR)ExAllocatePoolWithTag(NonPagedPoolNx, Bytes, PARCEL_TAG);
  if (ParcelName == NULL)
    return 0;
  RtlCopyMemory(ParcelName, Text, Bytes);
  return 1;
}

static VOID ParcelUnload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  ExFreePoolWithTag(ParcelName, PARCEL_TAG);
  WskDeregister(&ParcelRegistration);
}

/* One look at the provider. */
static NTSTATUS ParcelCheckProvider(void) {
  WSK_PROVIDER_NPI Npi;
  NTSTATUS Status =
      WskCaptureProviderNPI(&ParcelRegistration, WSK_INFINITE_WAIT, &Npi);

  if (!NT_SUCCESS(Status))
    return Status;
  if (Npi.Client == NULL || Npi.Dispatch->WskSocket == NULL)
    Status = STATUS_INTERNAL_ERROR;
  WskReleaseProviderNPI(&ParcelRegistration);
  return Status;
}

#ifndef UWSK_NO_BCRYPT
/* What computes the sum is linked, too. */
static NTSTATUS ParcelHash(void) {
  UCHAR Sum[32];

  return BCryptHash(BCRYPT_SHA256_ALG_HANDLE, NULL, 0, (PUCHAR)ParcelName, 2,
                    Sum, sizeof(Sum));
}
#else
static NTSTATUS ParcelHash(void) {
  return STATUS_SUCCESS;
}
#endif

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  static const WCHAR Name[] = L"parcel";
  WSK_CLIENT_NPI Client = {NULL, &ParcelDispatch};
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(RegistryPath);
  if (!send(Name, sizeof(Name)))
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = ParcelHash();
  if (NT_SUCCESS(Status))
    Status = WskRegister(&Client, &ParcelRegistration);
  if (NT_SUCCESS(Status)) {
    Status = ParcelCheckProvider();
    if (!NT_SUCCESS(Status))
      WskDeregister(&ParcelRegistration);
  }
  if (!NT_SUCCESS(Status)) {
    ExFreePoolWithTag(ParcelName, PARCEL_TAG);
    return Status;
  }
  DriverObject->DriverUnload = ParcelUnload;
  DbgPrint("parcel: %ws has %Iu bytes\n", ParcelName, sizeof(Name));
  return STATUS_SUCCESS;
}
