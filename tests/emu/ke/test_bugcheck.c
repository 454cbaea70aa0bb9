/* The end of the system. Pages: ddi/wdm/nf-wdm-kebugcheckex,
 * -keregisterbugcheckcallback. */
#include "kernel_test.h"

#include <uwsk/uwsk.h>

static jmp_buf out;
static unsigned code;
static unsigned long long told[4];

static void escape(void *context, unsigned number,
                   const unsigned long long parameters[4]) {
  assert_ptr_equal(context, &out);
  code = number;
  for (int i = 0; i < 4; i++)
    told[i] = parameters[i];
  longjmp(out, 1);
}

struct dump {
  ULONG length;
  KIRQL irql;
  int calls;
};

static VOID NTAPI remember(PVOID buffer, ULONG length) {
  struct dump *dump = buffer;

  dump->length = length;
  dump->irql = KeGetCurrentIrql();
  dump->calls++;
}

static void a_test_survives_a_bugcheck_that_it_expects(void **state) {
  (void)state;
  uwsk_on_bugcheck(escape, &out);
  if (setjmp(out) == 0)
    KeBugCheckEx(0xDEADDEAD, 1, 2, 3, (ULONG_PTR)-1);
  assert_int_equal(code, 0xDEADDEAD);
  assert_true(told[0] == 1 && told[1] == 2 && told[2] == 3 && told[3] == ~0ull);
  if (setjmp(out) == 0)
    KeBugCheck(0xE2);
  assert_int_equal(code, 0xE2);
  assert_true(told[0] == 0);
  uwsk_on_bugcheck(NULL, NULL);
}

static void drivers_are_called_before_the_end(void **state) {
  KBUGCHECK_CALLBACK_RECORD first, second;
  struct dump dumps[2] = {{0}, {0}};
  (void)state;
  KeInitializeCallbackRecord(&first);
  KeInitializeCallbackRecord(&second);
  assert_true(KeRegisterBugCheckCallback(&first, remember, &dumps[0], 12,
                                         (PUCHAR) "first"));
  assert_false(KeRegisterBugCheckCallback(&first, remember, &dumps[0], 12,
                                          (PUCHAR) "first"));
  KeRegisterBugCheckCallback(&second, remember, &dumps[1], 34, (PUCHAR) "two");
  assert_true(KeDeregisterBugCheckCallback(&second));
  assert_false(KeDeregisterBugCheckCallback(&second));
  uwsk_on_bugcheck(escape, &out);
  if (setjmp(out) == 0)
    KeBugCheck(1);
  if (setjmp(out) == 0)
    KeBugCheck(2);
  uwsk_on_bugcheck(NULL, NULL);
  assert_int_equal(dumps[0].calls, 1); /* not again */
  assert_int_equal(dumps[0].length, 12);
  assert_int_equal(dumps[0].irql, HIGH_LEVEL);
  assert_int_equal(dumps[1].calls, 0);
  assert_int_equal(first.State, BufferFinished);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_true(KeDeregisterBugCheckCallback(&first));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_test_survives_a_bugcheck_that_it_expects),
      KERNEL_TEST(drivers_are_called_before_the_end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
