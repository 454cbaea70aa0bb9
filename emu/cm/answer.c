/* Answers cut to the caller's buffer. See key.h. */
#include <string.h>

#include "cm/key.h"

NTSTATUS cm__begin_answer(struct cm_answer *answer, ULONG fixed,
                          ULONG required) {
  *answer->written = required;
  if (answer->length < fixed)
    return STATUS_BUFFER_TOO_SMALL;
  return answer->length < required ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

void cm__put(struct cm_answer *answer, ULONG offset, const void *data,
             ULONG size) {
  if (offset >= answer->length)
    return;
  if (size > answer->length - offset)
    size = answer->length - offset;
  if (size != 0)
    memcpy(answer->buffer + offset, data, size);
}
