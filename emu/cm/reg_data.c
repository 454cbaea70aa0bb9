/* What stands behind the = of registration files. See reg_reader.h. */
#include <string.h>

#include "cm/reg_reader.h"

static bool take_text(struct reg_reader *reader, struct reg_data *data) {
  size_t count;

  if (!cm__reg_take_quoted(reader, reader->data, &count))
    return false;
  reader->data[count] = 0;
  data->type = REG_SZ;
  data->size = (count + 1) * sizeof(WCHAR);
  return true;
}

static bool take_dword(struct reg_reader *reader, struct reg_data *data) {
  uint32_t number;

  if (cm__reg_take_hex(reader, 8, &number) == 0)
    return cm__reg_fail(
        reader, reader->line,
        "expected one to eight hexadecimal digits behind dword:");
  memcpy(reader->data, &number, sizeof(number));
  data->type = REG_DWORD;
  data->size = sizeof(number);
  return true;
}

/* Blanks, and backslashes with which a line goes on in the next. */
static bool skip_continuation(struct reg_reader *reader) {
  for (;;) {
    cm__reg_skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != L'\\')
      return true;
    reader->at++;
    cm__reg_skip_blanks(reader);
    if (!cm__reg_at_end_of_line(reader))
      return cm__reg_fail(reader, reader->line,
                          "expected the end of the line behind the \\");
    if (reader->at == reader->end)
      return cm__reg_fail(reader, reader->line,
                          "expected another line behind the \\");
    cm__reg_finish_line(reader);
  }
}

/* The hexadecimal bytes behind the colon; there may be none. */
static bool take_bytes(struct reg_reader *reader, struct reg_data *data) {
  UCHAR *to = (UCHAR *)reader->data;
  uint32_t byte;

  data->size = 0;
  if (!skip_continuation(reader))
    return false;
  if (cm__reg_at_end_of_line(reader) || *reader->at == L';')
    return true;
  for (;;) {
    if (cm__reg_take_hex(reader, 2, &byte) == 0)
      return cm__reg_fail(reader, reader->line,
                          "expected a byte as two hexadecimal digits");
    to[data->size++] = (UCHAR)byte;
    cm__reg_skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != L',')
      return true;
    reader->at++;
    if (!skip_continuation(reader))
      return false;
  }
}

static bool take_hex(struct reg_reader *reader, struct reg_data *data) {
  uint32_t type = REG_BINARY;

  if (!cm__reg_take_word(reader, ":") &&
      (!cm__reg_take_word(reader, "(") ||
       cm__reg_take_hex(reader, 8, &type) == 0 ||
       !cm__reg_take_word(reader, "):")))
    return cm__reg_fail(reader, reader->line,
                        "expected hex: or a type such as hex(7):");
  data->type = type;
  return take_bytes(reader, data);
}

bool cm__reg_take_data(struct reg_reader *reader, struct reg_data *data) {
  *data = (struct reg_data){.bytes = reader->data};
  if (reader->at < reader->end && *reader->at == L'"')
    return take_text(reader, data);
  if (cm__reg_take_word(reader, "dword:"))
    return take_dword(reader, data);
  if (cm__reg_take_word(reader, "hex"))
    return take_hex(reader, data);
  if (cm__reg_take_word(reader, "-"))
    return data->is_deletion = true;
  return cm__reg_fail(reader, reader->line,
                      "expected \"text\", dword:, hex: or - behind the =");
}
