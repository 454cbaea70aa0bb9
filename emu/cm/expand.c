/* See expand.h. */
#include "cm/expand.h"

#include <string.h>

#include "os/os.h"

struct text {
  const WCHAR *units;
  size_t count;
};

/* The next piece of a text: %NAME%, or what stands before one. */
struct piece {
  struct text whole;
  struct text name; /* of a variable; empty for other text */
};

static size_t find_percent(struct text text, size_t from) {
  while (from < text.count && text.units[from] != L'%')
    from++;
  return from;
}

static struct piece take_piece(struct text *text) {
  struct piece piece = {{text->units, find_percent(*text, 0)}, {NULL, 0}};

  if (piece.whole.count == 0) {
    size_t end = find_percent(*text, 1);

    /* A sign without its partner is text. */
    piece.whole.count = end < text->count ? end + 1 : text->count;
    if (end < text->count)
      piece.name = (struct text){text->units + 1, end - 1};
  }
  text->units += piece.whole.count;
  text->count -= piece.whole.count;
  return piece;
}

static size_t length_of(const WCHAR *text) {
  size_t length = 0;

  while (text[length] != 0)
    length++;
  return length;
}

/* Whether `line` is "name=…"; *value then is what follows. The sign is looked
 * for behind the first character: names of drives begin with one. */
static bool matches(struct text line, struct text name, struct text *value) {
  if (name.count == 0 || line.count <= name.count ||
      line.units[name.count] != L'=' ||
      RtlCompareUnicodeStrings(line.units, name.count, name.units, name.count,
                               TRUE) != 0)
    return false;
  *value =
      (struct text){line.units + name.count + 1, line.count - name.count - 1};
  return true;
}

/* What a piece becomes. */
static struct text value_of(const struct piece *piece,
                            const WCHAR *environment) {
  struct text value = piece->whole;
  struct text line = {environment, 0};

  while (line.units != NULL && (line.count = length_of(line.units)) != 0) {
    if (matches(line, piece->name, &value))
      break;
    line.units += line.count + 1;
  }
  return value;
}

/* Writes to `to` unless it is NULL; the length. */
static size_t expand(struct text text, const WCHAR *environment, WCHAR *to) {
  size_t written = 0;

  while (text.count > 0) {
    struct piece piece = take_piece(&text);
    struct text value = value_of(&piece, environment);

    if (to != NULL)
      memcpy(to + written, value.units, value.count * sizeof(WCHAR));
    written += value.count;
  }
  return written;
}

WCHAR *cm__expand(const WCHAR *text, size_t length, const WCHAR *environment,
                  size_t *expanded) {
  struct text from = {text, length};
  WCHAR *to;

  *expanded = expand(from, environment, NULL);
  to = os__alloc((*expanded + 1) * sizeof(WCHAR));
  if (to != NULL)
    expand(from, environment, to);
  return to;
}

bool cm__needs_expanding(const WCHAR *text, size_t length) {
  struct text rest = {text, length};

  while (rest.count > 0) {
    struct piece piece = take_piece(&rest);

    if (piece.name.count != 0)
      return true;
  }
  return false;
}
