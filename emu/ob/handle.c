/* The handle table: handle 4 * (i + 1) is slot i. */
#include "ob/object.h"

#include "ke/watch.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#define HANDLES 1024

/* Of a handle that nobody limited. */
#define EVERYTHING ((ACCESS_MASK)~0u)

struct slot {
  PVOID object;
  ACCESS_MASK granted;
  struct ob_record record;
};

static struct os_spin table_lock;
static struct slot slots[HANDLES];

static HANDLE handle_of(size_t index) {
  return (HANDLE)(ULONG_PTR)((index + 1) * 4);
}

static struct slot *slot_of(HANDLE handle) {
  ULONG_PTR value = (ULONG_PTR)handle;
  if (value == 0 || value % 4 != 0 || value / 4 > HANDLES)
    return NULL;
  return &slots[value / 4 - 1];
}

static struct slot *take_free_slot(PVOID object, ACCESS_MASK granted) {
  struct slot *found = NULL;
  os__spin_lock(&table_lock);
  for (size_t i = 0; i < HANDLES && found == NULL; i++)
    if (slots[i].object == NULL)
      found = &slots[i];
  if (found != NULL) {
    found->object = object;
    found->granted = granted;
  }
  os__spin_unlock(&table_lock);
  return found;
}

NTSTATUS ob__create_limited_handle(PVOID object, ACCESS_MASK granted,
                                   const char *call, const void *caller,
                                   PHANDLE handle) {
  struct slot *slot = take_free_slot(object, granted);
  if (slot == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  ObfReferenceObject(object);
  ob__add_handle(object);
  *handle = handle_of((size_t)(slot - slots));
  slot->record = (struct ob_record){
      .object = *handle, .call = call, .caller = caller, .kind = OB_HANDLE};
  ob__track(&slot->record);
  return STATUS_SUCCESS;
}

NTSTATUS ob__create_handle(PVOID object, const char *call, const void *caller,
                           PHANDLE handle) {
  return ob__create_limited_handle(object, EVERYTHING, call, caller, handle);
}

/* The object of an open handle with a reference added, or NULL. */
static PVOID reference_handle(HANDLE handle, PACCESS_MASK granted) {
  struct slot *slot = slot_of(handle);
  PVOID object = NULL;
  if (handle == NtCurrentThread())
    object = KeGetCurrentThread();
  if (handle == NtCurrentProcess())
    object = PsGetCurrentProcess();
  if (object != NULL) {
    ObfReferenceObject(object);
    return object;
  }
  if (slot == NULL)
    return NULL;
  os__spin_lock(&table_lock);
  object = slot->object;
  if (object != NULL) {
    ObfReferenceObject(object);
    *granted = slot->granted;
  }
  os__spin_unlock(&table_lock);
  return object;
}

/* As ob__reference_by_handle; *granted is what the handle is good for. */
static NTSTATUS reference(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
                          PVOID *object, PACCESS_MASK granted) {
  *object = NULL;
  PVOID found = reference_handle(handle, granted);
  if (found == NULL)
    return STATUS_INVALID_HANDLE;
  NTSTATUS status = ob__reference(found, type);
  ObfDereferenceObject(found);
  if (!NT_SUCCESS(status))
    return status;
  if ((access & ~*granted) != 0) {
    ObfDereferenceObject(found);
    return STATUS_ACCESS_DENIED;
  }
  *object = found;
  return STATUS_SUCCESS;
}

NTSTATUS ob__reference_by_handle(HANDLE handle, ACCESS_MASK access,
                                 POBJECT_TYPE type, PVOID *object) {
  ACCESS_MASK granted;

  return reference(handle, access, type, object, &granted);
}

/* The rights of a handle are compared for callers in user mode only. */
NTSTATUS
ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess,
                          POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
                          PVOID *Object,
                          POBJECT_HANDLE_INFORMATION HandleInformation) {
  ACCESS_MASK granted;
  NTSTATUS status =
      reference(Handle, AccessMode == UserMode ? DesiredAccess : 0, ObjectType,
                Object, &granted);
  if (NT_SUCCESS(status) && HandleInformation != NULL) {
    HandleInformation->HandleAttributes = 0;
    HandleInformation->GrantedAccess =
        granted == EVERYTHING ? DesiredAccess : granted;
  }
  return status;
}

static PVOID close_slot(struct slot *slot) {
  os__spin_lock(&table_lock);
  PVOID object = slot->object;
  slot->object = NULL;
  if (object != NULL)
    ob__untrack(&slot->record);
  os__spin_unlock(&table_lock);
  return object;
}

NTSTATUS ZwClose(HANDLE Handle) {
  VF_ENTER("ZwClose");
  struct slot *slot = slot_of(Handle);
  PVOID object = slot != NULL ? close_slot(slot) : NULL;
  if (object == NULL) {
    vf__report(VF_HANDLE_01, "ZwClose of %p, which is not open", Handle);
    return STATUS_INVALID_HANDLE;
  }
  ob__remove_handle(object);
  ObfDereferenceObject(object);
  return STATUS_SUCCESS;
}

NTSTATUS ObReferenceObjectByHandleWithTag(
    HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, ULONG Tag, PVOID *Object,
    POBJECT_HANDLE_INFORMATION HandleInformation) {
  UNREFERENCED_PARAMETER(Tag);
  return ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType,
                                   AccessMode, Object, HandleInformation);
}

NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode) {
  UNREFERENCED_PARAMETER(PreviousMode);
  return ZwClose(Handle);
}

NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes,
                               PACCESS_STATE PassedAccessState,
                               ACCESS_MASK DesiredAccess,
                               POBJECT_TYPE ObjectType,
                               KPROCESSOR_MODE AccessMode, PHANDLE Handle) {
  UNREFERENCED_PARAMETER(PassedAccessState);
  ke__require_irql(APC_LEVEL, "ObOpenObjectByPointer");
  if ((HandleAttributes & ~OBJ_VALID_ATTRIBUTES) != 0)
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status =
      ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType, AccessMode);
  if (!NT_SUCCESS(status))
    return status;
  status =
      ob__create_handle(Object, "ObOpenObjectByPointer", OB_CALLER(), Handle);
  ObfDereferenceObject(Object);
  return status;
}

NTSTATUS ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable,
                               PLARGE_INTEGER Timeout) {
  struct ke_call call = {
      .name = "ZwWaitForSingleObject", .caller = OB_CALLER(), .object = Handle};
  PVOID object;

  ke__require_irql(PASSIVE_LEVEL, "ZwWaitForSingleObject");
  NTSTATUS status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, NULL,
                                              KernelMode, &object, NULL);
  if (!NT_SUCCESS(status))
    return status;
  PVOID dispatcher = ob__dispatcher_of(object);
  status = dispatcher != NULL
               ? ke__wait_as(&call, dispatcher, KernelMode, Alertable, Timeout)
               : STATUS_OBJECT_TYPE_MISMATCH;
  ObfDereferenceObject(object);
  return status;
}
