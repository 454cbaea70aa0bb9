/* Registration files: their lines, and what is done about them. See
 * reg_reader.h and uwsk/registry.h. */
#include <ntddk.h>

#include <stdio.h>
#include <string.h>

#include "cm/reg_reader.h"
#include "cm/text.h"
#include "os/os.h"
#include "uwsk/status.h"

#define HEADER L"Windows Registry Editor Version 5.00"

/* ---- what is wrong ------------------------------------------------------- */

static bool say(struct uwsk_registry_error *error, unsigned line,
                const char *what) {
  if (error != NULL) {
    error->line = line;
    snprintf(error->text, sizeof(error->text), "%s", what);
  }
  return false;
}

bool cm__reg_fail(struct reg_reader *reader, unsigned line, const char *what) {
  return say(reader->error, line, what);
}

bool cm__reg_fail_status(struct reg_reader *reader, NTSTATUS status) {
  return say(reader->error, reader->line,
             status == STATUS_INSUFFICIENT_RESOURCES
                 ? "there is no memory"
                 : uwsk_status_name(status));
}

/* ---- [key] --------------------------------------------------------------- */

/* The names of a key's path have to be what keys can be called. */
static bool check_path(struct reg_reader *reader, const WCHAR *text,
                       size_t count) {
  size_t length = 0;

  for (size_t i = 0; i <= count; i++) {
    if (i < count && text[i] == 0)
      return cm__reg_fail(reader, reader->line, "expected a key without zeros");
    if (i < count && text[i] != L'\\') {
      length++;
      continue;
    }
    if (length == 0)
      return cm__reg_fail(
          reader, reader->line,
          "expected a name before and behind each \\ of the key");
    if (length > CM_MAX_KEY_NAME)
      return cm__reg_fail(
          reader, reader->line,
          "expected names of at most 255 characters in the key");
    length = 0;
  }
  return true;
}

/* How many names a path has. */
static unsigned depth_of(UNICODE_STRING path) {
  UNICODE_STRING name;
  unsigned depth = 0;

  while (cm__next_name(&path, &name))
    depth++;
  return depth;
}

static bool delete_key(struct reg_reader *reader, PCUNICODE_STRING path) {
  struct cm_key *key;
  NTSTATUS status;

  if (depth_of(*path) <= 2) /* \Registry\Machine, \Registry\User */
    return cm__reg_fail(reader, reader->line,
                        "expected a key below the root to delete");
  if (!reader->doing)
    return true;
  status = cm__open(NULL, path, &key);
  if (status == STATUS_OBJECT_NAME_NOT_FOUND)
    return true;
  if (!NT_SUCCESS(status))
    return cm__reg_fail_status(reader, status);
  status = cm__delete_all(key);
  cm__release(key);
  return NT_SUCCESS(status) || cm__reg_fail_status(reader, status);
}

static bool make_key(struct reg_reader *reader, PCUNICODE_STRING path) {
  static const struct cm_creation how = {.host = true};
  NTSTATUS status;
  bool created;

  if (!reader->doing)
    return true;
  status = cm__create(NULL, path, &how, &reader->key, &created);
  if (NT_SUCCESS(status))
    return true;
  reader->key = NULL;
  return cm__reg_fail_status(reader, status);
}

static void leave_key(struct reg_reader *reader) {
  if (reader->key != NULL)
    cm__release(reader->key);
  reader->key = NULL;
}

static bool enter_key(struct reg_reader *reader, const WCHAR *text,
                      size_t count) {
  UNICODE_STRING path;
  NTSTATUS status;
  bool ok;

  if (!check_path(reader, text, count))
    return false;
  status = cm__absolute_path(text, count, &path);
  if (status == STATUS_NOT_FOUND)
    return cm__reg_fail(reader, reader->line,
                        "expected a root such as HKEY_LOCAL_MACHINE");
  if (status == STATUS_NAME_TOO_LONG)
    return cm__reg_fail(reader, reader->line, "expected a shorter key");
  if (!NT_SUCCESS(status))
    return cm__reg_fail_status(reader, status);
  if (depth_of(path) > CM_MAX_DEPTH + 1) /* \Registry is at none */
    ok = cm__reg_fail(reader, reader->line, "expected a key less deep");
  else if (reader->key_is_gone)
    ok = delete_key(reader, &path);
  else
    ok = make_key(reader, &path);
  os__free(path.Buffer);
  return ok;
}

/* The last bracket of a line ends the key: names may have brackets. */
static const WCHAR *find_bracket(const struct reg_reader *reader) {
  const WCHAR *found = NULL;
  struct reg_reader look = *reader;

  for (; !cm__reg_at_end_of_line(&look); look.at++)
    if (*look.at == L']')
      found = look.at;
  return found;
}

static bool read_key(struct reg_reader *reader) {
  const WCHAR *end = find_bracket(reader);
  const WCHAR *begin = reader->at + 1;

  leave_key(reader);
  if (end == NULL)
    return cm__reg_fail(reader, reader->line, "expected a ] behind the key");
  reader->in_key = true;
  reader->key_is_gone = begin < end && *begin == L'-';
  if (reader->key_is_gone)
    begin++;
  if (!enter_key(reader, begin, (size_t)(end - begin)))
    return false;
  reader->at = end + 1;
  return cm__reg_finish_line(reader);
}

/* ---- "value"= ------------------------------------------------------------ */

static bool change_value(struct reg_reader *reader, PCUNICODE_STRING name,
                         const struct reg_data *data) {
  NTSTATUS status;

  if (!reader->doing)
    return true;
  if (data->is_deletion)
    status = cm__delete_value(reader->key, name);
  else
    status = cm__set_value(reader->key, name, data->type, data->bytes,
                           (ULONG)data->size);
  if (data->is_deletion && status == STATUS_OBJECT_NAME_NOT_FOUND)
    return true;
  return NT_SUCCESS(status) || cm__reg_fail_status(reader, status);
}

static bool read_name(struct reg_reader *reader, UNICODE_STRING *name) {
  size_t count = 0;

  if (*reader->at == L'@')
    reader->at++;
  else if (!cm__reg_take_quoted(reader, reader->name, &count))
    return false;
  if (count > CM_MAX_VALUE_NAME)
    return cm__reg_fail(reader, reader->line,
                        "expected a name of at most 16383 characters");
  name->Buffer = reader->name;
  name->Length = (USHORT)(count * sizeof(WCHAR));
  name->MaximumLength = name->Length;
  cm__reg_skip_blanks(reader);
  return cm__reg_take_word(reader, "=") ||
         cm__reg_fail(reader, reader->line, "expected a = behind the name");
}

static bool read_value(struct reg_reader *reader) {
  struct reg_data data;
  UNICODE_STRING name;

  if (!reader->in_key)
    return cm__reg_fail(reader, reader->line,
                        "expected a [key] before the first value");
  if (reader->key_is_gone)
    return cm__reg_fail(reader, reader->line,
                        "expected a [key]: the one above is deleted");
  if (!read_name(reader, &name))
    return false;
  cm__reg_skip_blanks(reader);
  return cm__reg_take_data(reader, &data) && cm__reg_finish_line(reader) &&
         change_value(reader, &name, &data);
}

/* ---- lines --------------------------------------------------------------- */

static bool read_header(struct reg_reader *reader) {
  const size_t length = sizeof(HEADER) / sizeof(WCHAR) - 1;

  if ((size_t)(reader->end - reader->at) >= length &&
      memcmp(reader->at, HEADER, length * sizeof(WCHAR)) == 0) {
    reader->at += length;
    return cm__reg_finish_line(reader);
  }
  return cm__reg_fail(reader, 1,
                      "expected \"Windows Registry Editor Version 5.00\"");
}

static bool read_line(struct reg_reader *reader) {
  cm__reg_skip_blanks(reader);
  if (cm__reg_at_end_of_line(reader) || *reader->at == L';')
    return cm__reg_finish_line(reader);
  if (*reader->at == L'[')
    return read_key(reader);
  if (*reader->at == L'"' || *reader->at == L'@')
    return read_value(reader);
  return cm__reg_fail(reader, reader->line,
                      "expected a [key], a \"value\", @ or a ; comment");
}

static bool read_all(const struct reg_reader *start, bool doing) {
  struct reg_reader reader = *start;
  bool ok;

  reader.doing = doing;
  ok = read_header(&reader);
  while (ok && reader.at < reader.end)
    ok = read_line(&reader);
  leave_key(&reader);
  return ok;
}

/* Two rooms of the text's length, and for the zero behind it. */
static bool read_twice(struct reg_reader *reader) {
  size_t count = (size_t)(reader->end - reader->at) + 1;
  bool ok = false;

  reader->line = 1;
  reader->name = os__alloc(2 * count * sizeof(WCHAR));
  if (reader->name == NULL)
    return say(reader->error, 0, "there is no memory");
  reader->data = reader->name + count;
  ok = read_all(reader, false) && read_all(reader, true);
  os__free(reader->name);
  return ok;
}

/* ---- the text ------------------------------------------------------------ */

static bool read_utf16(const UCHAR *bytes, size_t size,
                       struct reg_reader *reader) {
  WCHAR *units;
  bool ok;

  if (size % sizeof(WCHAR) != 0)
    return say(reader->error, 0, "expected UTF-16: two bytes per character");
  units = os__alloc(size);
  if (units == NULL)
    return say(reader->error, 0, "there is no memory");
  memcpy(units, bytes, size);
  reader->at = units + 1; /* behind the mark */
  reader->end = units + size / sizeof(WCHAR);
  ok = read_twice(reader);
  os__free(units);
  return ok;
}

static unsigned line_of(const UCHAR *bytes, size_t at) {
  unsigned line = 1;

  for (size_t i = 0; i < at; i++)
    line += bytes[i] == '\n';
  return line;
}

static bool read_utf8(const UCHAR *bytes, size_t size,
                      struct reg_reader *reader) {
  size_t count, bad;
  WCHAR *units = cm__from_utf8((const char *)bytes, size, &count, &bad);
  bool ok = false;

  if (units == NULL)
    return say(reader->error, 0, "there is no memory");
  reader->at = units;
  reader->end = units + count;
  if (count > 0 && units[0] == 0xFEFF)
    reader->at++;
  if (bad == CM_ALL_GOOD)
    ok = read_twice(reader);
  else
    say(reader->error, line_of(bytes, bad), "expected UTF-8");
  os__free(units);
  return ok;
}

static bool begins_with(const UCHAR *bytes, size_t size, UCHAR a, UCHAR b) {
  return size >= 2 && bytes[0] == a && bytes[1] == b;
}

bool uwsk_registry_load(const void *text, size_t size,
                        struct uwsk_registry_error *error) {
  struct reg_reader reader = {.error = error};

  say(error, 0, "");
  if (text == NULL && size != 0)
    return say(error, 0, "there is no text");
  if (size > MAXULONG / 4)
    return say(error, 0, "the text is too long");
  if (begins_with(text, size, 0xFF, 0xFE))
    return read_utf16(text, size, &reader);
  if (begins_with(text, size, 0xFE, 0xFF))
    return say(error, 0, "expected UTF-8 or UTF-16LE, not UTF-16BE");
  return read_utf8(text, size, &reader);
}

/* ---- files --------------------------------------------------------------- */

#define CHUNK 65536u

/* All of a file, or NULL; says why. */
static UCHAR *read_file(FILE *file, size_t *size,
                        struct uwsk_registry_error *error) {
  size_t room = CHUNK;
  UCHAR *bytes = os__alloc(room);

  *size = 0;
  while (bytes != NULL) {
    UCHAR *larger;
    size_t got = fread(bytes + *size, 1, room - *size, file);

    *size += got;
    if (*size < room)
      break;
    larger = os__alloc(2 * room);
    if (larger != NULL)
      memcpy(larger, bytes, room);
    os__free(bytes);
    bytes = larger;
    room *= 2;
  }
  if (bytes == NULL)
    say(error, 0, "there is no memory");
  if (bytes == NULL || !ferror(file))
    return bytes;
  say(error, 0, "the file cannot be read");
  os__free(bytes);
  return NULL;
}

bool uwsk_registry_load_file(const char *path,
                             struct uwsk_registry_error *error) {
  FILE *file = path != NULL ? fopen(path, "rb") : NULL;
  UCHAR *bytes;
  size_t size;
  bool ok;

  if (file == NULL)
    return say(error, 0, "the file cannot be opened");
  bytes = read_file(file, &size, error);
  fclose(file);
  if (bytes == NULL)
    return false;
  ok = uwsk_registry_load(bytes, size, error);
  os__free(bytes);
  return ok;
}
