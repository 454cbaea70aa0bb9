/*
 * Mistakes with the IP Helper functions.
 */
#include <ntddk.h>

#include <netioapi.h>

#include "zoo.h"

/* ---- tables ---------------------------------------------------------- */

static VOID frees_a_table_twice(VOID) {
  PMIB_IF_TABLE2 Table;

  REQUIRE(GetIfTable2(&Table) == STATUS_SUCCESS);
  FreeMibTable(Table);
  FreeMibTable(Table);
}

static VOID frees_a_table_once(VOID) {
  PMIB_IF_TABLE2 Table;

  REQUIRE(GetIfTable2(&Table) == STATUS_SUCCESS);
  FreeMibTable(Table);
}

/* ---- notifications --------------------------------------------------- */

static HANDLE Registration;
static KEVENT Registered, Told;

static VOID NETIOAPI_API_ Note(PVOID Context, PMIB_IPFORWARD_ROW2 Row,
                               MIB_NOTIFICATION_TYPE Type) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Row);
  UNREFERENCED_PARAMETER(Type);
  KeSetEvent(&Told, IO_NO_INCREMENT, FALSE);
}

/* The cancel waits until the callback has returned. */
static VOID NETIOAPI_API_ CancelItself(PVOID Context, PMIB_IPFORWARD_ROW2 Row,
                                       MIB_NOTIFICATION_TYPE Type) {
  KeWaitForSingleObject(&Registered, Executive, KernelMode, FALSE, NULL);
  CancelMibChangeNotify2(Registration);
  Note(Context, Row, Type);
}

static BOOLEAN Register(PIPFORWARD_CHANGE_CALLBACK Callback) {
  KeInitializeEvent(&Registered, NotificationEvent, FALSE);
  KeInitializeEvent(&Told, NotificationEvent, FALSE);
  if (!CHECK(NotifyRouteChange2(AF_INET, Callback, NULL, TRUE, &Registration) ==
             STATUS_SUCCESS))
    return FALSE;
  KeSetEvent(&Registered, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&Told, Executive, KernelMode, FALSE, NULL);
  return TRUE;
}

static VOID cancels_a_notification_twice(VOID) {
  REQUIRE(Register(Note));
  CancelMibChangeNotify2(Registration);
  CancelMibChangeNotify2(Registration);
}

static VOID cancels_a_notification_once(VOID) {
  REQUIRE(Register(Note));
  CancelMibChangeNotify2(Registration);
}

static VOID cancels_a_notification_in_its_callback(VOID) {
  REQUIRE(Register(CancelItself));
  CancelMibChangeNotify2(Registration);
}

static VOID cancels_a_notification_outside_of_it(VOID) {
  REQUIRE(Register(Note));
  CancelMibChangeNotify2(Registration);
}

ZOO_SPECIMENS = {
    SPECIMEN("NETIO-01", frees_a_table_twice, frees_a_table_once),
    SPECIMEN("NETIO-02", cancels_a_notification_twice,
             cancels_a_notification_once),
    SPECIMEN("NETIO-03", cancels_a_notification_in_its_callback,
             cancels_a_notification_outside_of_it),
};
