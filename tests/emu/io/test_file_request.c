/*
 * Requests of kernel callers on open devices: what the driver sees of them, and
 * how their end is told.
 *
 * Pages: ddi/ntifs/nf-ntifs-ntreadfile, nf-ntifs-ntdeviceiocontrolfile,
 * ddi/wdm/nf-wdm-zwwritefile; kernel/buffer-descriptions-for-i-o-control-codes,
 * kernel/methods-for-accessing-data-buffers.
 */
#include "kernel_test.h"

#include <string.h>

#include "io/io.h"
#include "os/os.h"
#include "sample_driver.h"

static HANDLE synchronous, asynchronous;
static IO_STATUS_BLOCK iosb;

static HANDLE open_sample(ULONG options) {
  UNICODE_STRING name = RTL_CONSTANT_STRING(SAMPLE_LINK);
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK status;
  HANDLE handle;

  InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL,
                             NULL);
  assert_int_equal(ZwOpenFile(&handle, GENERIC_READ | SYNCHRONIZE, &attributes,
                              &status, 0, options),
                   STATUS_SUCCESS);
  return handle;
}

static int start(void **state) {
  sample_reset();
  if (kernel_start(state) != 0 || sample_load() != STATUS_SUCCESS)
    return -1;
  synchronous = open_sample(FILE_SYNCHRONOUS_IO_NONALERT);
  asynchronous = open_sample(0);
  iosb.Status = STATUS_UNSUCCESSFUL;
  iosb.Information = 99;
  return 0;
}

static int end(void **state) {
  ZwClose(synchronous);
  ZwClose(asynchronous);
  return sample_unload() != STATUS_SUCCESS || kernel_stop(state) != 0;
}

#define REQUEST_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

/* An event that is set, by handle and by pointer. */
static HANDLE make_event(PKEVENT *event) {
  PVOID object;
  HANDLE handle;

  assert_int_equal(
      ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE),
      STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, EVENT_MODIFY_STATE,
                                             *ExEventObjectType, KernelMode,
                                             &object, NULL),
                   STATUS_SUCCESS);
  *event = object;
  return handle;
}

static void drop_event(HANDLE handle, PKEVENT event) {
  ZwClose(handle);
  assert_int_equal(ObDereferenceObject(event), 0);
}

static NTSTATUS control(HANDLE file, HANDLE event, ULONG code, PVOID input,
                        ULONG input_length, PVOID output, ULONG output_length) {
  return ZwDeviceIoControlFile(file, event, NULL, NULL, &iosb, code, input,
                               input_length, output, output_length);
}

/* ---- what the driver sees ---------------------------------------------- */

static void every_method_carries_both_ways(void **state) {
  (void)state;
  for (ULONG method = 0; method < 4; method++) {
    char output[8] = ".......";
    HANDLE file = method & 1 ? synchronous : asynchronous;

    assert_int_equal(
        control(file, NULL, SAMPLE_REVERSE(method), "input", 5, output, 7),
        STATUS_SUCCESS);
    assert_string_equal(output, "tupni..");
    assert_int_equal(iosb.Status, STATUS_SUCCESS);
    assert_int_equal(iosb.Information, 5);
    assert_int_equal(sample.mode, KernelMode);
    assert_ptr_equal(sample.thread, PsGetCurrentThread());
    assert_int_equal(sample.synchronous, file == synchronous);
    assert_int_equal(
        sample.location.Parameters.DeviceIoControl.OutputBufferLength, 7);
  }
}

static void each_method_has_its_buffers_where_it_says(void **state) {
  char input[] = "input", output[8];

  (void)state;
  control(asynchronous, NULL, SAMPLE_REVERSE(METHOD_BUFFERED), input, 5, output,
          8);
  assert_non_null(sample.system_buffer);
  assert_ptr_not_equal(sample.system_buffer, input);
  assert_null(sample.mdl);

  control(asynchronous, NULL, SAMPLE_REVERSE(METHOD_OUT_DIRECT), input, 5,
          output, 8);
  assert_non_null(sample.system_buffer);
  assert_non_null(sample.mdl);

  control(asynchronous, NULL, SAMPLE_REVERSE(METHOD_NEITHER), input, 5, output,
          8);
  assert_null(sample.system_buffer);
  assert_null(sample.mdl);
  assert_ptr_equal(sample.user_buffer, output);
  assert_ptr_equal(sample.location.Parameters.DeviceIoControl.Type3InputBuffer,
                   input);
}

/* A length of zero means no buffer, and a driver that looks for one crashes. */
static void nothing_is_carried_in_no_buffer(void **state) {
  char byte;

  (void)state;
  for (ULONG method = 0; method < 3; method++) {
    assert_int_equal(
        control(asynchronous, NULL, SAMPLE_REVERSE(method), NULL, 0, NULL, 0),
        STATUS_SUCCESS);
    assert_null(sample.system_buffer);
    assert_null(sample.mdl);
    assert_int_equal(iosb.Information, 0);
  }
  for (int direct = 0; direct < 2; direct++) {
    LARGE_INTEGER offset = {.QuadPart = 0};

    sample.device->Flags &= ~(ULONG)(DO_DIRECT_IO | DO_BUFFERED_IO);
    sample.device->Flags |= direct ? DO_DIRECT_IO : DO_BUFFERED_IO;
    assert_int_equal(ZwReadFile(asynchronous, NULL, NULL, NULL, &iosb, &byte, 0,
                                &offset, NULL),
                     STATUS_SUCCESS);
    assert_null(sample.system_buffer);
    assert_null(sample.mdl);
    assert_int_equal(sample.location.Parameters.Read.Length, 0);
  }
}

static void reads_and_writes_go_as_the_device_wants_them(void **state) {
  static const ULONG flags[] = {DO_BUFFERED_IO, DO_DIRECT_IO, 0};
  LARGE_INTEGER offset = {.QuadPart = 0x123456789};
  ULONG before = sample.device->Flags, key = 77;

  (void)state;
  for (int i = 0; i < 3; i++) {
    char buffer[8] = ".......";

    sample.device->Flags = before | flags[i];
    assert_int_equal(ZwReadFile(asynchronous, NULL, NULL, NULL, &iosb, buffer,
                                4, &offset, &key),
                     STATUS_SUCCESS);
    assert_string_equal(buffer, "rrrr...");
    assert_int_equal(sample.location.MajorFunction, IRP_MJ_READ);
    assert_int_equal(sample.location.Parameters.Read.ByteOffset.QuadPart,
                     0x123456789);
    assert_int_equal(sample.location.Parameters.Read.Key, 77);
    assert_int_equal(sample.mdl != NULL, flags[i] == DO_DIRECT_IO);
    assert_int_equal(sample.system_buffer != NULL, flags[i] == DO_BUFFERED_IO);
    assert_int_equal(ZwWriteFile(asynchronous, NULL, NULL, NULL, &iosb, buffer,
                                 4, &offset, NULL),
                     STATUS_SUCCESS);
    assert_int_equal(sample.location.MajorFunction, IRP_MJ_WRITE);
    assert_int_equal(iosb.Information, 4);
  }
  sample.device->Flags = before;
}

/* The position is the driver's to move. */
static void a_file_for_synchronous_io_has_a_position(void **state) {
  LARGE_INTEGER use = {.LowPart = FILE_USE_FILE_POINTER_POSITION,
                       .HighPart = -1};
  LARGE_INTEGER to_end = {.LowPart = FILE_WRITE_TO_END_OF_FILE, .HighPart = -1};
  LARGE_INTEGER negative = {.QuadPart = -5};
  char byte = 0;

  (void)state;
  assert_int_equal(
      ZwReadFile(synchronous, NULL, NULL, NULL, &iosb, &byte, 1, NULL, NULL),
      STATUS_SUCCESS);
  sample.file->CurrentByteOffset.QuadPart = 40;
  assert_int_equal(
      ZwReadFile(synchronous, NULL, NULL, NULL, &iosb, &byte, 1, &use, NULL),
      STATUS_SUCCESS);
  assert_int_equal(sample.location.Parameters.Read.ByteOffset.QuadPart, 40);
  assert_int_equal(
      ZwReadFile(asynchronous, NULL, NULL, NULL, &iosb, &byte, 1, NULL, NULL),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwReadFile(synchronous, NULL, NULL, NULL, &iosb, &byte, 1,
                              &negative, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      ZwReadFile(synchronous, NULL, NULL, NULL, &iosb, &byte, 1, &to_end, NULL),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwWriteFile(asynchronous, NULL, NULL, NULL, &iosb, &byte, 1,
                               &to_end, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(sample.location.Parameters.Write.ByteOffset.QuadPart, -1);
}

static void a_flush_waits_on_every_file(void **state) {
  (void)state;
  assert_int_equal(ZwFlushBuffersFile(asynchronous, &iosb), STATUS_SUCCESS);
  assert_true(sample.synchronous);
  assert_int_equal(iosb.Status, STATUS_SUCCESS);
  sample.status = STATUS_DISK_FULL;
  assert_int_equal(ZwFlushBuffersFile(synchronous, &iosb), STATUS_DISK_FULL);
  assert_int_equal(iosb.Status, STATUS_SUCCESS); /* it failed at once */
  assert_int_equal(sample.flushes, 2);
}

/* ---- how the end is told ----------------------------------------------- */

static void a_pending_request_ends_with_status_block_and_event(void **state) {
  PKEVENT event;
  HANDLE handle = make_event(&event);
  char output[4];

  (void)state;
  assert_int_equal(
      control(asynchronous, handle, SAMPLE_WAIT, NULL, 0, output, 4),
      STATUS_PENDING);
  assert_int_equal(KeReadStateEvent(event), 0); /* it was set before */
  assert_int_equal(iosb.Information, 99);
  assert_true(sample_complete_next(STATUS_BUFFER_OVERFLOW, 3));
  assert_int_equal(KeReadStateEvent(event), 1);
  assert_int_equal(iosb.Status, STATUS_BUFFER_OVERFLOW);
  assert_int_equal(iosb.Information, 3);
  assert_memory_equal(output, "www", 3); /* a warning carries data */
  drop_event(handle, event);
}

/* Without an event the file's own is set. */
static void the_files_event_stands_in_for_one(void **state) {
  PVOID object;
  PFILE_OBJECT file;

  (void)state;
  assert_int_equal(ObReferenceObjectByHandle(asynchronous, 0, *IoFileObjectType,
                                             KernelMode, &object, NULL),
                   STATUS_SUCCESS);
  file = object;
  assert_int_equal(control(asynchronous, NULL, SAMPLE_WAIT, NULL, 0, NULL, 0),
                   STATUS_PENDING);
  assert_int_equal(KeReadStateEvent(&file->Event), 0);
  assert_true(sample_complete_next(STATUS_DEVICE_NOT_READY, 0));
  assert_int_equal(KeReadStateEvent(&file->Event), 1);
  assert_int_equal(file->FinalStatus, STATUS_DEVICE_NOT_READY);
  assert_int_equal(iosb.Status, STATUS_DEVICE_NOT_READY); /* late errors, too */
  ObDereferenceObject(file);
}

static void a_files_handle_can_be_waited_for(void **state) {
  LARGE_INTEGER now = {.QuadPart = 0};
  ULONG milliseconds = 1;

  (void)state;
  assert_int_equal(
      control(asynchronous, NULL, SAMPLE_TIMER, &milliseconds, 4, NULL, 0),
      STATUS_PENDING);
  assert_int_equal(ZwWaitForSingleObject(asynchronous, FALSE, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(iosb.Status, STATUS_SUCCESS);
  assert_int_equal(ZwWaitForSingleObject(asynchronous, FALSE, &now),
                   STATUS_SUCCESS); /* until the next request */
  assert_int_equal(control(asynchronous, NULL, SAMPLE_WAIT, NULL, 0, NULL, 0),
                   STATUS_PENDING);
  assert_int_equal(ZwWaitForSingleObject(asynchronous, FALSE, &now),
                   STATUS_TIMEOUT);
  assert_true(sample_complete_next(STATUS_SUCCESS, 0));
}

/* NT's way: only the return value tells of what failed at once. */
static void what_fails_at_once_writes_no_status_block(void **state) {
  PKEVENT event;
  HANDLE handle = make_event(&event);
  char output[4] = "...";

  (void)state;
  sample.status = STATUS_INVALID_PARAMETER;
  sample.information = 3;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(control(i ? synchronous : asynchronous, handle,
                             SAMPLE_STATUS(METHOD_BUFFERED), NULL, 0, output,
                             4),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(iosb.Information, 99);
    assert_int_equal(KeReadStateEvent(event), 0);
    assert_string_equal(output, "...");
  }
  drop_event(handle, event);
}

static void a_synchronous_file_waits_for_the_end(void **state) {
  PKEVENT event;
  HANDLE handle = make_event(&event);
  ULONG milliseconds = 1;

  (void)state;
  assert_int_equal(
      control(synchronous, handle, SAMPLE_TIMER, &milliseconds, 4, NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(iosb.Status, STATUS_SUCCESS);
  assert_int_equal(KeReadStateEvent(event), 1);
  drop_event(handle, event);
}

static VOID apc(PVOID context, PIO_STATUS_BLOCK block, ULONG reserved) {
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(block);
  UNREFERENCED_PARAMETER(reserved);
}

static void calls_that_make_no_sense_reach_no_driver(void **state) {
  HANDLE thread_like = (HANDLE)(ULONG_PTR)0x7000;
  PKEVENT event;
  HANDLE handle = make_event(&event);

  (void)state;
  sample.location.MajorFunction = 0xEE;
  assert_int_equal(control(thread_like, NULL, SAMPLE_WAIT, NULL, 0, NULL, 0),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(control(handle, NULL, SAMPLE_WAIT, NULL, 0, NULL, 0),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(
      control(asynchronous, synchronous, SAMPLE_WAIT, NULL, 0, NULL, 0),
      STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(ZwDeviceIoControlFile(asynchronous, NULL, apc, NULL, &iosb,
                                         SAMPLE_WAIT, NULL, 0, NULL, 0),
                   STATUS_NOT_SUPPORTED);
  assert_int_equal(ZwFlushBuffersFile(handle, &iosb),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(sample.location.MajorFunction, 0xEE);
  drop_event(handle, event);
}

/* Memory that cannot be accessed is no lack of memory. */
static void memory_that_cannot_be_locked_is_told(void **state) {
  PVOID wild = (PVOID)(ULONG_PTR)0x7000DEAD0000;

  (void)state;
  assert_int_equal(control(asynchronous, NULL,
                           SAMPLE_REVERSE(METHOD_OUT_DIRECT), "in", 2, wild,
                           10),
                   STATUS_ACCESS_VIOLATION);
}

/* ---- rules ------------------------------------------------------------- */

/* IO-INFORMATION-01: Windows writes beyond the caller's buffer. */
static void too_much_information_is_reported_and_cut(void **state) {
  char output[8] = ".......";

  (void)state;
  sample.information = 5;
  expect_report_begin();
  control(asynchronous, NULL, SAMPLE_STATUS(METHOD_BUFFERED), "input", 5,
          output, 4);
  expect_report_end(VF_IO_INFORMATION_01);
  assert_string_equal(output, "inpu...");
  assert_int_equal(iosb.Information, 5);
  sample.information = 4;
  control(asynchronous, NULL, SAMPLE_STATUS(METHOD_BUFFERED), "input", 5,
          output, 4);
}

static enum { UNMARKED, UNCOMPLETED, MARKED, OTHER_STATUS } wrong;
static PIRP kept;

static NTSTATUS misbehave(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  irp->IoStatus.Status = STATUS_SUCCESS;
  irp->IoStatus.Information = 0;
  switch (wrong) {
  case UNCOMPLETED:
    kept = irp;
    return STATUS_INVALID_PARAMETER;
  case MARKED:
    IoMarkIrpPending(irp);
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
  case OTHER_STATUS:
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_INVALID_PARAMETER;
  default:
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_PENDING;
  }
}

/* IO-PENDING-01. On Windows the caller hangs, or goes on while the driver still
 * has its buffers. Silence is proven by every other test. */
static void
dispatch_routines_that_contradict_themselves_are_reported(void **state) {
  (void)state;
  sample.driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = misbehave;
  for (wrong = UNMARKED; wrong <= OTHER_STATUS; wrong++) {
    expect_report_begin();
    assert_int_equal(ZwFlushBuffersFile(synchronous, &iosb),
                     wrong == UNCOMPLETED || wrong == OTHER_STATUS
                         ? STATUS_INVALID_PARAMETER
                         : STATUS_SUCCESS);
    expect_report_end(VF_IO_PENDING_01);
    if (wrong == UNCOMPLETED)
      IoCompleteRequest(kept, IO_NO_INCREMENT); /* and nobody is told */
  }
}

/* ---- one at a time ----------------------------------------------------- */

static bool one_waits(void *context) {
  (void)context;
  return sample_waiting() == 1;
}

static VOID ask_and_wait(PVOID context) {
  IO_STATUS_BLOCK block;

  *(NTSTATUS *)context = ZwDeviceIoControlFile(
      synchronous, NULL, NULL, NULL, &block, SAMPLE_WAIT, NULL, 0, NULL, 0);
}

static PVOID start_asking(NTSTATUS *answer) {
  HANDLE handle;
  PVOID thread;

  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, ask_and_wait, answer),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  return thread;
}

/* Requests of two threads on one file for synchronous I/O. */
static void a_synchronous_file_has_one_request_at_a_time(void **state) {
  NTSTATUS answers[3] = {STATUS_PENDING, STATUS_PENDING, STATUS_PENDING};
  PVOID threads[3];

  (void)state;
  for (int i = 0; i < 3; i++)
    threads[i] = start_asking(&answers[i]);
  for (int i = 0; i < 3; i++) {
    assert_true(uwsk_run_until(one_waits, NULL, 10000));
    assert_false(uwsk_run_until(NULL, NULL, 2));
    assert_int_equal(sample_waiting(), 1);
    assert_true(sample_complete_next(STATUS_SUCCESS, 0));
  }
  for (int i = 0; i < 3; i++) {
    KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(threads[i]);
    assert_int_equal(answers[i], STATUS_SUCCESS);
  }
}

/* ---- memory ------------------------------------------------------------ */

/* Each allocation in turn fails: the driver has seen nothing, and nothing is
 * left. */
static void without_memory_a_request_is_refused(void **state) {
  char output[16];

  (void)state;
  for (ULONG method = 0; method < 4; method++) {
    PKEVENT event;
    HANDLE handle = make_event(&event);
    NTSTATUS status = STATUS_UNSUCCESSFUL;

    for (unsigned nth = 1; !NT_SUCCESS(status); nth++) {
      assert_in_range(nth, 1, 20);
      io__drain_irp_cache();
      os__alloc_fail_nth(nth);
      status = control(nth & 1 ? synchronous : asynchronous, handle,
                       SAMPLE_REVERSE(method), "input", 5, output, 16);
      assert_int_equal(status, os__alloc_fault_fired()
                                   ? STATUS_INSUFFICIENT_RESOURCES
                                   : STATUS_SUCCESS);
    }
    os__alloc_fail_nth(0);
    drop_event(handle, event);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      REQUEST_TEST(every_method_carries_both_ways),
      REQUEST_TEST(each_method_has_its_buffers_where_it_says),
      REQUEST_TEST(nothing_is_carried_in_no_buffer),
      REQUEST_TEST(reads_and_writes_go_as_the_device_wants_them),
      REQUEST_TEST(a_file_for_synchronous_io_has_a_position),
      REQUEST_TEST(a_flush_waits_on_every_file),
      REQUEST_TEST(a_pending_request_ends_with_status_block_and_event),
      REQUEST_TEST(the_files_event_stands_in_for_one),
      REQUEST_TEST(a_files_handle_can_be_waited_for),
      REQUEST_TEST(what_fails_at_once_writes_no_status_block),
      REQUEST_TEST(a_synchronous_file_waits_for_the_end),
      REQUEST_TEST(calls_that_make_no_sense_reach_no_driver),
      REQUEST_TEST(memory_that_cannot_be_locked_is_told),
      REQUEST_TEST(too_much_information_is_reported_and_cut),
      REQUEST_TEST(dispatch_routines_that_contradict_themselves_are_reported),
      REQUEST_TEST(a_synchronous_file_has_one_request_at_a_time),
      REQUEST_TEST(without_memory_a_request_is_refused),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
