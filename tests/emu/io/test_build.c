/* IRPs that the I/O manager makes, from a request to its finish. */
#include "io_test.h"

#include <string.h>

#include "os/os.h"

#define IOCTL(method) CTL_CODE(FILE_DEVICE_NETWORK, 0x800, method, 0)

/* ---- a driver that answers --------------------------------------------- */

static PDRIVER_OBJECT driver;
static PDEVICE_OBJECT device;

static struct {
  PIRP pending; /* kept here when `keeps` */
  bool keeps;
  NTSTATUS status;
  ULONG_PTR information;
  char got[64];
  ULONG code, input_length, output_length;
} served;

static PVOID where_to_answer(PIRP irp) {
  if (irp->MdlAddress != NULL)
    return MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
  if (irp->AssociatedIrp.SystemBuffer != NULL)
    return irp->AssociatedIrp.SystemBuffer;
  return irp->UserBuffer;
}

static PVOID where_it_stands(PIRP irp, PIO_STACK_LOCATION location) {
  if (irp->AssociatedIrp.SystemBuffer != NULL)
    return irp->AssociatedIrp.SystemBuffer;
  if (location->MajorFunction == IRP_MJ_WRITE)
    return where_to_answer(irp);
  return location->Parameters.DeviceIoControl.Type3InputBuffer;
}

/* Takes the input, answers "answer" into the output, and completes or keeps. */
static NTSTATUS serve(PDEVICE_OBJECT target, PIRP irp) {
  PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
  bool control = location->MajorFunction == IRP_MJ_DEVICE_CONTROL ||
                 location->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL;
  NTSTATUS status = served.status;

  assert_ptr_equal(target, device);
  served.code = location->Parameters.DeviceIoControl.IoControlCode;
  if (control) {
    served.input_length =
        location->Parameters.DeviceIoControl.InputBufferLength;
    served.output_length =
        location->Parameters.DeviceIoControl.OutputBufferLength;
  } else if (location->MajorFunction == IRP_MJ_READ) {
    served.input_length = 0;
    served.output_length = location->Parameters.Read.Length;
  } else {
    served.input_length = location->Parameters.Write.Length;
    served.output_length = 0;
  }
  if (served.input_length != 0)
    memcpy(served.got, where_it_stands(irp, location), served.input_length);
  if (served.output_length >= 6)
    memcpy(where_to_answer(irp), "answer", 6);
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = served.information;
  if (served.keeps) {
    IoMarkIrpPending(irp);
    served.pending = irp;
    return STATUS_PENDING;
  }
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return status;
}

static int start(void **state) {
  memset(&served, 0, sizeof(served));
  served.information = 6;
  driver = io__create_driver("server");
  driver->MajorFunction[IRP_MJ_READ] = serve;
  driver->MajorFunction[IRP_MJ_WRITE] = serve;
  driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = serve;
  driver->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = serve;
  if (!NT_SUCCESS(IoCreateDevice(driver, 0, NULL, 0, 0, FALSE, &device)))
    return 1;
  return start_clean(state);
}

static int end(void **state) {
  IoDeleteDevice(device);
  io__delete_driver(driver);
  return end_clean(state);
}

/* ---- device control ---------------------------------------------------- */

static KEVENT event;
static IO_STATUS_BLOCK iosb;
static char output[16];

static PIRP control(ULONG method, BOOLEAN internal) {
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  iosb.Status = STATUS_UNSUCCESSFUL;
  iosb.Information = 99;
  memset(output, '.', sizeof(output));
  return IoBuildDeviceIoControlRequest(IOCTL(method), device, "input", 5,
                                       output, sizeof(output), internal, &event,
                                       &iosb);
}

static bool is_set(void) {
  return KeReadStateEvent(&event) != 0;
}

/* Every method brings the input there and the answer back; event, status block
 * and IRP are seen to (the ledger is checked at the end). */
static void all_methods_carry_both_ways(void **state) {
  (void)state;
  static const ULONG methods[] = {METHOD_BUFFERED, METHOD_OUT_DIRECT,
                                  METHOD_IN_DIRECT, METHOD_NEITHER};

  for (int i = 0; i < 4; i++) {
    PIRP irp = control(methods[i], (BOOLEAN)(i & 1));

    assert_non_null(irp);
    memset(served.got, 0, sizeof(served.got));
    assert_int_equal(IoCallDriver(device, irp), STATUS_SUCCESS);
    assert_int_equal(served.code, IOCTL(methods[i]));
    assert_int_equal(served.input_length, 5);
    assert_int_equal(served.output_length, sizeof(output));
    assert_string_equal(served.got, "input");
    assert_memory_equal(output, "answer..........", 16);
    assert_true(is_set());
    assert_int_equal(iosb.Status, STATUS_SUCCESS);
    assert_int_equal(iosb.Information, 6);
  }
}

/* Only Information bytes are copied back, and nothing of a failed request. */
static void
a_buffered_answer_is_copied_as_far_as_information_says(void **state) {
  (void)state;
  served.information = 3;
  assert_int_equal(IoCallDriver(device, control(METHOD_BUFFERED, FALSE)),
                   STATUS_SUCCESS);
  assert_memory_equal(output, "ans.............", 16);
  served.status = STATUS_BUFFER_OVERFLOW; /* a warning: it is copied */
  assert_int_equal(IoCallDriver(device, control(METHOD_BUFFERED, FALSE)),
                   STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(output, "ans.............", 16);
  served.status = STATUS_INVALID_PARAMETER;
  assert_int_equal(IoCallDriver(device, control(METHOD_BUFFERED, FALSE)),
                   STATUS_INVALID_PARAMETER);
  assert_memory_equal(output, "................", 16);
}

/* An error that is returned at once is told by the return value alone; one that
 * comes later by status block and event. */
static void an_error_is_signalled_only_when_it_came_late(void **state) {
  (void)state;
  served.status = STATUS_INVALID_PARAMETER;
  IoCallDriver(device, control(METHOD_BUFFERED, FALSE));
  assert_false(is_set());
  assert_int_equal(iosb.Information, 99);

  served.keeps = true;
  assert_int_equal(IoCallDriver(device, control(METHOD_BUFFERED, FALSE)),
                   STATUS_PENDING);
  assert_false(is_set());
  IoCompleteRequest(served.pending, IO_NO_INCREMENT);
  assert_true(is_set());
  assert_int_equal(iosb.Status, STATUS_INVALID_PARAMETER);
}

/* A completion routine that stops the way up owns the IRP for a while; this is
 * how a request that may be cancelled is kept from going away. */
static void a_routine_may_hold_the_finish_up(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = control(METHOD_BUFFERED, FALSE);

  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  IoCallDriver(device, irp);
  assert_int_equal(seen.calls, 1);
  assert_false(is_set());
  BREAKS(VF_IRP_14, IoFreeIrp(irp)); /* the I/O manager's */
  BREAKS(VF_IO_REUSE_01, IoReuseIrp(irp, STATUS_SUCCESS));
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen.calls, 1);
  assert_true(is_set());
  assert_memory_equal(output, "answer", 6);
}

/* ---- reads and writes -------------------------------------------------- */

static PIRP transfer(ULONG major, char *buffer, ULONG length) {
  LARGE_INTEGER offset = {.QuadPart = 0};

  KeInitializeEvent(&event, NotificationEvent, FALSE);
  return IoBuildSynchronousFsdRequest(major, device, buffer, length, &offset,
                                      &event, &iosb);
}

static void reads_and_writes_go_as_the_device_wants_them(void **state) {
  (void)state;
  static const ULONG flags[] = {DO_BUFFERED_IO, DO_DIRECT_IO, 0};
  char written[] = "input";
  ULONG before = device->Flags;

  for (int i = 0; i < 3; i++) {
    device->Flags = before | flags[i];
    memset(served.got, 0, sizeof(served.got));
    assert_int_equal(IoCallDriver(device, transfer(IRP_MJ_WRITE, written, 5)),
                     STATUS_SUCCESS);
    assert_string_equal(served.got, "input");
    memset(output, '.', sizeof(output));
    assert_int_equal(IoCallDriver(device, transfer(IRP_MJ_READ, output, 16)),
                     STATUS_SUCCESS);
    assert_memory_equal(output, "answer..........", 16);
    assert_true(is_set());
  }
  device->Flags = before;
}

static NTSTATUS free_it(PDEVICE_OBJECT target, PIRP irp, PVOID context) {
  (void)target;
  *(NTSTATUS *)context = irp->IoStatus.Status;
  IoFreeIrp(irp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static void an_asynchronous_request_is_its_makers_to_free(void **state) {
  (void)state;
  NTSTATUS status = STATUS_PENDING;
  PIRP irp = IoBuildAsynchronousFsdRequest(IRP_MJ_READ, device, output, 16,
                                           NULL, &iosb);

  assert_non_null(irp);
  IoSetCompletionRoutine(irp, free_it, &status, TRUE, TRUE, TRUE);
  IoCallDriver(device, irp);
  assert_int_equal(status, STATUS_SUCCESS);
}

/* ---- failures ---------------------------------------------------------- */

/* Memory that cannot be locked gives no IRP, and nothing is left. */
static void memory_that_cannot_be_locked_gives_no_irp(void **state) {
  (void)state;
  PVOID wild = (PVOID)(ULONG_PTR)0x7000DEAD0000;

  assert_null(IoBuildDeviceIoControlRequest(IOCTL(METHOD_OUT_DIRECT), device,
                                            "in", 2, wild, 10, FALSE, &event,
                                            &iosb));
  device->Flags |= DO_DIRECT_IO;
  assert_null(transfer(IRP_MJ_READ, wild, 10));
}

/* Each allocation in turn fails; the request is refused and nothing is left. */
static void without_memory_there_is_no_request(void **state) {
  (void)state;
  static const ULONG methods[] = {METHOD_BUFFERED, METHOD_OUT_DIRECT};

  for (int i = 0; i < 2; i++) {
    PIRP irp = NULL;
    unsigned nth = 0;

    while (irp == NULL) {
      io__drain_irp_cache();
      os__alloc_fail_nth(++nth);
      irp = control(methods[i], FALSE);
      assert_int_equal(irp == NULL, os__alloc_fault_fired());
    }
    os__alloc_fail_nth(0);
    assert_true(nth >= 3);
    IoCallDriver(device, irp);
  }
}

/* They begin at 0x8000 (Defining I/O Control Codes), where an int that is
 * shifted to the left is no constant under UBSan. */
static void codes_of_vendors_device_types_are_constants(void **state) {
  const ULONG code = 0x9C402404;

  (void)state;
  switch (code) {
  case CTL_CODE(40000, 0x901, METHOD_BUFFERED, FILE_ANY_ACCESS):
    assert_int_equal(DEVICE_TYPE_FROM_CTL_CODE(code), 40000);
    break;
  default:
    fail();
  }
}

#define BUILD_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      BUILD_TEST(all_methods_carry_both_ways),
      BUILD_TEST(a_buffered_answer_is_copied_as_far_as_information_says),
      BUILD_TEST(an_error_is_signalled_only_when_it_came_late),
      BUILD_TEST(reads_and_writes_go_as_the_device_wants_them),
      BUILD_TEST(an_asynchronous_request_is_its_makers_to_free),
      BUILD_TEST(memory_that_cannot_be_locked_gives_no_irp),
      BUILD_TEST(without_memory_there_is_no_request),
      BUILD_TEST(a_routine_may_hold_the_finish_up),
      cmocka_unit_test(codes_of_vendors_device_types_are_constants),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
