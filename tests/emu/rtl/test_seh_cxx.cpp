/* Structured exceptions in C++: destructors run, and C below may raise. */
#include <new>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#include <ntddk.h>

/* After ntddk.h on purpose: its templates say __try … __catch themselves. */
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

static int alive, destroyed, handled;

struct counted {
  counted() {
    alive++;
  }
  ~counted() {
    alive--;
    destroyed++;
  }
  counted(const counted &) = delete;
};

static int reset(void **) {
  alive = destroyed = handled = 0;
  return 0;
}

static DECLSPEC_NOINLINE void raise_it(NTSTATUS status) {
  counted on_the_way;
  ExRaiseStatus(status);
}

static void a_raised_status_reaches_the_handler_and_destroys(void **) {
  NTSTATUS status = STATUS_SUCCESS;
  __try {
    counted guarded;
    raise_it(STATUS_ACCESS_VIOLATION);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(status, STATUS_ACCESS_VIOLATION);
  assert_int_equal(alive, 0);
  assert_int_equal(destroyed, 2);
}

static DECLSPEC_NOINLINE int leaves_by_return(int value) {
  __try {
    counted guarded;
    return value;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  return -1;
}

static void break_and_return_leave_the_block(void **) {
  int rounds = 0, outer = 0;
  __try {
    assert_int_equal(leaves_by_return(5), 5);
    for (;;) {
      __try {
        if (++rounds == 3)
          break;
        continue;
      } __except (EXCEPTION_EXECUTE_HANDLER) {
        handled++;
      }
    }
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    outer++;
  }
  assert_int_equal(rounds, 3);
  assert_int_equal(outer, 1);
  assert_int_equal(handled, 0);
}

static void a_filter_that_declines_passes_the_exception_on(void **) {
  int outer = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __except (GetExceptionCode() == STATUS_CANCELLED) {
      handled++;
    }
  } __except (GetExceptionCode() == STATUS_IO_TIMEOUT
                  ? EXCEPTION_EXECUTE_HANDLER
                  : EXCEPTION_CONTINUE_SEARCH) {
    outer++;
  }
  assert_int_equal(handled, 0);
  assert_int_equal(outer, 1);
}

static void finally_runs_and_the_exception_goes_on(void **) {
  int finished = 0, abnormal = 0;
  __try {
    __try {
      raise_it(STATUS_IO_TIMEOUT);
    } __finally {
      finished++;
      abnormal += AbnormalTermination();
    }
    finished = 100;
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  assert_int_equal(finished, 1);
  assert_int_equal(abnormal, 1);
  assert_int_equal(handled, 1);
}

static void leave_runs_destructors_and_ends_the_block(void **) {
  int step = 0, finished = 0;
  __try {
    counted guarded;
    step = 1;
    if (step)
      __leave;
    step = 2;
  } __finally {
    finished++;
  }
  assert_int_equal(step, 1);
  assert_int_equal(finished, 1);
  assert_int_equal(alive, 0);
}

/* Somebody may catch everything in between; the block then ended well. */
static void an_exception_swallowed_inside_is_none(void **) {
  int inside = 0;
  __try {
    try {
      raise_it(STATUS_IO_TIMEOUT);
    } catch (...) {
      inside++;
    }
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  assert_int_equal(inside, 1);
  assert_int_equal(handled, 0);
}

struct throwing {
  throwing() = default;
  throwing(const throwing &other) : countdown(other.countdown) {
    if (*countdown > 0 && --*countdown == 0)
      throw 7;
  }
  int *countdown = nullptr;
  counted *unused = nullptr;
};

/* libstdc++'s __try … __catch, seen after ours, still cleans up. */
static void the_standard_library_still_catches(void **) {
  int countdown = 0, caught = 0;
  std::vector<throwing> values(4);
  for (auto &value : values)
    value.countdown = &countdown;
  countdown = 3;
  try {
    std::vector<throwing> copy(values);
  } catch (int seven) {
    caught = seven;
  }
  assert_int_equal(caught, 7);
  std::map<int, std::string> names{{1, "one"}};
  std::list<std::shared_ptr<int>> list{std::make_shared<int>(3)};
  assert_int_equal(names[1].size() + list.size(), 4);
  /* What those blocks pushed is gone. */
  __try {
    raise_it(STATUS_IO_TIMEOUT);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    handled++;
  }
  assert_int_equal(handled, 1);
}

static void a_hundred_thousand_blocks_leave_nothing_behind(void **) {
  int left = 0;
  for (int i = 0; i < 100000; i++) {
    __try {
      if (i % 2)
        continue;
      if (i % 1000 == 0)
        raise_it(STATUS_IO_TIMEOUT);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
      handled++;
    }
    left++;
  }
  assert_int_equal(left, 50000);
  assert_int_equal(handled, 100);
  assert_int_equal(alive, 0);
}

int main() {
#define TEST(name) cmocka_unit_test_setup(name, reset)
  const struct CMUnitTest tests[] = {
      TEST(a_raised_status_reaches_the_handler_and_destroys),
      TEST(break_and_return_leave_the_block),
      TEST(a_filter_that_declines_passes_the_exception_on),
      TEST(finally_runs_and_the_exception_goes_on),
      TEST(leave_runs_destructors_and_ends_the_block),
      TEST(an_exception_swallowed_inside_is_none),
      TEST(the_standard_library_still_catches),
      TEST(a_hundred_thousand_blocks_leave_nothing_behind),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
