/*
 * The C library as a driver means it: 16-bit wide characters, Windows' format
 * rules, Microsoft's extra names.
 *
 * The host's own wide functions take 32-bit characters (with -fshort-wchar they
 * are simply wrong) and its printf takes `long` for 64 bits, so each of these
 * names is a macro for a function of ours. The host's headers come first, so
 * that they declare their own functions and not ours.
 *
 * Functions that mean the same everywhere (memcpy, strlen, strcmp, …) stay the
 * host's.
 */
#ifndef UWSK_KM_CRT_H
#define UWSK_KM_CRT_H

#include <ntdef.h>

#ifdef __cplusplus
/* Drivers include the kernel headers inside extern "C". */
extern "C++" {
#include <cstdio>
#include <cstring>
#include <cwchar>
}
#endif
#include <stdio.h>
#include <string.h>
#include <wchar.h>

UWSK_BEGIN_C

/* ---- wide strings ------------------------------------------------------- */

SIZE_T uwsk_wcslen(const WCHAR *text);
SIZE_T uwsk_wcsnlen(const WCHAR *text, SIZE_T limit);
WCHAR *uwsk_wcscpy(WCHAR *to, const WCHAR *from);
WCHAR *uwsk_wcsncpy(WCHAR *to, const WCHAR *from, SIZE_T count);
WCHAR *uwsk_wcscat(WCHAR *to, const WCHAR *from);
WCHAR *uwsk_wcsncat(WCHAR *to, const WCHAR *from, SIZE_T count);
int uwsk_wcscmp(const WCHAR *first, const WCHAR *second);
int uwsk_wcsncmp(const WCHAR *first, const WCHAR *second, SIZE_T count);
int uwsk_wcsicmp(const WCHAR *first, const WCHAR *second);
int uwsk_wcsnicmp(const WCHAR *first, const WCHAR *second, SIZE_T count);
WCHAR *uwsk_wcschr(const WCHAR *text, WCHAR character);
WCHAR *uwsk_wcsrchr(const WCHAR *text, WCHAR character);
WCHAR *uwsk_wcsstr(const WCHAR *text, const WCHAR *part);

/* ---- narrow strings under Microsoft's names ----------------------------- */

int uwsk_stricmp(const char *first, const char *second);
int uwsk_strnicmp(const char *first, const char *second, SIZE_T count);

/* ---- formatted output --------------------------------------------------- */

/* _snprintf and its kin (uwsk_ms_…): the number of characters written; -1 when
 * the text does not fit, and then without a terminator; with exactly `count`
 * characters it fits but is not terminated. snprintf (C99): always terminated,
 * returns the length the whole text has. Counts are in characters. */
int uwsk_sprintf(char *to, const char *format, ...);
int uwsk_vsprintf(char *to, const char *format, va_list arguments);
int uwsk_snprintf(char *to, SIZE_T count, const char *format, ...);
int uwsk_vsnprintf(char *to, SIZE_T count, const char *format,
                   va_list arguments);
int uwsk_ms_snprintf(char *to, SIZE_T count, const char *format, ...);
int uwsk_ms_vsnprintf(char *to, SIZE_T count, const char *format,
                      va_list arguments);
int uwsk_ms_snwprintf(WCHAR *to, SIZE_T count, const WCHAR *format, ...);
int uwsk_ms_vsnwprintf(WCHAR *to, SIZE_T count, const WCHAR *format,
                       va_list arguments);

/* Always terminate; -1, and an empty text, when it does not fit. */
int uwsk_sprintf_s(char *to, SIZE_T count, const char *format, ...);
int uwsk_vsprintf_s(char *to, SIZE_T count, const char *format,
                    va_list arguments);
int uwsk_swprintf_s(WCHAR *to, SIZE_T count, const WCHAR *format, ...);
int uwsk_vswprintf_s(WCHAR *to, SIZE_T count, const WCHAR *format,
                     va_list arguments);

/* swprintf as of C: always terminated, negative when it does not fit. */
int uwsk_swprintf(WCHAR *to, SIZE_T count, const WCHAR *format, ...);
int uwsk_vswprintf(WCHAR *to, SIZE_T count, const WCHAR *format,
                   va_list arguments);

UWSK_END_C

#ifdef __cplusplus
/* The macros below also turn std::vsnprintf, as <string> says it, into
 * std::uwsk_vsnprintf; it must exist. */
namespace std {
using ::uwsk_snprintf;
using ::uwsk_sprintf;
using ::uwsk_swprintf;
using ::uwsk_vsnprintf;
using ::uwsk_vsprintf;
using ::uwsk_vswprintf;
using ::uwsk_wcscat;
using ::uwsk_wcschr;
using ::uwsk_wcscmp;
using ::uwsk_wcscpy;
using ::uwsk_wcslen;
using ::uwsk_wcsncat;
using ::uwsk_wcsncmp;
using ::uwsk_wcsncpy;
using ::uwsk_wcsrchr;
using ::uwsk_wcsstr;
} // namespace std
#endif

/* clang-format off */
#undef wcslen
#undef wcsnlen
#undef wcscpy
#undef wcsncpy
#undef wcscat
#undef wcsncat
#undef wcscmp
#undef wcsncmp
#undef wcschr
#undef wcsrchr
#undef wcsstr
#undef _wcsicmp
#undef _wcsnicmp
#undef _stricmp
#undef _strnicmp
#undef sprintf
#undef vsprintf
#undef snprintf
#undef vsnprintf
#undef _snprintf
#undef _vsnprintf
#undef _snwprintf
#undef _vsnwprintf
#undef swprintf
#undef vswprintf
#undef sprintf_s
#undef vsprintf_s
#undef swprintf_s
#undef vswprintf_s

#define wcslen      uwsk_wcslen
#define wcsnlen     uwsk_wcsnlen
#define wcscpy      uwsk_wcscpy
#define wcsncpy     uwsk_wcsncpy
#define wcscat      uwsk_wcscat
#define wcsncat     uwsk_wcsncat
#define wcscmp      uwsk_wcscmp
#define wcsncmp     uwsk_wcsncmp
#define wcschr      uwsk_wcschr
#define wcsrchr     uwsk_wcsrchr
#define wcsstr      uwsk_wcsstr
#define _wcsicmp    uwsk_wcsicmp
#define _wcsnicmp   uwsk_wcsnicmp
#define _stricmp    uwsk_stricmp
#define _strnicmp   uwsk_strnicmp
#define sprintf     uwsk_sprintf
#define vsprintf    uwsk_vsprintf
#define snprintf    uwsk_snprintf
#define vsnprintf   uwsk_vsnprintf
#define _snprintf   uwsk_ms_snprintf
#define _vsnprintf  uwsk_ms_vsnprintf
#define _snwprintf  uwsk_ms_snwprintf
#define _vsnwprintf uwsk_ms_vsnwprintf
#define swprintf    uwsk_swprintf
#define vswprintf   uwsk_vswprintf
#define sprintf_s   uwsk_sprintf_s
#define vsprintf_s  uwsk_vsprintf_s
#define swprintf_s  uwsk_swprintf_s
#define vswprintf_s uwsk_vswprintf_s
/* clang-format on */

#ifndef _WIN32
#define _byteswap_ushort(value) __builtin_bswap16(value)
#define _byteswap_ulong(value)  __builtin_bswap32(value)
#define _byteswap_uint64(value) __builtin_bswap64(value)
#endif

#endif
