/* See text.h. */
#include "cm/text.h"

#include <string.h>

#include "os/os.h"
#include "rtl/utf.h"

/* ---- UTF-8 -------------------------------------------------------------- */

/* No character of UTF-8 has more units in UTF-16 than it has bytes. */
WCHAR *cm__from_utf8(const char *text, size_t size, size_t *count,
                     size_t *bad) {
  const unsigned char *bytes = (const unsigned char *)text;
  WCHAR *to = os__alloc((size + 1) * sizeof(WCHAR));
  size_t at = 0;

  *count = 0;
  *bad = CM_ALL_GOOD;
  while (to != NULL && at < size) {
    struct rtl_decoded decoded = rtl__utf8_decode(bytes + at, size - at);
    uint16_t units[2];
    size_t written = rtl__utf16_encode(decoded.code, units);

    if (!decoded.valid && *bad == CM_ALL_GOOD)
      *bad = at;
    memcpy(to + *count, units, written * sizeof(WCHAR));
    *count += written;
    at += decoded.units;
  }
  return to;
}

/* ---- paths -------------------------------------------------------------- */

static const struct {
  UNICODE_STRING name, path;
} roots[] = {
#define ROOT(name, path)                                                       \
  { RTL_CONSTANT_STRING(name), RTL_CONSTANT_STRING(path) }
    ROOT(L"HKEY_LOCAL_MACHINE", L"\\Registry\\Machine"),
    ROOT(L"HKLM", L"\\Registry\\Machine"),
    ROOT(L"HKEY_USERS", L"\\Registry\\User"),
    ROOT(L"HKU", L"\\Registry\\User"),
    ROOT(L"HKEY_CURRENT_USER", L"\\Registry\\User\\.Default"),
    ROOT(L"HKCU", L"\\Registry\\User\\.Default"),
    ROOT(L"HKEY_CLASSES_ROOT", L"\\Registry\\Machine\\Software\\Classes"),
    ROOT(L"HKCR", L"\\Registry\\Machine\\Software\\Classes"),
    ROOT(L"HKEY_CURRENT_CONFIG",
         L"\\Registry\\Machine\\System\\CurrentControlSet"
         L"\\Hardware Profiles\\Current"),
    ROOT(L"HKCC", L"\\Registry\\Machine\\System\\CurrentControlSet"
                  L"\\Hardware Profiles\\Current"),
#undef ROOT
};

NTSTATUS cm__join(PCUNICODE_STRING first, const WCHAR *second, size_t count,
                  UNICODE_STRING *path) {
  size_t front = first->Length / sizeof(WCHAR);
  size_t size;
  WCHAR *text;

  if (count > MAXUSHORT || front + 1 + count > MAXUSHORT / sizeof(WCHAR))
    return STATUS_NAME_TOO_LONG;
  size = (front + 1 + count) * sizeof(WCHAR);
  text = os__alloc(size);
  if (text == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (front != 0)
    memcpy(text, first->Buffer, first->Length);
  text[front] = L'\\';
  if (count != 0)
    memcpy(text + front + 1, second, count * sizeof(WCHAR));
  *path = (UNICODE_STRING){(USHORT)size, (USHORT)size, text};
  return STATUS_SUCCESS;
}

NTSTATUS cm__absolute_path(const WCHAR *name, size_t count,
                           UNICODE_STRING *path) {
  size_t end = 0;

  while (end < count && name[end] != L'\\')
    end++;
  for (size_t i = 0; i < RTL_NUMBER_OF(roots); i++) {
    const UNICODE_STRING *root = &roots[i].name;

    if (RtlCompareUnicodeStrings(name, end, root->Buffer,
                                 root->Length / sizeof(WCHAR), TRUE) == 0)
      return cm__join(&roots[i].path, name + end, count - end, path);
  }
  return STATUS_NOT_FOUND;
}
