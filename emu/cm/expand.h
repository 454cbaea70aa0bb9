/* Environment variables in the text of REG_EXPAND_SZ values. */
#ifndef UWSK_CM_EXPAND_H
#define UWSK_CM_EXPAND_H

#include <ntddk.h>
#include <stdbool.h>

/*
 * The text with each %NAME% replaced that the environment knows, a block of
 * "NAME=value" strings that ends with an empty one, or NULL. Others stay as
 * they are. In memory for os__free, with a zero behind it; NULL without memory.
 * Lengths are in characters, without zeros.
 */
WCHAR *cm__expand(const WCHAR *text, size_t length, const WCHAR *environment,
                  size_t *expanded);

/* Whether there is a reference to expand. */
bool cm__needs_expanding(const WCHAR *text, size_t length);

#endif
