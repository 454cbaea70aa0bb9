/*
 * ntstrsafe.h: string functions that are given the size of their buffer.
 *
 * Pages: ddi/ntstrsafe/nf-ntstrsafe-<name>. RtlStringCch* count characters,
 * RtlStringCb* bytes, the terminator included, at most NTSTRSAFE_MAX_CCH
 * characters. The text is always terminated:
 *
 *   STATUS_SUCCESS            all of it is there
 *   STATUS_BUFFER_OVERFLOW    a warning: cut to what fits
 *   STATUS_INVALID_PARAMETER  a size of zero or too large, a NULL pointer, a
 *                             text to go on with that has no end
 *
 * The Printf functions format by Windows' rules (uwsk_crt.h). Nothing is
 * allocated. IRQL PASSIVE_LEVEL by the documentation, which Windows' tables of
 * characters are the reason for; ours work at any.
 */
#ifndef UWSK_KM_NTSTRSAFE_H
#define UWSK_KM_NTSTRSAFE_H
#define _NTSTRSAFE_H_INCLUDED_

#include <ntdef.h>
#include <ntstatus.h>
#include <uwsk_crt.h>

typedef CHAR *NTSTRSAFE_PSTR;
typedef const CHAR *NTSTRSAFE_PCSTR;
typedef WCHAR *NTSTRSAFE_PWSTR;
typedef const WCHAR *NTSTRSAFE_PCWSTR;

#define NTSTRSAFEDDI  NTSTATUS __stdcall
#define NTSTRSAFEVDDI NTSTATUS __cdecl

#define NTSTRSAFE_MAX_CCH                2147483647
#define NTSTRSAFE_MAX_LENGTH             (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH (0xffff / sizeof(WCHAR))

/* Flags of the Ex functions. The low byte is what the FILL flags fill with. */
#define STRSAFE_IGNORE_NULLS     0x00000100 /* NULL is an empty text */
#define STRSAFE_FILL_BEHIND_NULL 0x00000200 /* on success, behind the text */
#define STRSAFE_FILL_ON_FAILURE  0x00000400 /* the whole buffer */
#define STRSAFE_NULL_ON_FAILURE  0x00000800 /* an empty text */
#define STRSAFE_NO_TRUNCATION    0x00001000 /* what was there before */
#define STRSAFE_VALID_FLAGS      0x00001fff
#define STRSAFE_FILL_BYTE(byte)                                                \
  ((ULONG)(((byte)&0xff) | STRSAFE_FILL_BEHIND_NULL))
#define STRSAFE_FAILURE_BYTE(byte)                                             \
  ((ULONG)(((byte)&0xff) | STRSAFE_FILL_ON_FAILURE))

UWSK_BEGIN_C

/* ---- char ------------------------------------------------------------ */

/* pszDest: the buffer; pszSrc: a terminated text, of which the N functions take
 * no more than their last argument says (and then need no terminator). The Ex
 * functions tell in *ppszDestEnd where the terminator is and in the next how
 * much room is left from there on; both may be NULL. */

NTSTRSAFEDDI RtlStringCchCopyA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                               NTSTRSAFE_PCSTR pszSrc);
NTSTRSAFEDDI RtlStringCchCopyExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                 NTSTRSAFE_PCSTR pszSrc,
                                 NTSTRSAFE_PSTR *ppszDestEnd,
                                 size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCopyNA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                NTSTRSAFE_PCSTR pszSrc, size_t cchToCopy);
NTSTRSAFEDDI RtlStringCchCopyNExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCSTR pszSrc, size_t cchToCopy,
                                  NTSTRSAFE_PSTR *ppszDestEnd,
                                  size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCatA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                              NTSTRSAFE_PCSTR pszSrc);
NTSTRSAFEDDI RtlStringCchCatExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                NTSTRSAFE_PCSTR pszSrc,
                                NTSTRSAFE_PSTR *ppszDestEnd,
                                size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCatNA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                               NTSTRSAFE_PCSTR pszSrc, size_t cchToAppend);
NTSTRSAFEDDI RtlStringCchCatNExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                 NTSTRSAFE_PCSTR pszSrc, size_t cchToAppend,
                                 NTSTRSAFE_PSTR *ppszDestEnd,
                                 size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEVDDI RtlStringCchPrintfA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCSTR pszFormat, ...);
NTSTRSAFEVDDI RtlStringCchPrintfExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                    NTSTRSAFE_PSTR *ppszDestEnd,
                                    size_t *pcchRemaining, ULONG dwFlags,
                                    NTSTRSAFE_PCSTR pszFormat, ...);
NTSTRSAFEDDI RtlStringCchVPrintfA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCSTR pszFormat, va_list argList);
NTSTRSAFEDDI RtlStringCchVPrintfExA(NTSTRSAFE_PSTR pszDest, size_t cchDest,
                                    NTSTRSAFE_PSTR *ppszDestEnd,
                                    size_t *pcchRemaining, ULONG dwFlags,
                                    NTSTRSAFE_PCSTR pszFormat, va_list argList);
/* The length without the terminator; pcchLength may be NULL. */
NTSTRSAFEDDI RtlStringCchLengthA(NTSTRSAFE_PCSTR psz, size_t cchMax,
                                 size_t *pcchLength);

NTSTRSAFEDDI RtlStringCbCopyA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                              NTSTRSAFE_PCSTR pszSrc);
NTSTRSAFEDDI RtlStringCbCopyExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                NTSTRSAFE_PCSTR pszSrc,
                                NTSTRSAFE_PSTR *ppszDestEnd,
                                size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCopyNA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                               NTSTRSAFE_PCSTR pszSrc, size_t cbToCopy);
NTSTRSAFEDDI RtlStringCbCopyNExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCSTR pszSrc, size_t cbToCopy,
                                 NTSTRSAFE_PSTR *ppszDestEnd,
                                 size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCatA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                             NTSTRSAFE_PCSTR pszSrc);
NTSTRSAFEDDI RtlStringCbCatExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                               NTSTRSAFE_PCSTR pszSrc,
                               NTSTRSAFE_PSTR *ppszDestEnd,
                               size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCatNA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                              NTSTRSAFE_PCSTR pszSrc, size_t cbToAppend);
NTSTRSAFEDDI RtlStringCbCatNExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                NTSTRSAFE_PCSTR pszSrc, size_t cbToAppend,
                                NTSTRSAFE_PSTR *ppszDestEnd,
                                size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEVDDI RtlStringCbPrintfA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCSTR pszFormat, ...);
NTSTRSAFEVDDI RtlStringCbPrintfExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                   NTSTRSAFE_PSTR *ppszDestEnd,
                                   size_t *pcbRemaining, ULONG dwFlags,
                                   NTSTRSAFE_PCSTR pszFormat, ...);
NTSTRSAFEDDI RtlStringCbVPrintfA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCSTR pszFormat, va_list argList);
NTSTRSAFEDDI RtlStringCbVPrintfExA(NTSTRSAFE_PSTR pszDest, size_t cbDest,
                                   NTSTRSAFE_PSTR *ppszDestEnd,
                                   size_t *pcbRemaining, ULONG dwFlags,
                                   NTSTRSAFE_PCSTR pszFormat, va_list argList);
/* The length without the terminator; pcbLength may be NULL. */
NTSTRSAFEDDI RtlStringCbLengthA(NTSTRSAFE_PCSTR psz, size_t cbMax,
                                size_t *pcbLength);

/* ---- WCHAR ------------------------------------------------------------ */

NTSTRSAFEDDI RtlStringCchCopyW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                               NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlStringCchCopyExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                 NTSTRSAFE_PCWSTR pszSrc,
                                 NTSTRSAFE_PWSTR *ppszDestEnd,
                                 size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCopyNW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                NTSTRSAFE_PCWSTR pszSrc, size_t cchToCopy);
NTSTRSAFEDDI RtlStringCchCopyNExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCWSTR pszSrc, size_t cchToCopy,
                                  NTSTRSAFE_PWSTR *ppszDestEnd,
                                  size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCatW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                              NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlStringCchCatExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                NTSTRSAFE_PCWSTR pszSrc,
                                NTSTRSAFE_PWSTR *ppszDestEnd,
                                size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCchCatNW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                               NTSTRSAFE_PCWSTR pszSrc, size_t cchToAppend);
NTSTRSAFEDDI RtlStringCchCatNExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                 NTSTRSAFE_PCWSTR pszSrc, size_t cchToAppend,
                                 NTSTRSAFE_PWSTR *ppszDestEnd,
                                 size_t *pcchRemaining, ULONG dwFlags);
NTSTRSAFEVDDI RtlStringCchPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCWSTR pszFormat, ...);
NTSTRSAFEVDDI RtlStringCchPrintfExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                    NTSTRSAFE_PWSTR *ppszDestEnd,
                                    size_t *pcchRemaining, ULONG dwFlags,
                                    NTSTRSAFE_PCWSTR pszFormat, ...);
NTSTRSAFEDDI RtlStringCchVPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                  NTSTRSAFE_PCWSTR pszFormat, va_list argList);
NTSTRSAFEDDI RtlStringCchVPrintfExW(NTSTRSAFE_PWSTR pszDest, size_t cchDest,
                                    NTSTRSAFE_PWSTR *ppszDestEnd,
                                    size_t *pcchRemaining, ULONG dwFlags,
                                    NTSTRSAFE_PCWSTR pszFormat,
                                    va_list argList);
/* The length without the terminator; pcchLength may be NULL. */
NTSTRSAFEDDI RtlStringCchLengthW(NTSTRSAFE_PCWSTR psz, size_t cchMax,
                                 size_t *pcchLength);

NTSTRSAFEDDI RtlStringCbCopyW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                              NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlStringCbCopyExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                NTSTRSAFE_PCWSTR pszSrc,
                                NTSTRSAFE_PWSTR *ppszDestEnd,
                                size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCopyNW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                               NTSTRSAFE_PCWSTR pszSrc, size_t cbToCopy);
NTSTRSAFEDDI RtlStringCbCopyNExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCWSTR pszSrc, size_t cbToCopy,
                                 NTSTRSAFE_PWSTR *ppszDestEnd,
                                 size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCatW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                             NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlStringCbCatExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                               NTSTRSAFE_PCWSTR pszSrc,
                               NTSTRSAFE_PWSTR *ppszDestEnd,
                               size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEDDI RtlStringCbCatNW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                              NTSTRSAFE_PCWSTR pszSrc, size_t cbToAppend);
NTSTRSAFEDDI RtlStringCbCatNExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                NTSTRSAFE_PCWSTR pszSrc, size_t cbToAppend,
                                NTSTRSAFE_PWSTR *ppszDestEnd,
                                size_t *pcbRemaining, ULONG dwFlags);
NTSTRSAFEVDDI RtlStringCbPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCWSTR pszFormat, ...);
NTSTRSAFEVDDI RtlStringCbPrintfExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                   NTSTRSAFE_PWSTR *ppszDestEnd,
                                   size_t *pcbRemaining, ULONG dwFlags,
                                   NTSTRSAFE_PCWSTR pszFormat, ...);
NTSTRSAFEDDI RtlStringCbVPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                 NTSTRSAFE_PCWSTR pszFormat, va_list argList);
NTSTRSAFEDDI RtlStringCbVPrintfExW(NTSTRSAFE_PWSTR pszDest, size_t cbDest,
                                   NTSTRSAFE_PWSTR *ppszDestEnd,
                                   size_t *pcbRemaining, ULONG dwFlags,
                                   NTSTRSAFE_PCWSTR pszFormat, va_list argList);
/* The length without the terminator; pcbLength may be NULL. */
NTSTRSAFEDDI RtlStringCbLengthW(NTSTRSAFE_PCWSTR psz, size_t cbMax,
                                size_t *pcbLength);

/* ---- counted strings ----------------------------------------------------- */

/* These fill a UNICODE_STRING's buffer up to MaximumLength and set Length; no
 * terminator is written. The string must be valid: lengths even, Length no more
 * than MaximumLength, a buffer unless that is zero. */
NTSTRSAFEDDI RtlUnicodeStringValidate(PCUNICODE_STRING SourceString);
/* STRSAFE_IGNORE_NULLS lets NULL pass. */
NTSTRSAFEDDI RtlUnicodeStringValidateEx(PCUNICODE_STRING SourceString,
                                        ULONG dwFlags);
/* As RtlInitUnicodeString; STATUS_INVALID_PARAMETER when it is too long. */
NTSTRSAFEDDI RtlUnicodeStringInit(PUNICODE_STRING DestinationString,
                                  NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlUnicodeStringCopy(PUNICODE_STRING DestinationString,
                                  PCUNICODE_STRING SourceString);
NTSTRSAFEDDI RtlUnicodeStringCopyString(PUNICODE_STRING DestinationString,
                                        NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEDDI RtlUnicodeStringCat(PUNICODE_STRING DestinationString,
                                 PCUNICODE_STRING SourceString);
NTSTRSAFEDDI RtlUnicodeStringCatString(PUNICODE_STRING DestinationString,
                                       NTSTRSAFE_PCWSTR pszSrc);
NTSTRSAFEVDDI RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString,
                                     NTSTRSAFE_PCWSTR pszFormat, ...);
NTSTRSAFEDDI RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString,
                                     NTSTRSAFE_PCWSTR pszFormat,
                                     va_list argList);

UWSK_END_C

#endif
