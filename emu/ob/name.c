/* Named objects: one list under a spin lock. There are a handful of them. */
#include "ob/name.h"

#include "io/io.h"
#include "ob/object.h"
#include "os/os.h"
#include "rtl/inner.h"

static struct os_spin lock;
static LIST_ENTRY names = {&names, &names};

/* ---- what a name may be ------------------------------------------------ */

#define DIRECTORY(text)                                                        \
  { sizeof(text) - sizeof(WCHAR), sizeof(text), (PWSTR)text }

static const UNICODE_STRING directories[] = {
    DIRECTORY(L""),
    DIRECTORY(L"\\BaseNamedObjects"),
    DIRECTORY(L"\\BaseNamedObjects\\Global"),
    DIRECTORY(L"\\KernelObjects"),
    DIRECTORY(L"\\Callback"),
    DIRECTORY(L"\\Device"),
    DIRECTORY(L"\\??"),
    DIRECTORY(L"\\DosDevices"),
};

/* What stands in front of the last backslash. */
static UNICODE_STRING directory_of(const UNICODE_STRING *name) {
  USHORT length = name->Length / sizeof(WCHAR);

  while (length > 0 && name->Buffer[length - 1] != L'\\')
    length--;
  length = (USHORT)((length - 1) * sizeof(WCHAR));
  return (UNICODE_STRING){length, length, name->Buffer};
}

static bool is_directory(const UNICODE_STRING *name) {
  for (unsigned i = 0; i < RTL_NUMBER_OF(directories); i++)
    if (rtl__equal(name, &directories[i], TRUE))
      return true;
  return false;
}

static NTSTATUS check_path(const UNICODE_STRING *name) {
  UNICODE_STRING directory;

  if (name->Length % sizeof(WCHAR) != 0)
    return STATUS_OBJECT_NAME_INVALID;
  if (name->Length == 0 || name->Buffer[0] != L'\\')
    return STATUS_OBJECT_PATH_SYNTAX_BAD;
  directory = directory_of(name);
  if (directory.Length + sizeof(WCHAR) == name->Length)
    return STATUS_OBJECT_NAME_INVALID;
  return is_directory(&directory) ? STATUS_SUCCESS
                                  : STATUS_OBJECT_PATH_NOT_FOUND;
}

/* There are no handles of directories that a name could be relative to. */
NTSTATUS ob__check_name(const OBJECT_ATTRIBUTES *attributes) {
  PVOID object;

  if (attributes->Length != sizeof(*attributes) ||
      (attributes->Attributes & ~OBJ_VALID_ATTRIBUTES) != 0)
    return STATUS_INVALID_PARAMETER;
  if (attributes->RootDirectory != NULL) {
    NTSTATUS status = ob__from_handle(attributes->RootDirectory, 0, NULL,
                                      KernelMode, &object, NULL);

    if (!NT_SUCCESS(status))
      return status;
    ObDereferenceObject(object);
    return STATUS_OBJECT_TYPE_MISMATCH;
  }
  return attributes->ObjectName != NULL ? check_path(attributes->ObjectName)
                                        : STATUS_OBJECT_PATH_SYNTAX_BAD;
}

/* ---- the table, under the lock ----------------------------------------- */

/* One that is about to go is not found any more. */
static PVOID find(const OBJECT_ATTRIBUTES *attributes) {
  bool fold = (attributes->Attributes & OBJ_CASE_INSENSITIVE) != 0;

  for (PLIST_ENTRY at = names.Flink; at != &names; at = at->Flink) {
    struct ob_name *name = CONTAINING_RECORD(at, struct ob_name, entry);

    if (rtl__equal(&name->text, attributes->ObjectName, fold) &&
        ObReferenceObjectSafe(name->object))
      return name->object;
  }
  return NULL;
}

static bool copy_text(struct ob_name *name, const UNICODE_STRING *text) {
  name->text.Buffer = os__alloc(text->Length);
  if (name->text.Buffer == NULL)
    return false;
  RtlCopyMemory(name->text.Buffer, text->Buffer, text->Length);
  name->text.Length = name->text.MaximumLength = text->Length;
  return true;
}

NTSTATUS ob__enter_name(struct ob_name *name, PVOID object,
                        const OBJECT_ATTRIBUTES *attributes, PVOID *existing) {
  if (io__find_device(attributes->ObjectName) != NULL)
    return STATUS_OBJECT_TYPE_MISMATCH;
  if (!copy_text(name, attributes->ObjectName))
    return STATUS_INSUFFICIENT_RESOURCES;
  name->object = object;
  os__spin_lock(&lock);
  *existing = find(attributes);
  InsertTailList(&names, &name->entry);
  if (*existing != NULL)
    RemoveEntryList(&name->entry);
  os__spin_unlock(&lock);
  if (*existing == NULL)
    return STATUS_SUCCESS;
  os__free(name->text.Buffer);
  name->text.Buffer = NULL;
  return STATUS_OBJECT_NAME_COLLISION;
}

NTSTATUS ob__find_name(const OBJECT_ATTRIBUTES *attributes, PVOID *object) {
  if (io__find_device(attributes->ObjectName) != NULL)
    return STATUS_OBJECT_TYPE_MISMATCH;
  os__spin_lock(&lock);
  *object = find(attributes);
  os__spin_unlock(&lock);
  return *object != NULL ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

void ob__remove_name(struct ob_name *name) {
  if (name->text.Buffer == NULL)
    return;
  os__spin_lock(&lock);
  RemoveEntryList(&name->entry);
  os__spin_unlock(&lock);
  os__free(name->text.Buffer);
}
