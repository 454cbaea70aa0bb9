/*
 * Mistakes with handles and references, and with what a thread is attached to.
 */
#include <ntifs.h>

#include "zoo.h"

static HANDLE NewEvent(VOID) {
  HANDLE Event = NULL;

  CHECK(ZwCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent,
                      FALSE) == STATUS_SUCCESS);
  return Event;
}

/* ---- handles --------------------------------------------------------- */

static VOID closes_a_handle_twice(VOID) {
  HANDLE Event = NewEvent();

  ZwClose(Event);
  ZwClose(Event);
}

static VOID closes_a_handle_once(VOID) {
  HANDLE Event = NewEvent();

  ZwClose(Event);
}

/* ---- references ------------------------------------------------------ */

/* The handle is no object: one has to be got by it. */
static VOID dereferences_a_handle(VOID) {
  HANDLE Event = NewEvent();

  ObDereferenceObject(Event);
  ZwClose(Event);
}

static VOID dereferences_the_object_of_a_handle(VOID) {
  HANDLE Event = NewEvent();
  PVOID Object;

  if (CHECK(ObReferenceObjectByHandle(Event, EVENT_MODIFY_STATE,
                                      *ExEventObjectType, KernelMode, &Object,
                                      NULL) == STATUS_SUCCESS))
    ObDereferenceObject(Object);
  ZwClose(Event);
}

/* ---- attaching ------------------------------------------------------- */

static VOID detaches_from_a_process_twice(VOID) {
  KAPC_STATE State;

  KeStackAttachProcess(PsInitialSystemProcess, &State);
  KeUnstackDetachProcess(&State);
  KeUnstackDetachProcess(&State);
}

static VOID detaches_from_a_process_once(VOID) {
  KAPC_STATE State;

  KeStackAttachProcess(PsInitialSystemProcess, &State);
  KeUnstackDetachProcess(&State);
}

static VOID detaches_from_a_silo_twice(VOID) {
  PESILO Before = PsAttachSiloToCurrentThread(PsGetHostSilo());

  PsDetachSiloFromCurrentThread(Before);
  PsDetachSiloFromCurrentThread(Before);
}

static VOID detaches_from_a_silo_once(VOID) {
  PESILO Before = PsAttachSiloToCurrentThread(PsGetHostSilo());

  PsDetachSiloFromCurrentThread(Before);
}

ZOO_SPECIMENS = {
    SPECIMEN("OB-HANDLE-01", closes_a_handle_twice, closes_a_handle_once),
    SPECIMEN("OB-OBJECT-01", dereferences_a_handle,
             dereferences_the_object_of_a_handle),
    SPECIMEN("KE-ATTACH-01", detaches_from_a_process_twice,
             detaches_from_a_process_once),
    SPECIMEN("PS-SILO-01", detaches_from_a_silo_twice,
             detaches_from_a_silo_once),
};
