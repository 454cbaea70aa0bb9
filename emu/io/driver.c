/*
 * The life of a driver object: made, started, unloaded, deleted. What uwsk does
 * with a driver that leaves something under way: docs/drivers.md.
 *
 * A driver object is an object with references (emu/ob): one until it is
 * deleted, one of each of its device objects, of each work item that is queued
 * for it, of each registration for PnP notification.
 */
#include <ntddk.h>

#include <stddef.h>
#include <string.h>

#include "cm/cm.h"
#include "ex/ex.h"
#include "io/io.h"
#include "io/name.h"
#include "ke/ke.h"
#include "ob/object.h"
#include "os/os.h"
#include "ps/ps.h"
#include "verifier/report.h"

#define SERVICES "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"
#define MAX_TEXT 1024 /* of a name or path, in characters */

/* How long unloading waits for what runs the driver's code. */
#define PATIENCE_MS 1000u

/* What IoAllocateDriverObjectExtension gives. */
struct client_extension {
  struct client_extension *next;
  PVOID client;
  _Alignas(16) UCHAR bytes[];
};

enum state { LOADED, UNLOAD_PENDING, UNLOADED };

struct driver_block {
  DRIVER_OBJECT driver; /* first: what references are taken of */
  DRIVER_EXTENSION extension;
  UNICODE_STRING registry_path;
  struct ob_record record;
  struct driver_block *next; /* under the lock */
  struct client_extension *extensions;
  ULONG owner;      /* see ke/owner.c */
  LONG state;       /* enum state */
  char name[64];    /* for messages */
  char full_name[]; /* for comparisons */
};

_Static_assert(offsetof(struct driver_block, driver) == 0, "block_of");

static struct os_spin lock;
static struct driver_block *drivers; /* those that have a name */
static size_t left_behind;           /* by all; atomic */

/* DriverSection, which is opaque on NT, leads to the block. A driver object
 * that is not of our making has none. */
static struct driver_block *block_of(PDRIVER_OBJECT driver) {
  return driver->DriverSection;
}

ULONG io__owner_of(PDRIVER_OBJECT driver) {
  return driver != NULL && block_of(driver) != NULL ? block_of(driver)->owner
                                                    : 0;
}

/* ---- names ------------------------------------------------------------- */

static size_t text_length(const char *text) {
  size_t length = 0;

  while (length < MAX_TEXT && text[length] != '\0')
    length++;
  return length;
}

/* Joins two plain texts to a terminated string; a NULL Buffer when there is no
 * memory. Bytes above ASCII are taken for Latin-1: names come from the host's
 * command line and are ASCII in practice. */
static UNICODE_STRING join(const char *first, const char *second) {
  size_t a = text_length(first);
  size_t b = text_length(second);
  WCHAR *text = os__alloc((a + b + 1) * sizeof(WCHAR));

  if (text == NULL)
    return (UNICODE_STRING){0, 0, NULL};
  for (size_t i = 0; i < a; i++)
    text[i] = (unsigned char)first[i];
  for (size_t i = 0; i < b; i++)
    text[a + i] = (unsigned char)second[i];
  return (UNICODE_STRING){(USHORT)((a + b) * sizeof(WCHAR)),
                          (USHORT)((a + b + 1) * sizeof(WCHAR)), text};
}

static char fold(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static bool same_name(const char *a, const char *b) {
  while (*a != '\0' && fold(*a) == fold(*b)) {
    a++;
    b++;
  }
  return *a == *b;
}

/* With the lock held. */
static struct driver_block **find(const char *name) {
  struct driver_block **link = &drivers;

  while (*link != NULL && !same_name((*link)->full_name, name))
    link = &(*link)->next;
  return link;
}

bool io__driver_exists(const char *name) {
  bool exists;

  os__spin_lock(&lock);
  exists = *find(name) != NULL;
  os__spin_unlock(&lock);
  return exists;
}

static bool enter(struct driver_block *block) {
  bool free_name;

  os__spin_lock(&lock);
  free_name = *find(block->full_name) == NULL;
  if (free_name) {
    block->next = drivers;
    drivers = block;
  }
  os__spin_unlock(&lock);
  return free_name;
}

static void take_out(struct driver_block *block) {
  struct driver_block **link;

  os__spin_lock(&lock);
  link = find(block->full_name);
  if (*link == block)
    *link = block->next;
  os__spin_unlock(&lock);
}

void io__forget_drivers(void) {
  os__spin_lock(&lock);
  drivers = NULL;
  os__spin_unlock(&lock);
}

/* ---- making ------------------------------------------------------------ */

static VOID free_block(PVOID object) {
  struct driver_block *block = object;

  while (block->extensions != NULL) {
    struct client_extension *extension = block->extensions;

    block->extensions = extension->next;
    os__free(extension);
  }
  os__free(block->registry_path.Buffer);
  os__free(block->extension.ServiceKeyName.Buffer);
  os__free(block->driver.DriverName.Buffer);
}

static struct _OBJECT_TYPE driver_type = {.Name = "Driver",
                                          .Delete = free_block};

static void fill_driver(struct driver_block *block) {
  PDRIVER_OBJECT driver = &block->driver;

  driver->Type = IO_TYPE_DRIVER;
  driver->Size = sizeof(DRIVER_OBJECT);
  driver->DriverSection = block;
  driver->DriverExtension = &block->extension;
  driver->DriverExtension->DriverObject = driver;
  for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
    driver->MajorFunction[i] = io__invalid_request;
}

static struct driver_block *allocate(const char *name) {
  size_t length = text_length(name);
  struct driver_block *block =
      ob__create_object(&driver_type, sizeof(*block) + length + 1);

  if (block == NULL)
    return NULL;
  memcpy(block->full_name, name, length);
  memcpy(block->name, name,
         length < sizeof(block->name) ? length : sizeof(block->name) - 1);
  fill_driver(block);
  block->driver.DriverName = join("\\Driver\\", name);
  block->extension.ServiceKeyName = join("", name);
  if (block->driver.DriverName.Buffer != NULL &&
      block->extension.ServiceKeyName.Buffer != NULL)
    return block;
  ObfDereferenceObject(block);
  return NULL;
}

PDRIVER_OBJECT io__create_driver(const char *name) {
  struct driver_block *block = allocate(name);

  if (block == NULL)
    return NULL;
  if (!enter(block)) {
    ObfDereferenceObject(block);
    return NULL;
  }
  block->owner = ke__new_owner();
  block->record = (struct ob_record){.object = &block->driver,
                                     .call = "io__create_driver",
                                     .caller = OB_CALLER(),
                                     .kind = OB_DRIVER};
  ob__track(&block->record);
  return &block->driver;
}

/* The key under which Windows keeps what it knows of the driver. */
static UNICODE_STRING default_path(PDRIVER_OBJECT driver) {
  return join(SERVICES, block_of(driver)->full_name);
}

NTSTATUS io__start_driver(PDRIVER_OBJECT driver, PDRIVER_INITIALIZE entry,
                          const char *registry_path) {
  struct driver_block *block = block_of(driver);
  NTSTATUS status;
  KIRQL irql;

  block->registry_path =
      registry_path != NULL ? join("", registry_path) : default_path(driver);
  if (block->registry_path.Buffer == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  status = cm__make_service_key(&block->registry_path,
                                &block->extension.ServiceKeyName);
  if (!NT_SUCCESS(status))
    return status;
  driver->DriverInit = entry;
  irql = ke__swap_irql(PASSIVE_LEVEL);
  status = io__call_driver_entry(entry, driver, &block->registry_path);
  ke__swap_irql(irql);
  if (NT_SUCCESS(status))
    io__ready_devices(driver);
  return status;
}

/* ---- what a driver leaves ---------------------------------------------- */

/* What runs the driver's code by itself cannot be ended, only waited for. Work
 * items of devices may go on: the driver object stays for them, as on Windows.
 */
static bool await_code(struct driver_block *block) {
  unsigned items;

  if (ke__wait_idle(block->owner, PATIENCE_MS))
    return true;
  ps__report_threads_of(block->owner, block->name);
  items = ex__count_work_of(block->owner);
  if (items != 0)
    vf__report(VF_WORK_03,
               "driver %s has gone and %u of its work items have yet to run or "
               "to return",
               block->name, items);
  return false;
}

static size_t remove_devices(PDRIVER_OBJECT driver) {
  size_t count = 0;

  while (driver->DeviceObject != NULL) {
    if (!vf__report_on(
            VF_IO_UNLOAD_01, driver->DeviceObject,
            "the driver is gone and its device object %p is still there",
            (void *)driver->DeviceObject))
      count++;
    IoDeleteDevice(driver->DeviceObject);
  }
  return count;
}

static size_t remove_left(struct driver_block *block) {
  size_t count = io__forget_notifications_of(&block->driver, block->name);
  bool idle = await_code(block);

  count += ke__forget_timers_of(block->owner, block->name);
  count += ke__forget_dpcs_of(block->owner, block->name);
  if (idle) /* A DPC may have begun meanwhile; no more will. */
    ke__wait_idle(block->owner, PATIENCE_MS);
  count += io__forget_links_of(block->owner, block->name);
  count += remove_devices(&block->driver);
  return count;
}

/* ---- going ------------------------------------------------------------- */

/* `gone` says whether the object is: nothing refers to it any more. */
static size_t delete_driver(PDRIVER_OBJECT driver, bool *gone) {
  struct driver_block *block = block_of(driver);
  size_t left;

  __atomic_store_n(&block->state, UNLOADED, __ATOMIC_RELEASE);
  left = remove_left(block);
  __atomic_fetch_add(&left_behind, left, __ATOMIC_RELAXED);
  take_out(block);
  ke__free_owner(block->owner);
  *gone = ObfDereferenceObject(driver) == 0;
  return left;
}

size_t io__delete_driver(PDRIVER_OBJECT driver) {
  bool gone;

  if (ob__claim(OB_DRIVER, driver) == NULL)
    return 0;
  return delete_driver(driver, &gone);
}

size_t io__take_left(void) {
  return __atomic_exchange_n(&left_behind, 0, __ATOMIC_RELAXED);
}

bool io__is_unloading(PDRIVER_OBJECT driver) {
  return block_of(driver) != NULL &&
         __atomic_load_n(&block_of(driver)->state, __ATOMIC_ACQUIRE) != LOADED;
}

/* Of several threads that see the driver free, one unloads it. */
static NTSTATUS unload_now(PDRIVER_OBJECT driver) {
  LONG pending = UNLOAD_PENDING;
  bool gone;
  KIRQL irql;

  if (!__atomic_compare_exchange_n(&block_of(driver)->state, &pending, UNLOADED,
                                   false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return STATUS_PENDING;
  irql = ke__swap_irql(PASSIVE_LEVEL);
  io__call_unload(driver->DriverUnload, driver);
  ob__claim(OB_DRIVER, driver);
  delete_driver(driver, &gone);
  ke__swap_irql(irql);
  return gone ? STATUS_SUCCESS : STATUS_PENDING;
}

NTSTATUS io__unload_driver(PDRIVER_OBJECT driver) {
  LONG loaded = LOADED;

  if (driver->DriverUnload == NULL)
    return STATUS_INVALID_DEVICE_REQUEST;
  /* Marked first: nobody attaches after the look. */
  __atomic_compare_exchange_n(&block_of(driver)->state, &loaded, UNLOAD_PENDING,
                              false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  if (io__is_in_use(driver))
    return STATUS_PENDING;
  return unload_now(driver);
}

void io__released_device_of(PDRIVER_OBJECT driver) {
  if (block_of(driver) != NULL &&
      __atomic_load_n(&block_of(driver)->state, __ATOMIC_ACQUIRE) ==
          UNLOAD_PENDING &&
      !io__is_in_use(driver))
    unload_now(driver);
}

/* ---- memory of the driver's --------------------------------------------- */

/* With the lock held. */
static struct client_extension *find_extension(struct driver_block *block,
                                               PVOID client) {
  struct client_extension *extension = block->extensions;

  while (extension != NULL && extension->client != client)
    extension = extension->next;
  return extension;
}

NTSTATUS IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject,
                                         PVOID ClientIdentificationAddress,
                                         ULONG DriverObjectExtensionSize,
                                         PVOID *DriverObjectExtension) {
  struct driver_block *block = block_of(DriverObject);
  struct client_extension *extension;
  bool taken;

  ke__require_irql(DISPATCH_LEVEL, "IoAllocateDriverObjectExtension");
  *DriverObjectExtension = NULL;
  extension = os__alloc(sizeof(*extension) + DriverObjectExtensionSize);
  if (extension == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  extension->client = ClientIdentificationAddress;
  os__spin_lock(&lock);
  taken = find_extension(block, ClientIdentificationAddress) != NULL;
  if (!taken) {
    extension->next = block->extensions;
    block->extensions = extension;
  }
  os__spin_unlock(&lock);
  if (taken) {
    os__free(extension);
    return STATUS_OBJECT_NAME_COLLISION;
  }
  *DriverObjectExtension = extension->bytes;
  return STATUS_SUCCESS;
}

PVOID IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject,
                                 PVOID ClientIdentificationAddress) {
  struct client_extension *extension;

  ke__require_irql(DISPATCH_LEVEL, "IoGetDriverObjectExtension");
  os__spin_lock(&lock);
  extension =
      find_extension(block_of(DriverObject), ClientIdentificationAddress);
  os__spin_unlock(&lock);
  return extension != NULL ? extension->bytes : NULL;
}
