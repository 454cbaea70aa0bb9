/*
 * Callback objects: a name, and the functions that are called when somebody
 * notifies. A notification runs on the notifier's thread with no lock held; a
 * registration that is being called stays until the call has returned.
 */
#include <ntddk.h>

#include <stdbool.h>

#include "etw/trace.h"
#include "ke/watch.h"
#include "ob/name.h"
#include "ob/object.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

struct _CALLBACK_OBJECT {
  struct ob_name name;
  struct os_spin lock;
  LIST_ENTRY registrations; /* under the lock, in the order they came */
  bool several;
};

struct registration {
  struct ob_record record;
  LIST_ENTRY entry;
  PCALLBACK_OBJECT object;
  PCALLBACK_FUNCTION function;
  PVOID context;
  ULONG running; /* calls under way; under the object's lock */
  bool leaving;  /* is not called any more */
  KEVENT idle;   /* set when a leaving one does not run */
};

static void delete_callback(PVOID object) {
  ob__remove_name(&((PCALLBACK_OBJECT)object)->name);
}

static struct _OBJECT_TYPE callback_type = {.Name = "Callback",
                                            .Delete = delete_callback};

/* ---- objects ----------------------------------------------------------- */

static NTSTATUS make(const OBJECT_ATTRIBUTES *attributes, bool several,
                     PCALLBACK_OBJECT *made) {
  PVOID existing = NULL;
  NTSTATUS status;

  *made = ob__create_object(&callback_type, sizeof(**made));
  if (*made == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  InitializeListHead(&(*made)->registrations);
  (*made)->several = several;
  status = ob__enter_name(&(*made)->name, *made, attributes, &existing);
  if (NT_SUCCESS(status))
    return status;
  ObDereferenceObject(*made);
  if (existing == NULL)
    return status;
  *made = existing; /* Somebody was faster. */
  return STATUS_SUCCESS;
}

NTSTATUS ExCreateCallback(PCALLBACK_OBJECT *CallbackObject,
                          POBJECT_ATTRIBUTES ObjectAttributes, BOOLEAN Create,
                          BOOLEAN AllowMultipleCallbacks) {
  PVOID object = NULL;
  NTSTATUS status;

  ke__require_irql(APC_LEVEL, "ExCreateCallback");
  if (ObjectAttributes == NULL || ObjectAttributes->ObjectName == NULL)
    return STATUS_UNSUCCESSFUL;
  status = ob__check_name(ObjectAttributes);
  if (!NT_SUCCESS(status))
    return status;
  status = ob__find_name(ObjectAttributes, &object);
  if (status == STATUS_OBJECT_NAME_NOT_FOUND && Create)
    status = make(ObjectAttributes, AllowMultipleCallbacks != FALSE,
                  (PCALLBACK_OBJECT *)(PVOID)&object);
  if (!NT_SUCCESS(status))
    return status;
  if (ob__type_of(object) != &callback_type) {
    ObDereferenceObject(object);
    return STATUS_OBJECT_TYPE_MISMATCH;
  }
  *CallbackObject = object;
  return STATUS_SUCCESS;
}

/* ---- registrations ----------------------------------------------------- */

static bool enlist(struct registration *registration) {
  PCALLBACK_OBJECT object = registration->object;
  bool room;

  os__spin_lock(&object->lock);
  room = object->several || IsListEmpty(&object->registrations);
  if (room)
    InsertTailList(&object->registrations, &registration->entry);
  os__spin_unlock(&object->lock);
  return room;
}

PVOID ExRegisterCallback(PCALLBACK_OBJECT CallbackObject,
                         PCALLBACK_FUNCTION CallbackFunction,
                         PVOID CallbackContext) {
  struct registration *made;

  ke__require_irql(APC_LEVEL, "ExRegisterCallback");
  made = os__alloc(sizeof(*made));
  if (made == NULL)
    return NULL;
  made->object = CallbackObject;
  made->function = CallbackFunction;
  made->context = CallbackContext;
  KeInitializeEvent(&made->idle, NotificationEvent, FALSE);
  if (!enlist(made)) {
    os__free(made);
    return NULL;
  }
  ObReferenceObject(CallbackObject);
  made->record = (struct ob_record){.object = made,
                                    .call = "ExRegisterCallback",
                                    .caller = OB_CALLER(),
                                    .kind = OB_CALLBACK};
  ob__track(&made->record);
  return made;
}

VOID ExUnregisterCallback(PVOID CallbackRegistration) {
  struct ke_call call = {.name = "ExUnregisterCallback",
                         .caller = OB_CALLER(),
                         .object = CallbackRegistration};
  struct registration *leaving = CallbackRegistration;
  PCALLBACK_OBJECT object;
  bool runs;

  ke__require_irql(APC_LEVEL, "ExUnregisterCallback");
  if (ob__claim(OB_CALLBACK, CallbackRegistration) == NULL) {
    vf__report(VF_CALLBACK_01, "ExUnregisterCallback: %p is not registered",
               CallbackRegistration);
    return;
  }
  object = leaving->object;
  os__spin_lock(&object->lock);
  leaving->leaving = true;
  runs = leaving->running != 0;
  os__spin_unlock(&object->lock);
  /* Where that may not wait, which is reported, the memory must stay. */
  if (runs && ke__wait_for(&call, &leaving->idle) != STATUS_SUCCESS)
    return;
  os__spin_lock(&object->lock);
  RemoveEntryList(&leaving->entry);
  os__spin_unlock(&object->lock);
  os__free(leaving);
  ObDereferenceObject(object);
}

/* ---- notifying --------------------------------------------------------- */

/* The next one from `entry` on that is to be called; it stays until `let_go`.
 */
static struct registration *enter(PCALLBACK_OBJECT object, PLIST_ENTRY entry) {
  while (entry != &object->registrations) {
    struct registration *at =
        CONTAINING_RECORD(entry, struct registration, entry);

    if (!at->leaving) {
      at->running++;
      return at;
    }
    entry = entry->Flink;
  }
  return NULL;
}

static void let_go(struct registration *called) {
  called->running--;
  if (called->leaving && called->running == 0)
    KeSetEvent(&called->idle, IO_NO_INCREMENT, FALSE);
}

VOID ExNotifyCallback(PVOID CallbackObject, PVOID Argument1, PVOID Argument2) {
  PCALLBACK_OBJECT object = CallbackObject;
  struct registration *at, *next;

  ke__require_irql(DISPATCH_LEVEL, "ExNotifyCallback");
  os__spin_lock(&object->lock);
  at = enter(object, object->registrations.Flink);
  while (at != NULL) {
    os__spin_unlock(&object->lock);
    ETW_CALLBACK("callback", object, at->context);
    at->function(at->context, Argument1, Argument2);
    os__spin_lock(&object->lock);
    next = enter(object, at->entry.Flink);
    let_go(at);
    at = next;
  }
  os__spin_unlock(&object->lock);
}
