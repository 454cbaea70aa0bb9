/*
 * Devices from outside (uwsk/device.h): opening, requests that are waited for,
 * requests that go on, cancelling, closing.
 *
 * Pages: win32 CreateFile, DeviceIoControl, CancelIoEx;
 * kernel/defining-i-o-control-codes, kernel/irp-mj-cleanup.
 */
#include "kernel_test.h"

#include <string.h>

#include <uwsk/device.h>
#include <uwsk/fault.h>

#include "io/io.h"
#include "sample_driver.h"

#define NAME  "\\\\.\\Sample"
#define BOTH  (UWSK_OPEN_READ | UWSK_OPEN_WRITE)
#define ASYNC (BOTH | UWSK_OPEN_OVERLAPPED)

static int start(void **state) {
  sample_reset();
  sample.device_flags = DO_BUFFERED_IO;
  return kernel_start(state) != 0 || sample_load() != STATUS_SUCCESS;
}

static int end(void **state) {
  return sample_unload() != STATUS_SUCCESS || kernel_stop(state) != 0;
}

#define DEVICE_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static uwsk_handle open_sample(unsigned flags) {
  uwsk_handle handle;

  assert_int_equal(uwsk_open(NAME, flags, &handle), STATUS_SUCCESS);
  assert_non_null(handle);
  return handle;
}

static void close_sample(uwsk_handle handle) {
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

/* ---- opening ----------------------------------------------------------- */

static void programs_and_drivers_names_are_understood(void **state) {
  static const struct {
    const char *name;
    const WCHAR *rest;
  } names[] = {
      {"\\\\.\\Sample", L""},
      {"\\\\?\\Sample", L""},
      {"\\??\\sample", L""},
      {"\\DosDevices\\Sample", L""},
      {"\\Device\\Sample", L""},
      {"\\\\.\\Sample\\inner\\\xC3\xA4", L"\\inner\\\x00E4"},
  };
  uwsk_handle handle;

  (void)state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    UNICODE_STRING rest;

    assert_int_equal(uwsk_open(names[i].name, 0, &handle), STATUS_SUCCESS);
    RtlInitUnicodeString(&rest, names[i].rest);
    assert_int_equal(sample.file->FileName.Length, rest.Length);
    assert_memory_equal(sample.file_name, rest.Buffer, rest.Length);
    close_sample(handle);
  }
}

static void names_of_no_device_have_nts_statuses(void **state) {
  uwsk_handle handle = &handle;

  (void)state;
  assert_int_equal(uwsk_open("\\\\.\\Nothing", 0, &handle),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(handle);
  assert_int_equal(uwsk_open("\\\\.\\C:\\file.txt", 0, &handle),
                   STATUS_OBJECT_PATH_NOT_FOUND);
  assert_int_equal(uwsk_open("Sample", 0, &handle),
                   STATUS_OBJECT_PATH_SYNTAX_BAD);
  assert_int_equal(uwsk_open(NULL, 0, &handle), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_open(NAME, 0, NULL), STATUS_INVALID_PARAMETER);
}

static void an_open_is_what_create_file_makes_of_it(void **state) {
  (void)state;
  close_sample(open_sample(UWSK_OPEN_READ));
  assert_int_equal(sample.mode, UserMode);
  assert_ptr_equal(sample.thread, PsGetCurrentThread());
  assert_int_equal(sample.create_access, FILE_GENERIC_READ);
  assert_int_equal(sample.location.Parameters.Create.Options,
                   FILE_OPEN << 24 | FILE_NON_DIRECTORY_FILE |
                       FILE_SYNCHRONOUS_IO_NONALERT);
  assert_int_equal(sample.location.Parameters.Create.ShareAccess,
                   FILE_SHARE_READ | FILE_SHARE_WRITE);
  close_sample(open_sample(UWSK_OPEN_OVERLAPPED));
  assert_int_equal(sample.create_access, SYNCHRONIZE | FILE_READ_ATTRIBUTES);
  assert_int_equal(sample.location.Parameters.Create.Options,
                   FILE_OPEN << 24 | FILE_NON_DIRECTORY_FILE);
}

static void what_the_driver_answers_is_returned(void **state) {
  uwsk_handle handle;

  (void)state;
  sample.create_status = STATUS_DEVICE_BUSY; /* a warning is no success */
  assert_int_equal(uwsk_open(NAME, BOTH, &handle), STATUS_DEVICE_BUSY);
  assert_null(handle);
  assert_int_equal(sample.cleanups + sample.closes, 0);
}

/* As on Windows, unloading is put off, and nobody opens the device meanwhile.
 */
static void a_driver_with_an_open_file_goes_when_it_is_closed(void **state) {
  uwsk_handle handle = open_sample(BOTH), another;

  (void)state;
  assert_int_equal(sample_unload(), STATUS_PENDING);
  assert_int_equal(uwsk_open(NAME, BOTH, &another), STATUS_NO_SUCH_DEVICE);
  close_sample(handle);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 1);
  assert_int_equal(sample_unload(), STATUS_INVALID_PARAMETER); /* is gone */
  assert_int_equal(sample_load(), STATUS_SUCCESS);
}

/* ---- requests that are waited for -------------------------------------- */

static void requests_carry_data_both_ways(void **state) {
  uwsk_handle handle = open_sample(BOTH);
  char output[8];
  size_t bytes;

  (void)state;
  for (unsigned method = 0; method < 4; method++) {
    memset(output, '.', sizeof output);
    assert_int_equal(uwsk_ioctl(handle, SAMPLE_REVERSE(method), "hello", 5,
                                output, sizeof output, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 5);
    assert_memory_equal(output, "olleh...", 8);
    assert_int_equal(sample.mode, UserMode);
  }
  assert_int_equal(uwsk_read(handle, 7, output, 3, &bytes), STATUS_SUCCESS);
  assert_int_equal(bytes, 3);
  assert_memory_equal(output, "rrr", 3);
  assert_int_equal(sample.location.Parameters.Read.ByteOffset.QuadPart, 7);
  assert_int_equal(uwsk_write(handle, 9, "four", 4, &bytes), STATUS_SUCCESS);
  assert_int_equal(bytes, 4);
  assert_int_equal(sample.location.Parameters.Write.ByteOffset.QuadPart, 9);
  assert_int_equal(uwsk_flush(handle), STATUS_SUCCESS);
  assert_int_equal(sample.flushes, 1);
  close_sample(handle);
}

/* Drivers tell by STATUS_BUFFER_OVERFLOW that there is more, and programs count
 * on what comes with it. */
static void a_warning_carries_data_and_an_error_does_not(void **state) {
  uwsk_handle handle = open_sample(BOTH);
  char output[4] = "...";
  size_t bytes = 9;

  (void)state;
  sample.status = STATUS_BUFFER_OVERFLOW;
  sample.information = 2;
  assert_int_equal(uwsk_ioctl(handle, SAMPLE_STATUS(METHOD_BUFFERED), "ab", 2,
                              output, 3, &bytes),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(bytes, 2);
  assert_string_equal(output, "ab.");
  sample.status = STATUS_INVALID_DEVICE_STATE;
  assert_int_equal(uwsk_ioctl(handle, SAMPLE_STATUS(METHOD_BUFFERED), "xy", 2,
                              output, 3, &bytes),
                   STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(bytes, 0);
  assert_string_equal(output, "ab.");
  close_sample(handle);
}

static void a_pending_request_is_waited_for(void **state) {
  const unsigned flags[] = {BOTH, ASYNC};
  unsigned milliseconds = 1;

  (void)state;
  for (int i = 0; i < 2; i++) {
    uwsk_handle handle = open_sample(flags[i]);

    assert_int_equal(uwsk_ioctl(handle, SAMPLE_TIMER, &milliseconds,
                                sizeof milliseconds, NULL, 0, NULL),
                     STATUS_SUCCESS);
    assert_true(sample.synchronous);
    close_sample(handle);
  }
}

static void a_handle_permits_what_it_was_opened_for(void **state) {
  uwsk_handle none = open_sample(0);
  uwsk_handle reader = open_sample(UWSK_OPEN_READ);
  uwsk_handle writer = open_sample(UWSK_OPEN_WRITE);
  char byte = 0;

  (void)state;
  assert_int_equal(uwsk_read(reader, 0, &byte, 1, NULL), STATUS_SUCCESS);
  assert_int_equal(uwsk_read(writer, 0, &byte, 1, NULL), STATUS_ACCESS_DENIED);
  assert_int_equal(uwsk_write(writer, 0, &byte, 1, NULL), STATUS_SUCCESS);
  assert_int_equal(uwsk_write(reader, 0, &byte, 1, NULL), STATUS_ACCESS_DENIED);
  assert_int_equal(uwsk_flush(writer), STATUS_SUCCESS);
  assert_int_equal(uwsk_flush(reader), STATUS_ACCESS_DENIED);
  assert_int_equal(uwsk_ioctl(reader, SAMPLE_READER, NULL, 0, NULL, 0, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_ioctl(reader, SAMPLE_WRITER, NULL, 0, NULL, 0, NULL),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(uwsk_ioctl(writer, SAMPLE_WRITER, NULL, 0, NULL, 0, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_ioctl(writer, SAMPLE_READER, NULL, 0, NULL, 0, NULL),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(
      uwsk_ioctl(none, SAMPLE_REVERSE(METHOD_BUFFERED), NULL, 0, NULL, 0, NULL),
      STATUS_SUCCESS);
  close_sample(none);
  close_sample(reader);
  close_sample(writer);
}

/* A program's mistakes come back as statuses, not as reports. */
static void mistakes_of_programs_are_answered(void **state) {
  uwsk_handle handle = open_sample(BOTH);

  (void)state;
  assert_int_equal(uwsk_read(handle, 0, NULL, 4, NULL),
                   STATUS_ACCESS_VIOLATION);
  assert_int_equal(uwsk_ioctl(handle, SAMPLE_REVERSE(METHOD_BUFFERED), NULL, 4,
                              NULL, 0, NULL),
                   STATUS_ACCESS_VIOLATION);
  assert_int_equal(uwsk_write(handle, 0, handle, (size_t)1 << 33, NULL),
                   STATUS_INVALID_PARAMETER);
  close_sample(handle);
  assert_int_equal(uwsk_close(handle), STATUS_INVALID_HANDLE);
  assert_int_equal(uwsk_close(NULL), STATUS_INVALID_HANDLE);
  assert_int_equal(uwsk_flush(handle), STATUS_INVALID_HANDLE);
  assert_int_equal(uwsk_cancel_all(handle), STATUS_INVALID_HANDLE);
}

static void calls_at_a_raised_irql_are_refused(void **state) {
  uwsk_handle handle = open_sample(BOTH), other;
  struct uwsk_request request;
  KIRQL irql;

  (void)state;
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_int_equal(uwsk_open(NAME, BOTH, &other), STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(uwsk_flush(handle), STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(
      uwsk_begin_ioctl(&request, handle, SAMPLE_WAIT, NULL, 0, NULL, 0),
      STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(uwsk_close(handle), STATUS_INVALID_DEVICE_STATE);
  KeLowerIrql(irql);
  assert_true(uwsk_is_done(&request));
  assert_int_equal(uwsk_result(&request, NULL), STATUS_INVALID_DEVICE_STATE);
  close_sample(handle);
}

/* ---- requests that go on ----------------------------------------------- */

static void begin_wait(struct uwsk_request *request, uwsk_handle handle,
                       void *output, size_t length) {
  assert_int_equal(
      uwsk_begin_ioctl(request, handle, SAMPLE_WAIT, NULL, 0, output, length),
      STATUS_PENDING);
}

static void a_request_goes_on_until_the_driver_is_done(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request request;
  char output[4] = "...";
  size_t bytes = 9;

  (void)state;
  begin_wait(&request, handle, output, 3);
  assert_false(uwsk_is_done(&request));
  assert_int_equal(uwsk_result(&request, &bytes), STATUS_PENDING);
  assert_int_equal(bytes, 0);
  assert_int_equal(uwsk_wait(&request, 0), STATUS_TIMEOUT);
  assert_int_equal(uwsk_wait(&request, 2), STATUS_TIMEOUT);
  assert_true(sample_complete_next(STATUS_SUCCESS, 2));
  assert_int_equal(uwsk_wait(&request, UWSK_NO_TIMEOUT), STATUS_SUCCESS);
  assert_true(uwsk_is_done(&request));
  assert_int_equal(uwsk_result(&request, &bytes), STATUS_SUCCESS);
  assert_int_equal(bytes, 2);
  assert_string_equal(output, "ww.");
  assert_int_equal(uwsk_wait(&request, 0), STATUS_SUCCESS);
  assert_int_equal(uwsk_cancel(&request), STATUS_NOT_FOUND);
  close_sample(handle);
}

/* In stepped mode nothing moves unless the wait does it. */
static void a_wait_lets_the_drivers_timer_run(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request request;
  unsigned milliseconds = 2;

  (void)state;
  assert_int_equal(uwsk_begin_ioctl(&request, handle, SAMPLE_TIMER,
                                    &milliseconds, sizeof milliseconds, NULL,
                                    0),
                   STATUS_PENDING);
  assert_int_equal(uwsk_wait(&request, 10000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, NULL), STATUS_SUCCESS);
  close_sample(handle);
}

static void what_is_answered_at_once_is_done_at_once(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request request;
  char output[4];
  size_t bytes;

  (void)state;
  assert_int_equal(uwsk_begin_read(&request, handle, 0, output, 4),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_wait(&request, 0), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, &bytes), STATUS_SUCCESS);
  assert_int_equal(bytes, 4);
  assert_int_equal(uwsk_begin_write(&request, handle, 0, output, 4),
                   STATUS_SUCCESS);
  sample.status = STATUS_UNSUCCESSFUL;
  assert_int_equal(uwsk_begin_ioctl(&request, handle,
                                    SAMPLE_STATUS(METHOD_BUFFERED), NULL, 0,
                                    NULL, 0),
                   STATUS_UNSUCCESSFUL);
  assert_int_equal(uwsk_wait(&request, 0), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, &bytes), STATUS_UNSUCCESSFUL);
  assert_int_equal(bytes, 0);
  close_sample(handle);
}

static void on_a_synchronous_handle_begin_waits(void **state) {
  uwsk_handle handle = open_sample(BOTH);
  struct uwsk_request request;
  unsigned milliseconds = 1;

  (void)state;
  assert_int_equal(uwsk_begin_ioctl(&request, handle, SAMPLE_TIMER,
                                    &milliseconds, sizeof milliseconds, NULL,
                                    0),
                   STATUS_SUCCESS);
  assert_true(uwsk_is_done(&request));
  close_sample(handle);
}

static void a_request_that_was_never_begun_is_not_waited_for(void **state) {
  struct uwsk_request request = {{NULL}};

  (void)state;
  assert_false(uwsk_is_done(&request));
  assert_int_equal(uwsk_wait(&request, 0), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_cancel(&request), STATUS_NOT_FOUND);
}

static void no_request_is_one_that_was_never_begun(void **state) {
  (void)state;
  assert_false(uwsk_is_done(NULL));
  assert_int_equal(uwsk_wait(NULL, 0), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_result(NULL, NULL), STATUS_PENDING);
  assert_int_equal(uwsk_cancel(NULL), STATUS_NOT_FOUND);
}

static VOID begin_and_end(PVOID context) {
  struct uwsk_request *request = context;
  uwsk_handle handle = request->opaque[0];

  begin_wait(request, handle, NULL, 0);
}

/* On Windows it would be cancelled with its thread. */
static void a_request_outlives_its_thread(void **state) {
  struct uwsk_request request;
  HANDLE thread;

  (void)state;
  request.opaque[0] = open_sample(ASYNC);
  uwsk_handle handle = request.opaque[0];
  assert_int_equal(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, begin_and_end, &request),
                   STATUS_SUCCESS);
  assert_int_equal(ZwWaitForSingleObject(thread, FALSE, NULL), STATUS_SUCCESS);
  ZwClose(thread);
  assert_true(sample_complete_next(STATUS_SUCCESS, 0));
  assert_int_equal(uwsk_wait(&request, 10000), STATUS_SUCCESS);
  close_sample(handle);
}

/* ---- cancelling and closing -------------------------------------------- */

static void a_request_can_be_cancelled(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request first, second;

  (void)state;
  begin_wait(&first, handle, NULL, 0);
  begin_wait(&second, handle, NULL, 0);
  assert_int_equal(uwsk_cancel(&second), STATUS_SUCCESS);
  assert_int_equal(uwsk_wait(&second, 10000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&second, NULL), STATUS_CANCELLED);
  assert_false(uwsk_is_done(&first));
  assert_int_equal(uwsk_cancel(&second), STATUS_NOT_FOUND);
  assert_true(sample_complete_next(STATUS_SUCCESS, 0));
  assert_int_equal(uwsk_result(&first, NULL), STATUS_SUCCESS);
  close_sample(handle);
}

static void all_requests_of_a_handle_can_be_cancelled(void **state) {
  uwsk_handle handle = open_sample(ASYNC), other = open_sample(ASYNC);
  struct uwsk_request requests[3], others;

  (void)state;
  for (int i = 0; i < 3; i++)
    begin_wait(&requests[i], handle, NULL, 0);
  begin_wait(&others, other, NULL, 0);
  assert_int_equal(uwsk_cancel_all(handle), STATUS_SUCCESS);
  for (int i = 0; i < 3; i++)
    assert_int_equal(uwsk_result(&requests[i], NULL), STATUS_CANCELLED);
  assert_int_equal(uwsk_cancel_all(handle), STATUS_NOT_FOUND);
  assert_false(uwsk_is_done(&others));
  assert_int_equal(uwsk_cancel_all(other), STATUS_SUCCESS);
  close_sample(handle);
  close_sample(other);
}

/* A driver without a cancel routine goes on; the program still waits. */
static void cancelling_is_no_completion(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request request;
  unsigned milliseconds = 5;

  (void)state;
  assert_int_equal(uwsk_begin_ioctl(&request, handle, SAMPLE_TIMER,
                                    &milliseconds, sizeof milliseconds, NULL,
                                    0),
                   STATUS_PENDING);
  assert_int_equal(uwsk_cancel(&request), STATUS_SUCCESS);
  assert_int_equal(uwsk_wait(&request, 10000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, NULL), STATUS_SUCCESS);
  close_sample(handle);
}

static void closing_lets_the_driver_cancel(void **state) {
  uwsk_handle handle = open_sample(ASYNC), other = open_sample(ASYNC);
  struct uwsk_request request, others;

  (void)state;
  begin_wait(&request, handle, NULL, 0);
  begin_wait(&others, other, NULL, 0);
  close_sample(handle);
  assert_int_equal(uwsk_wait(&request, 10000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, NULL), STATUS_CANCELLED);
  assert_false(uwsk_is_done(&others));
  assert_int_equal(sample.closes, 1);
  close_sample(other);
}

static bool is_closed(void *context) {
  (void)context;
  return __atomic_load_n(&sample.closes, __ATOMIC_ACQUIRE) != 0;
}

/* A driver may ignore IRP_MJ_CLEANUP: the close does not wait for it, and
 * IRP_MJ_CLOSE comes when the request has gone. */
static void a_close_does_not_wait_for_what_pends(void **state) {
  uwsk_handle handle = open_sample(ASYNC);
  struct uwsk_request request;
  unsigned milliseconds = 5;

  (void)state;
  assert_int_equal(uwsk_begin_ioctl(&request, handle, SAMPLE_TIMER,
                                    &milliseconds, sizeof milliseconds, NULL,
                                    0),
                   STATUS_PENDING);
  close_sample(handle);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(uwsk_wait(&request, 10000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&request, NULL), STATUS_SUCCESS);
  assert_true(uwsk_run_until(is_closed, NULL, 10000));
  assert_int_equal(sample.irql, PASSIVE_LEVEL);
  while (ob__count(OB_FILE) != 0) /* the worker that brought it is at its end */
    uwsk_run_until(NULL, NULL, 1);
}

/* ---- memory ------------------------------------------------------------ */

static void without_memory_nothing_is_sent(void **state) {
  uwsk_handle handle = NULL;
  struct uwsk_request request;
  char output[8];
  NTSTATUS status = STATUS_UNSUCCESSFUL;

  (void)state;
  for (unsigned nth = 1; !NT_SUCCESS(status); nth++) {
    assert_in_range(nth, 1, 50);
    io__drain_irp_cache();
    uwsk_fault_allocation(nth);
    status = uwsk_open(NAME "\\rest", ASYNC, &handle);
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
  }
  for (unsigned method = 0; method < 4; method++) {
    status = STATUS_UNSUCCESSFUL;
    for (unsigned nth = 1; !NT_SUCCESS(status); nth++) {
      assert_in_range(nth, 1, 50);
      io__drain_irp_cache();
      uwsk_fault_allocation(nth);
      status = uwsk_begin_ioctl(&request, handle, SAMPLE_REVERSE(method), "abc",
                                3, output, 8);
      if (!NT_SUCCESS(status))
        assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
      assert_int_equal(uwsk_result(&request, NULL), status);
    }
  }
  uwsk_fault_allocation(0);
  close_sample(handle);
}

static void use_the_device(uwsk_handle handle) {
  struct uwsk_request request;
  char output[8];

  for (unsigned method = 0; method < 4; method++)
    uwsk_ioctl(handle, SAMPLE_REVERSE(method), "abc", 3, output, 8, NULL);
  uwsk_read(handle, 0, output, 4, NULL);
  uwsk_write(handle, 0, output, 4, NULL);
  uwsk_flush(handle);
  if (uwsk_begin_ioctl(&request, handle, SAMPLE_WAIT, NULL, 0, output, 8) ==
      STATUS_PENDING) {
    uwsk_cancel(&request);
    uwsk_wait(&request, UWSK_NO_TIMEOUT);
  }
}

/* A whole life: 0 when nothing was left and the driver saw as many ends as
 * beginnings. */
static int live(void *context) {
  uwsk_handle handle;

  (void)context;
  sample_reset();
  if (uwsk_start(NULL) != 0)
    return 0;
  if (sample_load() == STATUS_SUCCESS) {
    if (uwsk_open(NAME "\\rest", ASYNC, &handle) == STATUS_SUCCESS) {
      use_the_device(handle);
      if (uwsk_close(handle) != STATUS_SUCCESS)
        return -2;
    }
    if (sample_unload() != STATUS_SUCCESS ||
        sample.creates != sample.cleanups || sample.creates != sample.closes)
      return -3;
  }
  return uwsk_stop();
}

static void every_allocation_may_fail(void **state) {
  struct uwsk_torture result;

  (void)state;
  vf__reset();
  assert_int_equal(uwsk_torture(live, NULL, &result), 0);
  assert_true(result.failures >= 10);
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
}

/* A rule that fails every IRP: an open and a request fail, the end does not. */
static void rules_of_faults_keep_no_file_open(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_IRP, UWSK_FAIL);
  uwsk_handle handle = open_sample(BOTH), other;

  (void)state;
  assert_true(uwsk_fault_arm(&rule) > 0);
  assert_int_equal(uwsk_open(NAME, BOTH, &other),
                   STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(uwsk_flush(handle), STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
  assert_int_equal(sample.cleanups, 1);
  assert_int_equal(sample.closes, 1);
}

/* ---- what is left ------------------------------------------------------ */

/* … and what pends on it; neither haunts the next run. */
static void an_open_device_is_counted(void **state) {
  static struct uwsk_request request;
  uwsk_handle handle;

  sample_reset();
  assert_int_equal(kernel_start(state), 0);
  assert_int_equal(sample_load(), STATUS_SUCCESS);
  handle = open_sample(ASYNC);
  begin_wait(&request, handle, NULL, 0);
  /* Driver, device, file object, handle, IRP. */
  assert_int_equal(uwsk_stop(), 5);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
  assert_int_equal(sample.cleanups, 0); /* that driver is of the last run */
  assert_int_equal(uwsk_cancel(&request), STATUS_NOT_FOUND);
  assert_int_equal(uwsk_stop(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      DEVICE_TEST(programs_and_drivers_names_are_understood),
      DEVICE_TEST(names_of_no_device_have_nts_statuses),
      DEVICE_TEST(an_open_is_what_create_file_makes_of_it),
      DEVICE_TEST(what_the_driver_answers_is_returned),
      DEVICE_TEST(a_driver_with_an_open_file_goes_when_it_is_closed),
      DEVICE_TEST(requests_carry_data_both_ways),
      DEVICE_TEST(a_warning_carries_data_and_an_error_does_not),
      DEVICE_TEST(a_pending_request_is_waited_for),
      DEVICE_TEST(a_handle_permits_what_it_was_opened_for),
      DEVICE_TEST(mistakes_of_programs_are_answered),
      DEVICE_TEST(calls_at_a_raised_irql_are_refused),
      DEVICE_TEST(a_request_goes_on_until_the_driver_is_done),
      DEVICE_TEST(a_wait_lets_the_drivers_timer_run),
      DEVICE_TEST(what_is_answered_at_once_is_done_at_once),
      DEVICE_TEST(on_a_synchronous_handle_begin_waits),
      DEVICE_TEST(a_request_that_was_never_begun_is_not_waited_for),
      DEVICE_TEST(no_request_is_one_that_was_never_begun),
      DEVICE_TEST(a_request_outlives_its_thread),
      DEVICE_TEST(a_request_can_be_cancelled),
      DEVICE_TEST(all_requests_of_a_handle_can_be_cancelled),
      DEVICE_TEST(cancelling_is_no_completion),
      DEVICE_TEST(closing_lets_the_driver_cancel),
      DEVICE_TEST(a_close_does_not_wait_for_what_pends),
      DEVICE_TEST(without_memory_nothing_is_sent),
      DEVICE_TEST(rules_of_faults_keep_no_file_open),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(an_open_device_is_counted),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
