/* Where threads run. Pages: ddi/wdm/nf-wdm-kesetsystemaffinitythreadex,
 * -kereverttouseraffinitythreadex, -kesetsystemgroupaffinitythread. */
#include "kernel_test.h"

#include "ke/ke.h"

static KAFFINITY mask_of(ULONG processor) {
  return (KAFFINITY)1 << processor;
}

/* What drivers do that set something up on every processor. */
static void a_thread_goes_to_each_processor_in_turn(void **state) {
  ULONG count = KeQueryActiveProcessorCount(NULL);
  (void)state;
  for (ULONG i = 0; i < count; i++) {
    KAFFINITY before = KeSetSystemAffinityThreadEx(mask_of(i));

    assert_int_equal(before, 0);
    assert_int_equal(KeGetCurrentProcessorNumber(), i);
    KeRevertToUserAffinityThreadEx(before);
  }
  assert_int_equal(ke__affinity(KeGetCurrentThread()),
                   KeQueryActiveProcessors());
}

/* Against: a count of processors that follows the thread's affinity. */
static void being_on_one_processor_does_not_change_their_number(void **state) {
  ULONG count = KeQueryActiveProcessorCount(NULL);
  (void)state;
  KeSetSystemAffinityThread(mask_of(0));
  assert_int_equal(KeQueryActiveProcessorCount(NULL), count);
  KeRevertToUserAffinityThread();
  assert_int_equal(KeQueryActiveProcessorCount(NULL), count);
}

static void affinities_nest(void **state) {
  ULONG last = KeQueryActiveProcessorCount(NULL) - 1;
  PKTHREAD self = KeGetCurrentThread();
  KAFFINITY outer, inner;
  (void)state;
  outer = KeSetSystemAffinityThreadEx(mask_of(0));
  inner = KeSetSystemAffinityThreadEx(mask_of(last));
  assert_int_equal(outer, 0);
  assert_int_equal(inner, mask_of(0));
  assert_int_equal(ke__affinity(self), mask_of(last));
  KeRevertToUserAffinityThreadEx(inner);
  assert_int_equal(ke__affinity(self), mask_of(0));
  KeRevertToUserAffinityThreadEx(outer);
  assert_int_equal(ke__affinity(self), ke__processors());
}

static void an_affinity_that_cannot_be_changes_nothing(void **state) {
  PKTHREAD self = KeGetCurrentThread();
  KAFFINITY none = ~ke__processors();
  (void)state;
  assert_int_equal(KeSetSystemAffinityThreadEx(0), 0);
  if (none != 0)
    assert_int_equal(KeSetSystemAffinityThreadEx(none | 1), 0);
  assert_int_equal(ke__affinity(self), ke__processors());
  /* Nor does a revert without a set. */
  KeRevertToUserAffinityThreadEx(mask_of(0));
  assert_int_equal(ke__affinity(self), ke__processors());
}

static void a_group_is_as_good_as_a_mask(void **state) {
  GROUP_AFFINITY one = {.Mask = 1}, before = {.Mask = 7, .Group = 7};
  PKTHREAD self = KeGetCurrentThread();
  (void)state;
  KeSetSystemGroupAffinityThread(&one, &before);
  assert_int_equal(before.Mask, 0);
  assert_int_equal(before.Group, 0);
  assert_int_equal(KeGetCurrentProcessorNumber(), 0);
  KeSetSystemGroupAffinityThread(&one, NULL);
  KeRevertToUserGroupAffinityThread(&before);
  assert_int_equal(ke__affinity(self), ke__processors());
  one.Group = 1;
  before.Mask = 7;
  KeSetSystemGroupAffinityThread(&one, &before);
  assert_int_equal(before.Mask, 0);
  assert_int_equal(ke__affinity(self), ke__processors());
}

/* ---- by handle --------------------------------------------------------- */

struct placed {
  KEVENT go;
  ULONG number;
  KAFFINITY affinity;
};

static VOID say_where(PVOID context) {
  struct placed *placed = context;

  KeWaitForSingleObject(&placed->go, Executive, KernelMode, FALSE, NULL);
  placed->number = KeGetCurrentProcessorNumber();
  placed->affinity = ke__affinity(KeGetCurrentThread());
}

static HANDLE start(struct placed *placed) {
  HANDLE handle;

  KeInitializeEvent(&placed->go, NotificationEvent, FALSE);
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, say_where, placed),
                   STATUS_SUCCESS);
  return handle;
}

static void finish(HANDLE handle, struct placed *placed) {
  KeSetEvent(&placed->go, IO_NO_INCREMENT, FALSE);
  ZwWaitForSingleObject(handle, FALSE, NULL);
  ZwClose(handle);
}

static void another_thread_is_put_on_a_processor(void **state) {
  ULONG last = KeQueryActiveProcessorCount(NULL) - 1;
  GROUP_AFFINITY affinity = {.Mask = mask_of(last)}, answer;
  PROCESSOR_NUMBER ideal = {.Number = (UCHAR)last};
  struct placed placed;
  HANDLE handle = start(&placed);
  (void)state;
  assert_int_equal(ZwSetInformationThread(handle, ThreadGroupInformation,
                                          &affinity, sizeof(affinity)),
                   STATUS_SUCCESS);
  assert_int_equal(ZwQueryInformationThread(handle, ThreadGroupInformation,
                                            &answer, sizeof(answer), NULL),
                   STATUS_SUCCESS);
  assert_int_equal(answer.Mask, affinity.Mask);
  assert_int_equal(ZwSetInformationThread(handle, ThreadIdealProcessorEx,
                                          &ideal, sizeof(ideal)),
                   STATUS_SUCCESS);
  assert_int_equal(ideal.Number, 0); /* the one before */
  ZwQueryInformationThread(handle, ThreadIdealProcessorEx, &ideal,
                           sizeof(ideal), NULL);
  assert_int_equal(ideal.Number, last);
  finish(handle, &placed);
  assert_int_equal(placed.number, last);
}

static void placements_that_cannot_be_are_refused(void **state) {
  GROUP_AFFINITY affinity = {.Mask = 1, .Group = 1};
  PROCESSOR_NUMBER ideal = {.Group = 1};
  KAFFINITY none = 0;
  HANDLE self = ZwCurrentThread();
  (void)state;
  assert_int_equal(ZwSetInformationThread(self, ThreadGroupInformation,
                                          &affinity, sizeof(affinity)),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      ZwSetInformationThread(self, ThreadAffinityMask, &none, sizeof(none)),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwSetInformationThread(self, ThreadIdealProcessorEx, &ideal,
                                          sizeof(ideal)),
                   STATUS_INVALID_PARAMETER);
}

/* Against: the host's inheritance. A new thread may run anywhere, whatever
 * affinity its maker has at the moment. */
static void an_affinity_is_not_handed_down(void **state) {
  struct placed placed;
  HANDLE handle;
  (void)state;
  KeSetSystemAffinityThread(mask_of(0));
  handle = start(&placed);
  KeRevertToUserAffinityThread();
  finish(handle, &placed);
  assert_int_equal(placed.affinity, ke__processors());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_thread_goes_to_each_processor_in_turn),
      KERNEL_TEST(being_on_one_processor_does_not_change_their_number),
      KERNEL_TEST(affinities_nest),
      KERNEL_TEST(an_affinity_that_cannot_be_changes_nothing),
      KERNEL_TEST(a_group_is_as_good_as_a_mask),
      KERNEL_TEST(another_thread_is_put_on_a_processor),
      KERNEL_TEST(placements_that_cannot_be_are_refused),
      KERNEL_TEST(an_affinity_is_not_handed_down),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
