/*
 * Notification of the system's shutdown: devices that get IRP_MJ_SHUTDOWN when
 * the host says so. There are few, and they are asked once.
 */
#include <ntddk.h>

#include "io/device.h"
#include "io/io.h"
#include "ke/watch.h"
#include "os/os.h"
#include "verifier/report.h"

struct entry {
  struct entry *next;
  PDEVICE_OBJECT device; /* with a reference */
  bool last_chance;
};

static struct os_spin lock;
static struct entry *entries; /* newest first, as on NT */

static NTSTATUS enter(PDEVICE_OBJECT device, bool last_chance) {
  struct entry *entry = os__alloc(sizeof(*entry));

  if (entry == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  ObfReferenceObject(device);
  entry->device = device;
  entry->last_chance = last_chance;
  os__spin_lock(&lock);
  entry->next = entries;
  entries = entry;
  os__spin_unlock(&lock);
  device->Flags |= DO_SHUTDOWN_REGISTERED;
  return STATUS_SUCCESS;
}

NTSTATUS IoRegisterShutdownNotification(PDEVICE_OBJECT DeviceObject) {
  ke__require_irql(PASSIVE_LEVEL, "IoRegisterShutdownNotification");
  return enter(DeviceObject, false);
}

NTSTATUS IoRegisterLastChanceShutdownNotification(PDEVICE_OBJECT DeviceObject) {
  ke__require_irql(PASSIVE_LEVEL, "IoRegisterLastChanceShutdownNotification");
  return enter(DeviceObject, true);
}

/* Of one device, or (NULL) of one turn. NULL when there is none. */
static struct entry *take(PDEVICE_OBJECT device, bool last_chance) {
  struct entry **link = &entries;
  struct entry *entry;

  os__spin_lock(&lock);
  while (*link != NULL &&
         (device != NULL ? (*link)->device != device
                         : (*link)->last_chance != last_chance))
    link = &(*link)->next;
  entry = *link;
  if (entry != NULL)
    *link = entry->next;
  os__spin_unlock(&lock);
  return entry;
}

static size_t forget(PDEVICE_OBJECT device) {
  struct entry *entry;
  size_t count = 0;

  while ((entry = take(device, false)) != NULL) {
    ObfDereferenceObject(device);
    os__free(entry);
    count++;
  }
  return count;
}

VOID IoUnregisterShutdownNotification(PDEVICE_OBJECT DeviceObject) {
  ke__require_irql(PASSIVE_LEVEL, "IoUnregisterShutdownNotification");
  forget(DeviceObject);
  DeviceObject->Flags &= ~(ULONG)DO_SHUTDOWN_REGISTERED;
}

void io__leave_shutdown(PDEVICE_OBJECT device) {
  if (!(device->Flags & DO_SHUTDOWN_REGISTERED) || forget(device) == 0)
    return;
  vf__report(VF_IO_SHUTDOWN_01,
             "IoDeleteDevice: device %p is still registered for the shutdown",
             (void *)device);
}

/* ---- the shutdown ------------------------------------------------------ */

static void send(PDEVICE_OBJECT device, const struct ke_call *call) {
  PDEVICE_OBJECT top = IoGetAttachedDeviceReference(device);
  IO_STATUS_BLOCK result;
  KEVENT done;
  PIRP irp;

  KeInitializeEvent(&done, NotificationEvent, FALSE);
  irp = IoBuildSynchronousFsdRequest(IRP_MJ_SHUTDOWN, top, NULL, 0, NULL, &done,
                                     &result);
  if (irp != NULL && IofCallDriver(top, irp) == STATUS_PENDING)
    ke__wait_for(call, &done);
  ObfDereferenceObject(top);
}

static unsigned send_all(bool last_chance, const struct ke_call *call) {
  struct entry *entry;
  unsigned count = 0;

  while ((entry = take(NULL, last_chance)) != NULL) {
    entry->device->Flags &= ~(ULONG)DO_SHUTDOWN_REGISTERED;
    send(entry->device, call);
    ObfDereferenceObject(entry->device);
    os__free(entry);
    count++;
  }
  return count;
}

unsigned io__shut_down(const struct ke_call *call) {
  unsigned count = send_all(false, call);

  return count + send_all(true, call);
}

void io__forget_shutdown(void) {
  struct entry *entry;

  os__spin_lock(&lock);
  while ((entry = entries) != NULL) {
    entries = entry->next;
    os__free(entry); /* The device was left behind, and is forgotten, too. */
  }
  os__spin_unlock(&lock);
}
