/* Structured exceptions in C: what runs, in which order, and what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ntddk.h>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

static int entered, handled, finished;

/* Not inlined: the compiler must not see that these raise. */
static DECLSPEC_NOINLINE void raise_it(NTSTATUS status) {
  ExRaiseStatus(status);
}

static DECLSPEC_NOINLINE void no_raise(void) {
  entered++;
}

static int reset(void **state) {
  (void)state;
  entered = handled = finished = 0;
  return 0;
}

static void a_raised_status_reaches_the_handler(void **state) {
  (void)state;
  volatile NTSTATUS status = STATUS_SUCCESS;
  volatile int after = 0;
  __try {
    raise_it(STATUS_ACCESS_VIOLATION);
    after = 1;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
    handled++;
  }
  assert_int_equal(status, STATUS_ACCESS_VIOLATION);
  assert_int_equal(handled, 1);
  assert_int_equal(after, 0);
}

static void without_an_exception_the_handler_does_not_run(void **state) {
  (void)state;
  __try {
    no_raise();
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  assert_int_equal(entered, 1);
  assert_int_equal(handled, 0);
}

/* A macro form that is a loop would swallow them. */
static void break_and_continue_are_those_of_the_clients_loop(void **state) {
  (void)state;
  volatile int rounds = 0, even = 0;
  for (;;) {
    rounds++;
    __try {
      if (rounds == 10)
        break;
      if (rounds % 2)
        continue;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
    }
    even++;
  }
  assert_int_equal(rounds, 10);
  assert_int_equal(even, 4);
  assert_int_equal(handled, 0);
}

static DECLSPEC_NOINLINE int leaves_by_return(int value) {
  __try {
    if (value)
      return value;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  return -1;
}

/* A frame that a return left behind would catch what comes later. */
static void a_block_left_by_return_or_break_catches_nothing_more(void **state) {
  (void)state;
  volatile int outer = 0;
  __try {
    assert_int_equal(leaves_by_return(5), 5);
    for (;;) {
      __try {
        break;
      } __except (EXCEPTION_EXECUTE_HANDLER) {
        handled++;
      }
    }
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    outer++;
  }
  assert_int_equal(outer, 1);
  assert_int_equal(handled, 0);
}

static void a_goto_out_of_the_block_leaves_it(void **state) {
  (void)state;
  volatile int outer = 0;
  __try {
    __try {
      goto out;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
    }
  out:
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    outer++;
  }
  assert_int_equal(outer, 1);
  assert_int_equal(handled, 0);
}

static void the_innermost_block_handles(void **state) {
  (void)state;
  volatile int outer = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
    }
    no_raise();
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    outer++;
  }
  assert_int_equal(handled, 1);
  assert_int_equal(entered, 1);
  assert_int_equal(outer, 0);
}

static void an_exception_in_the_handler_goes_outwards(void **state) {
  (void)state;
  volatile NTSTATUS status = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
      raise_it(STATUS_CANCELLED);
    }
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(handled, 1);
  assert_int_equal(status, STATUS_CANCELLED);
}

static LONG only(NTSTATUS code, NTSTATUS wanted) {
  return code == wanted ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

static void a_filter_that_declines_passes_the_exception_on(void **state) {
  (void)state;
  volatile int outer = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __except (only(GetExceptionCode(), STATUS_CANCELLED)) {
      handled++;
    }
    finished++;
  } __except (only(GetExceptionInformation()->ExceptionRecord->ExceptionCode,
                   STATUS_IO_TIMEOUT)) {
    outer++;
  }
  assert_int_equal(handled, 0);
  assert_int_equal(finished, 0);
  assert_int_equal(outer, 1);
}

static void a_software_exception_cannot_be_continued(void **state) {
  (void)state;
  volatile NTSTATUS status = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __except (EXCEPTION_CONTINUE_EXECUTION) {
      handled++;
    }
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(handled, 0);
  assert_int_equal(status, STATUS_NONCONTINUABLE_EXCEPTION);
}

static void finally_runs_once_on_either_path(void **state) {
  (void)state;
  volatile int abnormal = 0;
  __try {
    no_raise();
  } __finally {
    finished++;
    abnormal += AbnormalTermination();
  }
  assert_int_equal(finished, 1);
  assert_int_equal(abnormal, 0);
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __finally {
      finished++;
      abnormal += AbnormalTermination();
    }
    handled = 100;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    assert_int_equal(GetExceptionCode(), STATUS_IO_TIMEOUT);
    handled++;
  }
  assert_int_equal(finished, 2);
  assert_int_equal(abnormal, 1);
  assert_int_equal(handled, 1);
}

/* The finally block guards another block; the first exception goes on. */
static void finally_raises_its_own_exception_again(void **state) {
  (void)state;
  volatile NTSTATUS status = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __finally {
      __try {
        raise_it(STATUS_CANCELLED);
      } __except (EXCEPTION_EXECUTE_HANDLER) {
        handled++;
      }
    }
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(handled, 1);
  assert_int_equal(status, STATUS_IO_TIMEOUT);
}

/* Plain locals, as drivers write them: __leave must not lose their values. */
static DECLSPEC_NOINLINE NTSTATUS leave_with(NTSTATUS wanted) {
  NTSTATUS status = STATUS_SUCCESS;
  int step = 0;
  __try {
    step = 1;
    status = wanted;
    if (!NT_SUCCESS(status))
      __leave;
    step = 2;
    __try {
      step = 3;
      __leave; /* the inner block only */
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
    }
    step++;
  } __finally {
    finished += step;
  }
  return status;
}

static void leave_goes_to_the_end_of_its_own_block(void **state) {
  (void)state;
  assert_int_equal(leave_with(STATUS_CANCELLED), STATUS_CANCELLED);
  assert_int_equal(finished, 1);
  assert_int_equal(leave_with(STATUS_SUCCESS), STATUS_SUCCESS);
  assert_int_equal(finished, 1 + 4);
  assert_int_equal(handled, 0);
}

static void the_lower_case_words_work(void **state) {
  (void)state;
  try {
    raise_it(STATUS_IO_TIMEOUT);
  }
  except(EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  try {
    leave;
  } finally {
    finished++;
  }
  assert_int_equal(handled, 1);
  assert_int_equal(finished, 1);
}

static void a_hundred_thousand_blocks_leave_nothing_behind(void **state) {
  (void)state;
  volatile int i, left = 0;
  for (i = 0; i < 100000; i++) {
    for (;;) {
      __try {
        if (i % 3 == 0)
          break;
        if (i % 3 == 1)
          raise_it(STATUS_IO_TIMEOUT);
      } __except (EXCEPTION_EXECUTE_HANDLER) {
        handled++;
      }
      break;
    }
    left++;
  }
  assert_int_equal(left, 100000);
  assert_int_equal(handled, 33333);
}

/* What a failing assertion of a test does inside a guarded block. */
static jmp_buf away;

static DECLSPEC_NOINLINE void guarded_longjmp(void) {
  __try {
    longjmp(away, 1);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
}

static void the_next_block_forgets_one_left_by_longjmp(void **state) {
  (void)state;
  volatile int inner = 0, outer = 0;
  __try {
    if (setjmp(away) == 0)
      guarded_longjmp();
    __try {
      raise_it(STATUS_CANCELLED);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      inner++;
    }
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    outer++;
  }
  assert_int_equal(inner, 1);
  assert_int_equal(outer, 1);
  assert_int_equal(handled, 0);
}

static void a_block_that_was_skipped_finds_no_old_exception(void **state) {
  (void)state;
  __try {
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  assert_int_equal(uwsk__seh_caught(), 0);
}

#if !defined(_WIN32)
static void an_unhandled_exception_ends_the_process_and_says_why(void **state) {
  (void)state;
  int pipes[2], status = 0;
  char text[512] = {0};
  assert_int_equal(pipe(pipes), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    dup2(pipes[1], 2);
    raise_it(STATUS_CANCELLED);
    _exit(0);
  }
  close(pipes[1]);
  for (size_t at = 0; at < sizeof(text) - 1;) {
    ssize_t got = read(pipes[0], text + at, sizeof(text) - 1 - at);
    if (got <= 0)
      break;
    at += (size_t)got;
  }
  close(pipes[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_non_null(strstr(text, "0x0000001E"));
  assert_non_null(strstr(text, "C0000120"));
}
#endif

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, reset)
  const struct CMUnitTest tests[] = {
    TEST(a_raised_status_reaches_the_handler),
    TEST(without_an_exception_the_handler_does_not_run),
    TEST(break_and_continue_are_those_of_the_clients_loop),
    TEST(a_block_left_by_return_or_break_catches_nothing_more),
    TEST(a_goto_out_of_the_block_leaves_it),
    TEST(the_innermost_block_handles),
    TEST(an_exception_in_the_handler_goes_outwards),
    TEST(a_filter_that_declines_passes_the_exception_on),
    TEST(a_software_exception_cannot_be_continued),
    TEST(finally_runs_once_on_either_path),
    TEST(finally_raises_its_own_exception_again),
    TEST(leave_goes_to_the_end_of_its_own_block),
    TEST(the_lower_case_words_work),
    TEST(a_hundred_thousand_blocks_leave_nothing_behind),
    TEST(the_next_block_forgets_one_left_by_longjmp),
    TEST(a_block_that_was_skipped_finds_no_old_exception),
#if !defined(_WIN32)
    TEST(an_unhandled_exception_ends_the_process_and_says_why),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
