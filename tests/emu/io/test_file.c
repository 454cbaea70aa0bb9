/*
 * Opening devices by name, and the life of file objects.
 *
 * Pages: ddi/wdm/nf-wdm-zwcreatefile, nf-wdm-iogetdeviceobjectpointer,
 * ns-wdm-_file_object, nf-wdm-iodeletedevice; kernel/irp-mj-create,
 * irp-mj-cleanup, irp-mj-close, specifying-exclusive-access-to-device-objects.
 */
#include "kernel_test.h"

#include <string.h>

#include "io/io.h"
#include "os/os.h"
#include "sample_driver.h"

static int start(void **state) {
  sample_reset();
  return kernel_start(state) != 0 || sample_load() != STATUS_SUCCESS;
}

static int end(void **state) {
  return sample_unload() != STATUS_SUCCESS || kernel_stop(state) != 0;
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static UNICODE_STRING text(const WCHAR *characters) {
  UNICODE_STRING string;

  RtlInitUnicodeString(&string, characters);
  return string;
}

struct opened {
  HANDLE handle;
  IO_STATUS_BLOCK iosb;
};

static NTSTATUS open_as(const WCHAR *name, ACCESS_MASK access, ULONG options,
                        struct opened *opened) {
  UNICODE_STRING string = text(name);
  OBJECT_ATTRIBUTES attributes;

  InitializeObjectAttributes(&attributes, &string,
                             OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL,
                             NULL);
  return ZwCreateFile(&opened->handle, access, &attributes, &opened->iosb, NULL,
                      FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ, FILE_OPEN_IF,
                      options, NULL, 0);
}

static NTSTATUS open(const WCHAR *name, HANDLE *handle) {
  struct opened opened = {.handle = NULL};
  NTSTATUS status = open_as(name, FILE_READ_DATA | SYNCHRONIZE,
                            FILE_SYNCHRONOUS_IO_NONALERT, &opened);

  *handle = opened.handle;
  return status;
}

static PFILE_OBJECT file_of(HANDLE handle) {
  PVOID object;

  assert_int_equal(ObReferenceObjectByHandle(handle, 0, *IoFileObjectType,
                                             KernelMode, &object, NULL),
                   STATUS_SUCCESS);
  return object;
}

/* ---- IRP_MJ_CREATE ----------------------------------------------------- */

static void a_driver_sees_what_the_open_asked_for(void **state) {
  struct opened opened;

  (void)state;
  assert_int_equal(open_as(SAMPLE_LINK, GENERIC_READ | SYNCHRONIZE,
                           FILE_SYNCHRONOUS_IO_NONALERT, &opened),
                   STATUS_SUCCESS);
  assert_int_equal(sample.creates, 1);
  assert_int_equal(sample.irql, PASSIVE_LEVEL);
  assert_int_equal(sample.mode, KernelMode);
  assert_ptr_equal(sample.thread, PsGetCurrentThread());
  assert_true(sample.synchronous);
  assert_int_equal(sample.create_access, FILE_GENERIC_READ);
  assert_int_equal(sample.location.Parameters.Create.Options,
                   FILE_OPEN_IF << 24 | FILE_SYNCHRONOUS_IO_NONALERT);
  assert_int_equal(sample.location.Parameters.Create.FileAttributes,
                   FILE_ATTRIBUTE_NORMAL);
  assert_int_equal(sample.location.Parameters.Create.ShareAccess,
                   FILE_SHARE_READ);
  assert_int_equal(sample.location.Parameters.Create.EaLength, 0);
  assert_ptr_equal(sample.location.DeviceObject, sample.device);
  assert_int_equal(opened.iosb.Status, STATUS_SUCCESS);
  assert_int_equal(opened.iosb.Information, FILE_OPENED);
  assert_int_equal(ZwClose(opened.handle), STATUS_SUCCESS);
}

static void a_file_object_shows_what_windows_shows(void **state) {
  HANDLE handle;
  PFILE_OBJECT file;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK L"\\a\\b", &handle), STATUS_SUCCESS);
  file = file_of(handle);
  assert_ptr_equal(file, sample.file);
  assert_int_equal(file->Type, IO_TYPE_FILE);
  assert_int_equal(file->Size, sizeof(FILE_OBJECT));
  assert_ptr_equal(file->DeviceObject, sample.device);
  assert_null(file->FsContext);
  assert_null(file->RelatedFileObject);
  assert_int_equal(file->Flags,
                   FO_FILE_OPEN | FO_SYNCHRONOUS_IO | FO_HANDLE_CREATED);
  assert_int_equal(file->FileName.Length, 4 * sizeof(WCHAR));
  assert_memory_equal(file->FileName.Buffer, L"\\a\\b", 4 * sizeof(WCHAR));
  assert_ptr_equal(IoGetRelatedDeviceObject(file), sample.device);
  ObDereferenceObject(file);
  ZwClose(handle);
}

/* A driver's own answer is the caller's, and no end follows that the driver
 * would not expect. */
static void a_driver_that_refuses_hears_no_more(void **state) {
  HANDLE handle = (HANDLE)4;

  (void)state;
  sample.create_status = STATUS_DEVICE_NOT_READY;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_DEVICE_NOT_READY);
  assert_null(handle);
  sample.create_pends = TRUE;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_DEVICE_NOT_READY);
  assert_int_equal(sample.creates, 2);
  assert_int_equal(sample.cleanups + sample.closes, 0);
  assert_int_equal(sample.device->ReferenceCount, 0);
}

static void an_open_waits_for_a_pending_create(void **state) {
  HANDLE handle;

  (void)state;
  sample.create_pends = TRUE;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  ZwClose(handle);
}

/* ---- names ------------------------------------------------------------- */

static void every_name_of_a_device_opens_it(void **state) {
  static const WCHAR *const names[] = {
      SAMPLE_DEVICE,         SAMPLE_LINK,         L"\\DosDevices\\Sample",
      L"\\GLOBAL??\\Sample", L"\\DEVICE\\sample", L"\\??\\SAMPLE",
  };
  HANDLE handle;

  (void)state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    assert_int_equal(open(names[i], &handle), STATUS_SUCCESS);
    assert_int_equal(sample.file->FileName.Length, 0);
    ZwClose(handle);
  }
}

static void the_rest_of_a_path_is_for_the_driver(void **state) {
  static const struct {
    const WCHAR *path, *rest;
  } paths[] = {
      {SAMPLE_DEVICE L"\\", L"\\"},
      {SAMPLE_DEVICE L"\\one", L"\\one"},
      {SAMPLE_LINK L"\\One\\two\\", L"\\One\\two\\"},
      {L"\\??\\ViaLink\\x", L"\\inside\\x"},
  };
  UNICODE_STRING link = text(L"\\??\\ViaLink");
  UNICODE_STRING target = text(SAMPLE_LINK L"\\inside");
  HANDLE handle;

  (void)state;
  assert_int_equal(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
    UNICODE_STRING rest = text(paths[i].rest);

    assert_int_equal(open(paths[i].path, &handle), STATUS_SUCCESS);
    assert_int_equal(sample.file->FileName.Length, rest.Length);
    assert_memory_equal(sample.file_name, rest.Buffer, rest.Length);
    ZwClose(handle);
  }
  IoDeleteSymbolicLink(&link);
}

/* What a driver tells apart: that nothing has the name, and that not even the
 * directory is there, as for a file on a drive that does not exist. */
static void names_of_nothing_are_told_apart(void **state) {
  static const struct {
    const WCHAR *name;
    NTSTATUS status;
  } names[] = {
      {L"\\Device\\Sampl", STATUS_OBJECT_NAME_NOT_FOUND},
      {L"\\Device\\Sample2", STATUS_OBJECT_NAME_NOT_FOUND},
      {L"\\??\\Nothing", STATUS_OBJECT_NAME_NOT_FOUND},
      {L"\\Nothing", STATUS_OBJECT_NAME_NOT_FOUND},
      {L"\\Device\\Nothing\\file", STATUS_OBJECT_PATH_NOT_FOUND},
      {L"\\??\\C:\\Windows\\file.txt", STATUS_OBJECT_PATH_NOT_FOUND},
      {L"\\SystemRoot\\file.txt", STATUS_OBJECT_PATH_NOT_FOUND},
      {L"\\Nowhere\\Sample", STATUS_OBJECT_PATH_NOT_FOUND},
      {L"\\Device", STATUS_OBJECT_TYPE_MISMATCH},
      {L"\\Device\\", STATUS_OBJECT_TYPE_MISMATCH},
      {L"\\??", STATUS_OBJECT_TYPE_MISMATCH},
      {L"\\", STATUS_OBJECT_TYPE_MISMATCH},
      {L"Sample", STATUS_OBJECT_PATH_SYNTAX_BAD},
      {L"", STATUS_OBJECT_PATH_SYNTAX_BAD},
  };
  HANDLE handle;

  (void)state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    assert_int_equal(open(names[i].name, &handle), names[i].status);
    assert_null(handle);
  }
  assert_int_equal(sample.creates, 0);
}

static void links_that_make_a_path_too_long_lead_nowhere(void **state) {
  static WCHAR long_text[700];
  UNICODE_STRING link = text(L"\\??\\Long");
  UNICODE_STRING target;
  HANDLE handle;

  (void)state;
  long_text[0] = L'\\';
  for (int i = 1; i < 699; i++)
    long_text[i] = L'x';
  target = text(long_text);
  assert_int_equal(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
  assert_int_equal(open(L"\\??\\Long", &handle), STATUS_NAME_TOO_LONG);
  IoDeleteSymbolicLink(&link);
}

static void parameters_without_a_meaning_are_refused(void **state) {
  static const ULONG options[] = {
      FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT,
      FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE, 0x01000000};
  UNICODE_STRING name = text(SAMPLE_LINK);
  OBJECT_ATTRIBUTES attributes;
  struct opened opened;

  (void)state;
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(open_as(SAMPLE_LINK, SYNCHRONIZE, options[i], &opened),
                     STATUS_INVALID_PARAMETER);
  InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
  assert_int_equal(ZwCreateFile(&opened.handle, SYNCHRONIZE, &attributes,
                                &opened.iosb, NULL, 0, 0,
                                FILE_MAXIMUM_DISPOSITION + 1, 0, NULL, 0),
                   STATUS_INVALID_PARAMETER);
  attributes.Length = 1;
  assert_int_equal(
      ZwOpenFile(&opened.handle, SYNCHRONIZE, &attributes, &opened.iosb, 0, 0),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(sample.creates, 0);
}

/* Windows refuses programs that do this and lets drivers do it. */
static void synchronous_io_without_synchronize_is_reported(void **state) {
  struct opened opened;

  (void)state;
  expect_report_begin();
  assert_int_equal(open_as(SAMPLE_LINK, FILE_READ_DATA,
                           FILE_SYNCHRONOUS_IO_NONALERT, &opened),
                   STATUS_SUCCESS);
  expect_report_end(VF_IO_CREATE_01);
  ZwClose(opened.handle);
  assert_int_equal(open_as(SAMPLE_LINK, FILE_READ_DATA, 0, &opened),
                   STATUS_SUCCESS);
  ZwClose(opened.handle);
}

static void a_path_may_be_relative_to_an_open_file(void **state) {
  UNICODE_STRING name = text(L"inner");
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK iosb;
  HANDLE root, handle;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &root), STATUS_SUCCESS);
  InitializeObjectAttributes(&attributes, &name, 0, root, NULL);
  assert_int_equal(
      ZwOpenFile(&handle, FILE_READ_DATA, &attributes, &iosb, 0, 0),
      STATUS_SUCCESS);
  assert_memory_equal(sample.file_name, L"inner", 5 * sizeof(WCHAR));
  assert_int_equal(sample.location.Flags, SL_CASE_SENSITIVE);
  ZwClose(root);
  ZwClose(handle);
  assert_int_equal(
      ZwOpenFile(&handle, FILE_READ_DATA, &attributes, &iosb, 0, 0),
      STATUS_INVALID_HANDLE);
}

/* ---- which devices can be opened --------------------------------------- */

static void an_exclusive_device_is_opened_once(void **state) {
  UNICODE_STRING name = text(L"inner");
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK iosb;
  HANDLE first, second, inner;

  (void)state;
  assert_int_equal(sample_unload(), STATUS_SUCCESS);
  sample.exclusive = TRUE;
  assert_int_equal(sample_load(), STATUS_SUCCESS);
  assert_int_equal(open(SAMPLE_LINK, &first), STATUS_SUCCESS);
  assert_int_equal(open(SAMPLE_LINK, &second), STATUS_ACCESS_DENIED);
  assert_int_equal(sample.creates, 1);
  /* Nor by another path; but relative to the file that is open. */
  assert_int_equal(open(SAMPLE_LINK L"\\other", &second), STATUS_ACCESS_DENIED);
  InitializeObjectAttributes(&attributes, &name, 0, first, NULL);
  assert_int_equal(ZwOpenFile(&inner, FILE_READ_DATA, &attributes, &iosb, 0, 0),
                   STATUS_SUCCESS);
  ZwClose(inner);
  ZwClose(first);
  assert_int_equal(open(SAMPLE_LINK, &second), STATUS_SUCCESS);
  ZwClose(second);
}

/* The I/O manager clears the flag for devices of DriverEntry; who makes one
 * later has to do it. */
static void a_device_in_the_making_cannot_be_opened(void **state) {
  UNICODE_STRING name = text(L"\\Device\\Later");
  PDEVICE_OBJECT later;
  HANDLE handle;

  (void)state;
  assert_false(sample.device->Flags & DO_DEVICE_INITIALIZING);
  assert_int_equal(IoCreateDevice(sample.driver, 0, &name, FILE_DEVICE_UNKNOWN,
                                  0, FALSE, &later),
                   STATUS_SUCCESS);
  assert_int_equal(open(L"\\Device\\Later", &handle), STATUS_NO_SUCH_DEVICE);
  later->Flags &= ~DO_DEVICE_INITIALIZING;
  assert_int_equal(open(L"\\Device\\Later", &handle), STATUS_SUCCESS);
  ZwClose(handle);
  IoDeleteDevice(later);
}

/* The object stays until the file is closed, and its driver with it. */
static void a_deleted_device_stays_for_those_who_have_it_open(void **state) {
  UNICODE_STRING name = text(L"\\Device\\Going");
  UNICODE_STRING inner = text(L"inner");
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK iosb;
  PDEVICE_OBJECT going;
  HANDLE handle, again;

  (void)state;
  assert_int_equal(IoCreateDevice(sample.driver, 16, &name, FILE_DEVICE_UNKNOWN,
                                  0, FALSE, &going),
                   STATUS_SUCCESS);
  going->Flags &= ~DO_DEVICE_INITIALIZING;
  assert_int_equal(open(L"\\Device\\Going", &handle), STATUS_SUCCESS);
  assert_int_equal(going->ReferenceCount, 1);
  IoDeleteDevice(going);
  assert_int_equal(open(L"\\Device\\Going", &again),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  InitializeObjectAttributes(&attributes, &inner, 0, handle, NULL);
  assert_int_equal(ZwOpenFile(&again, FILE_READ_DATA, &attributes, &iosb, 0, 0),
                   STATUS_NO_SUCH_DEVICE);
  assert_int_equal(ZwFlushBuffersFile(handle, &iosb), STATUS_SUCCESS);
  ZwClose(handle);
  assert_int_equal(sample.closes, 1);
}

/* ---- the end ----------------------------------------------------------- */

static void the_end_comes_in_two_steps(void **state) {
  HANDLE handle;
  PFILE_OBJECT file;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_FILE), 1);
  assert_int_equal(ob__count(OB_HANDLE), 1);
  file = file_of(handle);
  ZwClose(handle);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 0);
  assert_true(file->Flags & FO_CLEANUP_COMPLETE);
  ObDereferenceObject(file);
  assert_int_equal(sample.closes, 1);
  assert_int_equal(sample.irql, PASSIVE_LEVEL);
  assert_int_equal(ob__count(OB_FILE), 0);
}

/* The driver has seen the end, and the worker that brought it is done. */
static bool is_closed(void *context) {
  (void)context;
  return __atomic_load_n(&sample.closes, __ATOMIC_ACQUIRE) != 0 &&
         ob__count(OB_FILE) == 0;
}

/* IRP_MJ_CLOSE comes at PASSIVE_LEVEL also to who lets go above it: a worker
 * thread brings it. */
static void the_last_reference_may_go_at_dispatch_level(void **state) {
  HANDLE handle;
  PFILE_OBJECT file;
  KIRQL irql;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  file = file_of(handle);
  ZwClose(handle);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  ObDereferenceObject(file);
  KeLowerIrql(irql);
  assert_true(uwsk_run_until(is_closed, NULL, 10000));
  assert_int_equal(sample.irql, PASSIVE_LEVEL);
}

/* So does IRP_MJ_CLEANUP, for which a driver may wait. */
static void a_last_handle_closed_at_dispatch_level_is_reported(void **state) {
  HANDLE handle;
  KIRQL irql;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  expect_report_begin();
  ZwClose(handle);
  expect_report_end(VF_IRQL_01);
  KeLowerIrql(irql);
  assert_true(uwsk_run_until(is_closed, NULL, 10000));
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.irql, PASSIVE_LEVEL);
}

static void a_device_object_pointer_keeps_the_device(void **state) {
  UNICODE_STRING name = text(SAMPLE_DEVICE);
  UNICODE_STRING nothing = text(L"\\Device\\Nothing");
  PFILE_OBJECT file;
  PDEVICE_OBJECT device;

  (void)state;
  assert_int_equal(
      IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device),
      STATUS_SUCCESS);
  assert_ptr_equal(device, sample.device);
  assert_ptr_equal(file->DeviceObject, device);
  /* The handle is closed already. */
  assert_int_equal(sample.creates, 1);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 0);
  assert_int_equal(device->ReferenceCount, 1);
  ObDereferenceObject(file);
  assert_int_equal(sample.closes, 1);

  assert_int_equal(
      IoGetDeviceObjectPointer(&nothing, FILE_READ_DATA, &file, &device),
      STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(file);
  assert_null(device);
}

static void a_file_is_no_thread(void **state) {
  HANDLE handle;
  PVOID object;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, 0, *PsThreadType,
                                             KernelMode, &object, NULL),
                   STATUS_OBJECT_TYPE_MISMATCH);
  ZwClose(handle);
}

/* Rights hold for user mode alone, as on NT. */
static void a_handle_has_the_rights_it_was_opened_with(void **state) {
  OBJECT_HANDLE_INFORMATION information;
  HANDLE handle;
  PVOID object;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, FILE_WRITE_DATA,
                                             *IoFileObjectType, UserMode,
                                             &object, &information),
                   STATUS_ACCESS_DENIED);
  assert_null(object);
  assert_int_equal(ObReferenceObjectByHandle(handle, FILE_WRITE_DATA,
                                             *IoFileObjectType, KernelMode,
                                             &object, &information),
                   STATUS_SUCCESS);
  assert_int_equal(information.GrantedAccess, FILE_READ_DATA | SYNCHRONIZE);
  ObDereferenceObject(object);
  ZwClose(handle);
}

/* Each allocation on the way fails once: nothing is open then, and the driver
 * has seen a whole life or none. */
static void without_memory_nothing_is_opened(void **state) {
  HANDLE handle = NULL;
  unsigned nth = 0;

  (void)state;
  for (NTSTATUS status = STATUS_UNSUCCESSFUL; !NT_SUCCESS(status);) {
    assert_true(++nth < 100);
    io__drain_irp_cache();
    os__alloc_fail_nth(nth);
    status = open(SAMPLE_LINK L"\\rest", &handle);
    assert_int_equal(NT_SUCCESS(status), !os__alloc_fault_fired());
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
    assert_int_equal(sample.creates - sample.closes, NT_SUCCESS(status));
    assert_int_equal(ob__count(OB_FILE), NT_SUCCESS(status));
  }
  os__alloc_fail_nth(0);
  assert_true(nth > 3);
  ZwClose(handle);
}

/* The end cannot fail: it is tried until there is memory. */
static void without_memory_a_file_is_closed_all_the_same(void **state) {
  HANDLE handle;

  (void)state;
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_SUCCESS);
  io__drain_irp_cache();
  os__alloc_fail_nth(1);
  ZwClose(handle);
  assert_true(os__alloc_fault_fired());
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 1);
}

static void take_all_handles(HANDLE *taken, size_t *count) {
  for (*count = 0; *count < 2000; ++*count)
    if (open(SAMPLE_LINK, &taken[*count]) != STATUS_SUCCESS)
      return;
}

/* A driver that has agreed hears of the end, though there was no handle. */
static void without_a_free_handle_the_file_is_closed_again(void **state) {
  static HANDLE taken[2000];
  size_t count;

  (void)state;
  take_all_handles(taken, &count);
  assert_in_range(count, 1, 1999);
  assert_int_equal(sample.creates, count + 1);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 1);
  for (size_t i = 0; i < count; i++)
    ZwClose(taken[i]);
}

/* Names are looked up and files opened at PASSIVE_LEVEL only. */
static void an_open_above_passive_level_is_reported(void **state) {
  HANDLE handle;
  KIRQL irql;

  (void)state;
  expect_report_begin();
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_int_equal(open(SAMPLE_LINK, &handle), STATUS_INVALID_DEVICE_STATE);
  KeLowerIrql(irql);
  expect_report_end(VF_IRQL_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_TEST(a_driver_sees_what_the_open_asked_for),
      FILE_TEST(a_file_object_shows_what_windows_shows),
      FILE_TEST(a_driver_that_refuses_hears_no_more),
      FILE_TEST(an_open_waits_for_a_pending_create),
      FILE_TEST(every_name_of_a_device_opens_it),
      FILE_TEST(the_rest_of_a_path_is_for_the_driver),
      FILE_TEST(names_of_nothing_are_told_apart),
      FILE_TEST(links_that_make_a_path_too_long_lead_nowhere),
      FILE_TEST(parameters_without_a_meaning_are_refused),
      FILE_TEST(synchronous_io_without_synchronize_is_reported),
      FILE_TEST(a_path_may_be_relative_to_an_open_file),
      FILE_TEST(an_exclusive_device_is_opened_once),
      FILE_TEST(a_device_in_the_making_cannot_be_opened),
      FILE_TEST(a_deleted_device_stays_for_those_who_have_it_open),
      FILE_TEST(the_end_comes_in_two_steps),
      FILE_TEST(the_last_reference_may_go_at_dispatch_level),
      FILE_TEST(a_last_handle_closed_at_dispatch_level_is_reported),
      FILE_TEST(a_device_object_pointer_keeps_the_device),
      FILE_TEST(a_file_is_no_thread),
      FILE_TEST(a_handle_has_the_rights_it_was_opened_with),
      FILE_TEST(without_memory_nothing_is_opened),
      FILE_TEST(without_memory_a_file_is_closed_all_the_same),
      FILE_TEST(without_a_free_handle_the_file_is_closed_again),
      FILE_TEST(an_open_above_passive_level_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
