/* The characters of registration files. See reg_reader.h. */
#include "cm/reg_reader.h"
#include "rtl/case.h"

static bool is_blank(WCHAR c) {
  return c == L' ' || c == L'\t';
}

bool cm__reg_at_end_of_line(const struct reg_reader *reader) {
  return reader->at == reader->end || *reader->at == L'\n' ||
         *reader->at == L'\r';
}

void cm__reg_skip_blanks(struct reg_reader *reader) {
  while (reader->at < reader->end && is_blank(*reader->at))
    reader->at++;
}

/* CR LF, LF or CR. */
static void take_line_break(struct reg_reader *reader) {
  if (reader->at == reader->end)
    return;
  if (*reader->at++ == L'\r' && reader->at < reader->end &&
      *reader->at == L'\n')
    reader->at++;
  reader->line++;
}

bool cm__reg_finish_line(struct reg_reader *reader) {
  cm__reg_skip_blanks(reader);
  if (reader->at < reader->end && *reader->at == L';')
    while (!cm__reg_at_end_of_line(reader))
      reader->at++;
  if (!cm__reg_at_end_of_line(reader))
    return cm__reg_fail(reader, reader->line, "expected the end of the line");
  take_line_break(reader);
  return true;
}

bool cm__reg_take_word(struct reg_reader *reader, const char *word) {
  const WCHAR *at = reader->at;

  for (; *word != '\0'; word++, at++)
    if (at == reader->end || rtl__downcase(*at) != (WCHAR)(unsigned char)*word)
      return false;
  reader->at = at;
  return true;
}

static int digit_of(WCHAR c) {
  if (c >= L'0' && c <= L'9')
    return c - L'0';
  if (c >= L'a' && c <= L'f')
    return c - L'a' + 10;
  if (c >= L'A' && c <= L'F')
    return c - L'A' + 10;
  return -1;
}

unsigned cm__reg_take_hex(struct reg_reader *reader, unsigned most,
                          uint32_t *number) {
  unsigned count = 0;

  *number = 0;
  while (count < most && reader->at < reader->end &&
         digit_of(*reader->at) >= 0) {
    *number = *number << 4 | (uint32_t)digit_of(*reader->at);
    reader->at++;
    count++;
  }
  return count;
}

/* Behind a backslash. */
static bool take_escape(struct reg_reader *reader, WCHAR *to) {
  if (reader->at == reader->end ||
      (*reader->at != L'\\' && *reader->at != L'"'))
    return cm__reg_fail(reader, reader->line,
                        "expected \\ or \" behind the \\ in a text");
  *to = *reader->at++;
  return true;
}

/* A text that has line breaks in it is exported with them as they are. */
bool cm__reg_take_quoted(struct reg_reader *reader, WCHAR *to, size_t *count) {
  unsigned line = reader->line;

  *count = 0;
  for (reader->at++; reader->at < reader->end; ++*count) {
    WCHAR c = *reader->at;

    if (c == L'"') {
      reader->at++;
      return true;
    }
    if (c == 0)
      return cm__reg_fail(reader, reader->line,
                          "expected a text without zeros");
    if (c == L'\n')
      reader->line++;
    reader->at++;
    to[*count] = c;
    if (c == L'\\' && !take_escape(reader, &to[*count]))
      return false;
  }
  return cm__reg_fail(reader, line, "expected a \" at the end of the text");
}
