/* The string functions of the C library for characters of 16 bits, and those
 * that only Microsoft's has. See uwsk_crt.h. */
#include <ntddk.h>

SIZE_T uwsk_wcslen(const WCHAR *text) {
  SIZE_T length = 0;
  while (text[length] != 0)
    length++;
  return length;
}

SIZE_T uwsk_wcsnlen(const WCHAR *text, SIZE_T limit) {
  SIZE_T length = 0;
  while (length < limit && text[length] != 0)
    length++;
  return length;
}

WCHAR *uwsk_wcscpy(WCHAR *to, const WCHAR *from) {
  memcpy(to, from, (uwsk_wcslen(from) + 1) * sizeof(WCHAR));
  return to;
}

WCHAR *uwsk_wcsncpy(WCHAR *to, const WCHAR *from, SIZE_T count) {
  SIZE_T length = uwsk_wcsnlen(from, count);
  memcpy(to, from, length * sizeof(WCHAR));
  memset(to + length, 0, (count - length) * sizeof(WCHAR));
  return to;
}

WCHAR *uwsk_wcscat(WCHAR *to, const WCHAR *from) {
  uwsk_wcscpy(to + uwsk_wcslen(to), from);
  return to;
}

WCHAR *uwsk_wcsncat(WCHAR *to, const WCHAR *from, SIZE_T count) {
  WCHAR *end = to + uwsk_wcslen(to);
  SIZE_T length = uwsk_wcsnlen(from, count);
  memcpy(end, from, length * sizeof(WCHAR));
  end[length] = 0;
  return to;
}

int uwsk_wcsncmp(const WCHAR *first, const WCHAR *second, SIZE_T count) {
  for (SIZE_T i = 0; i < count; i++) {
    if (first[i] != second[i])
      return first[i] < second[i] ? -1 : 1;
    if (first[i] == 0)
      return 0;
  }
  return 0;
}

int uwsk_wcscmp(const WCHAR *first, const WCHAR *second) {
  return uwsk_wcsncmp(first, second, MAXSIZE_T);
}

/* The "C" locale knows the case of ASCII alone, and compares small letters. */
static int lower(int unit) {
  return unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit;
}

int uwsk_wcsnicmp(const WCHAR *first, const WCHAR *second, SIZE_T count) {
  for (SIZE_T i = 0; i < count; i++) {
    int difference = lower(first[i]) - lower(second[i]);
    if (difference != 0 || first[i] == 0)
      return difference;
  }
  return 0;
}

int uwsk_wcsicmp(const WCHAR *first, const WCHAR *second) {
  return uwsk_wcsnicmp(first, second, MAXSIZE_T);
}

int uwsk_strnicmp(const char *first, const char *second, SIZE_T count) {
  for (SIZE_T i = 0; i < count; i++) {
    int difference = lower((UCHAR)first[i]) - lower((UCHAR)second[i]);
    if (difference != 0 || first[i] == 0)
      return difference;
  }
  return 0;
}

int uwsk_stricmp(const char *first, const char *second) {
  return uwsk_strnicmp(first, second, MAXSIZE_T);
}

WCHAR *uwsk_wcschr(const WCHAR *text, WCHAR character) {
  for (;; text++) {
    if (*text == character)
      return (WCHAR *)text;
    if (*text == 0)
      return NULL;
  }
}

WCHAR *uwsk_wcsrchr(const WCHAR *text, WCHAR character) {
  const WCHAR *found = NULL;
  for (;; text++) {
    if (*text == character)
      found = text;
    if (*text == 0)
      return (WCHAR *)found;
  }
}

WCHAR *uwsk_wcsstr(const WCHAR *text, const WCHAR *part) {
  SIZE_T length = uwsk_wcslen(part);
  for (;; text++) {
    if (uwsk_wcsncmp(text, part, length) == 0)
      return (WCHAR *)text;
    if (*text == 0)
      return NULL;
  }
}
