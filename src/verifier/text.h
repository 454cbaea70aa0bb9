/*
 * Text in the making, in a buffer that somebody else owns. What does not fit is
 * cut off; there is always a zero behind it.
 */
#ifndef UWSK_VERIFIER_TEXT_H
#define UWSK_VERIFIER_TEXT_H

#include <stdarg.h>
#include <stddef.h>

struct vf_text {
  char *at;
  size_t size; /* may be 0 */
  size_t used; /* without the zero */
};

struct vf_text vf__text(char *buffer, size_t size);
void vf__add_va(struct vf_text *text, const char *format, va_list arguments);
void vf__add(struct vf_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text ends with a line break from now on, whatever had to go for it. */
void vf__end_line(struct vf_text *text);

#endif
