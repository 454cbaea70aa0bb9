/*
 * Devices with a descriptor (wdmsec.h), and drivers that want more rights than
 * their codes do.
 *
 * Pages: ddi/wdmsec/nf-wdmsec-wdmlibiocreatedevicesecure,
 * ddi/wdm/nf-wdm-iovalidatedeviceiocontrolaccess,
 * kernel/sddl-for-device-objects.
 */
#include "kernel_test.h"

#include <wdmsec.h>

#include <uwsk/device.h>
#include <uwsk/uwsk.h>

#define CODE                                                                   \
  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static const GUID class = {0x8e2f6c31,
                           0x51a7,
                           0x4a30,
                           {0x9d, 0x0b, 0x3c, 0x5e, 0x11, 0x72, 0x46, 0x90}};

/* ---- the driver ---------------------------------------------------------- */

static PDRIVER_OBJECT driver;

static NTSTATUS complete(PIRP irp, NTSTATUS status) {
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = 0;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return status;
}

static NTSTATUS succeed(PDEVICE_OBJECT device, PIRP irp) {
  (void)device;
  return complete(irp, STATUS_SUCCESS);
}

/* The input says which rights it wants. */
static NTSTATUS control(PDEVICE_OBJECT device, PIRP irp) {
  (void)device;
  return complete(irp, IoValidateDeviceIoControlAccess(
                           irp, *(PULONG)irp->AssociatedIrp.SystemBuffer));
}

static VOID unload(PDRIVER_OBJECT object) {
  while (object->DeviceObject != NULL)
    IoDeleteDevice(object->DeviceObject);
}

static NTSTATUS entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
  (void)path;
  object->MajorFunction[IRP_MJ_CREATE] = succeed;
  object->MajorFunction[IRP_MJ_CLOSE] = succeed;
  object->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
  object->DriverUnload = unload;
  return STATUS_SUCCESS;
}

static int start(void **state) {
  return kernel_start(state) != 0 ||
         uwsk_load_driver("secure", entry, &driver) != 0;
}

static int end(void **state) {
  return uwsk_unload_driver(driver) != 0 || kernel_stop(state) != 0;
}

/* ---- making -------------------------------------------------------------- */

static NTSTATUS make(PCUNICODE_STRING descriptor, const WCHAR *name,
                     ULONG characteristics, PDEVICE_OBJECT *device) {
  UNICODE_STRING text;
  NTSTATUS status;

  RtlInitUnicodeString(&text, name);
  status = IoCreateDeviceSecure(driver, 0, name != NULL ? &text : NULL,
                                FILE_DEVICE_UNKNOWN, characteristics, FALSE,
                                descriptor, &class, device);
  if (NT_SUCCESS(status))
    (*device)->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
  return status;
}

static void a_descriptor_makes_a_named_device(void **state) {
  static const PCUNICODE_STRING known[] = {
      &SDDL_DEVOBJ_KERNEL_ONLY,
      &SDDL_DEVOBJ_SYS_ALL,
      &SDDL_DEVOBJ_SYS_ALL_ADM_ALL,
      &SDDL_DEVOBJ_SYS_ALL_ADM_RX,
      &SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R,
      &SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R_RES_R,
      &SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RW_RES_R,
      &SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RWX_RES_RWX,
  };
  PDEVICE_OBJECT device, second;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(known); i++) {
    uwsk_handle handle;

    assert_int_equal(make(known[i], L"\\Device\\Secure", 0, &device),
                     STATUS_SUCCESS);
    assert_int_equal(make(known[i], L"\\Device\\Secure", 0, &second),
                     STATUS_OBJECT_NAME_COLLISION);
    assert_null(second);
    assert_int_equal(uwsk_open("\\Device\\Secure", 0, &handle), STATUS_SUCCESS);
    assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
    IoDeleteDevice(device);
  }
}

/* Defends against a driver whose text Windows refuses: its device is never
 * made there. */
static void text_that_is_no_descriptor_is_refused(void **state) {
  static const struct {
    const WCHAR *text;
    NTSTATUS expected;
  } texts[] = {
      {L"D:P(A;;0x1f01ff;;;BU)", STATUS_SUCCESS},
      {L"D:P(A;;RCSDGR;;;S-1-5-32-545)", STATUS_SUCCESS},
      {L"", STATUS_INVALID_PARAMETER},
      {L"O:BAD:P(A;;GA;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:(A;;GA;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GA;;;SY", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GA;;;SY))", STATUS_INVALID_PARAMETER},
      {L"D:P(D;;GA;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;OICI;GA;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GQ;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;0x;;;SY)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GA;;;ZZ)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GA;;;S-1-)", STATUS_INVALID_PARAMETER},
      {L"D:P(A;;GA;;;S-1-5-)", STATUS_INVALID_PARAMETER},
  };
  PDEVICE_OBJECT device;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(texts); i++) {
    UNICODE_STRING text;

    RtlInitUnicodeString(&text, texts[i].text);
    assert_int_equal(make(&text, L"\\Device\\Secure", 0, &device),
                     texts[i].expected);
    assert_true((device != NULL) == (texts[i].expected == STATUS_SUCCESS));
    if (device != NULL)
      IoDeleteDevice(device);
  }
  assert_int_equal(make(NULL, L"\\Device\\Secure", 0, &device),
                   STATUS_INVALID_PARAMETER);
}

/* For there would be nothing to protect. */
static void a_secure_device_has_a_name(void **state) {
  PDEVICE_OBJECT device, other;

  (void)state;
  assert_int_equal(make(&SDDL_DEVOBJ_SYS_ALL, NULL, 0, &device),
                   STATUS_INVALID_PARAMETER);
  assert_null(device);
  assert_int_equal(
      make(&SDDL_DEVOBJ_SYS_ALL, NULL, FILE_AUTOGENERATED_DEVICE_NAME, &device),
      STATUS_SUCCESS);
  assert_true(device->Flags & DO_DEVICE_HAS_NAME);
  /* A second one gets a name of its own, and IoCreateDevice makes them, too. */
  assert_int_equal(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN,
                                  FILE_AUTOGENERATED_DEVICE_NAME, FALSE,
                                  &other),
                   STATUS_SUCCESS);
  assert_true(other->Flags & DO_DEVICE_HAS_NAME);
}

/* ---- rights -------------------------------------------------------------- */

static void expect(unsigned flags, ULONG wanted, NTSTATUS expected) {
  uwsk_handle handle;

  assert_int_equal(uwsk_open("\\Device\\Secure", flags, &handle),
                   STATUS_SUCCESS);
  assert_int_equal(
      uwsk_ioctl(handle, CODE, &wanted, sizeof(wanted), NULL, 0, NULL),
      expected);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

static void a_driver_may_want_more_than_its_code_does(void **state) {
  const ULONG both = FILE_READ_ACCESS | FILE_WRITE_ACCESS;
  PDEVICE_OBJECT device;

  (void)state;
  assert_int_equal(
      make(&SDDL_DEVOBJ_SYS_ALL_ADM_ALL, L"\\Device\\Secure", 0, &device),
      STATUS_SUCCESS);
  expect(0, 0, STATUS_SUCCESS);
  expect(0, FILE_READ_ACCESS, STATUS_ACCESS_DENIED);
  expect(UWSK_OPEN_READ, FILE_READ_ACCESS, STATUS_SUCCESS);
  expect(UWSK_OPEN_READ, FILE_WRITE_ACCESS, STATUS_ACCESS_DENIED);
  expect(UWSK_OPEN_READ, both, STATUS_ACCESS_DENIED);
  expect(UWSK_OPEN_WRITE, FILE_WRITE_ACCESS, STATUS_SUCCESS);
  expect(UWSK_OPEN_READ | UWSK_OPEN_WRITE, both, STATUS_SUCCESS);
  expect(UWSK_OPEN_READ | UWSK_OPEN_WRITE, 4, STATUS_INVALID_PARAMETER);
}

/* The kernel may do everything; what is no control code has no such rights, and
 * what no driver was sent is none. */
static void what_the_kernel_asks_for_is_permitted(void **state) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  assert_non_null(irp);
  assert_int_equal(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS),
                   STATUS_INVALID_PARAMETER);
  IoSetNextIrpStackLocation(irp);
  IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
  irp->RequestorMode = UserMode;
  assert_int_equal(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS),
                   STATUS_ACCESS_DENIED);
  irp->RequestorMode = KernelMode;
  assert_int_equal(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS),
                   STATUS_SUCCESS);
  IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  assert_int_equal(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS),
                   STATUS_INVALID_PARAMETER);
  IoFreeIrp(irp);
}

#define SECURE_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      SECURE_TEST(a_descriptor_makes_a_named_device),
      SECURE_TEST(text_that_is_no_descriptor_is_refused),
      SECURE_TEST(a_secure_device_has_a_name),
      SECURE_TEST(a_driver_may_want_more_than_its_code_does),
      SECURE_TEST(what_the_kernel_asks_for_is_permitted),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
