/* The registry's start and end, and the keys of drivers. See cm.h. */
#include "cm/cm.h"

#include <string.h>

#include "cm/key.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "rtl/inner.h"

/* ---- what every Windows has --------------------------------------------- */

#define MACHINE     L"\\REGISTRY\\MACHINE\\"
#define CONTROL_SET MACHINE L"SYSTEM\\CurrentControlSet\\"

static const UNICODE_STRING skeleton[] = {
    RTL_CONSTANT_STRING(MACHINE L"HARDWARE\\DEVICEMAP"),
    RTL_CONSTANT_STRING(MACHINE L"SAM"),
    RTL_CONSTANT_STRING(MACHINE L"SECURITY"),
    RTL_CONSTANT_STRING(MACHINE L"SOFTWARE\\Microsoft\\Windows NT"
                                L"\\CurrentVersion"),
    RTL_CONSTANT_STRING(CONTROL_SET L"Control"),
    RTL_CONSTANT_STRING(CONTROL_SET L"Services"),
    RTL_CONSTANT_STRING(L"\\REGISTRY\\USER\\.DEFAULT"),
};

static const struct cm_creation by_host = {.host = true};

/* Makes a key and what is missing above it. */
static NTSTATUS make(PCUNICODE_STRING path, struct cm_key **key) {
  bool created;

  return cm__create(NULL, path, &by_host, key, &created);
}

int cm__start(void) {
  struct cm_key *key;

  if (!cm__plant())
    return -1;
  for (size_t i = 0; i < RTL_NUMBER_OF(skeleton); i++) {
    if (!NT_SUCCESS(make(&skeleton[i], &key))) {
      cm__stop();
      return -1;
    }
    cm__release(key);
  }
  return 0;
}

void cm__stop(void) {
  cm__fell();
}

/* ---- a driver's key ----------------------------------------------------- */

/* What installing a driver writes, for one that is started on demand. */
#define SERVICE_KERNEL_DRIVER 1u
#define SERVICE_DEMAND_START  3u
#define SERVICE_ERROR_NORMAL  1u

static const struct {
  UNICODE_STRING name;
  ULONG value;
} service_numbers[] = {
    {RTL_CONSTANT_STRING(L"Type"), SERVICE_KERNEL_DRIVER},
    {RTL_CONSTANT_STRING(L"Start"), SERVICE_DEMAND_START},
    {RTL_CONSTANT_STRING(L"ErrorControl"), SERVICE_ERROR_NORMAL},
};

#define IMAGE_FOLDER    L"\\SystemRoot\\System32\\drivers\\"
#define IMAGE_EXTENSION L".sys"

static NTSTATUS add_value(struct cm_key *key, PCUNICODE_STRING name, ULONG type,
                          const void *data, size_t size) {
  struct cm_value *value;
  NTSTATUS status = cm__value(key, name, &value);

  if (status == STATUS_OBJECT_NAME_NOT_FOUND)
    return cm__set_value(key, name, type, data, (ULONG)size);
  if (NT_SUCCESS(status))
    cm__release_value(value);
  return status;
}

static NTSTATUS add_display_name(struct cm_key *key, PCUNICODE_STRING service) {
  static const UNICODE_STRING name = RTL_CONSTANT_STRING(L"DisplayName");
  size_t size = service->Length + sizeof(WCHAR);
  WCHAR *text = os__alloc(size);
  NTSTATUS status;

  if (text == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  memcpy(text, service->Buffer, service->Length);
  status = add_value(key, &name, REG_SZ, text, size);
  os__free(text);
  return status;
}

static NTSTATUS add_image_path(struct cm_key *key, PCUNICODE_STRING service) {
  static const UNICODE_STRING name = RTL_CONSTANT_STRING(L"ImagePath");
  const size_t front = sizeof(IMAGE_FOLDER) - sizeof(WCHAR);
  size_t size = front + service->Length + sizeof(IMAGE_EXTENSION);
  char *text = os__alloc(size);
  NTSTATUS status;

  if (text == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  memcpy(text, IMAGE_FOLDER, front);
  memcpy(text + front, service->Buffer, service->Length);
  memcpy(text + front + service->Length, IMAGE_EXTENSION,
         sizeof(IMAGE_EXTENSION));
  status = add_value(key, &name, REG_EXPAND_SZ, text, size);
  os__free(text);
  return status;
}

static NTSTATUS fill_service_key(struct cm_key *key, PCUNICODE_STRING service) {
  NTSTATUS status = STATUS_SUCCESS;

  for (size_t i = 0; NT_SUCCESS(status) && i < RTL_NUMBER_OF(service_numbers);
       i++)
    status = add_value(key, &service_numbers[i].name, REG_DWORD,
                       &service_numbers[i].value, sizeof(ULONG));
  if (NT_SUCCESS(status))
    status = add_image_path(key, service);
  if (NT_SUCCESS(status))
    status = add_display_name(key, service);
  return status;
}

NTSTATUS cm__make_service_key(PCUNICODE_STRING path, PCUNICODE_STRING service) {
  static const UNICODE_STRING registry = RTL_CONSTANT_STRING(L"\\Registry\\");
  struct cm_key *key;
  NTSTATUS status;

  if (!rtl__begins(&registry, path, TRUE))
    return STATUS_SUCCESS;
  status = make(path, &key);
  if (status == STATUS_INVALID_DEVICE_STATE)
    return STATUS_SUCCESS;
  if (!NT_SUCCESS(status))
    return status;
  status = fill_service_key(key, service);
  cm__release(key);
  return status;
}

/* ---- IoOpenDriverRegistryKey -------------------------------------------- */

/* The driver's keys below that of its service: what they may be opened for, and
 * whether they are made when they are not there. */
static const struct {
  UNICODE_STRING name;
  ACCESS_MASK maximum;
  bool made;
} driver_keys[] = {
    [DriverRegKeyParameters] = {RTL_CONSTANT_STRING(L"Parameters"), KEY_READ,
                                false},
    [DriverRegKeyPersistentState] = {RTL_CONSTANT_STRING(L"State"),
                                     KEY_ALL_ACCESS, true},
    [DriverRegKeySharedPersistentState] = {RTL_CONSTANT_STRING(L"SharedState"),
                                           KEY_ALL_ACCESS, true},
};

/* Refuses what goes beyond the maximum. Generic rights that it has all of do
 * not, nor does asking for as much as there is. */
static NTSTATUS limit_access(ACCESS_MASK maximum, ACCESS_MASK *access) {
  const ACCESS_MASK harmless = MAXIMUM_ALLOWED | GENERIC_READ |
                               GENERIC_EXECUTE | KEY_WOW64_64KEY |
                               KEY_WOW64_32KEY;

  if (maximum == KEY_ALL_ACCESS)
    return STATUS_SUCCESS;
  if ((*access & ~(maximum | harmless)) != 0)
    return STATUS_ACCESS_DENIED;
  if ((*access & MAXIMUM_ALLOWED) != 0)
    *access = maximum;
  return STATUS_SUCCESS;
}

static NTSTATUS open_service_key(PDRIVER_OBJECT driver, struct cm_key **key) {
  static const UNICODE_STRING services =
      RTL_CONSTANT_STRING(CONTROL_SET L"Services");
  struct cm_key *from;
  NTSTATUS status = cm__open(NULL, &services, &from);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__open(from, &driver->DriverExtension->ServiceKeyName, key);
  cm__release(from);
  return status;
}

NTSTATUS IoOpenDriverRegistryKey(PDRIVER_OBJECT DriverObject,
                                 DRIVER_REGKEY_TYPE RegKeyType,
                                 ACCESS_MASK DesiredAccess, ULONG Flags,
                                 PHANDLE DriverRegKey) {
  struct cm_key *service, *key;
  NTSTATUS status;
  bool created;

  ke__require_irql(PASSIVE_LEVEL, "IoOpenDriverRegistryKey");
  if (DriverObject == NULL || DriverRegKey == NULL || Flags != 0 ||
      (unsigned)RegKeyType >= RTL_NUMBER_OF(driver_keys))
    return STATUS_INVALID_PARAMETER;
  status = limit_access(driver_keys[RegKeyType].maximum, &DesiredAccess);
  if (NT_SUCCESS(status))
    status = open_service_key(DriverObject, &service);
  if (!NT_SUCCESS(status))
    return status;
  if (driver_keys[RegKeyType].made)
    status = cm__create(service, &driver_keys[RegKeyType].name, &by_host, &key,
                        &created);
  else
    status = cm__open(service, &driver_keys[RegKeyType].name, &key);
  cm__release(service);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__create_handle(key, DesiredAccess, "IoOpenDriverRegistryKey",
                             OB_CALLER(), DriverRegKey);
  cm__release(key);
  return status;
}
