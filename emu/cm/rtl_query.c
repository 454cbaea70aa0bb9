/*
 * RtlQueryRegistryValues: a table of values, each given to a routine or written
 * where the caller wants it.
 *
 * An entry goes through three steps: which values it means (visit_…), what is
 * reported of one, its default or its parts included (report…), and to whom
 * (deliver).
 */
#include <string.h>

#include "cm/expand.h"
#include "cm/key.h"
#include "ex/ex.h"
#include "io/io.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "rtl/inner.h"
#include "verifier/report.h"

/* Strings that are allocated for the caller are paged pool with this tag. */
#define QUERY_TAG 'vrtR'

struct query {
  const RTL_QUERY_REGISTRY_TABLE *entry;
  PVOID context;
  const WCHAR *environment;
  struct cm_key *top;     /* the path's; with a reference, as the next */
  struct cm_key *current; /* the entry's: `top`, or a subkey of it */
  bool may_delete;
  bool is_trusted; /* the path is in one of the system's hives */
  const void *caller;
};

/* What is reported in one call. */
struct report {
  PWSTR name;
  ULONG type;
  const void *data;
  size_t size;
};

static bool has(const struct query *query, ULONG flag) {
  return (query->entry->Flags & flag) != 0;
}

static bool is_text(ULONG type) {
  return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* ---- to whom ------------------------------------------------------------ */

/* The string's Length leaves out its zero; that of a list, its last. */
static NTSTATUS store_text(const struct query *query,
                           const struct report *report) {
  PUNICODE_STRING string = query->entry->EntryContext;

  if (report->size > MAXUSHORT)
    return STATUS_BUFFER_TOO_SMALL;
  if (string->Buffer == NULL) {
    PVOID buffer = ex__allocate_pool(PagedPool, report->size, QUERY_TAG,
                                     "RtlQueryRegistryValues", query->caller);
    if (buffer == NULL)
      return STATUS_NO_MEMORY;
    string->Buffer = buffer;
    string->MaximumLength = (USHORT)report->size;
  } else if (report->size > string->MaximumLength) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  memcpy(string->Buffer, report->data, report->size);
  string->Length = (USHORT)(report->size - sizeof(WCHAR));
  return STATUS_SUCCESS;
}

/* The buffer begins with its own length. Negative: the data alone is wanted;
 * otherwise its length and type come first. */
static NTSTATUS store_long(const struct report *report, UCHAR *buffer) {
  ULONG head[2] = {(ULONG)report->size, report->type};
  size_t front = sizeof(head);
  size_t room;
  LONG given;

  memcpy(&given, buffer, sizeof(given));
  room = (size_t)(given < 0 ? -(LONGLONG)given : given);
  if (given < 0)
    front = 0;
  if (room < front || room - front < report->size)
    return STATUS_BUFFER_TOO_SMALL;
  memcpy(buffer, head, front);
  memcpy(buffer + front, report->data, report->size);
  return STATUS_SUCCESS;
}

static NTSTATUS store(const struct query *query, const struct report *report) {
  if (is_text(report->type))
    return store_text(query, report);
  if (report->size > sizeof(ULONG))
    return store_long(report, query->entry->EntryContext);
  if (report->size != 0)
    memcpy(query->entry->EntryContext, report->data, report->size);
  return STATUS_SUCCESS;
}

static NTSTATUS call_routine(const struct query *query,
                             const struct report *report) {
  NTSTATUS status =
      io__call_query(query->entry->QueryRoutine, report->name, report->type,
                     (PVOID)report->data, (ULONG)report->size, query->context,
                     query->entry->EntryContext);

  return status == STATUS_BUFFER_TOO_SMALL ? STATUS_SUCCESS : status;
}

static NTSTATUS deliver(const struct query *query,
                        const struct report *report) {
  return has(query, RTL_QUERY_REGISTRY_DIRECT) ? store(query, report)
                                               : call_routine(query, report);
}

/* ---- what is reported --------------------------------------------------- */

/* A list of strings, each in a report of its own. */
static NTSTATUS report_each(const struct query *query,
                            const struct report *report) {
  const WCHAR *at = report->data;
  const WCHAR *end = at + report->size / sizeof(WCHAR);
  NTSTATUS status = STATUS_SUCCESS;

  if (has(query, RTL_QUERY_REGISTRY_DIRECT)) {
    vf__report(VF_CM_QUERY_02,
               "RtlQueryRegistryValues found a REG_MULTI_SZ for an entry with "
               "RTL_QUERY_REGISTRY_DIRECT alone");
    return STATUS_INVALID_PARAMETER;
  }
  while (NT_SUCCESS(status) && end - at > 1) {
    const WCHAR *next = at;
    struct report one = {report->name, REG_SZ, at, 0};

    while (next < end && *next != 0)
      next++;
    if (next < end)
      next++;
    one.size = (size_t)(next - at) * sizeof(WCHAR);
    status = deliver(query, &one);
    at = next;
  }
  return status;
}

static NTSTATUS report_expanded(const struct query *query,
                                const struct report *report) {
  struct report one = {report->name, REG_SZ, report->data, report->size};
  size_t length = report->size / sizeof(WCHAR) - 1;
  NTSTATUS status;
  WCHAR *text;

  if (!cm__needs_expanding(report->data, length))
    return deliver(query, &one);
  vf__report(VF_CM_QUERY_03,
             "RtlQueryRegistryValues was asked to expand a REG_EXPAND_SZ");
  text = cm__expand(report->data, length, query->environment, &length);
  if (text == NULL)
    return STATUS_NO_MEMORY;
  one.data = text;
  one.size = (length + 1) * sizeof(WCHAR);
  status = deliver(query, &one);
  os__free(text);
  return status;
}

static NTSTATUS report(const struct query *query, const struct report *report) {
  if (has(query, RTL_QUERY_REGISTRY_NOEXPAND))
    return deliver(query, report);
  if (report->type == REG_MULTI_SZ)
    return report_each(query, report);
  if (report->type == REG_EXPAND_SZ)
    return report_expanded(query, report);
  return deliver(query, report);
}

/* The length of a default that leaves it to be found out, with its zeros. */
static size_t text_size(ULONG type, const WCHAR *text) {
  size_t count = 0;

  if (type == REG_MULTI_SZ) {
    while (text[count] != 0)
      count += wcslen(text + count) + 1;
  } else {
    count = wcslen(text);
  }
  return (count + 1) * sizeof(WCHAR);
}

static NTSTATUS report_default(const struct query *query, PWSTR name) {
  const RTL_QUERY_REGISTRY_TABLE *entry = query->entry;
  struct report one = {name, entry->DefaultType & 0xff, entry->DefaultData,
                       entry->DefaultLength};

  if (one.type == REG_NONE)
    return has(query, RTL_QUERY_REGISTRY_REQUIRED)
               ? STATUS_OBJECT_NAME_NOT_FOUND
               : STATUS_SUCCESS;
  if (is_text(one.type) && one.data != NULL && one.size == 0)
    one.size = text_size(one.type, one.data);
  if (is_text(one.type) && one.size < sizeof(WCHAR)) {
    one.data = L"";
    one.size = sizeof(WCHAR);
  }
  return report(query, &one);
}

/* The size of a text in whole characters, with its zero: whatever a value has,
 * zeros are behind it. */
static size_t whole_size(const struct cm_value *value) {
  size_t size = ((size_t)value->size + 1) & ~(size_t)1;
  const WCHAR *text = (const WCHAR *)value->data;

  if (size == 0 || text[size / sizeof(WCHAR) - 1] != 0)
    size += sizeof(WCHAR);
  return size;
}

static NTSTATUS check_type(const struct query *query, ULONG type) {
  const ULONG both = RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK;
  ULONG expected =
      query->entry->DefaultType >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT;

  if ((query->entry->Flags & both) == both && expected != type)
    return STATUS_OBJECT_TYPE_MISMATCH;
  return STATUS_SUCCESS;
}

/* A routine gets the name that it asked for, as it is written there. */
static PWSTR value_name(const struct query *query,
                        const struct cm_value *value) {
  return query->entry->Name != NULL && !has(query, RTL_QUERY_REGISTRY_SUBKEY)
             ? query->entry->Name
             : value->name.Buffer;
}

static NTSTATUS report_value(const struct query *query,
                             const struct cm_value *value) {
  const RTL_QUERY_REGISTRY_TABLE *entry = query->entry;
  struct report one = {value_name(query, value), value->type, value->data,
                       value->size};
  NTSTATUS status = check_type(query, value->type);

  if (!NT_SUCCESS(status))
    return status;
  if (value->type == REG_NONE ||
      (value->size == 0 && value->type == (entry->DefaultType & 0xff)))
    return report_default(query, one.name);
  if (is_text(value->type))
    one.size = whole_size(value);
  return report(query, &one);
}

/* ---- which values ------------------------------------------------------- */

/* Takes over the reference of `value`. */
static NTSTATUS visit(const struct query *query, struct cm_value *value) {
  NTSTATUS status = report_value(query, value);

  if (NT_SUCCESS(status) && has(query, RTL_QUERY_REGISTRY_DELETE))
    status = query->may_delete ? cm__delete_value(query->current, &value->name)
                               : STATUS_ACCESS_DENIED;
  cm__release_value(value);
  return status;
}

static NTSTATUS visit_named(const struct query *query) {
  PWSTR text = query->entry->Name;
  struct cm_value *value;
  UNICODE_STRING name;
  NTSTATUS status = RtlInitUnicodeStringEx(&name, text);

  if (!NT_SUCCESS(status))
    return status;
  status = cm__value(query->current, &name, &value);
  if (NT_SUCCESS(status))
    return visit(query, value);
  if (status != STATUS_OBJECT_NAME_NOT_FOUND ||
      has(query, RTL_QUERY_REGISTRY_REQUIRED))
    return status;
  return report_default(query, text);
}

/* With each value that is deleted the next takes its index. */
static NTSTATUS visit_all(const struct query *query) {
  ULONG step = has(query, RTL_QUERY_REGISTRY_DELETE) ? 0 : 1;
  bool is_empty = true;

  for (ULONG index = 0;; index += step) {
    struct cm_value *value;
    NTSTATUS status = cm__value_at(query->current, index, &value);

    if (status == STATUS_NO_MORE_ENTRIES)
      break;
    if (NT_SUCCESS(status))
      status = visit(query, value);
    if (!NT_SUCCESS(status))
      return status;
    is_empty = false;
  }
  return is_empty && has(query, RTL_QUERY_REGISTRY_REQUIRED)
             ? STATUS_OBJECT_NAME_NOT_FOUND
             : STATUS_SUCCESS;
}

/* ---- entries ------------------------------------------------------------ */

/* Takes over the reference of `key`. */
static void change_current(struct query *query, struct cm_key *key) {
  cm__release(query->current);
  query->current = key;
}

static NTSTATUS enter_subkey(struct query *query) {
  UNICODE_STRING name;
  struct cm_key *key;
  NTSTATUS status;

  if (query->entry->Name == NULL)
    return STATUS_INVALID_PARAMETER;
  status = RtlInitUnicodeStringEx(&name, query->entry->Name);
  if (NT_SUCCESS(status))
    status = cm__open(query->top, &name, &key);
  if (!NT_SUCCESS(status))
    return status;
  change_current(query, key);
  return query->entry->QueryRoutine != NULL ? visit_all(query) : STATUS_SUCCESS;
}

static NTSTATUS check_entry(const struct query *query) {
  const RTL_QUERY_REGISTRY_TABLE *entry = query->entry;

  if (!has(query, RTL_QUERY_REGISTRY_DIRECT))
    return STATUS_SUCCESS;
  if (entry->Name == NULL || entry->QueryRoutine != NULL ||
      has(query, RTL_QUERY_REGISTRY_SUBKEY))
    return STATUS_INVALID_PARAMETER;
  if (!query->is_trusted && !has(query, RTL_QUERY_REGISTRY_TYPECHECK))
    vf__report(VF_CM_QUERY_01,
               "RtlQueryRegistryValues writes a value of any type to %p",
               entry->EntryContext);
  return STATUS_SUCCESS;
}

static NTSTATUS process(struct query *query) {
  NTSTATUS status = check_entry(query);

  if (!NT_SUCCESS(status))
    return status;
  if (has(query, RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY))
    change_current(query, cm__reference(query->top));
  if (has(query, RTL_QUERY_REGISTRY_SUBKEY))
    return enter_subkey(query);
  if (query->entry->QueryRoutine == NULL &&
      !has(query, RTL_QUERY_REGISTRY_DIRECT))
    return has(query, RTL_QUERY_REGISTRY_TOPKEY) ? STATUS_SUCCESS
                                                 : STATUS_INVALID_PARAMETER;
  if (query->entry->Name != NULL)
    return visit_named(query);
  if (has(query, RTL_QUERY_REGISTRY_NOVALUE)) {
    struct report nothing = {NULL, REG_NONE, NULL, 0};

    return deliver(query, &nothing);
  }
  return visit_all(query);
}

/* An entry without routine and name ends the table, unless its flags mean
 * something without either. */
static bool is_end(const RTL_QUERY_REGISTRY_TABLE *entry) {
  const ULONG alone = RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_TOPKEY |
                      RTL_QUERY_REGISTRY_DIRECT;

  return entry->QueryRoutine == NULL && entry->Name == NULL &&
         (entry->Flags & alone) == 0;
}

static bool is_called(struct cm_key *key, PCUNICODE_STRING name) {
  bool called = key != NULL && rtl__equal(&key->name, name, TRUE);

  if (key != NULL)
    cm__release(key);
  return called;
}

/* Whether a key is in one of the hives that only the system writes to. */
static bool is_trusted(struct cm_key *key) {
  static const UNICODE_STRING machine = RTL_CONSTANT_STRING(L"MACHINE");
  static const UNICODE_STRING hives[] = {
      RTL_CONSTANT_STRING(L"HARDWARE"), RTL_CONSTANT_STRING(L"SOFTWARE"),
      RTL_CONSTANT_STRING(L"SYSTEM"), RTL_CONSTANT_STRING(L"SECURITY"),
      RTL_CONSTANT_STRING(L"SAM")};

  if (!is_called(cm__ancestor(key, 1), &machine))
    return false;
  for (size_t i = 0; i < RTL_NUMBER_OF(hives); i++)
    if (is_called(cm__ancestor(key, 2), &hives[i]))
      return true;
  return false;
}

static NTSTATUS begin(struct query *query, ULONG relative_to, PCWSTR path) {
  struct cm_key *key;
  NTSTATUS status =
      cm__relative(relative_to, path, KEY_QUERY_VALUE, &query->top);

  if (!NT_SUCCESS(status))
    return status;
  query->current = cm__reference(query->top);
  query->is_trusted = is_trusted(query->top);
  /* A key that is opened by its path may be changed; a handle may not be good
   * for it. */
  query->may_delete =
      NT_SUCCESS(cm__relative(relative_to, path, KEY_SET_VALUE, &key));
  if (query->may_delete)
    cm__release(key);
  return STATUS_SUCCESS;
}

NTSTATUS RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path,
                                PRTL_QUERY_REGISTRY_TABLE QueryTable,
                                PVOID Context, PVOID Environment) {
  struct query query = {
      .context = Context, .environment = Environment, .caller = OB_CALLER()};
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlQueryRegistryValues");
  status = begin(&query, RelativeTo, Path);
  if (!NT_SUCCESS(status))
    return status;
  for (query.entry = QueryTable; NT_SUCCESS(status) && !is_end(query.entry);
       query.entry++)
    status = process(&query);
  cm__release(query.current);
  cm__release(query.top);
  return status;
}
