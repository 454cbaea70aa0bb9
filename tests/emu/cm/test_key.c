/*
 * Keys: opened, made, asked, deleted.
 *
 * ddi/wdm/nf-wdm-zwopenkey, -zwopenkeyex, -zwcreatekey, -zwquerykey,
 * -zwenumeratekey, -zwdeletekey, -zwflushkey; ddi/wdm/ns-wdm-_key_*.
 */
#include "cm_test.h"

#include <stdint.h>
#include <string.h>

#include "uwsk/fault.h"

/* ---- paths -------------------------------------------------------------- */

static void what_every_windows_has_can_be_opened(void **state) {
  static const PCWSTR paths[] = {
      L"\\Registry",
      L"\\Registry\\Machine\\Hardware\\DeviceMap",
      L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
      L"\\Registry\\Machine\\System\\CurrentControlSet\\Control",
      SERVICES,
      L"\\REGISTRY\\user\\.default"};
  HANDLE key;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(paths); i++) {
    assert_int_equal(open_at(NULL, paths[i], KEY_READ, &key), STATUS_SUCCESS);
    shut(key);
  }
}

static void paths_that_lead_nowhere_are_refused(void **state) {
  static const struct {
    PCWSTR path;
    NTSTATUS status;
  } cases[] = {{SERVICES L"\\none", STATUS_OBJECT_NAME_NOT_FOUND},
               {SERVICES L"\\none\\Parameters", STATUS_OBJECT_NAME_NOT_FOUND},
               {L"\\Nowhere", STATUS_OBJECT_NAME_NOT_FOUND},
               {L"\\Nowhere\\Machine", STATUS_OBJECT_PATH_NOT_FOUND},
               {L"\\", STATUS_OBJECT_TYPE_MISMATCH},
               {L"Registry\\Machine", STATUS_OBJECT_PATH_SYNTAX_BAD},
               {L"", STATUS_OBJECT_PATH_SYNTAX_BAD}};
  HANDLE key = (HANDLE)(LONG_PTR)42;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
    assert_int_equal(open_at(NULL, cases[i].path, KEY_READ, &key),
                     cases[i].status);
    assert_ptr_equal(key, (HANDLE)(LONG_PTR)42); /* no handle is returned */
  }
}

static void a_path_may_begin_at_another_key(void **state) {
  HANDLE services, sample, key;

  (void)state;
  sample = make(SAMPLE);
  shut(make(SAMPLE L"\\Parameters"));
  assert_int_equal(open_at(NULL, SERVICES, KEY_READ, &services),
                   STATUS_SUCCESS);
  assert_int_equal(open_at(services, L"Sample\\PARAMETERS", KEY_READ, &key),
                   STATUS_SUCCESS);
  shut(key);
  assert_int_equal(open_at(sample, L"", KEY_READ, &key), STATUS_SUCCESS);
  shut(key);
  assert_int_equal(open_at(sample, L"\\Parameters", KEY_READ, &key),
                   STATUS_OBJECT_PATH_SYNTAX_BAD);
  assert_int_equal(open_at(sample, L"None", KEY_READ, &key),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  shut(services);
  shut(sample);
}

static void a_root_has_to_be_a_key(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(open_at((HANDLE)(LONG_PTR)0x1234, L"Sample", KEY_READ, &key),
                   STATUS_INVALID_HANDLE);
}

static void backslashes_that_follow_each_other_are_one(void **state) {
  HANDLE sample = make(SAMPLE), key;

  (void)state;
  assert_int_equal(open_at(NULL, SERVICES L"\\\\sample\\", KEY_READ, &key),
                   STATUS_SUCCESS);
  shut(key);
  shut(sample);
}

static void names_have_at_most_255_characters(void **state) {
  WCHAR name[257];
  HANDLE sample = make(SAMPLE), key;

  (void)state;
  for (int i = 0; i < 256; i++)
    name[i] = L'a';
  name[256] = 0;
  assert_int_equal(create_at(sample, name, KEY_READ, 0, &key, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(open_at(sample, name, KEY_READ, &key),
                   STATUS_INVALID_PARAMETER);
  name[255] = 0;
  assert_int_equal(create_at(sample, name, KEY_READ, 0, &key, NULL),
                   STATUS_SUCCESS);
  shut(key);
  shut(sample);
}

static void a_registry_is_at_most_512_keys_deep(void **state) {
  HANDLE key = make(SAMPLE), below;
  NTSTATUS status;
  int depth = 5; /* \Registry is 0 */

  (void)state;
  for (;;) {
    status = create_at(key, L"a", KEY_ALL_ACCESS, 0, &below, NULL);
    if (!NT_SUCCESS(status))
      break;
    depth++;
    shut(key);
    key = below;
  }
  assert_int_equal(status, STATUS_INVALID_PARAMETER);
  assert_int_equal(depth, 512);
  shut(key);
}

static void attributes_that_make_no_sense_are_refused(void **state) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name;
  HANDLE key;

  (void)state;
  assert_int_equal(ZwOpenKey(&key, KEY_READ, NULL), STATUS_INVALID_PARAMETER);
  InitializeObjectAttributes(&attributes, str(&name, SERVICES), 0, NULL, NULL);
  attributes.Length = 4;
  assert_int_equal(ZwOpenKey(&key, KEY_READ, &attributes),
                   STATUS_INVALID_PARAMETER);
  attributes.Length = sizeof(attributes);
  name.Length--;
  assert_int_equal(ZwOpenKey(&key, KEY_READ, &attributes),
                   STATUS_OBJECT_NAME_INVALID);
}

static void options_that_are_not_known_are_refused(void **state) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name;
  HANDLE key;

  (void)state;
  InitializeObjectAttributes(&attributes, str(&name, SERVICES), 0, NULL, NULL);
  assert_int_equal(ZwOpenKeyEx(&key, KEY_READ, &attributes, 0x10),
                   STATUS_INVALID_PARAMETER_4);
  assert_int_equal(
      ZwOpenKeyEx(&key, KEY_READ, &attributes,
                  REG_OPTION_OPEN_LINK | REG_OPTION_BACKUP_RESTORE),
      STATUS_SUCCESS);
  shut(key);
  assert_int_equal(create_at(NULL, SAMPLE, KEY_READ, 0x100, &key, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      create_at(NULL, SAMPLE, KEY_READ, REG_OPTION_CREATE_LINK, &key, NULL),
      STATUS_NOT_SUPPORTED);
}

/* ---- made --------------------------------------------------------------- */

static void a_key_is_made_once_and_then_opened(void **state) {
  HANDLE first = make(SAMPLE), second;
  ULONG disposition;

  (void)state;
  assert_int_equal(
      create_at(NULL, SERVICES L"\\SAMPLE", KEY_READ, 0, &second, &disposition),
      STATUS_SUCCESS);
  assert_int_equal(disposition, REG_OPENED_EXISTING_KEY);
  shut(first);
  shut(second);
}

static void only_the_last_key_of_a_path_is_made(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(
      create_at(NULL, SAMPLE L"\\Parameters", KEY_READ, 0, &key, NULL),
      STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &key),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static void making_a_key_takes_the_right_on_its_root(void **state) {
  HANDLE reader, writer, key;

  (void)state;
  shut(make(SAMPLE));
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &reader), STATUS_SUCCESS);
  assert_int_equal(open_at(NULL, SAMPLE, KEY_WRITE, &writer), STATUS_SUCCESS);
  assert_int_equal(create_at(reader, L"a", KEY_READ, 0, &key, NULL),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(create_at(writer, L"a", KEY_READ, 0, &key, NULL),
                   STATUS_SUCCESS);
  shut(key);
  /* What is there is only opened. */
  assert_int_equal(create_at(reader, L"a", KEY_READ, 0, &key, NULL),
                   STATUS_SUCCESS);
  shut(key);
  shut(reader);
  shut(writer);
}

static void below_a_volatile_key_all_are_volatile(void **state) {
  HANDLE sample = make(SAMPLE), passing, key;

  (void)state;
  assert_int_equal(create_at(sample, L"Passing", KEY_ALL_ACCESS,
                             REG_OPTION_VOLATILE, &passing, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(create_at(passing, L"a", KEY_READ, 0, &key, NULL),
                   STATUS_CHILD_MUST_BE_VOLATILE);
  assert_int_equal(
      create_at(passing, L"a", KEY_READ, REG_OPTION_VOLATILE, &key, NULL),
      STATUS_SUCCESS);
  shut(key);
  shut(passing);
  shut(sample);
}

static void hives_are_not_made_by_drivers(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(
      create_at(NULL, L"\\Registry\\Machine\\Own", KEY_READ, 0, &key, NULL),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(create_at(NULL, L"\\Registry\\Machine\\Own", KEY_READ,
                             REG_OPTION_VOLATILE, &key, NULL),
                   STATUS_SUCCESS);
  shut(key);
}

/* ---- rights ------------------------------------------------------------- */

static void a_handle_is_good_for_what_it_was_opened_for(void **state) {
  KEY_FULL_INFORMATION full;
  ULONG length;
  HANDLE reader, writer;

  (void)state;
  shut(make(SAMPLE));
  assert_int_equal(open_at(NULL, SAMPLE, GENERIC_READ, &reader),
                   STATUS_SUCCESS);
  assert_int_equal(open_at(NULL, SAMPLE, KEY_SET_VALUE, &writer),
                   STATUS_SUCCESS);
  assert_int_equal(set_dword(reader, L"a", 1), STATUS_ACCESS_DENIED);
  assert_int_equal(set_dword(writer, L"a", 1), STATUS_SUCCESS);
  assert_int_equal(
      ZwQueryKey(writer, KeyFullInformation, &full, sizeof(full), &length),
      STATUS_ACCESS_DENIED);
  assert_int_equal(
      ZwQueryKey(reader, KeyFullInformation, &full, sizeof(full), &length),
      STATUS_SUCCESS);
  assert_int_equal(ZwEnumerateKey(writer, 0, KeyBasicInformation, &full,
                                  sizeof(full), &length),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(ZwDeleteValueKey(reader, STR(L"a")), STATUS_ACCESS_DENIED);
  assert_int_equal(ZwDeleteKey(writer), STATUS_ACCESS_DENIED);
  shut(reader);
  shut(writer);
}

static void generic_rights_and_the_maximum_are_translated(void **state) {
  HANDLE all, most, both;

  (void)state;
  shut(make(SAMPLE));
  assert_int_equal(open_at(NULL, SAMPLE, GENERIC_ALL, &all), STATUS_SUCCESS);
  assert_int_equal(open_at(NULL, SAMPLE, MAXIMUM_ALLOWED, &most),
                   STATUS_SUCCESS);
  assert_int_equal(open_at(NULL, SAMPLE,
                           GENERIC_READ | GENERIC_WRITE | KEY_WOW64_64KEY,
                           &both),
                   STATUS_SUCCESS);
  assert_int_equal(set_dword(all, L"a", 1), STATUS_SUCCESS);
  assert_int_equal(set_dword(most, L"b", 1), STATUS_SUCCESS);
  assert_int_equal(set_dword(both, L"c", 1), STATUS_SUCCESS);
  assert_int_equal(ZwDeleteKey(both), STATUS_ACCESS_DENIED);
  assert_int_equal(ZwDeleteKey(most), STATUS_SUCCESS);
  shut(all);
  shut(most);
  shut(both);
}

static void a_handle_of_a_key_is_one_of_the_key_type(void **state) {
  OBJECT_HANDLE_INFORMATION information;
  HANDLE key = make(SAMPLE);
  PVOID object;

  (void)state;
  assert_int_equal(ObReferenceObjectByHandle(key, 0, *PsThreadType, KernelMode,
                                             &object, NULL),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(ObReferenceObjectByHandle(key, 0, *CmKeyObjectType,
                                             KernelMode, &object, &information),
                   STATUS_SUCCESS);
  assert_int_equal(information.GrantedAccess, KEY_ALL_ACCESS);
  ObDereferenceObject(object);
  shut(key);
}

/* Callers in kernel mode are trusted; the check is for handles from below. */
static void rights_of_handles_from_user_mode_are_compared(void **state) {
  HANDLE key;
  PVOID object;

  (void)state;
  shut(make(SAMPLE));
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &key), STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(key, KEY_SET_VALUE, NULL, UserMode,
                                             &object, NULL),
                   STATUS_ACCESS_DENIED);
  assert_null(object);
  assert_int_equal(
      ObReferenceObjectByHandle(key, KEY_READ, NULL, UserMode, &object, NULL),
      STATUS_SUCCESS);
  ObDereferenceObject(object);
  assert_int_equal(ObReferenceObjectByHandle(key, KEY_SET_VALUE, NULL,
                                             KernelMode, &object, NULL),
                   STATUS_SUCCESS);
  ObDereferenceObject(object);
  shut(key);
}

static VOID do_nothing(PVOID context) {
  (void)context;
}

static void a_handle_of_something_else_is_refused(void **state) {
  HANDLE thread;
  ULONG length;
  UCHAR buffer[64];

  (void)state;
  assert_int_equal(
      PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, do_nothing, NULL),
      STATUS_SUCCESS);
  assert_int_equal(set_dword(thread, L"a", 1), STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(
      ZwQueryKey(thread, KeyBasicInformation, buffer, sizeof(buffer), &length),
      STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(ZwFlushKey(NULL), STATUS_INVALID_HANDLE);
  assert_int_equal(ZwDeleteKey(NULL), STATUS_INVALID_HANDLE);
  assert_int_equal(ZwWaitForSingleObject(thread, FALSE, NULL), STATUS_SUCCESS);
  shut(thread);
}

/* ---- asked -------------------------------------------------------------- */

union answer {
  KEY_BASIC_INFORMATION basic;
  KEY_NODE_INFORMATION node;
  KEY_FULL_INFORMATION full;
  KEY_NAME_INFORMATION name;
  KEY_CACHED_INFORMATION cached;
  UCHAR bytes[256];
};

static HANDLE make_with_class(void) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name, class;
  HANDLE key;

  InitializeObjectAttributes(&attributes, str(&name, SERVICES L"\\odd"), 0,
                             NULL, NULL);
  assert_int_equal(ZwCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0,
                               str(&class, L"Class"), 0, NULL),
                   STATUS_SUCCESS);
  return key;
}

static void each_class_tells_of_the_key(void **state) {
  HANDLE key = make_with_class();
  union answer answer;
  ULONG length;

  (void)state;
  shut(make(SERVICES L"\\odd\\One"));
  shut(make(SERVICES L"\\odd\\Three"));
  assert_int_equal(set(key, L"Value", REG_BINARY, "1234567", 7),
                   STATUS_SUCCESS);

  assert_int_equal(
      ZwQueryKey(key, KeyBasicInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(length, FIELD_OFFSET(KEY_BASIC_INFORMATION, Name) + 6);
  assert_int_equal(answer.basic.NameLength, 6);
  assert_memory_equal(answer.basic.Name, L"odd", 6);
  assert_true(answer.basic.LastWriteTime.QuadPart > 0);

  /* The class stands at a multiple of four. */
  assert_int_equal(
      ZwQueryKey(key, KeyNodeInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(answer.node.ClassOffset, 24 + 6 + 2);
  assert_int_equal(answer.node.ClassLength, 10);
  assert_int_equal(length, answer.node.ClassOffset + 10);
  assert_memory_equal(answer.bytes + answer.node.ClassOffset, L"Class", 10);

  assert_int_equal(
      ZwQueryKey(key, KeyFullInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(length, FIELD_OFFSET(KEY_FULL_INFORMATION, Class) + 10);
  assert_int_equal(answer.full.ClassOffset,
                   FIELD_OFFSET(KEY_FULL_INFORMATION, Class));
  assert_int_equal(answer.full.SubKeys, 2);
  assert_int_equal(answer.full.MaxNameLen, 10);
  assert_int_equal(answer.full.Values, 1);
  assert_int_equal(answer.full.MaxValueNameLen, 10);
  assert_int_equal(answer.full.MaxValueDataLen, 7);

  assert_int_equal(
      ZwQueryKey(key, KeyCachedInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(length, sizeof(KEY_CACHED_INFORMATION));
  assert_int_equal(answer.cached.SubKeys, 2);
  assert_int_equal(answer.cached.NameLength, 6);
  shut(key);
}

static void without_a_class_its_offset_is_minus_one(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(
      ZwQueryKey(key, KeyNodeInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(answer.node.ClassOffset, (ULONG)-1);
  assert_int_equal(length, FIELD_OFFSET(KEY_NODE_INFORMATION, Name) + 12);
  assert_int_equal(
      ZwQueryKey(key, KeyFullInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(answer.full.ClassOffset, (ULONG)-1);
  shut(key);
}

/* No right is needed for the name (the remark in -zwquerykey). */
static void the_name_is_the_whole_path(void **state) {
  static const WCHAR expected[] =
      L"\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Services\\sample";
  HANDLE key;
  union answer answer;
  ULONG length;

  (void)state;
  shut(make(SAMPLE));
  assert_int_equal(open_at(NULL, SAMPLE, KEY_SET_VALUE, &key), STATUS_SUCCESS);
  assert_int_equal(
      ZwQueryKey(key, KeyNameInformation, &answer, sizeof(answer), &length),
      STATUS_SUCCESS);
  assert_int_equal(answer.name.NameLength, sizeof(expected) - sizeof(WCHAR));
  assert_int_equal(length, 4 + answer.name.NameLength);
  assert_memory_equal(answer.name.Name, expected, answer.name.NameLength);
  shut(key);
}

static void a_short_buffer_is_too_small_or_overflows(void **state) {
  static const struct {
    KEY_INFORMATION_CLASS class;
    ULONG fixed;
  } cases[] = {{KeyBasicInformation, FIELD_OFFSET(KEY_BASIC_INFORMATION, Name)},
               {KeyNodeInformation, FIELD_OFFSET(KEY_NODE_INFORMATION, Name)},
               {KeyFullInformation, FIELD_OFFSET(KEY_FULL_INFORMATION, Class)},
               {KeyNameInformation, FIELD_OFFSET(KEY_NAME_INFORMATION, Name)},
               {KeyCachedInformation, sizeof(KEY_CACHED_INFORMATION)}};
  HANDLE key = make_with_class();
  UCHAR buffer[256], whole[256];
  ULONG needed, length;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
    assert_int_equal(
        ZwQueryKey(key, cases[i].class, whole, sizeof(whole), &needed),
        STATUS_SUCCESS);
    for (ULONG room = 0; room <= needed; room++) {
      NTSTATUS expected = room < cases[i].fixed ? STATUS_BUFFER_TOO_SMALL
                          : room < needed       ? STATUS_BUFFER_OVERFLOW
                                                : STATUS_SUCCESS;

      memset(buffer, 0xA5, sizeof(buffer));
      length = 0;
      assert_int_equal(ZwQueryKey(key, cases[i].class, buffer, room, &length),
                       expected);
      assert_int_equal(length, needed);
      assert_int_equal(buffer[room], 0xA5);
      if (expected == STATUS_BUFFER_TOO_SMALL && room > 0)
        assert_int_equal(buffer[0], 0xA5);
    }
    /* Without a buffer the length is told. */
    assert_int_equal(ZwQueryKey(key, cases[i].class, NULL, 0, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, needed);
  }
  shut(key);
}

static void a_class_that_is_not_known_is_refused(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  for (int class = KeyFlagsInformation; class <= MaxKeyInfoClass; class ++)
    assert_int_equal(ZwQueryKey(key, (KEY_INFORMATION_CLASS) class, &answer,
                                sizeof(answer), &length),
                     STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwEnumerateKey(key, 0, KeyNameInformation, &answer,
                                  sizeof(answer), &length),
                   STATUS_INVALID_PARAMETER);
  shut(key);
}

static void keys_are_enumerated_in_the_order_of_their_names(void **state) {
  static const PCWSTR expected[] = {L"Alpha", L"beta", L"GAMMA"};
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  shut(make(SAMPLE L"\\GAMMA"));
  shut(make(SAMPLE L"\\Alpha"));
  shut(make(SAMPLE L"\\beta"));
  for (ULONG i = 0; i < RTL_NUMBER_OF(expected); i++) {
    assert_int_equal(ZwEnumerateKey(key, i, KeyBasicInformation, &answer,
                                    sizeof(answer), &length),
                     STATUS_SUCCESS);
    assert_int_equal(answer.basic.NameLength,
                     wcslen(expected[i]) * sizeof(WCHAR));
    assert_memory_equal(answer.basic.Name, expected[i],
                        answer.basic.NameLength);
  }
  assert_int_equal(ZwEnumerateKey(key, 3, KeyBasicInformation, &answer,
                                  sizeof(answer), &length),
                   STATUS_NO_MORE_ENTRIES);
  assert_int_equal(ZwEnumerateKey(key, MAXULONG, KeyBasicInformation, &answer,
                                  sizeof(answer), &length),
                   STATUS_NO_MORE_ENTRIES);
  shut(key);
}

/* ---- deleted ------------------------------------------------------------ */

static void a_key_with_keys_below_it_is_not_deleted(void **state) {
  HANDLE sample = make(SAMPLE), below = make(SAMPLE L"\\Parameters");

  (void)state;
  assert_int_equal(ZwDeleteKey(sample), STATUS_CANNOT_DELETE);
  assert_int_equal(ZwDeleteKey(below), STATUS_SUCCESS);
  assert_int_equal(ZwDeleteKey(sample), STATUS_SUCCESS);
  shut(below);
  shut(sample);
}

static void a_hive_is_not_deleted(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(open_at(NULL, L"\\Registry\\User", KEY_ALL_ACCESS, &key),
                   STATUS_SUCCESS);
  assert_int_equal(ZwDeleteKey(key), STATUS_CANNOT_DELETE);
  shut(key);
}

static void a_deleted_key_is_only_good_for_closing(void **state) {
  HANDLE key = make(SAMPLE), other, below;
  UCHAR buffer[64];
  ULONG length;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_ALL_ACCESS, &other),
                   STATUS_SUCCESS);
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  assert_int_equal(ZwDeleteKey(key), STATUS_SUCCESS);
  assert_int_equal(set_dword(key, L"a", 1), STATUS_KEY_DELETED);
  assert_int_equal(ZwQueryValueKey(other, STR(L"a"), KeyValueBasicInformation,
                                   buffer, sizeof(buffer), &length),
                   STATUS_KEY_DELETED);
  assert_int_equal(ZwEnumerateValueKey(other, 0, KeyValueBasicInformation,
                                       buffer, sizeof(buffer), &length),
                   STATUS_KEY_DELETED);
  assert_int_equal(ZwDeleteValueKey(other, STR(L"a")), STATUS_KEY_DELETED);
  for (int class = 0; class <= KeyCachedInformation; class ++)
    assert_int_equal(ZwQueryKey(other, (KEY_INFORMATION_CLASS) class, buffer,
                                sizeof(buffer), &length),
                     STATUS_KEY_DELETED);
  assert_int_equal(ZwEnumerateKey(other, 0, KeyBasicInformation, buffer,
                                  sizeof(buffer), &length),
                   STATUS_KEY_DELETED);
  assert_int_equal(ZwFlushKey(other), STATUS_KEY_DELETED);
  assert_int_equal(create_at(other, L"a", KEY_READ, 0, &below, NULL),
                   STATUS_KEY_DELETED);
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &below),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(ZwDeleteKey(other), STATUS_SUCCESS); /* it is gone */
  shut(key);
  shut(other);
}

static void a_key_made_again_is_another(void **state) {
  HANDLE old = make(SAMPLE), key;

  (void)state;
  assert_int_equal(ZwDeleteKey(old), STATUS_SUCCESS);
  key = make(SAMPLE);
  assert_int_equal(set_dword(old, L"a", 1), STATUS_KEY_DELETED);
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  assert_int_equal(ZwFlushKey(key), STATUS_SUCCESS);
  shut(old);
  shut(key);
}

/* ---- ends --------------------------------------------------------------- */

static void a_key_that_is_not_closed_is_left_behind(void **state) {
  HANDLE key;

  (void)state;
  key = make(SAMPLE);
  assert_int_equal(uwsk_stop(), 1);
  assert_int_equal(uwsk_start(NULL), 0);
  /* The registry is new, the handle still of the old one. */
  assert_int_equal(set_dword(key, L"a", 1), STATUS_KEY_DELETED);
  assert_int_equal(ZwClose(key), STATUS_SUCCESS);
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &key),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_call_at_a_raised_irql_is_reported(void **state) {
  HANDLE key = make(SAMPLE);
  KIRQL irql;

  (void)state;
  KeRaiseIrql(APC_LEVEL, &irql);
  expect_report_begin();
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  expect_report_end(VF_IRQL_01);
  KeLowerIrql(irql);
  shut(key);
}

static NTSTATUS make_two(void) {
  HANDLE sample, below;
  NTSTATUS status = create_at(NULL, SAMPLE, KEY_ALL_ACCESS, 0, &sample, NULL);

  if (!NT_SUCCESS(status))
    return status;
  status = create_at(sample, L"a", KEY_ALL_ACCESS, 0, &below, NULL);
  if (NT_SUCCESS(status)) {
    UCHAR buffer[256];
    ULONG length;

    status =
        ZwQueryKey(below, KeyNameInformation, buffer, sizeof(buffer), &length);
    if (NT_SUCCESS(status))
      status = set_dword(below, L"b", 1);
    shut(below);
  }
  shut(sample);
  return status;
}

static void each_missing_allocation_is_survived(void **state) {
  NTSTATUS status = STATUS_UNSUCCESSFUL;
  unsigned nth;

  (void)state;
  for (nth = 1; !NT_SUCCESS(status); nth++) {
    HANDLE key;

    assert_true(nth < 50);
    uwsk_fault_allocation(nth);
    status = make_two();
    uwsk_fault_allocation(0);
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
    if (open_at(NULL, SAMPLE L"\\a", DELETE, &key) == STATUS_SUCCESS) {
      assert_int_equal(ZwDeleteKey(key), STATUS_SUCCESS);
      shut(key);
    }
    if (open_at(NULL, SAMPLE, DELETE, &key) == STATUS_SUCCESS) {
      assert_int_equal(ZwDeleteKey(key), STATUS_SUCCESS);
      shut(key);
    }
  }
  assert_true(nth > 6); /* two keys, two objects, a name, a value */
}

/* ---- many threads ------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 200 };

/* All want the same keys, and delete them under each other. */
static VOID fight(PVOID context) {
  for (int i = 0; i < ROUNDS; i++) {
    HANDLE key;
    ULONG length;
    UCHAR buffer[256];

    if (!NT_SUCCESS(create_at(NULL, SAMPLE, KEY_ALL_ACCESS, 0, &key, NULL)))
      continue;
    set_dword(key, L"a", (ULONG)(ULONG_PTR)context);
    ZwQueryValueKey(key, STR(L"a"), KeyValueFullInformation, buffer,
                    sizeof(buffer), &length);
    ZwQueryKey(key, KeyNameInformation, buffer, sizeof(buffer), &length);
    ZwEnumerateValueKey(key, 0, KeyValuePartialInformation, buffer,
                        sizeof(buffer), &length);
    if (i % 3 == 0)
      ZwDeleteKey(key);
    shut(key);
  }
}

static void threads_may_change_the_same_keys(void **state) {
  HANDLE threads[THREADS];

  (void)state;
  for (size_t i = 0; i < THREADS; i++)
    assert_int_equal(
        PsCreateSystemThread(&threads[i], 0, NULL, NULL, NULL, fight, (PVOID)i),
        STATUS_SUCCESS);
  for (size_t i = 0; i < THREADS; i++) {
    assert_int_equal(ZwWaitForSingleObject(threads[i], FALSE, NULL),
                     STATUS_SUCCESS);
    shut(threads[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(what_every_windows_has_can_be_opened),
      KERNEL_TEST(paths_that_lead_nowhere_are_refused),
      KERNEL_TEST(a_path_may_begin_at_another_key),
      KERNEL_TEST(a_root_has_to_be_a_key),
      KERNEL_TEST(backslashes_that_follow_each_other_are_one),
      KERNEL_TEST(names_have_at_most_255_characters),
      KERNEL_TEST(a_registry_is_at_most_512_keys_deep),
      KERNEL_TEST(attributes_that_make_no_sense_are_refused),
      KERNEL_TEST(options_that_are_not_known_are_refused),
      KERNEL_TEST(a_key_is_made_once_and_then_opened),
      KERNEL_TEST(only_the_last_key_of_a_path_is_made),
      KERNEL_TEST(making_a_key_takes_the_right_on_its_root),
      KERNEL_TEST(below_a_volatile_key_all_are_volatile),
      KERNEL_TEST(hives_are_not_made_by_drivers),
      KERNEL_TEST(a_handle_is_good_for_what_it_was_opened_for),
      KERNEL_TEST(generic_rights_and_the_maximum_are_translated),
      KERNEL_TEST(a_handle_of_a_key_is_one_of_the_key_type),
      KERNEL_TEST(rights_of_handles_from_user_mode_are_compared),
      KERNEL_TEST(a_handle_of_something_else_is_refused),
      KERNEL_TEST(each_class_tells_of_the_key),
      KERNEL_TEST(without_a_class_its_offset_is_minus_one),
      KERNEL_TEST(the_name_is_the_whole_path),
      KERNEL_TEST(a_short_buffer_is_too_small_or_overflows),
      KERNEL_TEST(a_class_that_is_not_known_is_refused),
      KERNEL_TEST(keys_are_enumerated_in_the_order_of_their_names),
      KERNEL_TEST(a_key_with_keys_below_it_is_not_deleted),
      KERNEL_TEST(a_hive_is_not_deleted),
      KERNEL_TEST(a_deleted_key_is_only_good_for_closing),
      KERNEL_TEST(a_key_made_again_is_another),
      KERNEL_TEST(a_key_that_is_not_closed_is_left_behind),
      KERNEL_TEST(a_call_at_a_raised_irql_is_reported),
      KERNEL_TEST(each_missing_allocation_is_survived),
      KERNEL_TEST(threads_may_change_the_same_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
