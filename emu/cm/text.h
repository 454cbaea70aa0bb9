/* Text of hosts, which is UTF-8, and the roots that regedit knows. */
#ifndef UWSK_CM_TEXT_H
#define UWSK_CM_TEXT_H

#include <ntddk.h>

/* UTF-8 as UTF-16, in memory for os__free, which is NULL without any. *count is
 * in characters; *bad, if there is something that is no UTF-8, where. */
WCHAR *cm__from_utf8(const char *text, size_t size, size_t *count, size_t *bad);

#define CM_ALL_GOOD ((size_t)-1)

/*
 * The whole path of a key that is named as regedit does,
 * "HKEY_LOCAL_MACHINE\…": in memory for os__free. STATUS_NOT_FOUND when it
 * begins with no root; STATUS_NAME_TOO_LONG; STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS cm__absolute_path(const WCHAR *name, size_t count,
                           UNICODE_STRING *path);

/* `first` and `second` as one path. */
NTSTATUS cm__join(PCUNICODE_STRING first, const WCHAR *second, size_t count,
                  UNICODE_STRING *path);

#endif
