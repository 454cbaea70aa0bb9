/*
 * The life of a driver object: made, started, unloaded, deleted.
 */
#include <ntddk.h>

#include <stddef.h>

#include "cm/cm.h"
#include "io/io.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

#define SERVICES "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"
#define MAX_TEXT 1024 /* of a name or path, in characters */

struct driver_block {
  struct ob_record record;
  DRIVER_OBJECT driver;
  DRIVER_EXTENSION extension;
  UNICODE_STRING registry_path;
};

_Static_assert(offsetof(struct driver_block, record) == 0, "io__delete_driver");

static struct driver_block *block_of(PDRIVER_OBJECT driver) {
  return (struct driver_block *)(void *)((char *)driver -
                                         offsetof(struct driver_block, driver));
}

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

static void free_block(struct driver_block *block) {
  os__free(block->registry_path.Buffer);
  os__free(block->extension.ServiceKeyName.Buffer);
  os__free(block->driver.DriverName.Buffer);
  os__free(block);
}

static void fill_driver(PDRIVER_OBJECT driver) {
  driver->Type = IO_TYPE_DRIVER;
  driver->Size = sizeof(DRIVER_OBJECT);
  driver->DriverExtension = &block_of(driver)->extension;
  driver->DriverExtension->DriverObject = driver;
  for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
    driver->MajorFunction[i] = io__invalid_request;
}

PDRIVER_OBJECT io__create_driver(const char *name) {
  struct driver_block *block = os__alloc(sizeof(*block));

  if (block == NULL)
    return NULL;
  fill_driver(&block->driver);
  block->driver.DriverName = join("\\Driver\\", name);
  block->extension.ServiceKeyName = join("", name);
  if (block->driver.DriverName.Buffer == NULL ||
      block->extension.ServiceKeyName.Buffer == NULL) {
    free_block(block);
    return NULL;
  }
  block->record = (struct ob_record){.object = &block->driver,
                                     .call = "io__create_driver",
                                     .caller = OB_CALLER(),
                                     .kind = OB_DRIVER};
  ob__track(&block->record);
  return &block->driver;
}

/* The key under which Windows keeps what it knows of the driver. */
static UNICODE_STRING default_path(PDRIVER_OBJECT driver) {
  char name[MAX_TEXT + 1];
  const UNICODE_STRING *key = &driver->DriverExtension->ServiceKeyName;
  size_t length = key->Length / sizeof(WCHAR);

  for (size_t i = 0; i < length; i++)
    name[i] = (char)key->Buffer[i];
  name[length] = '\0';
  return join(SERVICES, name);
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
  return status;
}

void io__unload_driver(PDRIVER_OBJECT driver) {
  KIRQL irql = ke__swap_irql(PASSIVE_LEVEL);

  if (driver->DriverUnload != NULL)
    io__call_unload(driver->DriverUnload, driver);
  io__delete_driver(driver);
  ke__swap_irql(irql);
}

size_t io__delete_driver(PDRIVER_OBJECT driver) {
  struct ob_record *record = ob__claim(OB_DRIVER, driver);
  size_t left = 0;

  if (record == NULL)
    return 0;
  while (driver->DeviceObject != NULL) {
    if (!vf__report_on(
            VF_IO_UNLOAD_01, driver->DeviceObject,
            "the driver is gone and its device object %p is still there",
            (void *)driver->DeviceObject))
      left++;
    IoDeleteDevice(driver->DeviceObject);
  }
  free_block(block_of(driver));
  return left;
}
