/* The trace: what its lines look like, and that they cost nothing when off. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "etw/trace.h"
#include "os/os.h"
#include "temporary_file.h"

static char text[65536];
static FILE *file;
static int saved;

static void catch_stderr(void) {
  fflush(stderr);
  file = temporary_file();
  assert_non_null(file);
  saved = dup(2);
  dup2(fileno(file), 2);
}

static void release_stderr(void) {
  size_t length;

  dup2(saved, 2);
  close(saved);
  rewind(file);
  length = fread(text, 1, sizeof(text) - 1, file);
  text[length] = '\0';
  fclose(file);
}

/* The line behind its thread number: "[1 PASSIVE ] …" from the IRQL on. */
static const char *line(void) {
  char number[16];

  snprintf(number, sizeof(number), "[%u ", os__thread_number());
  assert_ptr_equal(strstr(text, number), text);
  return text + strlen(number);
}

static void *const socket_address = (void *)(ULONG_PTR)0x5500aa;
static void *const irp_address = (void *)(ULONG_PTR)0x77ff10;

/* The columns line up as emu/etw/trace.h shows them. */
static void lines_look_as_documented(void **state) {
  KIRQL old;

  (void)state;
  etw__start(true);
  catch_stderr();
  ETW_CALL("WskSend", socket_address, irp_address, "%d bytes", 64);
  release_stderr();
  assert_string_equal(line(), "PASSIVE ] -> WskSend          socket 0x5500aa "
                              "irp 0x77ff10 64 bytes\n");
  catch_stderr();
  ETW_RETURN("WskSend", irp_address, STATUS_PENDING);
  release_stderr();
  assert_string_equal(
      line(), "PASSIVE ] <- WskSend          irp 0x77ff10 STATUS_PENDING\n");
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  catch_stderr();
  ETW_COMPLETED(irp_address, STATUS_SUCCESS, 64);
  release_stderr();
  KeLowerIrql(old);
  assert_string_equal(
      line(), "DISPATCH]  * completed        irp 0x77ff10 STATUS_SUCCESS 64\n");
  etw__start(false);
}

static void callbacks_and_states_have_lines_too(void **state) {
  (void)state;
  etw__start(true);
  catch_stderr();
  ETW_CALLBACK("WskReceiveEvent", socket_address, irp_address);
  release_stderr();
  assert_non_null(strstr(line(), "] => WskReceiveEvent  "));
  assert_non_null(strstr(line(), " 0x5500aa "));
  assert_non_null(strstr(line(), " 0x77ff10\n"));
  catch_stderr();
  ETW_STATE(socket_address, "socket", "bound", "connecting");
  release_stderr();
  assert_non_null(strstr(line(), " bound -> connecting\n"));
  etw__start(false);
}

static void what_is_not_there_is_left_out(void **state) {
  (void)state;
  etw__start(true);
  catch_stderr();
  ETW_CALL("WskRegister", NULL, NULL, "%s", "");
  release_stderr();
  assert_null(strstr(text, "socket"));
  assert_null(strstr(text, "irp"));
  etw__start(false);
}

static int evaluated;

static int evaluate(void) {
  return ++evaluated;
}

/* Off: nothing is printed and no argument evaluated. With the verifier on, what
 * it remembers is evaluated; what only a line needs is not. */
static void a_trace_that_is_off_costs_nothing(void **state) {
  (void)state;
  etw__start(false);
  catch_stderr();
  ETW_CALL("WskSend", socket_address, irp_address, "%d", evaluate());
  uwsk_verifier_set_mode(UWSK_VERIFIER_OFF);
  ETW_CALL("WskSend", socket_address, irp_address, "%d", evaluate());
  ETW_COMPLETED(irp_address, STATUS_SUCCESS, (ULONG_PTR)evaluate());
  uwsk_verifier_set_mode(UWSK_VERIFIER_FAIL);
  release_stderr();
  assert_string_equal(text, "");
  assert_int_equal(evaluated, 0);
}

static void a_line_that_is_too_long_is_cut(void **state) {
  (void)state;
  static char long_text[5000];

  memset(long_text, 'x', sizeof(long_text) - 1);
  etw__start(true);
  catch_stderr();
  ETW_CALL("WskSend", NULL, NULL, "%s", long_text);
  release_stderr();
  etw__start(false);
  assert_true(strlen(text) <= 512);
  assert_int_equal(text[strlen(text) - 1], '\n');
}

static void trace_often(void *unused) {
  (void)unused;
  for (int i = 0; i < 100; i++)
    ETW_CALL("WskSend", NULL, NULL, "%s", "whole");
}

static void lines_of_two_threads_do_not_mix(void **state) {
  (void)state;
  struct os_thread thread;
  int lines = 0;

  etw__start(true);
  catch_stderr();
  assert_int_equal(os__thread_start(&thread, trace_often, NULL), 0);
  trace_often(NULL);
  os__thread_join(&thread);
  release_stderr();
  etw__start(false);
  for (char *at = text; *at != '\0'; lines++) {
    char *end = strchr(at, '\n');

    assert_non_null(end);
    assert_int_equal(*at, '[');
    assert_memory_equal(end - 5, "whole", 5);
    at = end + 1;
  }
  assert_int_equal(lines, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_look_as_documented),
      cmocka_unit_test(callbacks_and_states_have_lines_too),
      cmocka_unit_test(what_is_not_there_is_left_out),
      cmocka_unit_test(a_trace_that_is_off_costs_nothing),
      cmocka_unit_test(a_line_that_is_too_long_is_cut),
      cmocka_unit_test(lines_of_two_threads_do_not_mix),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
