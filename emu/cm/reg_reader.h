/*
 * Registration files, as regedit exports them.
 *
 * A file is read twice by the same code: first to find out whether all of it
 * makes sense, then to do what it says. So a mistake is found before anything
 * was changed.
 */
#ifndef UWSK_CM_REG_READER_H
#define UWSK_CM_REG_READER_H

#include <ntddk.h>
#include <stdbool.h>

#include "cm/tree.h"
#include "uwsk/registry.h"

struct reg_reader {
  const WCHAR *at, *end; /* what is left of the text */
  unsigned line;
  bool doing;         /* the second time */
  bool in_key;        /* a [key] has come, … */
  bool key_is_gone;   /* … and was [-deleted] */
  struct cm_key *key; /* with a reference, the second time */
  struct uwsk_registry_error *error;
  /* As long as the text: for what it says without its escapes. */
  WCHAR *name;
  WCHAR *data;
};

/* Says what is wrong in a line; false. */
bool cm__reg_fail(struct reg_reader *reader, unsigned line, const char *what);
bool cm__reg_fail_status(struct reg_reader *reader, NTSTATUS status);

/* ---- text (reg_text.c) --------------------------------------------------- */

bool cm__reg_at_end_of_line(const struct reg_reader *reader);
void cm__reg_skip_blanks(struct reg_reader *reader);

/* Blanks and a comment, and the end of the line, which has to come. */
bool cm__reg_finish_line(struct reg_reader *reader);

/* Takes a word (lower case), which may be written in upper case. */
bool cm__reg_take_word(struct reg_reader *reader, const char *word);

/* Up to `most` hexadecimal digits; how many there were. */
unsigned cm__reg_take_hex(struct reg_reader *reader, unsigned most,
                          uint32_t *number);

/* A text in quotes, without its escapes. */
bool cm__reg_take_quoted(struct reg_reader *reader, WCHAR *to, size_t *count);

/* ---- what stands behind the = (reg_data.c) ------------------------------- */

struct reg_data {
  bool is_deletion;
  ULONG type;
  const void *bytes;
  size_t size;
};

bool cm__reg_take_data(struct reg_reader *reader, struct reg_data *data);

#endif
