/*
 * RtlQueryRegistryValues, flag by flag.
 *
 * ddi/wdm/nf-wdm-rtlqueryregistryvalues, -rtl_query_registry_routine.
 */
#include "cm_test.h"

#include <stdint.h>
#include <string.h>

#include "uwsk/fault.h"

#define DIRECT    RTL_QUERY_REGISTRY_DIRECT
#define TYPECHECK RTL_QUERY_REGISTRY_TYPECHECK
#define REQUIRED  RTL_QUERY_REGISTRY_REQUIRED
#define NOEXPAND  RTL_QUERY_REGISTRY_NOEXPAND

#define EXPECT(type) ((ULONG)(type) << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)

/* ---- a routine that writes down its calls ------------------------------- */

static struct call {
  WCHAR name[32];
  ULONG type;
  ULONG length;
  UCHAR data[64];
  PVOID context, entry_context;
  BOOLEAN has_name, has_data;
} calls[16];
static unsigned call_count;
static NTSTATUS answer;

static NTSTATUS write_down(PWSTR name, ULONG type, PVOID data, ULONG length,
                           PVOID context, PVOID entry_context) {
  struct call *call = &calls[call_count++];

  assert_true(call_count <= RTL_NUMBER_OF(calls));
  assert_true(length <= sizeof(call->data));
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  memset(call, 0, sizeof(*call));
  call->has_name = name != NULL;
  call->has_data = data != NULL;
  if (name != NULL)
    wcscpy(call->name, name);
  if (data != NULL)
    memcpy(call->data, data, length);
  call->type = type;
  call->length = length;
  call->context = context;
  call->entry_context = entry_context;
  return answer;
}

static void expect_call(unsigned index, PCWSTR name, ULONG type,
                        const void *data, ULONG length) {
  assert_true(index < call_count);
  assert_int_equal(calls[index].type, type);
  assert_int_equal(calls[index].length, length);
  assert_memory_equal(calls[index].data, data, length);
  assert_int_equal(wcscmp(calls[index].name, name), 0);
}

static NTSTATUS query_with(RTL_QUERY_REGISTRY_TABLE *table, PVOID environment) {
  call_count = 0;
  return RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"sample", table,
                                &call_count, environment);
}

static NTSTATUS query(RTL_QUERY_REGISTRY_TABLE *table) {
  return query_with(table, NULL);
}

/* One entry, and the end. */
static NTSTATUS query_one(PCWSTR name, ULONG flags, PVOID context,
                          ULONG default_type, const void *default_data,
                          ULONG default_length) {
  RTL_QUERY_REGISTRY_TABLE table[2] = {
      {(flags & DIRECT) != 0 ? NULL : write_down, flags, (PWSTR)name, context,
       default_type, (PVOID)default_data, default_length},
      {0}};

  return query(table);
}

/* The key that all tests ask. */
static void fill(void) {
  static const ULONGLONG qword = 0x1122334455667788;
  HANDLE key = make(SAMPLE), below = make(SAMPLE L"\\Parameters");

  answer = STATUS_SUCCESS;
  set_dword(key, L"Number", 7);
  set(key, L"Text", REG_SZ, L"abc", 8);
  set(key, L"List", REG_MULTI_SZ, L"one\0three\0", 22);
  set(key, L"Folder", REG_EXPAND_SZ, L"%Root%\\%x", 20);
  set(key, L"Plain", REG_EXPAND_SZ, L"no%", 8);
  set(key, L"Large", REG_QWORD, &qword, sizeof(qword));
  set_dword(below, L"Port", 80);
  shut(below);
  shut(key);
}

static int start(void **state) {
  int result = kernel_start(state);

  if (result == 0)
    fill();
  return result;
}

/* ---- with a routine ----------------------------------------------------- */

static void a_routine_gets_the_value(void **state) {
  (void)state;
  assert_int_equal(query_one(L"number", 0, &answer, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
  expect_call(0, L"number", REG_DWORD, "\7\0\0\0", 4);
  assert_ptr_equal(calls[0].context, &call_count);
  assert_ptr_equal(calls[0].entry_context, &answer);
}

static void without_a_name_it_gets_all_values(void **state) {
  (void)state;
  assert_int_equal(query_one(NULL, NOEXPAND, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 6);
  expect_call(0, L"Number", REG_DWORD, "\7\0\0\0", 4);
  expect_call(1, L"Text", REG_SZ, L"abc", 8);
  expect_call(2, L"List", REG_MULTI_SZ, L"one\0three\0", 22);
  expect_call(3, L"Folder", REG_EXPAND_SZ, L"%Root%\\%x", 20);
}

static void lists_come_string_by_string(void **state) {
  (void)state;
  assert_int_equal(query_one(L"List", 0, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 2);
  expect_call(0, L"List", REG_SZ, L"one", 8);
  expect_call(1, L"List", REG_SZ, L"three", 12);
}

static void an_empty_list_is_no_call(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_WRITE, &key), STATUS_SUCCESS);
  assert_int_equal(set(key, L"List", REG_MULTI_SZ, L"", 2), STATUS_SUCCESS);
  shut(key);
  assert_int_equal(query_one(L"List", 0, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 0);
}

static void novalue_is_just_a_call(void **state) {
  (void)state;
  assert_int_equal(
      query_one(NULL, RTL_QUERY_REGISTRY_NOVALUE, &answer, REG_NONE, NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
  expect_call(0, L"", REG_NONE, "", 0);
  assert_false(calls[0].has_name);
  assert_false(calls[0].has_data);
}

static void a_failing_routine_ends_the_table(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {write_down, 0, (PWSTR)L"Number", NULL, 0, NULL, 0},
      {write_down, 0, (PWSTR)L"Text", NULL, 0, NULL, 0},
      {0}};

  (void)state;
  answer = STATUS_DEVICE_CONFIGURATION_ERROR;
  assert_int_equal(query(table), STATUS_DEVICE_CONFIGURATION_ERROR);
  assert_int_equal(call_count, 1);
  /* The one exception. */
  answer = STATUS_BUFFER_TOO_SMALL;
  assert_int_equal(query(table), STATUS_SUCCESS);
  assert_int_equal(call_count, 2);
}

/* Also one that could be taken for the end of the values. */
static void a_warning_of_a_routine_is_a_failure(void **state) {
  (void)state;
  answer = STATUS_NO_MORE_ENTRIES;
  assert_int_equal(query_one(NULL, NOEXPAND, NULL, REG_NONE, NULL, 0),
                   STATUS_NO_MORE_ENTRIES);
  assert_int_equal(call_count, 1);
}

static NTSTATUS raise_irql(PWSTR name, ULONG type, PVOID data, ULONG length,
                           PVOID context, PVOID entry_context) {
  KIRQL irql;

  (void)name, (void)type, (void)data, (void)length, (void)context;
  (void)entry_context;
  KeRaiseIrql(APC_LEVEL, &irql);
  return STATUS_SUCCESS;
}

static void a_routine_that_stays_raised_is_reported(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {raise_irql, 0, (PWSTR)L"Number", NULL, 0, NULL, 0}, {0}};

  (void)state;
  expect_report_begin();
  assert_int_equal(query(table), STATUS_SUCCESS);
  expect_report_end(VF_IO_IRQL_01);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

/* ---- missing values ----------------------------------------------------- */

static void a_missing_value_is_skipped_or_required(void **state) {
  (void)state;
  assert_int_equal(query_one(L"None", 0, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 0);
  assert_int_equal(query_one(L"None", REQUIRED, NULL, REG_DWORD, "1234", 4),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(query_one(L"Number", REQUIRED, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
}

static void a_default_takes_its_place(void **state) {
  (void)state;
  assert_int_equal(query_one(L"None", 0, NULL, REG_DWORD, "1234", 4),
                   STATUS_SUCCESS);
  expect_call(0, L"None", REG_DWORD, "1234", 4);
  assert_int_equal(query_one(L"None", 0, NULL, REG_SZ, L"text", 0),
                   STATUS_SUCCESS);
  expect_call(0, L"None", REG_SZ, L"text", 10);
  assert_int_equal(
      query_one(L"None", NOEXPAND, NULL, REG_MULTI_SZ, L"a\0bc\0", 0),
      STATUS_SUCCESS);
  expect_call(0, L"None", REG_MULTI_SZ, L"a\0bc\0", 12);
  assert_int_equal(query_one(L"None", 0, NULL, REG_SZ, NULL, 0),
                   STATUS_SUCCESS);
  expect_call(0, L"None", REG_SZ, L"", 2);
}

static void a_value_of_no_type_is_a_missing_one(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_WRITE, &key), STATUS_SUCCESS);
  assert_int_equal(set(key, L"Nothing", REG_NONE, "123", 3), STATUS_SUCCESS);
  assert_int_equal(set(key, L"Empty", REG_SZ, NULL, 0), STATUS_SUCCESS);
  shut(key);
  assert_int_equal(query_one(L"Nothing", 0, NULL, REG_DWORD, "1234", 4),
                   STATUS_SUCCESS);
  expect_call(0, L"Nothing", REG_DWORD, "1234", 4);
  assert_int_equal(query_one(L"Nothing", REQUIRED, NULL, REG_NONE, NULL, 0),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(query_one(L"Empty", 0, NULL, REG_SZ, L"x", 0),
                   STATUS_SUCCESS);
  expect_call(0, L"Empty", REG_SZ, L"x", 4);
}

static void an_empty_key_is_skipped_or_required(void **state) {
  (void)state;
  shut(make(SAMPLE L"\\Empty"));
  call_count = 0;
  RTL_QUERY_REGISTRY_TABLE table[] = {{write_down, 0, NULL, NULL, 0, NULL, 0},
                                      {0}};
  assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES,
                                          L"sample\\Empty", table, NULL, NULL),
                   STATUS_SUCCESS);
  table[0].Flags = REQUIRED;
  assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES,
                                          L"sample\\Empty", table, NULL, NULL),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(call_count, 0);
}

static void a_missing_path_is_not_found(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {{write_down, 0, NULL, NULL, 0, NULL, 0},
                                      {0}};

  (void)state;
  assert_int_equal(
      RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"none", table, NULL, NULL),
      STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(
      RtlQueryRegistryValues(RTL_REGISTRY_MAXIMUM, L"none", table, NULL, NULL),
      STATUS_INVALID_PARAMETER);
}

/* ---- subkeys ------------------------------------------------------------ */

static void subkeys_are_entered_and_left(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", NULL, 0, NULL, 0},
      {write_down, REQUIRED, (PWSTR)L"Port", NULL, 0, NULL, 0},
      {write_down, RTL_QUERY_REGISTRY_TOPKEY, (PWSTR)L"Number", NULL, 0, NULL,
       0},
      {write_down, 0, (PWSTR)L"Port", NULL, 0, NULL, 0},
      {0}};

  (void)state;
  assert_int_equal(query(table), STATUS_SUCCESS);
  assert_int_equal(call_count, 2);
  expect_call(0, L"Port", REG_DWORD, "\x50\0\0\0", 4);
  expect_call(1, L"Number", REG_DWORD, "\7\0\0\0", 4);
}

static void topkey_may_stand_alone(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", NULL, 0, NULL, 0},
      {NULL, RTL_QUERY_REGISTRY_TOPKEY, NULL, NULL, 0, NULL, 0},
      {write_down, REQUIRED, (PWSTR)L"Number", NULL, 0, NULL, 0},
      {0}};

  (void)state;
  assert_int_equal(query(table), STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
}

/* Each path is relative to the call's, not to the subkey before. */
static void a_routine_of_a_subkey_gets_its_values(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", NULL, 0, NULL, 0},
      {write_down, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", NULL, 0,
       NULL, 0},
      {0}};

  (void)state;
  assert_int_equal(query(table), STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
  expect_call(0, L"Port", REG_DWORD, "\x50\0\0\0", 4);
}

static void a_missing_subkey_is_not_found(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"None", NULL, 0, NULL, 0}, {0}};

  (void)state;
  assert_int_equal(query(table), STATUS_OBJECT_NAME_NOT_FOUND);
  table[0].Name = NULL;
  assert_int_equal(query(table), STATUS_INVALID_PARAMETER);
}

/* ---- entries that make no sense ----------------------------------------- */

static void contradictory_entries_are_refused(void **state) {
  ULONG number = 0;
  RTL_QUERY_REGISTRY_TABLE entries[] = {
      {NULL, DIRECT, NULL, &number, 0, NULL, 0},
      {write_down, DIRECT, (PWSTR)L"Number", &number, 0, NULL, 0},
      {NULL, DIRECT | RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", &number,
       0, NULL, 0},
      {NULL, 0, (PWSTR)L"Number", NULL, 0, NULL, 0},
  };

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(entries); i++) {
    RTL_QUERY_REGISTRY_TABLE table[2] = {entries[i], {0}};

    assert_int_equal(query(table), STATUS_INVALID_PARAMETER);
  }
  assert_int_equal(call_count, 0);
}

/* ---- direct ------------------------------------------------------------- */

static void short_numbers_are_stored_as_they_are(void **state) {
  ULONG number = 0;

  (void)state;
  assert_int_equal(query_one(L"Number", DIRECT | TYPECHECK, &number,
                             EXPECT(REG_DWORD), NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(number, 7);
  number = 0;
  assert_int_equal(query_one(L"Number", DIRECT, &number, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(number, 7);
}

static void a_default_is_stored_too(void **state) {
  ULONG number = 0, standard = 42;

  (void)state;
  assert_int_equal(query_one(L"None", DIRECT | TYPECHECK, &number,
                             EXPECT(REG_SZ) | REG_DWORD, &standard,
                             sizeof(standard)),
                   STATUS_SUCCESS);
  assert_int_equal(number, 42);
  number = 1;
  assert_int_equal(query_one(L"None", DIRECT | TYPECHECK, &number,
                             EXPECT(REG_DWORD), NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(number, 1);
}

static void another_type_is_a_mismatch(void **state) {
  ULONG number = 1;

  (void)state;
  assert_int_equal(query_one(L"Text", DIRECT | TYPECHECK, &number,
                             EXPECT(REG_DWORD), NULL, 0),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(number, 1);
  /* Routines look for themselves. */
  assert_int_equal(
      query_one(L"Text", TYPECHECK, NULL, EXPECT(REG_DWORD), NULL, 0),
      STATUS_SUCCESS);
}

static void strings_go_to_the_callers_buffer(void **state) {
  WCHAR text[4];
  UNICODE_STRING string = {0, sizeof(text), text};

  (void)state;
  assert_int_equal(
      query_one(L"Text", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_memory_equal(text, L"abc", 8);
  string.MaximumLength = 6;
  assert_int_equal(
      query_one(L"Text", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_BUFFER_TOO_SMALL);
}

static void strings_are_allocated_where_there_is_no_buffer(void **state) {
  UNICODE_STRING string = {0, 0, NULL};

  (void)state;
  assert_int_equal(
      query_one(L"Text", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_int_equal(string.MaximumLength, 8);
  assert_memory_equal(string.Buffer, L"abc", 8);
  RtlFreeUnicodeString(&string);

  assert_int_equal(query_one(L"List", DIRECT | TYPECHECK | NOEXPAND, &string,
                             EXPECT(REG_MULTI_SZ), NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(string.Length, 20);
  assert_memory_equal(string.Buffer, L"one\0three\0", 22);
  RtlFreeUnicodeString(&string);

  uwsk_fault_allocation(1);
  assert_int_equal(
      query_one(L"Text", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_NO_MEMORY);
  assert_null(string.Buffer);
}

/* Whatever is in the registry, drivers go to the zero. */
static void a_string_without_its_zero_gets_one(void **state) {
  UNICODE_STRING string = {0, 0, NULL};
  HANDLE key;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_WRITE, &key), STATUS_SUCCESS);
  assert_int_equal(set(key, L"Cut", REG_SZ, L"abc", 6), STATUS_SUCCESS);
  assert_int_equal(set(key, L"Odd", REG_SZ, L"abc", 5), STATUS_SUCCESS);
  shut(key);
  assert_int_equal(
      query_one(L"Cut", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_memory_equal(string.Buffer, L"abc", 8);
  RtlFreeUnicodeString(&string);
  assert_int_equal(query_one(L"Odd", 0, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  expect_call(0, L"Odd", REG_SZ, L"abc", 8);
}

static void a_string_of_more_than_64k_does_not_fit(void **state) {
  static WCHAR text[40000];
  UNICODE_STRING string = {0, 0, NULL};
  HANDLE key;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_WRITE, &key), STATUS_SUCCESS);
  for (size_t i = 0; i + 1 < RTL_NUMBER_OF(text); i++)
    text[i] = L'a';
  assert_int_equal(set(key, L"Long", REG_SZ, text, sizeof(text)),
                   STATUS_SUCCESS);
  shut(key);
  assert_int_equal(
      query_one(L"Long", DIRECT | TYPECHECK, &string, EXPECT(REG_SZ), NULL, 0),
      STATUS_BUFFER_TOO_SMALL);
  assert_null(string.Buffer);
}

/* Long data: the buffer begins with its size; negative asks for data alone. */
static void long_data_tells_its_length_and_type(void **state) {
  union {
    LONG size;
    ULONG head[4];
    ULONGLONG data;
  } buffer = {.size = 16};

  (void)state;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(buffer.head[0], 8);
  assert_int_equal(buffer.head[1], REG_QWORD);
  assert_int_equal(buffer.head[2], 0x55667788);
  assert_int_equal(buffer.head[3], 0x11223344);
  buffer.size = 15;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_BUFFER_TOO_SMALL);
  buffer.size = 4;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(buffer.size, 4);
  buffer.size = -7;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_BUFFER_TOO_SMALL);
  buffer.size = -8;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_SUCCESS);
  assert_true(buffer.data == 0x1122334455667788);
  buffer.size = MINLONG;
  assert_int_equal(query_one(L"Large", DIRECT | TYPECHECK, &buffer,
                             EXPECT(REG_QWORD), NULL, 0),
                   STATUS_SUCCESS);
}

/* ---- deleted ------------------------------------------------------------ */

static void what_was_asked_for_is_deleted(void **state) {
  (void)state;
  assert_int_equal(
      query_one(L"Number", RTL_QUERY_REGISTRY_DELETE, NULL, REG_NONE, NULL, 0),
      STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
  assert_int_equal(query_one(L"Number", REQUIRED, NULL, REG_NONE, NULL, 0),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(query_one(NULL, RTL_QUERY_REGISTRY_DELETE | NOEXPAND, NULL,
                             REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 5);
  assert_int_equal(query_one(NULL, REQUIRED, NULL, REG_NONE, NULL, 0),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_value_stays_when_its_routine_fails(void **state) {
  (void)state;
  answer = STATUS_UNSUCCESSFUL;
  assert_int_equal(
      query_one(L"Number", RTL_QUERY_REGISTRY_DELETE, NULL, REG_NONE, NULL, 0),
      STATUS_UNSUCCESSFUL);
  answer = STATUS_SUCCESS;
  assert_int_equal(query_one(L"Number", REQUIRED, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
}

static void a_handle_stands_for_a_path(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {write_down, REQUIRED, (PWSTR)L"Number", NULL, 0, NULL, 0}, {0}};
  HANDLE key;

  (void)state;
  call_count = 0;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &key), STATUS_SUCCESS);
  assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, (PCWSTR)key,
                                          table, NULL, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(call_count, 1);
  table[0].Flags |= RTL_QUERY_REGISTRY_DELETE;
  assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, (PCWSTR)key,
                                          table, NULL, NULL),
                   STATUS_ACCESS_DENIED);
  shut(key);
  assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, (PCWSTR)key,
                                          table, NULL, NULL),
                   STATUS_INVALID_HANDLE);
}

/* ---- what the verifier sees --------------------------------------------- */

static void expanding_is_reported_and_done(void **state) {
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {write_down, 0, (PWSTR)L"Folder", NULL, 0, NULL, 0}, {0}};

  (void)state;
  expect_report_begin();
  assert_int_equal(query_with(table, (PVOID)L"A=1\0ROOT=C:\\W\0"),
                   STATUS_SUCCESS);
  expect_report_end(VF_CM_QUERY_03);
  expect_call(0, L"Folder", REG_SZ, L"C:\\W\\%x", 16);

  /* What nobody knows stays as it is. */
  expect_report_begin();
  assert_int_equal(query_with(table, (PVOID)L"ROO=1\0ROOTS=2\0"),
                   STATUS_SUCCESS);
  expect_report_end(VF_CM_QUERY_03);
  expect_call(0, L"Folder", REG_SZ, L"%Root%\\%x", 20);
  expect_report_begin();
  assert_int_equal(query(table), STATUS_SUCCESS);
  expect_report_end(VF_CM_QUERY_03);
  expect_call(0, L"Folder", REG_SZ, L"%Root%\\%x", 20);

  expect_report_begin();
  uwsk_fault_allocation(1);
  assert_int_equal(query(table), STATUS_NO_MEMORY);
  expect_report_end(VF_CM_QUERY_03);
}

static void text_without_variables_is_no_breach(void **state) {
  (void)state;
  assert_int_equal(query_one(L"Plain", 0, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  expect_call(0, L"Plain", REG_SZ, L"no%", 8);
  assert_int_equal(query_one(L"Folder", NOEXPAND, NULL, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  expect_call(0, L"Folder", REG_EXPAND_SZ, L"%Root%\\%x", 20);
}

static void a_direct_list_without_noexpand_is_reported(void **state) {
  UNICODE_STRING string = {0, 0, NULL};

  (void)state;
  expect_report_begin();
  assert_int_equal(query_one(L"List", DIRECT | TYPECHECK, &string,
                             EXPECT(REG_MULTI_SZ), NULL, 0),
                   STATUS_INVALID_PARAMETER);
  expect_report_end(VF_CM_QUERY_02);
  assert_null(string.Buffer);
}

/* In the system's hives, as in the other tests, it is not. */
static void direct_without_a_type_is_reported_for_users(void **state) {
  ULONG number = 7, stored = 0;
  RTL_QUERY_REGISTRY_TABLE table[] = {
      {NULL, DIRECT, (PWSTR)L"Number", &stored, 0, NULL, 0}, {0}};

  (void)state;
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_USER, L"Own", L"Number",
                                         REG_DWORD, &number, sizeof(number)),
                   STATUS_SUCCESS);
  expect_report_begin();
  assert_int_equal(
      RtlQueryRegistryValues(RTL_REGISTRY_USER, L"Own", table, NULL, NULL),
      STATUS_SUCCESS);
  expect_report_end(VF_CM_QUERY_01);
  assert_int_equal(stored, 7);
  table[0].Flags |= TYPECHECK;
  table[0].DefaultType = EXPECT(REG_DWORD);
  assert_int_equal(
      RtlQueryRegistryValues(RTL_REGISTRY_USER, L"Own", table, NULL, NULL),
      STATUS_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, kernel_stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_routine_gets_the_value),
      TEST(without_a_name_it_gets_all_values),
      TEST(lists_come_string_by_string),
      TEST(an_empty_list_is_no_call),
      TEST(novalue_is_just_a_call),
      TEST(a_failing_routine_ends_the_table),
      TEST(a_warning_of_a_routine_is_a_failure),
      TEST(a_routine_that_stays_raised_is_reported),
      TEST(a_missing_value_is_skipped_or_required),
      TEST(a_default_takes_its_place),
      TEST(a_value_of_no_type_is_a_missing_one),
      TEST(an_empty_key_is_skipped_or_required),
      TEST(a_missing_path_is_not_found),
      TEST(subkeys_are_entered_and_left),
      TEST(topkey_may_stand_alone),
      TEST(a_routine_of_a_subkey_gets_its_values),
      TEST(a_missing_subkey_is_not_found),
      TEST(contradictory_entries_are_refused),
      TEST(short_numbers_are_stored_as_they_are),
      TEST(a_default_is_stored_too),
      TEST(another_type_is_a_mismatch),
      TEST(strings_go_to_the_callers_buffer),
      TEST(strings_are_allocated_where_there_is_no_buffer),
      TEST(a_string_without_its_zero_gets_one),
      TEST(a_string_of_more_than_64k_does_not_fit),
      TEST(long_data_tells_its_length_and_type),
      TEST(what_was_asked_for_is_deleted),
      TEST(a_value_stays_when_its_routine_fails),
      TEST(a_handle_stands_for_a_path),
      TEST(expanding_is_reported_and_done),
      TEST(text_without_variables_is_no_breach),
      TEST(a_direct_list_without_noexpand_is_reported),
      TEST(direct_without_a_type_is_reported_for_users),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
