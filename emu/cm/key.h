/*
 * What functions that answer drivers share: handles of keys, and answers that
 * are cut to the caller's buffer.
 */
#ifndef UWSK_CM_KEY_H
#define UWSK_CM_KEY_H

#include "cm/tree.h"

/* ---- handles (key.c) ---------------------------------------------------- */

/* The key of a handle that was opened for `access`, with a reference. */
NTSTATUS cm__key_of(HANDLE handle, ACCESS_MASK access, struct cm_key **key);

/* A handle to a key, good for what generic rights and MAXIMUM_ALLOWED mean. */
NTSTATUS cm__create_handle(struct cm_key *key, ACCESS_MASK access,
                           const char *call, const void *caller,
                           PHANDLE handle);

/* Drivers may count the zero of a value's name. */
UNICODE_STRING cm__value_name(PCUNICODE_STRING name);

/* ---- paths relative to a well-known key (rtl.c) ------------------------- */

/* What RelativeTo and Path of the Rtl functions mean, with a reference. */
NTSTATUS cm__relative(ULONG relative_to, PCWSTR path, ACCESS_MASK access,
                      struct cm_key **key);

/* ---- answers (answer.c) ------------------------------------------------- */

struct cm_answer {
  UCHAR *buffer;
  ULONG length;   /* of the buffer */
  PULONG written; /* the caller's ResultLength */
};

/* The answer has `required` bytes, of which the first `fixed` have to fit.
 * Nothing may be put when this fails with STATUS_BUFFER_TOO_SMALL; otherwise
 * what does not fit is left out, and the status says so. */
NTSTATUS cm__begin_answer(struct cm_answer *answer, ULONG fixed,
                          ULONG required);
void cm__put(struct cm_answer *answer, ULONG offset, const void *data,
             ULONG size);

#endif
