/*
 * Who is registered for PnP events, and telling them. See pnp.h.
 *
 * A registration's mutex is held while its routine runs, so that the routine
 * runs on one thread at a time, and removing a registration can wait for it. A
 * mutex may be acquired again by its owner: a routine may remove its own
 * registration. `closed` is looked at under the mutex, before each call.
 */
#include "io/pnp.h"

#include <wdmguid.h>

#include "ex/ex.h"
#include "io/io.h"
#include "ke/watch.h"
#include "os/os.h"
#include "verifier/report.h"

struct notification {
  struct ob_record record;
  struct notification *next;
  unsigned long long number; /* in the order of registration */
  LONG references;           /* the list's, and of each who calls */
  bool closed;               /* atomic */
  IO_NOTIFICATION_EVENT_CATEGORY category;
  GUID class;
  PDRIVER_OBJECT driver;
  PDRIVER_NOTIFICATION_CALLBACK_ROUTINE routine;
  PVOID context;
  KMUTEX running;
};

static WORKER_THREAD_ROUTINE tell_all;

static struct os_spin lock;
static struct notification *notifications; /* in the order of registration */
static unsigned long long last_number;
static struct pnp_event *first_event, **last_event = &first_event;
static bool telling; /* the work item is queued or runs */
static WORK_QUEUE_ITEM work = {{NULL, NULL}, tell_all, NULL};

/* ---- registrations ----------------------------------------------------- */

static void release(struct notification *notification) {
  if (__atomic_sub_fetch(&notification->references, 1, __ATOMIC_ACQ_REL) != 0)
    return;
  ObfDereferenceObject(notification->driver);
  os__free(notification);
}

static void enter(struct notification *notification) {
  struct notification **link = &notifications;

  os__spin_lock(&lock);
  while (*link != NULL)
    link = &(*link)->next;
  notification->number = ++last_number;
  *link = notification;
  os__spin_unlock(&lock);
}

static void take_out(struct notification *notification) {
  struct notification **link = &notifications;

  os__spin_lock(&lock);
  while (*link != NULL && *link != notification)
    link = &(*link)->next;
  if (*link != NULL)
    *link = notification->next;
  os__spin_unlock(&lock);
}

/* The one for this class that was registered next after `number`, with a
 * reference; NULL. */
static struct notification *next_for(const GUID *class,
                                     unsigned long long number) {
  struct notification *notification;

  os__spin_lock(&lock);
  notification = notifications;
  while (notification != NULL &&
         (notification->number <= number ||
          notification->category != EventCategoryDeviceInterfaceChange ||
          !IsEqualGUID(&notification->class, class)))
    notification = notification->next;
  if (notification != NULL)
    __atomic_fetch_add(&notification->references, 1, __ATOMIC_RELAXED);
  os__spin_unlock(&lock);
  return notification;
}

static bool is_closed(const struct notification *notification) {
  return __atomic_load_n(&notification->closed, __ATOMIC_ACQUIRE);
}

/* ---- telling ----------------------------------------------------------- */

static void call(struct notification *notification,
                 struct pnp_interface *interface, bool arrival) {
  DEVICE_INTERFACE_CHANGE_NOTIFICATION told = {
      .Version = 1,
      .Size = sizeof(told),
      .Event = arrival ? GUID_DEVICE_INTERFACE_ARRIVAL
                       : GUID_DEVICE_INTERFACE_REMOVAL,
      .InterfaceClassGuid = interface->class,
      .SymbolicLinkName = &interface->link};
  struct ke_call waits = {.name = notification->record.call,
                          .caller = notification->record.caller,
                          .object = notification};

  ke__wait_for(&waits, &notification->running);
  if (!is_closed(notification))
    io__call_notification(notification->routine, &told, notification->context,
                          notification->driver);
  KeReleaseMutex(&notification->running, FALSE);
}

static void tell_everybody(const struct pnp_event *event) {
  struct notification *notification;
  unsigned long long number = 0;

  while ((notification = next_for(&event->of->class, number)) != NULL) {
    number = notification->number;
    if (number <= event->before)
      call(notification, event->of, event->arrival);
    release(notification);
  }
}

static struct pnp_event *next_event(void) {
  struct pnp_event *event;

  os__spin_lock(&lock);
  event = first_event;
  if (event == NULL) {
    telling = false;
  } else {
    first_event = event->next;
    if (first_event == NULL)
      last_event = &first_event;
  }
  os__spin_unlock(&lock);
  return event;
}

static VOID NTAPI tell_all(PVOID parameter) {
  struct pnp_event *event;

  UNREFERENCED_PARAMETER(parameter);
  while ((event = next_event()) != NULL) {
    struct pnp_interface *of = event->of;
    bool embedded = event->embedded;

    tell_everybody(event);
    if (!embedded)
      os__free(event);
    io__release_interface(of);
  }
}

void io__tell(struct pnp_event *event) {
  bool first;

  event->next = NULL;
  os__spin_lock(&lock);
  event->before = last_number;
  *last_event = event;
  last_event = &event->next;
  first = !telling;
  telling = true;
  os__spin_unlock(&lock);
  if (first)
    ex__queue_work(&work, DelayedWorkQueue, 0);
}

static void tell_existing(struct notification *notification) {
  struct pnp_interface *interface;
  unsigned long long number = 0;

  while (!is_closed(notification) &&
         (interface = io__next_interface(&notification->class, number)) !=
             NULL) {
    number = interface->number;
    call(notification, interface, true);
    io__release_interface(interface);
  }
}

/* ---- registering ------------------------------------------------------- */

static NTSTATUS check_category(IO_NOTIFICATION_EVENT_CATEGORY category,
                               PVOID data) {
  switch (category) {
  case EventCategoryDeviceInterfaceChange:
    return data != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  case EventCategoryHardwareProfileChange:
    return data == NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  default:
    return STATUS_NOT_SUPPORTED;
  }
}

static struct notification *make(IO_NOTIFICATION_EVENT_CATEGORY category,
                                 const GUID *class, PDRIVER_OBJECT driver,
                                 const void *caller) {
  struct notification *made = os__alloc(sizeof(*made));

  if (made == NULL)
    return NULL;
  made->references = 2; /* the list's and the caller's */
  made->category = category;
  if (class != NULL)
    made->class = *class;
  made->driver = driver;
  ObfReferenceObject(driver);
  KeInitializeMutex(&made->running, 0);
  made->record = (struct ob_record){.object = made,
                                    .call = "IoRegisterPlugPlayNotification",
                                    .caller = caller,
                                    .kind = OB_PNP_NOTIFICATION};
  return made;
}

NTSTATUS IoRegisterPlugPlayNotification(
    IO_NOTIFICATION_EVENT_CATEGORY EventCategory, ULONG EventCategoryFlags,
    PVOID EventCategoryData, PDRIVER_OBJECT DriverObject,
    PDRIVER_NOTIFICATION_CALLBACK_ROUTINE CallbackRoutine, PVOID Context,
    PVOID *NotificationEntry) {
  NTSTATUS status = check_category(EventCategory, EventCategoryData);
  struct notification *made;

  ke__require_irql(PASSIVE_LEVEL, "IoRegisterPlugPlayNotification");
  if (!NT_SUCCESS(status))
    return status;
  made = make(EventCategory, EventCategoryData, DriverObject, OB_CALLER());
  if (made == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  made->routine = CallbackRoutine;
  made->context = Context;
  ob__track(&made->record);
  *NotificationEntry = made;
  enter(made);
  if (EventCategory == EventCategoryDeviceInterfaceChange &&
      (EventCategoryFlags &
       PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES))
    tell_existing(made);
  release(made);
  return STATUS_SUCCESS;
}

/* ---- removing ---------------------------------------------------------- */

static void close(struct notification *notification) {
  __atomic_store_n(&notification->closed, true, __ATOMIC_RELEASE);
  take_out(notification);
}

/* The registration, struck out of the ledger; NULL when it is none. */
static struct notification *claim(PVOID entry, const char *call) {
  ke__require_irql(PASSIVE_LEVEL, call);
  if (ob__claim(OB_PNP_NOTIFICATION, entry) != NULL)
    return entry;
  vf__report(VF_IO_PNP_02, "%s: %p is no registration%s", call, entry,
             ob__was_alive(OB_PNP_NOTIFICATION, entry) ? " any more" : "");
  return NULL;
}

NTSTATUS IoUnregisterPlugPlayNotificationEx(PVOID NotificationEntry) {
  struct ke_call waits = {.name = "IoUnregisterPlugPlayNotificationEx",
                          .caller = OB_CALLER(),
                          .object = NotificationEntry};
  struct notification *notification = claim(NotificationEntry, waits.name);

  if (notification == NULL)
    return STATUS_INVALID_PARAMETER;
  close(notification);
  ke__wait_for(&waits, &notification->running);
  KeReleaseMutex(&notification->running, FALSE);
  release(notification);
  return STATUS_SUCCESS;
}

NTSTATUS IoUnregisterPlugPlayNotification(PVOID NotificationEntry) {
  struct notification *notification =
      claim(NotificationEntry, "IoUnregisterPlugPlayNotification");

  if (notification == NULL)
    return STATUS_INVALID_PARAMETER;
  close(notification);
  release(notification);
  return STATUS_SUCCESS;
}

static struct notification *first_of(PDRIVER_OBJECT driver) {
  struct notification *notification;

  os__spin_lock(&lock);
  notification = notifications;
  while (notification != NULL && notification->driver != driver)
    notification = notification->next;
  os__spin_unlock(&lock);
  return notification;
}

size_t io__forget_notifications_of(PDRIVER_OBJECT driver, const char *name) {
  struct notification *notification;
  size_t count = 0;

  while ((notification = first_of(driver)) != NULL) {
    if (!vf__report_on(VF_IO_PNP_01, notification,
                       "driver %s has gone and its registration %p for PnP "
                       "notification is still there",
                       name, (void *)notification))
      count++;
    ob__claim(OB_PNP_NOTIFICATION, notification);
    close(notification);
    release(notification);
  }
  return count;
}

/* Those that are left stay where they are, for memory checkers to see. */
void io__forget_notifications(void) {
  os__spin_lock(&lock);
  notifications = NULL;
  os__spin_unlock(&lock);
}
