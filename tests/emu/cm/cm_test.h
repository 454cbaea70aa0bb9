/* What the tests of the registry share. */
#ifndef UWSK_TEST_CM_TEST_H
#define UWSK_TEST_CM_TEST_H

#include "kernel_test.h"

#define SERVICES L"\\Registry\\Machine\\System\\CurrentControlSet\\Services"
#define SAMPLE   SERVICES L"\\sample"

/* A string for one expression. */
static inline PUNICODE_STRING str(UNICODE_STRING *string, PCWSTR text) {
  RtlInitUnicodeString(string, text);
  return string;
}
#define STR(text) str(&(UNICODE_STRING){0, 0, NULL}, (text))

/* Opens a path, below `root` if there is one. */
static inline NTSTATUS open_at(HANDLE root, PCWSTR path, ACCESS_MASK access,
                               HANDLE *key) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name;

  InitializeObjectAttributes(&attributes, str(&name, path),
                             OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, root,
                             NULL);
  return ZwOpenKey(key, access, &attributes);
}

static inline NTSTATUS create_at(HANDLE root, PCWSTR path, ACCESS_MASK access,
                                 ULONG options, HANDLE *key,
                                 ULONG *disposition) {
  OBJECT_ATTRIBUTES attributes;
  UNICODE_STRING name;

  InitializeObjectAttributes(&attributes, str(&name, path),
                             OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, root,
                             NULL);
  return ZwCreateKey(key, access, &attributes, 0, NULL, options, disposition);
}

/* A new key below the services. */
static inline HANDLE make(PCWSTR path) {
  HANDLE key = NULL;
  ULONG disposition = 0;

  assert_int_equal(create_at(NULL, path, KEY_ALL_ACCESS, 0, &key, &disposition),
                   STATUS_SUCCESS);
  assert_int_equal(disposition, REG_CREATED_NEW_KEY);
  return key;
}

static inline NTSTATUS set(HANDLE key, PCWSTR name, ULONG type,
                           const void *data, ULONG size) {
  UNICODE_STRING string;

  return ZwSetValueKey(key, str(&string, name), 0, type, (PVOID)data, size);
}

static inline NTSTATUS set_dword(HANDLE key, PCWSTR name, ULONG number) {
  return set(key, name, REG_DWORD, &number, sizeof(number));
}

static inline void shut(HANDLE key) {
  assert_int_equal(ZwClose(key), STATUS_SUCCESS);
}

#endif
