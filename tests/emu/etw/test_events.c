/*
 * Events of TraceLogging are lines of the trace, and only when somebody asked
 * for them.
 *
 * Fields and defaults: win32/api/traceloggingprovider/
 * nf-traceloggingprovider-traceloggingwrite, -traceloggingvalue. Providers by
 * hand: ddi/wdm/nf-wdm-etwregister, -etwwrite, -etwwritestring,
 * -etwproviderenabled.
 */
#include "kernel_test.h"

#include <evntprov.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uwsk/fault.h>

#include "etw/trace.h"
#include "temporary_file.h"
#include "traced_events.h"

static char text[4096];
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

/* What follows "[1 PASSIVE ]  # Test.Provider    " of the first line. */
static const char *said(void) {
  const char *head = strstr(text, " # Test.Provider    ");

  assert_non_null(head);
  return head + strlen(" # Test.Provider    ");
}

static void start_listening(void) {
  etw__start(true);
  assert_int_equal(TraceLoggingRegister(EventProvider), STATUS_SUCCESS);
}

static void stop_listening(void) {
  TraceLoggingUnregister(EventProvider);
  etw__start(false);
}

static void an_event_is_one_line_of_fields(void **state) {
  NTSTATUS Status = STATUS_CONNECTION_REFUSED;
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"name");
  ANSI_STRING Ansi = RTL_CONSTANT_STRING("ansi");
  static const UCHAR bytes[] = {0, 0xab, 3};

  (void)state;
  start_listening();
  catch_stderr();
  TraceLoggingWrite(
      EventProvider, "Event", TraceLoggingLevel(2), TraceLoggingKeyword(0x10),
      TraceLoggingNTStatus(Status), TraceLoggingInt8(-3, "small"),
      TraceLoggingUInt64(1ULL << 63, "large", "described"),
      TraceLoggingHexUInt32(0xbeef, "hex"), TraceLoggingBoolean(TRUE, "yes"),
      TraceLoggingString("a b", "text"), TraceLoggingWideString(L"wide", "w"),
      TraceLoggingUnicodeString(&Name), TraceLoggingAnsiString(&Ansi, "a"),
      TraceLoggingBinary(bytes, 3, "bytes"),
      TraceLoggingCountedWideString(L"counted", 5, "c"),
      TraceLoggingCountedString("counted", 2, "d"),
      TraceLoggingPointer(NULL, "p"), TraceLoggingFloat64(1.5, "f"),
      TraceLoggingChar('x', "char"));
  release_stderr();
  stop_listening();
  assert_string_equal(
      said(), "Event Status=STATUS_CONNECTION_REFUSED small=-3 "
              "large=9223372036854775808 hex=0xbeef yes=true text=\"a b\" "
              "w=\"wide\" &Name=\"name\" a=\"ansi\" bytes=00ab03 c=\"count\" "
              "d=\"co\" p=0000000000000000 f=1.5 char=x\n");
}

static void addresses_are_read_as_such(void **state) {
  ULONG v4 = RtlUlongByteSwap(0x7f000001);
  UCHAR v6[16] = {[15] = 1};

  (void)state;
  start_listening();
  catch_stderr();
  TraceLoggingWrite(EventProvider, "Event", TraceLoggingIPv4Address(v4, "from"),
                    TraceLoggingPort(RtlUshortByteSwap(80), "port"),
                    TraceLoggingIPv6Address(v6, "to"),
                    TraceLoggingGuid(EventProvider->Id, "id"));
  release_stderr();
  stop_listening();
  assert_string_equal(said(), "Event from=127.0.0.1 port=80 to=::1 "
                              "id={916fcd3e-673b-4610-aaba-0b71e28acd40}\n");
}

static void a_structure_holds_its_fields_together(void **state) {
  (void)state;
  start_listening();
  catch_stderr();
  TraceLoggingWrite(EventProvider, "Event", TraceLoggingStruct(2, "pair"),
                    TraceLoggingInt32(1, "a"), TraceLoggingInt32(2, "b"),
                    TraceLoggingInt32(3, "c"));
  TraceLoggingWriteActivity(EventProvider, "Other", NULL, NULL);
  release_stderr();
  stop_listening();
  assert_non_null(strstr(said(), "Event pair={ a=1 b=2 } c=3\n"));
  assert_non_null(strstr(text, "   Other\n"));
}

/* Bug: a value with an effect that is evaluated twice. */
static void a_value_has_the_field_of_its_type(void **state) {
  (void)state;
  start_listening();
  catch_stderr();
  write_events_in_cxx();
  release_stderr();
  stop_listening();
  assert_non_null(strstr(
      said(), "Cxx ask()=1 yes=true w=\"wide\" n=\"narrow\" byte=200 wide=-1 "
              "half=0.5 id={12345678-abcd-ef01-0203-040506070809} "
              "pointer=0000000000000010 again=7\n"));
  assert_non_null(strstr(text, "Asked asked=1\n"));
}

/* Bug: reading the fields of an event that nobody wants. */
static void nobody_listens_without_trace_or_registration(void **state) {
  (void)state;
  assert_false(TraceLoggingProviderEnabled(EventProvider, 2, 0));
  catch_stderr();
  TraceLoggingWrite(EventProvider, "Event",
                    TraceLoggingString((const char *)16, "wild"));
  etw__start(true);
  TraceLoggingWrite(EventProvider, "Event",
                    TraceLoggingString((const char *)16, "wild"));
  release_stderr();
  assert_string_equal(text, "");
  assert_int_equal(TraceLoggingRegister(EventProvider), STATUS_SUCCESS);
  assert_true(TraceLoggingProviderEnabled(EventProvider, 2, 0));
  stop_listening();
  assert_false(TraceLoggingProviderEnabled(EventProvider, 2, 0));
}

static void an_event_may_be_longer_than_a_line(void **state) {
  static char longer[2000];

  (void)state;
  memset(longer, 'a', sizeof(longer) - 1);
  start_listening();
  catch_stderr();
  TraceLoggingWrite(EventProvider, "Event", TraceLoggingString(longer, "text"),
                    TraceLoggingInt32(1));
  release_stderr();
  stop_listening();
  assert_true(strlen(text) < 1000);
  assert_int_equal(text[strlen(text) - 1], '\n');
}

static void a_provider_that_stays_registered_is_counted(void **state) {
  (void)state;
  assert_int_equal(TraceLoggingRegister(EventProvider), STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_TRACING), 1);
  TraceLoggingUnregister(EventProvider);
  TraceLoggingUnregister(EventProvider);
  assert_int_equal(ob__count(OB_TRACING), 0);
}

static void without_memory_it_is_not_registered(void **state) {
  NTSTATUS status = STATUS_SUCCESS;
  size_t made = 0;

  (void)state;
  /* The ledger may have records to spare. */
  uwsk_fault_allocation(1);
  while (made < 64 && NT_SUCCESS(status)) {
    status = TraceLoggingRegister(EventProvider);
    made += NT_SUCCESS(status);
  }
  uwsk_fault_allocation(0);
  assert_int_equal(status, STATUS_NO_MEMORY);
  while (made-- > 0)
    TraceLoggingUnregister(EventProvider);
}

/* ---- WPP ----------------------------------------------------------------- */

static void wpp_starts_without_memory_for_its_record(void **state) {
  static struct uwsk_wpp_control controls[64];
  size_t started = 0;

  (void)state;
  etw__start(true);
  /* The ledger may have records to spare. */
  uwsk_fault_allocation(1);
  while (started < 64 && !uwsk_fault_allocation_fired())
    uwsk_wpp_start(&controls[started++]);
  assert_true(uwsk_fault_allocation_fired());
  assert_int_equal(ob__count(OB_TRACING), started - 1);
  assert_true(controls[started - 1].Level >= 5);
  assert_int_equal(controls[started - 1].Flags[3], MAXULONG);
  while (started-- > 0) {
    uwsk_wpp_stop(&controls[started]);
    assert_int_equal(controls[started].Level, 0);
  }
  etw__start(false);
}

static void wpp_that_is_started_twice_is_counted_once(void **state) {
  struct uwsk_wpp_control control = {0};

  (void)state;
  uwsk_wpp_start(&control);
  uwsk_wpp_start(&control);
  assert_int_equal(ob__count(OB_TRACING), 1);
  assert_int_equal(control.Level, 0);
  assert_int_equal(control.Flags[0], 0);
  uwsk_wpp_stop(&control);
}

/* ---- providers by hand --------------------------------------------------- */

static const GUID by_hand = {
    0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 8}};
static const EVENT_DESCRIPTOR connected = {5, 0, 0, 4, 0, 0, 1};
static ULONG enabled;

static VOID on_enable(LPCGUID source, ULONG code, UCHAR level, ULONGLONG any,
                      ULONGLONG all, PEVENT_FILTER_DESCRIPTOR filter,
                      PVOID context) {
  (void)source, (void)any, (void)all, (void)filter;
  assert_int_equal(code, EVENT_CONTROL_CODE_ENABLE_PROVIDER);
  assert_true(level >= 4);
  *(PULONG)context += 1;
}

static void an_event_by_hand_is_a_line_of_bytes(void **state) {
  EVENT_DATA_DESCRIPTOR data[2];
  USHORT port = 0x1234;
  REGHANDLE handle;

  (void)state;
  EventDataDescCreate(&data[0], &port, sizeof(port));
  EventDataDescCreate(&data[1], "ab", 2);
  etw__start(true);
  catch_stderr();
  enabled = 0;
  assert_int_equal(EtwRegister(&by_hand, on_enable, &enabled, &handle), 0);
  assert_true(EtwEventEnabled(handle, &connected));
  assert_int_equal(EtwWrite(handle, &connected, NULL, 2, data), 0);
  assert_int_equal(EtwWriteString(handle, 2, 0, NULL, L"text"), 0);
  release_stderr();
  assert_int_equal(EtwUnregister(handle), STATUS_SUCCESS);
  etw__start(false);
  assert_int_equal(enabled, 1);
  assert_non_null(strstr(text, "5 of {11223344-5566-7788-0102-030405060708} "
                               "level 4 3412 6162\n"));
  assert_non_null(strstr(text, "level 2 \"text\"\n"));
}

static void without_a_listener_nothing_is_read(void **state) {
  EVENT_DATA_DESCRIPTOR wild = {16, 100, 0};
  REGHANDLE handle;

  (void)state;
  enabled = 0;
  assert_int_equal(EtwRegister(&by_hand, on_enable, &enabled, &handle), 0);
  assert_int_equal(enabled, 0);
  assert_false(EtwProviderEnabled(handle, 0, 0));
  assert_int_equal(EtwWrite(handle, &connected, NULL, 1, &wild), 0);
  assert_int_equal(ob__count(OB_TRACING), 1);
  assert_int_equal(EtwUnregister(handle), STATUS_SUCCESS);
}

static void providers_say_what_is_wrong(void **state) {
  EVENT_DATA_DESCRIPTOR none = {0, 0, 0};
  REGHANDLE handle;

  (void)state;
  assert_int_equal(EtwRegister(NULL, NULL, NULL, &handle),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(EtwRegister(&by_hand, NULL, NULL, NULL),
                   STATUS_INVALID_PARAMETER);
  uwsk_fault_allocation(1);
  assert_int_equal(EtwRegister(&by_hand, NULL, NULL, &handle),
                   STATUS_NO_MEMORY);
  assert_int_equal(EtwRegister(&by_hand, NULL, NULL, &handle), STATUS_SUCCESS);
  assert_int_equal(EtwWrite(handle, &connected, NULL, 129, &none),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(EtwWrite(handle, &connected, NULL, 1, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(EtwWriteString(handle, 0, 0, NULL, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(EtwUnregister(handle), STATUS_SUCCESS);
  assert_int_equal(EtwUnregister(handle), STATUS_INVALID_HANDLE);
  assert_int_equal(EtwWrite(handle, &connected, NULL, 0, NULL),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(EtwWriteString(0, 0, 0, NULL, L""), STATUS_INVALID_HANDLE);
  assert_false(EtwProviderEnabled(0, 0, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_event_is_one_line_of_fields),
      KERNEL_TEST(addresses_are_read_as_such),
      KERNEL_TEST(a_structure_holds_its_fields_together),
      KERNEL_TEST(a_value_has_the_field_of_its_type),
      KERNEL_TEST(nobody_listens_without_trace_or_registration),
      KERNEL_TEST(an_event_may_be_longer_than_a_line),
      KERNEL_TEST(a_provider_that_stays_registered_is_counted),
      KERNEL_TEST(without_memory_it_is_not_registered),
      KERNEL_TEST(wpp_starts_without_memory_for_its_record),
      KERNEL_TEST(wpp_that_is_started_twice_is_counted_once),
      KERNEL_TEST(an_event_by_hand_is_a_line_of_bytes),
      KERNEL_TEST(without_a_listener_nothing_is_read),
      KERNEL_TEST(providers_say_what_is_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
