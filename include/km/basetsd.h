/*
 * Integer types of a stated size, and those as wide as a pointer.
 *
 * Windows is LLP64: `long` has 32 bits. Elsewhere `int` stands in for it; on
 * Windows itself it stays `long`, so that C++ overloads resolve as they do
 * there.
 */
#ifndef UWSK_KM_BASETSD_H
#define UWSK_KM_BASETSD_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <basetsd.h>
#else

#define _BASETSD_H_

#if __SIZEOF_LONG__ == 4
#define UWSK_LONG long
#else
#define UWSK_LONG int
#endif

typedef signed char INT8, *PINT8;
typedef signed short INT16, *PINT16;
typedef signed int INT32, *PINT32;
typedef signed long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;
typedef signed int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef signed long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

typedef long long INT_PTR, *PINT_PTR;
typedef unsigned long long UINT_PTR, *PUINT_PTR;
typedef long long LONG_PTR, *PLONG_PTR;
typedef unsigned long long ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;
typedef int HALF_PTR, *PHALF_PTR;
typedef long long SHANDLE_PTR;
typedef unsigned long long HANDLE_PTR;

#define ADDRESS_TAG_BIT 0x40000000000ULL

#define MAXUINT8     ((UINT8) ~((UINT8)0))
#define MAXINT8      ((INT8)(MAXUINT8 >> 1))
#define MININT8      ((INT8)~MAXINT8)
#define MAXUINT16    ((UINT16) ~((UINT16)0))
#define MAXINT16     ((INT16)(MAXUINT16 >> 1))
#define MININT16     ((INT16)~MAXINT16)
#define MAXUINT32    ((UINT32) ~((UINT32)0))
#define MAXINT32     ((INT32)(MAXUINT32 >> 1))
#define MININT32     ((INT32)~MAXINT32)
#define MAXUINT64    ((UINT64) ~((UINT64)0))
#define MAXINT64     ((INT64)(MAXUINT64 >> 1))
#define MININT64     ((INT64)~MAXINT64)
#define MAXULONG32   ((ULONG32) ~((ULONG32)0))
#define MAXLONG32    ((LONG32)(MAXULONG32 >> 1))
#define MAXULONG64   ((ULONG64) ~((ULONG64)0))
#define MAXLONG64    ((LONG64)(MAXULONG64 >> 1))
#define MINLONG64    ((LONG64)~MAXLONG64)
#define MAXULONGLONG ((ULONG64) ~((ULONG64)0))
#define MAXLONGLONG  ((LONG64)(MAXULONGLONG >> 1))
#define MINLONGLONG  ((LONG64)~MAXLONGLONG)
#define MAXSIZE_T    ((SIZE_T) ~((SIZE_T)0))
#define MAXSSIZE_T   ((SSIZE_T)(MAXSIZE_T >> 1))
#define MINSSIZE_T   ((SSIZE_T)~MAXSSIZE_T)
#define MAXUINT      ((unsigned int)~((unsigned int)0))
#define MAXINT       ((int)(MAXUINT >> 1))
#define MININT       ((int)~MAXINT)
#define MAXDWORD32   ((DWORD32) ~((DWORD32)0))
#define MAXDWORD64   ((DWORD64) ~((DWORD64)0))
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONG_PTR  ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MINLONG_PTR  (~MAXLONG_PTR)
#define MAXUINT_PTR  (~((UINT_PTR)0))

#define PtrToUlong(p)    ((unsigned UWSK_LONG)(ULONG_PTR)(p))
#define PtrToLong(p)     ((UWSK_LONG)(LONG_PTR)(p))
#define PtrToUint(p)     ((unsigned int)(UINT_PTR)(p))
#define PtrToInt(p)      ((int)(INT_PTR)(p))
#define PtrToUshort(p)   ((unsigned short)(ULONG_PTR)(p))
#define PtrToShort(p)    ((short)(LONG_PTR)(p))
#define HandleToUlong(h) ((unsigned UWSK_LONG)(ULONG_PTR)(h))
#define HandleToULong(h) ((unsigned UWSK_LONG)(ULONG_PTR)(h))
#define HandleToLong(h)  ((UWSK_LONG)(LONG_PTR)(h))
#define UlongToHandle(u) ((void *)(ULONG_PTR)(u))
#define ULongToHandle(u) ((void *)(ULONG_PTR)(u))
#define LongToHandle(l)  ((void *)(LONG_PTR)(l))
#define UlongToPtr(u)    ((void *)(ULONG_PTR)((unsigned UWSK_LONG)(u)))
#define ULongToPtr(u)    ((void *)(ULONG_PTR)((unsigned UWSK_LONG)(u)))
#define LongToPtr(l)     ((void *)(LONG_PTR)((UWSK_LONG)(l)))
#define UintToPtr(u)     ((void *)(UINT_PTR)((unsigned int)(u)))
#define UIntToPtr(u)     ((void *)(UINT_PTR)((unsigned int)(u)))
#define IntToPtr(i)      ((void *)(INT_PTR)((int)(i)))
#define PtrToPtr64(p)    ((void *)(p))
#define Ptr64ToPtr(p)    ((void *)(p))

#endif
#endif
