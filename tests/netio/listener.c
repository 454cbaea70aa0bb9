/* Somebody who is told of changes: see listener.h. */
#include "listener.h"

#include "netio_test.h"

void listener_init(struct listener *listener) {
  RtlZeroMemory(listener, sizeof(*listener));
  KeInitializeSemaphore(&listener->heard, 0, MAXLONG);
  KeInitializeEvent(&listener->entered, NotificationEvent, FALSE);
  KeInitializeEvent(&listener->go, NotificationEvent, FALSE);
}

void listener_heard(struct listener *listener, bool has_row,
                    MIB_NOTIFICATION_TYPE type) {
  if (has_row)
    InterlockedIncrement(&listener->rows);
  InterlockedIncrement((LONG *)&listener->of_type[type]);
  InterlockedIncrement(&listener->calls);
  KeReleaseSemaphore(&listener->heard, IO_NO_INCREMENT, 1, FALSE);
}

/* What holds for every call: PASSIVE_LEVEL, one at a time, and a row when
 * something has changed. */
static void hear(struct listener *listener, const void *row,
                 const SOCKADDR_INET *address, MIB_NOTIFICATION_TYPE type) {
  bool wrong = KeGetCurrentIrql() != PASSIVE_LEVEL ||
               InterlockedIncrement(&listener->inside) != 1 ||
               (row == NULL) != (type == MibInitialNotification);
  if (wrong)
    InterlockedIncrement(&listener->wrong);
  if (address != NULL && listener->address != NULL &&
      same_address(address, listener->address))
    InterlockedIncrement((LONG *)&listener->matches[type]);
  InterlockedDecrement(&listener->inside);
  listener_heard(listener, row != NULL, type);
}

static VOID hear_route(PVOID context, PMIB_IPFORWARD_ROW2 row,
                       MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  if (row != NULL &&
      row->DestinationPrefix.Prefix.si_family != row->NextHop.si_family)
    InterlockedIncrement(&listener->wrong);
  hear(listener, row, row != NULL ? &row->DestinationPrefix.Prefix : NULL,
       type);
}

static VOID hear_unicast(PVOID context, PMIB_UNICASTIPADDRESS_ROW row,
                         MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  if (row != NULL && row->InterfaceLuid.Value == 0)
    InterlockedIncrement(&listener->wrong);
  hear(listener, row, row != NULL ? &row->Address : NULL, type);
}

static VOID hear_interface(PVOID context, PMIB_IPINTERFACE_ROW row,
                           MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  if (row != NULL && (row->InterfaceLuid.Value == 0 || row->Family == 0))
    InterlockedIncrement(&listener->wrong);
  if (row != NULL)
    listener->luid[type] = row->InterfaceLuid.Value;
  hear(listener, row, NULL, type);
}

NTSTATUS listen_to_routes(struct listener *listener, ADDRESS_FAMILY family,
                          BOOLEAN initial) {
  return NotifyRouteChange2(family, hear_route, listener, initial,
                            &listener->handle);
}

NTSTATUS listen_to_unicasts(struct listener *listener, ADDRESS_FAMILY family,
                            BOOLEAN initial) {
  return NotifyUnicastIpAddressChange(family, hear_unicast, listener, initial,
                                      &listener->handle);
}

NTSTATUS listen_to_interfaces(struct listener *listener, ADDRESS_FAMILY family,
                              BOOLEAN initial) {
  return NotifyIpInterfaceChange(family, hear_interface, listener, initial,
                                 &listener->handle);
}

void listener_wait(struct listener *listener) {
  LARGE_INTEGER limit = {.QuadPart = -10LL * 10000000};
  assert_int_equal(KeWaitForSingleObject(&listener->heard, Executive,
                                         KernelMode, FALSE, &limit),
                   STATUS_SUCCESS);
}

void listener_wait_for(struct listener *listener, ULONG calls) {
  while (calls-- > 0)
    listener_wait(listener);
}

void listener_wait_type(struct listener *listener, MIB_NOTIFICATION_TYPE type) {
  while (ReadAcquire((LONG *)&listener->of_type[type]) == 0)
    listener_wait(listener);
}

void listener_wait_match(struct listener *listener,
                         MIB_NOTIFICATION_TYPE type) {
  while (ReadAcquire(&listener->matches[type]) == 0)
    listener_wait(listener);
}
