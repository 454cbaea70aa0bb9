/* The registry by paths: what RtlWriteRegistryValue and its kin have in common,
 * and all of them but RtlQueryRegistryValues. */
#include "cm/key.h"

#include "ke/ke.h"

#define CURRENT   L"\\Registry\\Machine\\System\\CurrentControlSet\\"
#define DEVICEMAP L"\\Registry\\Machine\\Hardware\\DeviceMap"
#define WINDOWS_NT                                                             \
  L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion"

/* Drivers run in the system process, whose user is .Default. */
#define USER L"\\Registry\\User\\.Default"

#define BASE(text) RTL_CONSTANT_STRING(text)

static const UNICODE_STRING bases[RTL_REGISTRY_MAXIMUM] = {
    [RTL_REGISTRY_SERVICES] = BASE(CURRENT L"Services"),
    [RTL_REGISTRY_CONTROL] = BASE(CURRENT L"Control"),
    [RTL_REGISTRY_WINDOWS_NT] = BASE(WINDOWS_NT),
    [RTL_REGISTRY_DEVICEMAP] = BASE(DEVICEMAP),
    [RTL_REGISTRY_USER] = BASE(USER),
};

/* A path that is relative to a key may begin with a backslash. */
static NTSTATUS read_path(ULONG base, PCWSTR path, UNICODE_STRING *string) {
  if (base != RTL_REGISTRY_ABSOLUTE && path != NULL && path[0] == L'\\')
    path++;
  return RtlInitUnicodeStringEx(string, path);
}

/* Opens the key, or with `how` makes it. */
static NTSTATUS locate(ULONG relative_to, PCWSTR path,
                       const struct cm_creation *how, struct cm_key **key) {
  ULONG base = relative_to & ~(ULONG)RTL_REGISTRY_OPTIONAL;
  struct cm_key *from = NULL;
  UNICODE_STRING rest;
  NTSTATUS status;
  bool created;

  if (base >= RTL_REGISTRY_MAXIMUM)
    return STATUS_INVALID_PARAMETER;
  status = read_path(base, path, &rest);
  if (NT_SUCCESS(status) && base != RTL_REGISTRY_ABSOLUTE)
    status = cm__open(NULL, &bases[base], &from);
  if (!NT_SUCCESS(status))
    return status;
  if (how != NULL)
    status = cm__create(from, &rest, how, key, &created);
  else
    status = cm__open(from, &rest, key);
  if (from != NULL)
    cm__release(from);
  return status;
}

static bool is_handle(ULONG relative_to) {
  return (relative_to & RTL_REGISTRY_HANDLE) != 0;
}

NTSTATUS cm__relative(ULONG relative_to, PCWSTR path, ACCESS_MASK access,
                      struct cm_key **key) {
  if (is_handle(relative_to))
    return cm__key_of((HANDLE)path, access, key);
  return locate(relative_to, path, NULL, key);
}

static const struct cm_creation stays = {.is_volatile = false};

NTSTATUS RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName,
                               ULONG ValueType, PVOID ValueData,
                               ULONG ValueLength) {
  UNICODE_STRING name;
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlWriteRegistryValue");
  status = RtlInitUnicodeStringEx(&name, ValueName);
  if (!NT_SUCCESS(status))
    return status;
  if (is_handle(RelativeTo))
    status = cm__key_of((HANDLE)Path, KEY_SET_VALUE, &key);
  else
    status = locate(RelativeTo, Path, &stays, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__set_value(key, &name, ValueType, ValueData, ValueLength);
  cm__release(key);
  return status;
}

NTSTATUS RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path,
                                PCWSTR ValueName) {
  UNICODE_STRING name;
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlDeleteRegistryValue");
  status = RtlInitUnicodeStringEx(&name, ValueName);
  if (NT_SUCCESS(status))
    status = cm__relative(RelativeTo, Path, KEY_SET_VALUE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__delete_value(key, &name);
  cm__release(key);
  return status;
}

NTSTATUS RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path) {
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlCheckRegistryKey");
  if (is_handle(RelativeTo))
    return ZwClose((HANDLE)Path); /* its documented side effect */
  status = locate(RelativeTo, Path, NULL, &key);
  if (NT_SUCCESS(status))
    cm__release(key);
  return status;
}

NTSTATUS RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path) {
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlCreateRegistryKey");
  status = locate(RelativeTo, Path, &stays, &key);
  if (NT_SUCCESS(status))
    cm__release(key);
  return status;
}
