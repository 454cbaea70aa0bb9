/* Keys by their handles: opened, made, deleted. */
#include "cm/key.h"

#include "ke/ke.h"
#include "ob/object.h"
#include "ob/track.h"

/* ---- the object --------------------------------------------------------- */

/* Each handle has one of its own, as on Windows. */
struct key_object {
  struct cm_key *key;
};

static VOID delete_object(PVOID object) {
  cm__release(((struct key_object *)object)->key);
}

static struct _OBJECT_TYPE key_type = {.Name = "Key", .Delete = delete_object};
static POBJECT_TYPE key_type_pointer = &key_type;
POBJECT_TYPE *CmKeyObjectType = &key_type_pointer;

/* ---- rights ------------------------------------------------------------- */

static const struct {
  ACCESS_MASK generic, specific;
} rights[] = {
    {GENERIC_READ, KEY_READ},
    {GENERIC_WRITE, KEY_WRITE},
    {GENERIC_EXECUTE, KEY_EXECUTE},
    {GENERIC_ALL, KEY_ALL_ACCESS},
    {MAXIMUM_ALLOWED, KEY_ALL_ACCESS},
    {KEY_WOW64_64KEY, 0},
    {KEY_WOW64_32KEY, 0},
};

static ACCESS_MASK granted_for(ACCESS_MASK desired) {
  ACCESS_MASK granted = desired;

  for (size_t i = 0; i < RTL_NUMBER_OF(rights); i++) {
    if ((desired & rights[i].generic) == 0)
      continue;
    granted = (granted & ~rights[i].generic) | rights[i].specific;
  }
  return granted;
}

/* ---- handles ------------------------------------------------------------ */

NTSTATUS cm__create_handle(struct cm_key *key, ACCESS_MASK access,
                           const char *call, const void *caller,
                           PHANDLE handle) {
  struct key_object *object = ob__create_object(&key_type, sizeof(*object));
  NTSTATUS status;

  if (object == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  object->key = cm__reference(key);
  status = ob__create_limited_handle(object, granted_for(access), call, caller,
                                     handle);
  ObfDereferenceObject(object);
  return status;
}

NTSTATUS cm__key_of(HANDLE handle, ACCESS_MASK access, struct cm_key **key) {
  PVOID object;
  NTSTATUS status = ob__reference_by_handle(handle, access, &key_type, &object);

  if (!NT_SUCCESS(status))
    return status;
  *key = cm__reference(((struct key_object *)object)->key);
  ObfDereferenceObject(object);
  return STATUS_SUCCESS;
}

UNICODE_STRING cm__value_name(PCUNICODE_STRING name) {
  UNICODE_STRING trimmed = {0, 0, NULL};

  if (name != NULL)
    trimmed = *name;
  while (trimmed.Length >= sizeof(WCHAR) &&
         trimmed.Buffer[trimmed.Length / sizeof(WCHAR) - 1] == 0)
    trimmed.Length -= (USHORT)sizeof(WCHAR);
  return trimmed;
}

/* ---- opened and made ---------------------------------------------------- */

/* What object attributes say. */
struct target {
  struct cm_key *from; /* with a reference, or NULL */
  UNICODE_STRING path;
  bool may_create;
};

static NTSTATUS read_root(HANDLE handle, struct target *target) {
  NTSTATUS status;

  target->may_create = true;
  if (handle == NULL)
    return STATUS_SUCCESS;
  status = cm__key_of(handle, KEY_CREATE_SUB_KEY, &target->from);
  if (status != STATUS_ACCESS_DENIED)
    return status;
  target->may_create = false;
  return cm__key_of(handle, 0, &target->from);
}

static NTSTATUS read_attributes(POBJECT_ATTRIBUTES attributes,
                                struct target *target) {
  *target = (struct target){.from = NULL};
  if (attributes == NULL || attributes->Length != sizeof(*attributes))
    return STATUS_INVALID_PARAMETER;
  if (attributes->ObjectName != NULL)
    target->path = *attributes->ObjectName;
  return read_root(attributes->RootDirectory, target);
}

static void release_target(struct target *target) {
  if (target->from != NULL)
    cm__release(target->from);
}

/* Takes over the reference of `key`. */
static NTSTATUS hand_out(struct cm_key *key, ACCESS_MASK access,
                         const char *call, const void *caller, PHANDLE handle) {
  NTSTATUS status = cm__create_handle(key, access, call, caller, handle);

  cm__release(key);
  return status;
}

static NTSTATUS open_key(PHANDLE handle, ACCESS_MASK access,
                         POBJECT_ATTRIBUTES attributes, const char *call,
                         const void *caller) {
  struct target target;
  struct cm_key *key;
  NTSTATUS status = read_attributes(attributes, &target);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__open(target.from, &target.path, &key);
  release_target(&target);
  if (!NT_SUCCESS(status))
    return status;
  return hand_out(key, access, call, caller, handle);
}

NTSTATUS ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                   POBJECT_ATTRIBUTES ObjectAttributes) {
  ke__require_irql(PASSIVE_LEVEL, "ZwOpenKey");
  return open_key(KeyHandle, DesiredAccess, ObjectAttributes, "ZwOpenKey",
                  OB_CALLER());
}

/* No key is a link, so opening the link itself is opening the key. */
NTSTATUS ZwOpenKeyEx(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                     POBJECT_ATTRIBUTES ObjectAttributes, ULONG OpenOptions) {
  ke__require_irql(PASSIVE_LEVEL, "ZwOpenKeyEx");
  if ((OpenOptions &
       ~(ULONG)(REG_OPTION_OPEN_LINK | REG_OPTION_BACKUP_RESTORE)) != 0)
    return STATUS_INVALID_PARAMETER_4;
  return open_key(KeyHandle, DesiredAccess, ObjectAttributes, "ZwOpenKeyEx",
                  OB_CALLER());
}

static NTSTATUS check_options(ULONG options) {
  const ULONG known = REG_OPTION_VOLATILE | REG_OPTION_CREATE_LINK |
                      REG_OPTION_BACKUP_RESTORE | REG_OPTION_OPEN_LINK;

  if ((options & ~known) != 0)
    return STATUS_INVALID_PARAMETER;
  return (options & REG_OPTION_CREATE_LINK) != 0 ? STATUS_NOT_SUPPORTED
                                                 : STATUS_SUCCESS;
}

NTSTATUS ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                     POBJECT_ATTRIBUTES ObjectAttributes, ULONG TitleIndex,
                     PUNICODE_STRING Class, ULONG CreateOptions,
                     PULONG Disposition) {
  struct target target;
  struct cm_creation how = {.class = Class,
                            .is_volatile =
                                (CreateOptions & REG_OPTION_VOLATILE) != 0};
  struct cm_key *key;
  bool created;
  NTSTATUS status = check_options(CreateOptions);

  UNREFERENCED_PARAMETER(TitleIndex);
  ke__require_irql(PASSIVE_LEVEL, "ZwCreateKey");
  if (NT_SUCCESS(status))
    status = read_attributes(ObjectAttributes, &target);
  if (!NT_SUCCESS(status))
    return status;
  how.denied = !target.may_create;
  status = cm__create(target.from, &target.path, &how, &key, &created);
  release_target(&target);
  if (!NT_SUCCESS(status))
    return status;
  status = hand_out(key, DesiredAccess, "ZwCreateKey", OB_CALLER(), KeyHandle);
  if (NT_SUCCESS(status) && Disposition != NULL)
    *Disposition = created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
  return status;
}

/* ---- deleted, flushed --------------------------------------------------- */

NTSTATUS ZwDeleteKey(HANDLE KeyHandle) {
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwDeleteKey");
  status = cm__key_of(KeyHandle, DELETE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__delete(key);
  cm__release(key);
  return status;
}

NTSTATUS ZwFlushKey(HANDLE KeyHandle) {
  struct cm_facts facts;
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwFlushKey");
  status = cm__key_of(KeyHandle, 0, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__facts(key, &facts); /* STATUS_KEY_DELETED */
  cm__release(key);
  return status;
}
