/*
 * Stacks of devices: who is attached to whom, and requests that go down.
 *
 * One lock guards both links of every stack: AttachedDevice, upwards, which
 * drivers may read, and attached_to, downwards, which is ours. An attachment
 * holds a reference to the lower device, so that one that is deleted under a
 * filter stays until the filter lets go.
 */
#include <ntifs.h>

#include "io/device.h"
#include "io/io.h"
#include "ke/watch.h"
#include "os/os.h"
#include "verifier/report.h"

static struct os_spin lock;

/* ---- with the lock held ------------------------------------------------ */

static PDEVICE_OBJECT top_of(PDEVICE_OBJECT device) {
  while (device->AttachedDevice != NULL)
    device = device->AttachedDevice;
  return device;
}

static PDEVICE_OBJECT bottom_of(PDEVICE_OBJECT device) {
  while (io__device(device)->attached_to != NULL)
    device = io__device(device)->attached_to;
  return device;
}

static bool may_be_attached_to(PDEVICE_OBJECT device) {
  return !io__device(device)->deleted &&
         !io__is_unloading(device->DriverObject);
}

static void join(PDEVICE_OBJECT upper, PDEVICE_OBJECT lower) {
  lower->AttachedDevice = upper;
  io__device(upper)->attached_to = lower;
  upper->StackSize = (CCHAR)(lower->StackSize + 1);
  upper->AlignmentRequirement = lower->AlignmentRequirement;
  upper->SectorSize = lower->SectorSize;
  ObfReferenceObject(lower);
}

static void part(PDEVICE_OBJECT upper, PDEVICE_OBJECT lower) {
  lower->AttachedDevice = NULL;
  io__device(upper)->attached_to = NULL;
}

/* ---- attaching --------------------------------------------------------- */

enum attached { ATTACHED, GOING, BREACH };

/* `where` is set under the lock: a request that comes at once finds it there.
 */
static enum attached attach(PDEVICE_OBJECT upper, PDEVICE_OBJECT target,
                            PDEVICE_OBJECT *where) {
  enum attached result = ATTACHED;
  PDEVICE_OBJECT lower;

  os__spin_lock(&lock);
  lower = top_of(target);
  if (io__device(upper)->attached_to != NULL || upper->AttachedDevice != NULL ||
      lower == upper)
    result = BREACH;
  else if (!may_be_attached_to(lower))
    result = GOING;
  else {
    join(upper, lower);
    *where = lower;
  }
  os__spin_unlock(&lock);
  return result;
}

static NTSTATUS attach_checked(PDEVICE_OBJECT upper, PDEVICE_OBJECT target,
                               PDEVICE_OBJECT *where, const char *call) {
  switch (attach(upper, target, where)) {
  case ATTACHED:
    return STATUS_SUCCESS;
  case BREACH:
    vf__report(VF_IO_ATTACH_01, "%s: device %p is in a stack already", call,
               (void *)upper);
    return STATUS_NO_SUCH_DEVICE;
  default:
    return STATUS_NO_SUCH_DEVICE;
  }
}

NTSTATUS
IoAttachDeviceToDeviceStackSafe(PDEVICE_OBJECT SourceDevice,
                                PDEVICE_OBJECT TargetDevice,
                                PDEVICE_OBJECT *AttachedToDeviceObject) {
  ke__require_irql(DISPATCH_LEVEL, "IoAttachDeviceToDeviceStackSafe");
  return attach_checked(SourceDevice, TargetDevice, AttachedToDeviceObject,
                        "IoAttachDeviceToDeviceStackSafe");
}

PDEVICE_OBJECT IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice,
                                           PDEVICE_OBJECT TargetDevice) {
  PDEVICE_OBJECT lower = NULL;

  ke__require_irql(DISPATCH_LEVEL, "IoAttachDeviceToDeviceStack");
  attach_checked(SourceDevice, TargetDevice, &lower,
                 "IoAttachDeviceToDeviceStack");
  return lower;
}

NTSTATUS IoAttachDevice(PDEVICE_OBJECT SourceDevice,
                        PUNICODE_STRING TargetDevice,
                        PDEVICE_OBJECT *AttachedDevice) {
  PDEVICE_OBJECT target;

  ke__require_irql(PASSIVE_LEVEL, "IoAttachDevice");
  *AttachedDevice = NULL;
  target = io__find_device(TargetDevice);
  if (target == NULL)
    return STATUS_OBJECT_NAME_NOT_FOUND;
  return attach_checked(SourceDevice, target, AttachedDevice, "IoAttachDevice");
}

bool io__has_attached(PDEVICE_OBJECT device) {
  bool attached;

  os__spin_lock(&lock);
  attached = device->AttachedDevice != NULL;
  os__spin_unlock(&lock);
  return attached;
}

/* The upper device has let go of the lower one, whose reference it had. */
static void release(PDEVICE_OBJECT lower) {
  io__released_device_of(lower->DriverObject);
  ObfDereferenceObject(lower);
}

VOID IoDetachDevice(PDEVICE_OBJECT TargetDevice) {
  PDEVICE_OBJECT upper;

  ke__require_irql(PASSIVE_LEVEL, "IoDetachDevice");
  os__spin_lock(&lock);
  upper = TargetDevice->AttachedDevice;
  if (upper != NULL)
    part(upper, TargetDevice);
  os__spin_unlock(&lock);
  if (upper != NULL)
    release(TargetDevice);
  else
    vf__report(VF_IO_ATTACH_02,
               "IoDetachDevice: nothing is attached to device %p",
               (void *)TargetDevice);
}

void io__leave_stack(PDEVICE_OBJECT device) {
  PDEVICE_OBJECT lower;

  os__spin_lock(&lock);
  io__device(device)->deleted = true;
  lower = io__device(device)->attached_to;
  if (lower != NULL)
    part(device, lower);
  os__spin_unlock(&lock);
  if (lower == NULL)
    return;
  vf__report(VF_IO_ATTACH_03,
             "IoDeleteDevice: device %p is still attached to %p",
             (void *)device, (void *)lower);
  release(lower);
}

/* ---- looking ----------------------------------------------------------- */

PDEVICE_OBJECT IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject) {
  PDEVICE_OBJECT top;

  ke__require_irql(DISPATCH_LEVEL, "IoGetAttachedDevice");
  os__spin_lock(&lock);
  top = top_of(DeviceObject);
  os__spin_unlock(&lock);
  return top;
}

PDEVICE_OBJECT IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject) {
  PDEVICE_OBJECT top;

  ke__require_irql(DISPATCH_LEVEL, "IoGetAttachedDeviceReference");
  os__spin_lock(&lock);
  top = top_of(DeviceObject);
  ObfReferenceObject(top);
  os__spin_unlock(&lock);
  return top;
}

PDEVICE_OBJECT IoGetDeviceAttachmentBaseRef(PDEVICE_OBJECT DeviceObject) {
  PDEVICE_OBJECT bottom;

  ke__require_irql(DISPATCH_LEVEL, "IoGetDeviceAttachmentBaseRef");
  os__spin_lock(&lock);
  bottom = bottom_of(DeviceObject);
  ObfReferenceObject(bottom);
  os__spin_unlock(&lock);
  return bottom;
}

PDEVICE_OBJECT IoGetLowerDeviceObject(PDEVICE_OBJECT DeviceObject) {
  PDEVICE_OBJECT lower;

  ke__require_irql(DISPATCH_LEVEL, "IoGetLowerDeviceObject");
  os__spin_lock(&lock);
  lower = io__device(DeviceObject)->attached_to;
  if (lower != NULL && !may_be_attached_to(lower))
    lower = NULL;
  if (lower != NULL)
    ObfReferenceObject(lower);
  os__spin_unlock(&lock);
  return lower;
}

/* ---- going down -------------------------------------------------------- */

static IO_COMPLETION_ROUTINE catch_irp;
static NTSTATUS NTAPI catch_irp(PDEVICE_OBJECT device, PIRP irp, PVOID event) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent(event, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The event is on this stack, so nothing is sent that cannot be waited for. */
static bool may_wait(void) {
  if (!ke__require_irql(APC_LEVEL, "IoForwardIrpSynchronously"))
    return false;
  if (ke__may_wait())
    return true;
  vf__report(VF_WAIT_01, "IoForwardIrpSynchronously inside a callback");
  return false;
}

BOOLEAN IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
  struct ke_call call = {.name = "IoForwardIrpSynchronously",
                         .caller = OB_CALLER(),
                         .object = Irp};
  KEVENT caught;

  if (Irp->CurrentLocation <= 1 || !may_wait())
    return FALSE;
  KeInitializeEvent(&caught, NotificationEvent, FALSE);
  IoCopyCurrentIrpStackLocationToNext(Irp);
  IoSetCompletionRoutine(Irp, catch_irp, &caught, TRUE, TRUE, TRUE);
  if (IofCallDriver(DeviceObject, Irp) == STATUS_PENDING)
    ke__wait_for(&call, &caught);
  return TRUE;
}
