/* Registering for changes, hearing of them, and cancelling. See notify.h. */
#include "netio/notify.h"

#include "ex/ex.h"
#include "ke/watch.h"
#include "netio/netio.h"
#include "netio/row.h"
#include "verifier/report.h"

struct os_spin netio__lock;

static LIST_ENTRY registrations = {&registrations, &registrations};
static bool quiet; /* under the lock: nobody is called back */

#define REGISTRATION_OF(entry)                                                 \
  CONTAINING_RECORD(entry, struct netio_registration, link)

/* ---- something to tell -------------------------------------------------- */

static unsigned families_of(int family) {
  if (family == 0)
    return NETIO_IPV4 | NETIO_IPV6;
  return family == NET_IPV4 ? NETIO_IPV4 : NETIO_IPV6;
}

/* Adds it to what is to be told; without an event all rows of the families are.
 */
static void add(struct netio_registration *registration,
                struct netio_event *event, unsigned missed) {
  bool start = false;
  os__spin_lock(&netio__lock);
  if (!quiet && !registration->cancelled) {
    start = !registration->queued;
    registration->queued = true;
    if (event != NULL)
      InsertTailList(&registration->events, &event->link);
    else
      registration->missed |= missed;
    registration->missed |= registration->failed;
    registration->failed = 0;
    event = NULL;
  }
  os__spin_unlock(&netio__lock);
  os__free(event);
  if (start)
    (void)ex__queue_work(&registration->work, DelayedWorkQueue,
                         registration->owner);
}

static void add_change(struct netio_registration *registration,
                       const struct net_change *change) {
  unsigned missed =
      families_of(change->family) & families_of(registration->family);
  struct netio_event *event = NULL;
  if (registration->of != change->of || missed == 0)
    return;
  if (change->kind != NET_MISSED) {
    event = os__alloc(sizeof(*event));
    if (event != NULL)
      event->change = *change;
  }
  add(registration, event, missed);
}

/* By the owner of the loop. */
static void hear(const struct net_change *change) {
  for (PLIST_ENTRY link = registrations.Flink; link != &registrations;
       link = link->Flink)
    add_change(REGISTRATION_OF(link), change);
}

/* ---- by the owner of the loop ------------------------------------------- */

/* Something that the owner of the loop does while somebody waits for it. */
struct request {
  struct loop_op op;
  struct netio_registration *registration;
  int error;
  KEVENT done;
};

static void run(struct request *request, void (*what)(struct loop_op *op),
                const struct ke_call *call) {
  request->op.run = what;
  KeInitializeEvent(&request->done, NotificationEvent, FALSE);
  loop__submit(&request->op);
  ke__wait_for(call, &request->done);
}

/* The request is on the stack: nothing is begun that cannot be waited for. */
static bool require_wait(const char *call) {
  if (!ke__may_wait())
    vf__report(VF_WAIT_01, "%s inside a callback", call);
  return ke__may_wait();
}

static void enter_now(struct loop_op *op) {
  struct request *request = CONTAINING_RECORD(op, struct request, op);
  if (IsListEmpty(&registrations))
    request->error = net__watch_start(hear);
  if (request->error == NET_OK) {
    os__spin_lock(&netio__lock);
    InsertTailList(&registrations, &request->registration->link);
    os__spin_unlock(&netio__lock);
  }
  KeSetEvent(&request->done, IO_NO_INCREMENT, FALSE);
}

static void remove_registration(struct netio_registration *registration) {
  os__spin_lock(&netio__lock);
  RemoveEntryList(&registration->link);
  os__spin_unlock(&netio__lock);
  if (IsListEmpty(&registrations))
    net__watch_stop();
}

static void remove_now(struct loop_op *op) {
  struct request *request = CONTAINING_RECORD(op, struct request, op);
  remove_registration(request->registration);
  KeSetEvent(&request->done, IO_NO_INCREMENT, FALSE);
}

/* ---- registering -------------------------------------------------------- */

static void fill(struct netio_registration *registration,
                 const struct netio_registration *wanted) {
  *registration = *wanted;
  registration->queued = registration->initial;
  InitializeListHead(&registration->events);
  KeInitializeEvent(&registration->idle, NotificationEvent, FALSE);
  ExInitializeWorkItem(&registration->work, netio__tell, registration);
  registration->record.object = registration;
  registration->record.kind = OB_NOTIFICATION;
  registration->owner = ke__owner();
}

static NTSTATUS begin(const struct netio_registration *wanted, HANDLE *handle) {
  struct ke_call call = {.name = wanted->record.call,
                         .caller = wanted->record.caller};
  struct request request = {.registration = os__alloc(sizeof(*wanted))};
  if (request.registration == NULL)
    return STATUS_NO_MEMORY;
  fill(request.registration, wanted);
  /* Entered first: a callback may come, and cancel by another thread, before
   * this returns. */
  ob__track(&request.registration->record);
  *handle = request.registration;
  run(&request, enter_now, &call);
  if (request.error == NET_OK) {
    if (wanted->initial)
      (void)ex__queue_work(&request.registration->work, DelayedWorkQueue,
                           request.registration->owner);
    return STATUS_SUCCESS;
  }
  *handle = NULL;
  ob__untrack(&request.registration->record);
  os__free(request.registration);
  return netio__status(request.error);
}

static NTSTATUS notify(struct netio_registration *wanted, ADDRESS_FAMILY family,
                       HANDLE *handle) {
  bool may = ke__require_irql(APC_LEVEL, wanted->record.call) &&
             require_wait(wanted->record.call);
  if (handle == NULL)
    return STATUS_INVALID_PARAMETER;
  *handle = NULL;
  if (!netio__any_family(family, &wanted->family) ||
      wanted->callback.route == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!loop__running())
    return STATUS_DEVICE_NOT_READY;
  return may ? begin(wanted, handle) : STATUS_INVALID_DEVICE_STATE;
}

NETIO_STATUS NotifyIpInterfaceChange(ADDRESS_FAMILY Family,
                                     PIPINTERFACE_CHANGE_CALLBACK Callback,
                                     PVOID CallerContext,
                                     BOOLEAN InitialNotification,
                                     HANDLE *NotificationHandle) {
  struct netio_registration wanted = {
      .of = NET_OF_INTERFACE,
      .callback.interface = Callback,
      .context = CallerContext,
      .initial = InitialNotification != FALSE,
      .record = {.call = "NotifyIpInterfaceChange", .caller = OB_CALLER()}};
  return notify(&wanted, Family, NotificationHandle);
}

NETIO_STATUS
NotifyUnicastIpAddressChange(ADDRESS_FAMILY Family,
                             PUNICAST_IPADDRESS_CHANGE_CALLBACK Callback,
                             PVOID CallerContext, BOOLEAN InitialNotification,
                             HANDLE *NotificationHandle) {
  struct netio_registration wanted = {
      .of = NET_OF_UNICAST,
      .callback.unicast = Callback,
      .context = CallerContext,
      .initial = InitialNotification != FALSE,
      .record = {.call = "NotifyUnicastIpAddressChange",
                 .caller = OB_CALLER()}};
  return notify(&wanted, Family, NotificationHandle);
}

NETIO_STATUS NotifyRouteChange2(ADDRESS_FAMILY AddressFamily,
                                PIPFORWARD_CHANGE_CALLBACK Callback,
                                PVOID CallerContext,
                                BOOLEAN InitialNotification,
                                HANDLE *NotificationHandle) {
  struct netio_registration wanted = {
      .of = NET_OF_ROUTE,
      .callback.route = Callback,
      .context = CallerContext,
      .initial = InitialNotification != FALSE,
      .record = {.call = "NotifyRouteChange2", .caller = OB_CALLER()}};
  return notify(&wanted, AddressFamily, NotificationHandle);
}

/* ---- cancelling --------------------------------------------------------- */

/* Under the lock. The handle may be anything. */
static struct netio_registration *find(HANDLE handle) {
  for (PLIST_ENTRY link = registrations.Flink; link != &registrations;
       link = link->Flink)
    if (REGISTRATION_OF(link) == handle && !REGISTRATION_OF(link)->cancelled)
      return REGISTRATION_OF(link);
  return NULL;
}

/* Marks it, so that this caller alone goes on: STATUS_SUCCESS, or
 * STATUS_PENDING when the work item has to end first. */
static NTSTATUS mark(HANDLE handle, struct netio_registration **found) {
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  os__spin_lock(&netio__lock);
  *found = find(handle);
  if (*found != NULL && (*found)->telling == KeGetCurrentThread())
    status = STATUS_INVALID_DEVICE_STATE;
  else if (*found != NULL) {
    (*found)->cancelled = true;
    status = (*found)->queued ? STATUS_PENDING : STATUS_SUCCESS;
  }
  os__spin_unlock(&netio__lock);
  return status;
}

static NTSTATUS refuse(NTSTATUS status, HANDLE handle) {
  if (status == STATUS_INVALID_DEVICE_STATE)
    vf__report(VF_NETIO_03,
               "CancelMibChangeNotify2: called by a callback of the "
               "registration %p itself",
               handle);
  else
    vf__report(VF_NETIO_02, "CancelMibChangeNotify2: %p is no registration",
               handle);
  return status;
}

NETIO_STATUS CancelMibChangeNotify2(HANDLE NotificationHandle) {
  struct ke_call call = {.name = "CancelMibChangeNotify2",
                         .caller = OB_CALLER(),
                         .object = NotificationHandle};
  struct request request = {.error = NET_OK};
  bool may =
      ke__require_irql(PASSIVE_LEVEL, call.name) && require_wait(call.name);
  if (NotificationHandle == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!may)
    return STATUS_INVALID_DEVICE_STATE;
  NTSTATUS status = mark(NotificationHandle, &request.registration);
  if (!NT_SUCCESS(status))
    return refuse(status, NotificationHandle);
  if (status == STATUS_PENDING)
    ke__wait_for(&call, &request.registration->idle);
  run(&request, remove_now, &call);
  ob__untrack(&request.registration->record);
  netio__drop_events(request.registration);
  os__free(request.registration);
  return STATUS_SUCCESS;
}

/* ---- changes on request ------------------------------------------------- */

/* Kind by kind, the families; an operation is on its way while one is not 0. */
static unsigned requested[NET_OF_ROUTE + 1];
static struct loop_op request_ops[NET_OF_ROUTE + 1];

static void hear_requested(struct loop_op *op) {
  size_t of = (size_t)(op - request_ops);
  unsigned families = __atomic_exchange_n(&requested[of], 0, __ATOMIC_ACQ_REL);
  struct net_change change = {.of = (enum net_change_of)of, .kind = NET_MISSED};
  if (families == NETIO_IPV4)
    change.family = NET_IPV4;
  else if (families == NETIO_IPV6)
    change.family = NET_IPV6;
  hear(&change);
}

static void request_change(enum net_change_of of, bool ipv4, bool ipv6) {
  unsigned families = (ipv4 ? NETIO_IPV4 : 0) | (ipv6 ? NETIO_IPV6 : 0);
  if (families == 0 ||
      __atomic_fetch_or(&requested[of], families, __ATOMIC_ACQ_REL) != 0)
    return;
  request_ops[of].run = hear_requested;
  loop__submit(&request_ops[of]);
}

void netio__interfaces_changed(bool ipv4, bool ipv6) {
  request_change(NET_OF_INTERFACE, ipv4, ipv6);
}

void netio__unicasts_changed(bool ipv4, bool ipv6) {
  request_change(NET_OF_UNICAST, ipv4, ipv6);
}

void netio__routes_changed(bool ipv4, bool ipv6) {
  request_change(NET_OF_ROUTE, ipv4, ipv6);
}

/* ---- stopping ----------------------------------------------------------- */

static void set_quiet(bool value) {
  os__spin_lock(&netio__lock);
  quiet = value;
  os__spin_unlock(&netio__lock);
}

void netio__quiet(void) {
  set_quiet(true);
}

/* One whose callback has not come back is left where it is. */
static void stop(struct loop_op *op) {
  UNREFERENCED_PARAMETER(op);
  while (!IsListEmpty(&registrations)) {
    struct netio_registration *registration =
        REGISTRATION_OF(registrations.Flink);
    remove_registration(registration);
    os__spin_lock(&netio__lock);
    bool stays = registration->queued;
    os__spin_unlock(&netio__lock);
    netio__drop_events(registration);
    if (!stays)
      os__free(registration);
  }
}

static bool is_empty(void) {
  os__spin_lock(&netio__lock);
  bool empty = IsListEmpty(&registrations);
  os__spin_unlock(&netio__lock);
  return empty;
}

/* No registration, and no requested change on its way. */
static bool is_over(void *context) {
  UNREFERENCED_PARAMETER(context);
  for (size_t i = 0; i < ARRAYSIZE(requested); i++)
    if (__atomic_load_n(&requested[i], __ATOMIC_ACQUIRE) != 0)
      return false;
  return is_empty();
}

void netio__stop(void) {
  struct loop_op op = {NULL, stop}; /* has run when the list is empty */
  if (!is_empty())
    loop__submit(&op);
  if (!is_over(NULL))
    ke__run_until(is_over, NULL);
  set_quiet(false);
}
