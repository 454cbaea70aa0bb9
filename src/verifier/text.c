/* Text in the making. */
#include "verifier/text.h"

#include <stdio.h>

struct vf_text vf__text(char *buffer, size_t size) {
  if (size > 0)
    buffer[0] = '\0';
  return (struct vf_text){buffer, size, 0};
}

void vf__add_va(struct vf_text *text, const char *format, va_list arguments) {
  size_t room = text->size - text->used;
  int length;

  if (room <= 1)
    return;
  length = vsnprintf(text->at + text->used, room, format, arguments);
  if (length > 0)
    text->used += (size_t)length < room ? (size_t)length : room - 1;
}

void vf__add(struct vf_text *text, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  vf__add_va(text, format, arguments);
  va_end(arguments);
}

void vf__end_line(struct vf_text *text) {
  if (text->size < 2)
    return;
  if (text->used == text->size - 1)
    text->used--;
  text->at[text->used++] = '\n';
  text->at[text->used] = '\0';
}
