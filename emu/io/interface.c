/*
 * Device interfaces. See pnp.h.
 *
 * There are a handful: one list under one lock, and what an interface's state
 * means outside (its name, its events) is changed under the lock, too.
 */
#include "io/pnp.h"

#include <stdio.h>
#include <string.h>

#include "ex/ex.h"
#include "io/device.h"
#include "io/io.h"
#include "io/name.h"
#include "ke/ke.h"
#include "os/os.h"
#include "rtl/inner.h"

#define TAG_LINK 0x20706E50 /* 'Pnp ' */

static struct os_spin lock;
static struct pnp_interface *interfaces; /* in the order of registration */
static unsigned long long last_number;
static ULONG last_instance;

/* ---- names ------------------------------------------------------------- */

/* As the names look on Windows, \??\BUS#DEVICE#INSTANCE#{CLASS}\REFERENCE. */
struct name {
  char path[160];
  PCUNICODE_STRING reference; /* or NULL */
};

static void print_path(struct name *name, const char *device,
                       const char *instance, const GUID *class) {
  const UCHAR *d = class->Data4;

  snprintf(name->path, sizeof(name->path),
           "\\??\\UWSK#%.40s#%.40s#{%08x-%04x-%04x-%02x%02x-"
           "%02x%02x%02x%02x%02x%02x}",
           device, instance, (unsigned)class->Data1, class->Data2, class->Data3,
           d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
}

static void name_of_device(struct name *name, PDEVICE_OBJECT device,
                           ULONG instance, const GUID *class) {
  const UNICODE_STRING *driver =
      &device->DriverObject->DriverExtension->ServiceKeyName;
  char text[41], number[12];
  size_t length = driver->Length / sizeof(WCHAR);

  if (length > sizeof(text) - 1)
    length = sizeof(text) - 1;
  for (size_t i = 0; i < length; i++)
    text[i] = (char)driver->Buffer[i];
  text[length] = '\0';
  snprintf(number, sizeof(number), "%04u", (unsigned)instance);
  print_path(name, text, number, class);
}

static struct pnp_interface *make(const struct name *name, const GUID *class) {
  size_t path = strlen(name->path);
  size_t extra =
      name->reference != NULL ? name->reference->Length / sizeof(WCHAR) + 1 : 0;
  struct pnp_interface *made =
      os__alloc(sizeof(*made) + (path + extra) * sizeof(WCHAR));

  if (made == NULL)
    return NULL;
  for (size_t i = 0; i < path; i++)
    made->text[i] = (unsigned char)name->path[i];
  if (extra != 0) {
    made->text[path] = L'\\';
    memcpy(made->text + path + 1, name->reference->Buffer,
           name->reference->Length);
  }
  made->link.Buffer = made->text;
  made->link.Length = (USHORT)((path + extra) * sizeof(WCHAR));
  made->link.MaximumLength = made->link.Length;
  made->class = *class;
  made->references = 1;
  made->last = (struct pnp_event){.of = made, .embedded = true};
  return made;
}

/* ---- the list ---------------------------------------------------------- */

void io__release_interface(struct pnp_interface *interface) {
  if (__atomic_sub_fetch(&interface->references, 1, __ATOMIC_ACQ_REL) == 0)
    os__free(interface);
}

static struct pnp_interface *reference(struct pnp_interface *interface) {
  __atomic_fetch_add(&interface->references, 1, __ATOMIC_RELAXED);
  return interface;
}

/* With the lock held. */
static struct pnp_interface *find(PCUNICODE_STRING link) {
  struct pnp_interface *interface = interfaces;

  while (interface != NULL && !rtl__equal(&interface->link, link, TRUE))
    interface = interface->next;
  return interface;
}

static ULONG instance_of(PDEVICE_OBJECT device) {
  struct pnp_interface *interface;
  ULONG instance = 0;

  os__spin_lock(&lock);
  for (interface = interfaces; interface != NULL; interface = interface->next)
    if (interface->device == device)
      instance = interface->instance;
  if (instance == 0)
    instance = ++last_instance;
  os__spin_unlock(&lock);
  return instance;
}

/* False, and nothing happens, when there is one of this name. */
static bool enter(struct pnp_interface *interface) {
  struct pnp_interface **link = &interfaces;
  bool exists;

  os__spin_lock(&lock);
  exists = find(&interface->link) != NULL;
  if (!exists) {
    while (*link != NULL)
      link = &(*link)->next;
    interface->number = ++last_number;
    *link = interface;
  }
  os__spin_unlock(&lock);
  return !exists;
}

struct pnp_interface *io__next_interface(const GUID *class,
                                         unsigned long long number) {
  struct pnp_interface *interface;

  os__spin_lock(&lock);
  interface = interfaces;
  while (interface != NULL &&
         (interface->number <= number || !interface->enabled ||
          !IsEqualGUID(&interface->class, class)))
    interface = interface->next;
  if (interface != NULL)
    reference(interface);
  os__spin_unlock(&lock);
  return interface;
}

void io__forget_interfaces(void) {
  struct pnp_interface *interface;

  os__spin_lock(&lock);
  while ((interface = interfaces) != NULL) {
    interfaces = interface->next;
    io__release_interface(interface);
  }
  last_instance = 0;
  os__spin_unlock(&lock);
}

/* ---- enabling ---------------------------------------------------------- */

/* With the lock held. */
static NTSTATUS enable(struct pnp_interface *interface) {
  NTSTATUS status = STATUS_SUCCESS;

  if (interface->enabled)
    return STATUS_OBJECT_NAME_EXISTS;
  if (interface->device != NULL)
    status = io__enter_device_name(&interface->link, interface->device);
  interface->enabled = NT_SUCCESS(status);
  return status;
}

static NTSTATUS disable(struct pnp_interface *interface) {
  if (!interface->enabled)
    return STATUS_OBJECT_NAME_NOT_FOUND;
  interface->enabled = false;
  if (interface->device != NULL)
    io__remove_name(&interface->link);
  return STATUS_SUCCESS;
}

static NTSTATUS set_state(PCUNICODE_STRING link, bool enabled) {
  struct pnp_event *event = os__alloc(sizeof(*event));
  struct pnp_interface *interface;
  NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;

  if (event == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  os__spin_lock(&lock);
  interface = find(link);
  if (interface != NULL)
    status = enabled ? enable(interface) : disable(interface);
  if (status == STATUS_SUCCESS) {
    event->of = reference(interface);
    event->arrival = enabled;
    io__tell(event);
  }
  os__spin_unlock(&lock);
  if (status != STATUS_SUCCESS)
    os__free(event);
  return status;
}

NTSTATUS IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName,
                                   BOOLEAN Enable) {
  ke__require_irql(PASSIVE_LEVEL, "IoSetDeviceInterfaceState");
  return set_state(SymbolicLinkName, Enable != FALSE);
}

/* ---- registering ------------------------------------------------------- */

/* Nobody enumerates devices here. A PDO is what stands at the bottom. */
static bool is_pdo(PDEVICE_OBJECT device) {
  return device != NULL && ob__find(OB_DEVICE, device) != NULL &&
         io__device(device)->attached_to == NULL;
}

static bool is_reference_valid(PCUNICODE_STRING reference) {
  for (size_t i = 0; i < reference->Length / sizeof(WCHAR); i++)
    if (reference->Buffer[i] == L'\\' || reference->Buffer[i] == L'/')
      return false;
  return true;
}

/* A copy with a 0 behind it, in pool, for the caller to free. */
static bool copy_link(const struct pnp_interface *interface, PUNICODE_STRING to,
                      const void *caller) {
  USHORT length = interface->link.Length;
  PWCH buffer =
      ex__allocate_pool(PagedPool, (SIZE_T)length + sizeof(WCHAR), TAG_LINK,
                        "IoRegisterDeviceInterface", caller);

  if (buffer == NULL)
    return false;
  memcpy(buffer, interface->link.Buffer, length);
  buffer[length / sizeof(WCHAR)] = 0;
  *to = (UNICODE_STRING){length, (USHORT)(length + sizeof(WCHAR)), buffer};
  return true;
}

NTSTATUS IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject,
                                   CONST GUID *InterfaceClassGuid,
                                   PUNICODE_STRING ReferenceString,
                                   PUNICODE_STRING SymbolicLinkName) {
  struct name name = {.reference = NULL};
  struct pnp_interface *interface;
  ULONG instance;

  ke__require_irql(PASSIVE_LEVEL, "IoRegisterDeviceInterface");
  if (ReferenceString != NULL && ReferenceString->Length != 0)
    name.reference = ReferenceString;
  if (!is_pdo(PhysicalDeviceObject) ||
      (name.reference != NULL && !is_reference_valid(name.reference)))
    return STATUS_INVALID_DEVICE_REQUEST;
  instance = instance_of(PhysicalDeviceObject);
  name_of_device(&name, PhysicalDeviceObject, instance, InterfaceClassGuid);
  interface = make(&name, InterfaceClassGuid);
  if (interface == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  interface->device = PhysicalDeviceObject;
  interface->instance = instance;
  if (!copy_link(interface, SymbolicLinkName, OB_CALLER())) {
    io__release_interface(interface);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  if (enter(interface))
    return STATUS_SUCCESS;
  io__release_interface(interface);
  return STATUS_OBJECT_NAME_EXISTS;
}

/* The last event of an interface needs no memory: it is the interface. */
void io__leave_interfaces(PDEVICE_OBJECT device) {
  struct pnp_interface **link = &interfaces;

  os__spin_lock(&lock);
  while (*link != NULL) {
    struct pnp_interface *interface = *link;

    if (interface->device != device) {
      link = &interface->next;
      continue;
    }
    *link = interface->next;
    if (NT_SUCCESS(disable(interface)))
      io__tell(&interface->last);
    else
      io__release_interface(interface);
  }
  os__spin_unlock(&lock);
}

/* ---- listing ----------------------------------------------------------- */

static bool is_wanted(const struct pnp_interface *interface, const GUID *class,
                      PDEVICE_OBJECT device, ULONG flags) {
  return IsEqualGUID(&interface->class, class) &&
         (device == NULL || interface->device == device) &&
         (interface->enabled || (flags & DEVICE_INTERFACE_INCLUDE_NONACTIVE));
}

/* How many bytes the list takes; writes it when it fits into `size`. */
static size_t list(const GUID *class, PDEVICE_OBJECT device, ULONG flags,
                   PWCH to, size_t size) {
  size_t used = 0;

  os__spin_lock(&lock);
  for (struct pnp_interface *each = interfaces; each != NULL;
       each = each->next) {
    if (!is_wanted(each, class, device, flags))
      continue;
    if (used + each->link.Length + 2 * sizeof(WCHAR) <= size) {
      memcpy(to + used / sizeof(WCHAR), each->link.Buffer, each->link.Length);
      to[(used + each->link.Length) / sizeof(WCHAR)] = 0;
    }
    used += each->link.Length + sizeof(WCHAR);
  }
  os__spin_unlock(&lock);
  if (used + sizeof(WCHAR) <= size)
    to[used / sizeof(WCHAR)] = 0;
  return used + sizeof(WCHAR);
}

/* The list may grow between the two looks. */
NTSTATUS IoGetDeviceInterfaces(CONST GUID *InterfaceClassGuid,
                               PDEVICE_OBJECT PhysicalDeviceObject, ULONG Flags,
                               PWSTR *SymbolicLinkList) {
  size_t size, needed;
  PWCH names = NULL;

  ke__require_irql(PASSIVE_LEVEL, "IoGetDeviceInterfaces");
  *SymbolicLinkList = NULL;
  if (PhysicalDeviceObject != NULL && !is_pdo(PhysicalDeviceObject))
    return STATUS_INVALID_DEVICE_REQUEST;
  needed = list(InterfaceClassGuid, PhysicalDeviceObject, Flags, NULL, 0);
  do {
    if (names != NULL)
      ExFreePool(names);
    size = needed;
    names = ex__allocate_pool(PagedPool, size, TAG_LINK,
                              "IoGetDeviceInterfaces", OB_CALLER());
    if (names == NULL)
      return STATUS_INSUFFICIENT_RESOURCES;
    needed = list(InterfaceClassGuid, PhysicalDeviceObject, Flags, names, size);
  } while (needed > size);
  *SymbolicLinkList = names;
  return STATUS_SUCCESS;
}

/* ---- the host's -------------------------------------------------------- */

/* Registered by the first announcement, and kept. */
NTSTATUS io__announce_interface(const GUID *class, const char *instance) {
  struct name name = {.reference = NULL};
  struct pnp_interface *interface;
  NTSTATUS status;

  print_path(&name, "HOST", instance, class);
  interface = make(&name, class);
  if (interface == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  reference(interface); /* It is asked for its name below. */
  if (!enter(interface))
    io__release_interface(interface);
  status = set_state(&interface->link, true);
  io__release_interface(interface);
  return status;
}

NTSTATUS io__withdraw_interface(const GUID *class, const char *instance) {
  struct name name = {.reference = NULL};
  struct pnp_interface *like;
  NTSTATUS status;

  print_path(&name, "HOST", instance, class);
  like = make(&name, class);
  if (like == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  status = set_state(&like->link, false);
  io__release_interface(like);
  return status;
}
