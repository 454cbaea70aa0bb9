/* Event objects: events that have handles, and may have names. */
#include <ntddk.h>

#include "ke/ke.h"
#include "ob/name.h"
#include "ob/object.h"
#include "ob/track.h"

/* What an event object is; pointers to it are pointers to the KEVENT. */
struct event_object {
  KEVENT event;
  struct ob_name name;
};

static void delete_event(PVOID object) {
  ob__remove_name(&((struct event_object *)object)->name);
}

static struct _OBJECT_TYPE event_type = {
    .Name = "Event", .Delete = delete_event, .Waitable = TRUE};
static POBJECT_TYPE event_type_pointer = &event_type;
POBJECT_TYPE *ExEventObjectType = &event_type_pointer;

/* ---- making and opening ------------------------------------------------ */

/* Takes the reference to `object`, which may have been somebody's before. */
static NTSTATUS hand_out(PVOID object, const char *call, const void *caller,
                         PHANDLE handle) {
  NTSTATUS status = ob__create_handle(object, call, caller, handle);

  ObDereferenceObject(object);
  return status;
}

/* The object that has the name already takes the new one's place. */
static NTSTATUS give_name(struct event_object **object,
                          const OBJECT_ATTRIBUTES *attributes) {
  PVOID existing = NULL;
  NTSTATUS status =
      ob__enter_name(&(*object)->name, *object, attributes, &existing);

  if (existing == NULL)
    return status;
  ObDereferenceObject(*object);
  *object = existing;
  if (ob__type_of(existing) != &event_type)
    return STATUS_OBJECT_TYPE_MISMATCH;
  return (attributes->Attributes & OBJ_OPENIF) != 0 ? STATUS_OBJECT_NAME_EXISTS
                                                    : status;
}

static NTSTATUS check_attributes(const OBJECT_ATTRIBUTES *attributes) {
  if (attributes == NULL)
    return STATUS_SUCCESS;
  if ((attributes->Attributes & OBJ_PERMANENT) != 0)
    return STATUS_NOT_SUPPORTED;
  if (attributes->ObjectName == NULL && attributes->RootDirectory == NULL &&
      attributes->Length == sizeof(*attributes))
    return STATUS_SUCCESS;
  return ob__check_name(attributes);
}

static NTSTATUS create(PHANDLE handle, const OBJECT_ATTRIBUTES *attributes,
                       EVENT_TYPE type, BOOLEAN state, const char *call,
                       const void *caller) {
  NTSTATUS named = STATUS_SUCCESS, status = check_attributes(attributes);
  struct event_object *object;

  if (!NT_SUCCESS(status))
    return status;
  object = ob__create_object(&event_type, sizeof(*object));
  if (object == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  KeInitializeEvent(&object->event, type, state);
  if (attributes != NULL && attributes->ObjectName != NULL)
    named = give_name(&object, attributes);
  if (!NT_SUCCESS(named)) {
    ObDereferenceObject(object);
    return named;
  }
  status = hand_out(object, call, caller, handle);
  return NT_SUCCESS(status) ? named : status;
}

NTSTATUS ZwCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess,
                       POBJECT_ATTRIBUTES ObjectAttributes,
                       EVENT_TYPE EventType, BOOLEAN InitialState) {
  UNREFERENCED_PARAMETER(DesiredAccess);
  ke__require_irql(PASSIVE_LEVEL, "ZwCreateEvent");
  if (EventType != NotificationEvent && EventType != SynchronizationEvent)
    return STATUS_INVALID_PARAMETER_4;
  return create(EventHandle, ObjectAttributes, EventType, InitialState,
                "ZwCreateEvent", OB_CALLER());
}

NTSTATUS ZwOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess,
                     POBJECT_ATTRIBUTES ObjectAttributes) {
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  PVOID object;

  UNREFERENCED_PARAMETER(DesiredAccess);
  ke__require_irql(PASSIVE_LEVEL, "ZwOpenEvent");
  if (ObjectAttributes != NULL)
    status = ob__check_name(ObjectAttributes);
  if (!NT_SUCCESS(status))
    return status;
  status = ob__find_name(ObjectAttributes, &object);
  if (!NT_SUCCESS(status))
    return status;
  if (ob__type_of(object) != &event_type) {
    ObDereferenceObject(object);
    return STATUS_OBJECT_TYPE_MISMATCH;
  }
  return hand_out(object, "ZwOpenEvent", OB_CALLER(), EventHandle);
}

static PKEVENT create_or_open(PUNICODE_STRING name, PHANDLE handle,
                              EVENT_TYPE type, const char *call,
                              const void *caller) {
  OBJECT_ATTRIBUTES attributes;
  PVOID event;

  ke__require_irql(PASSIVE_LEVEL, call);
  InitializeObjectAttributes(&attributes, name, OBJ_OPENIF | OBJ_KERNEL_HANDLE,
                             NULL, NULL);
  if (!NT_SUCCESS(create(handle, &attributes, type, TRUE, call, caller)))
    return NULL;
  if (!NT_SUCCESS(
          ob__from_handle(*handle, 0, &event_type, KernelMode, &event, NULL)))
    return NULL;
  ObDereferenceObject(event); /* The handle keeps it. */
  return event;
}

PKEVENT IoCreateNotificationEvent(PUNICODE_STRING EventName,
                                  PHANDLE EventHandle) {
  return create_or_open(EventName, EventHandle, NotificationEvent,
                        "IoCreateNotificationEvent", OB_CALLER());
}

PKEVENT IoCreateSynchronizationEvent(PUNICODE_STRING EventName,
                                     PHANDLE EventHandle) {
  return create_or_open(EventName, EventHandle, SynchronizationEvent,
                        "IoCreateSynchronizationEvent", OB_CALLER());
}

/* ---- by handle --------------------------------------------------------- */

static NTSTATUS change(HANDLE handle, LONG (*by)(PRKEVENT event), PLONG before,
                       const char *call) {
  PVOID event;
  NTSTATUS status;
  LONG state;

  ke__require_irql(PASSIVE_LEVEL, call);
  status = ob__from_handle(handle, EVENT_MODIFY_STATE, &event_type, KernelMode,
                           &event, NULL);
  if (!NT_SUCCESS(status))
    return status;
  state = by(event);
  ObDereferenceObject(event);
  if (before != NULL)
    *before = state;
  return STATUS_SUCCESS;
}

static LONG set(PRKEVENT event) {
  return KeSetEvent(event, EVENT_INCREMENT, FALSE);
}

NTSTATUS ZwSetEvent(HANDLE EventHandle, PLONG PreviousState) {
  return change(EventHandle, set, PreviousState, "ZwSetEvent");
}

NTSTATUS ZwResetEvent(HANDLE EventHandle, PLONG PreviousState) {
  return change(EventHandle, KeResetEvent, PreviousState, "ZwResetEvent");
}

NTSTATUS ZwClearEvent(HANDLE EventHandle) {
  return change(EventHandle, KeResetEvent, NULL, "ZwClearEvent");
}
