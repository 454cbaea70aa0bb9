/*
 * The registry for tests and hosts: uwsk/registry.h, without the files.
 */
#include <ntddk.h>

#include <string.h>

#include "cm/text.h"
#include "cm/tree.h"
#include "os/os.h"
#include "rtl/inner.h"
#include "uwsk/registry.h"

_Static_assert(sizeof(uwsk_ntstatus) == sizeof(NTSTATUS), "an NTSTATUS");

/* ---- text --------------------------------------------------------------- */

/* UTF-8 as a string, whose buffer is freed with os__free. NULL is empty. */
static NTSTATUS read_text(const char *text, WCHAR **units, size_t *count) {
  size_t bad;

  *units = cm__from_utf8(text, text != NULL ? strlen(text) : 0, count, &bad);
  if (*units == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (bad == CM_ALL_GOOD)
    return STATUS_SUCCESS;
  os__free(*units);
  return STATUS_INVALID_PARAMETER;
}

/* The whole path of a key in one of its three forms. */
static NTSTATUS read_units(const WCHAR *units, size_t count,
                           UNICODE_STRING *path) {
  static const UNICODE_STRING nothing;
  static const UNICODE_STRING services = RTL_CONSTANT_STRING(
      L"\\Registry\\Machine\\System\\CurrentControlSet\\Services");
  NTSTATUS status;

  if (count == 0)
    return STATUS_INVALID_PARAMETER;
  if (units[0] == L'\\')
    return cm__join(&nothing, units, count, path);
  status = cm__absolute_path(units, count, path);
  return status == STATUS_NOT_FOUND ? cm__join(&services, units, count, path)
                                    : status;
}

static NTSTATUS read_key(const char *key, UNICODE_STRING *path) {
  WCHAR *units;
  size_t count;
  NTSTATUS status = read_text(key, &units, &count);

  if (!NT_SUCCESS(status))
    return status;
  status = read_units(units, count, path);
  os__free(units);
  return status == STATUS_NAME_TOO_LONG ? STATUS_INVALID_PARAMETER : status;
}

static NTSTATUS read_name(const char *value, UNICODE_STRING *name) {
  WCHAR *units;
  size_t count;
  NTSTATUS status = read_text(value, &units, &count);

  if (!NT_SUCCESS(status))
    return status;
  if (count > CM_MAX_VALUE_NAME) {
    os__free(units);
    return STATUS_INVALID_PARAMETER;
  }
  name->Buffer = units;
  name->Length = (USHORT)(count * sizeof(WCHAR));
  name->MaximumLength = name->Length;
  return STATUS_SUCCESS;
}

/* ---- keys --------------------------------------------------------------- */

static NTSTATUS open_key(const char *key, struct cm_key **found) {
  UNICODE_STRING path;
  NTSTATUS status = read_key(key, &path);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__open(NULL, &path, found);
  os__free(path.Buffer);
  return status;
}

static NTSTATUS create_key(const char *key, struct cm_key **found) {
  static const struct cm_creation how = {.host = true};
  UNICODE_STRING path;
  bool created;
  NTSTATUS status = read_key(key, &path);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__create(NULL, &path, &how, found, &created);
  os__free(path.Buffer);
  /* There is nothing beside \Registry that could be made. */
  return status == STATUS_OBJECT_PATH_NOT_FOUND ||
                 status == STATUS_OBJECT_TYPE_MISMATCH
             ? STATUS_INVALID_PARAMETER
             : status;
}

uwsk_ntstatus uwsk_registry_create_key(const char *key) {
  struct cm_key *found;
  NTSTATUS status = create_key(key, &found);

  if (NT_SUCCESS(status))
    cm__release(found);
  return status;
}

bool uwsk_registry_key_exists(const char *key) {
  struct cm_key *found;
  bool exists = NT_SUCCESS(open_key(key, &found));

  if (exists)
    cm__release(found);
  return exists;
}

uwsk_ntstatus uwsk_registry_delete_key(const char *key) {
  struct cm_key *found;
  NTSTATUS status = open_key(key, &found);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__delete_all(found);
  cm__release(found);
  return status;
}

/* ---- values put there --------------------------------------------------- */

uwsk_ntstatus uwsk_registry_set(const char *key, const char *value,
                                unsigned type, const void *data, size_t size) {
  struct cm_key *found;
  UNICODE_STRING name;
  NTSTATUS status;

  if ((data == NULL && size != 0) || size > MAXULONG)
    return STATUS_INVALID_PARAMETER;
  status = read_name(value, &name);
  if (!NT_SUCCESS(status))
    return status;
  status = create_key(key, &found);
  if (NT_SUCCESS(status)) {
    status = cm__set_value(found, &name, type, data, (ULONG)size);
    cm__release(found);
  }
  os__free(name.Buffer);
  return status;
}

static NTSTATUS set_text(const char *key, const char *value, unsigned type,
                         const char *text) {
  WCHAR *units;
  size_t count;
  NTSTATUS status =
      text != NULL ? read_text(text, &units, &count) : STATUS_INVALID_PARAMETER;

  if (!NT_SUCCESS(status))
    return status;
  status =
      uwsk_registry_set(key, value, type, units, (count + 1) * sizeof(WCHAR));
  os__free(units);
  return status;
}

uwsk_ntstatus uwsk_registry_set_string(const char *key, const char *value,
                                       const char *text) {
  return set_text(key, value, REG_SZ, text);
}

uwsk_ntstatus uwsk_registry_set_expand_string(const char *key,
                                              const char *value,
                                              const char *text) {
  return set_text(key, value, REG_EXPAND_SZ, text);
}

/* All texts with their zeros in one; NULL without memory or for a NULL. */
static char *concatenate(const char *const *texts, size_t count, size_t *size) {
  char *all;
  size_t at = 0;

  *size = 0;
  for (size_t i = 0; i < count; i++)
    *size += texts[i] != NULL ? strlen(texts[i]) + 1 : 0;
  all = os__alloc(*size + 1);
  for (size_t i = 0; all != NULL && i < count; i++) {
    size_t length = texts[i] != NULL ? strlen(texts[i]) + 1 : 0;

    if (length != 0)
      memcpy(all + at, texts[i], length);
    at += length;
  }
  return all;
}

/* A list ends where an empty string stands, so it can have none. */
static bool can_be_listed(const char *const *texts, size_t count) {
  if (texts == NULL && count != 0)
    return false;
  for (size_t i = 0; i < count; i++)
    if (texts[i] == NULL || texts[i][0] == '\0')
      return false;
  return true;
}

uwsk_ntstatus uwsk_registry_set_strings(const char *key, const char *value,
                                        const char *const *texts,
                                        size_t count) {
  size_t size, length, bad;
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  WCHAR *units;
  char *all;

  if (!can_be_listed(texts, count))
    return STATUS_INVALID_PARAMETER;
  all = concatenate(texts, count, &size);
  if (all == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  units = cm__from_utf8(all, size, &length, &bad);
  os__free(all);
  if (units == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (bad == CM_ALL_GOOD) /* another zero is behind the last */
    status = uwsk_registry_set(key, value, REG_MULTI_SZ, units,
                               (length + 1) * sizeof(WCHAR));
  os__free(units);
  return status;
}

uwsk_ntstatus uwsk_registry_set_dword(const char *key, const char *value,
                                      uint32_t number) {
  return uwsk_registry_set(key, value, REG_DWORD, &number, sizeof(number));
}

uwsk_ntstatus uwsk_registry_set_qword(const char *key, const char *value,
                                      uint64_t number) {
  return uwsk_registry_set(key, value, REG_QWORD, &number, sizeof(number));
}

uwsk_ntstatus uwsk_registry_set_binary(const char *key, const char *value,
                                       const void *data, size_t size) {
  return uwsk_registry_set(key, value, REG_BINARY, data, size);
}

/* ---- and read back ------------------------------------------------------ */

static NTSTATUS find_value(const char *key, const char *value,
                           struct cm_value **found) {
  struct cm_key *where;
  UNICODE_STRING name;
  NTSTATUS status = read_name(value, &name);

  if (!NT_SUCCESS(status))
    return status;
  status = open_key(key, &where);
  if (NT_SUCCESS(status)) {
    status = cm__value(where, &name, found);
    cm__release(where);
  }
  os__free(name.Buffer);
  return status;
}

uwsk_ntstatus uwsk_registry_get(const char *key, const char *value,
                                unsigned *type, void *data, size_t *size) {
  struct cm_value *found;
  size_t room;
  NTSTATUS status;

  if (size == NULL || (data == NULL && *size != 0))
    return STATUS_INVALID_PARAMETER;
  status = find_value(key, value, &found);
  if (!NT_SUCCESS(status))
    return status;
  room = *size;
  *size = found->size;
  if (type != NULL)
    *type = found->type;
  if (room < found->size)
    status = STATUS_BUFFER_OVERFLOW;
  if (data != NULL)
    memcpy(data, found->data, room < found->size ? room : found->size);
  cm__release_value(found);
  return status;
}

/* A value that has to be of one type and size. */
static NTSTATUS get_number(const char *key, const char *value, ULONG type,
                           void *number, ULONG size) {
  struct cm_value *found;
  NTSTATUS status;

  if (number == NULL)
    return STATUS_INVALID_PARAMETER;
  status = find_value(key, value, &found);
  if (!NT_SUCCESS(status))
    return status;
  if (found->type == type && found->size == size)
    memcpy(number, found->data, size);
  else
    status = STATUS_OBJECT_TYPE_MISMATCH;
  cm__release_value(found);
  return status;
}

uwsk_ntstatus uwsk_registry_get_dword(const char *key, const char *value,
                                      uint32_t *number) {
  return get_number(key, value, REG_DWORD, number, sizeof(*number));
}

uwsk_ntstatus uwsk_registry_get_qword(const char *key, const char *value,
                                      uint64_t *number) {
  return get_number(key, value, REG_QWORD, number, sizeof(*number));
}

/* Up to its zero, which may be missing in the registry. */
static NTSTATUS write_text(const struct cm_value *value, char *text,
                           size_t size) {
  const WCHAR *units = (const WCHAR *)(const void *)value->data;
  ULONG bytes = (ULONG)wcslen(units) * sizeof(WCHAR);
  ULONG needed = 0;

  if (bytes != 0)
    rtl__utf16_to_utf8n(NULL, 0, &needed, units, bytes);
  if (needed >= size)
    return STATUS_BUFFER_TOO_SMALL;
  if (bytes != 0)
    rtl__utf16_to_utf8n(text, needed, &needed, units, bytes);
  text[needed] = '\0';
  return STATUS_SUCCESS;
}

uwsk_ntstatus uwsk_registry_get_string(const char *key, const char *value,
                                       char *text, size_t size) {
  struct cm_value *found;
  NTSTATUS status;

  if (text == NULL)
    return STATUS_INVALID_PARAMETER;
  status = find_value(key, value, &found);
  if (!NT_SUCCESS(status))
    return status;
  if (found->type == REG_SZ || found->type == REG_EXPAND_SZ)
    status = write_text(found, text, size);
  else
    status = STATUS_OBJECT_TYPE_MISMATCH;
  cm__release_value(found);
  return status;
}

uwsk_ntstatus uwsk_registry_delete_value(const char *key, const char *value) {
  struct cm_key *where;
  UNICODE_STRING name;
  NTSTATUS status = read_name(value, &name);

  if (!NT_SUCCESS(status))
    return status;
  status = open_key(key, &where);
  if (NT_SUCCESS(status)) {
    status = cm__delete_value(where, &name);
    cm__release(where);
  }
  os__free(name.Buffer);
  return status;
}
