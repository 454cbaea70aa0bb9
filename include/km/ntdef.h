/*
 * The base types of NT, its strings and lists, and the macros around them.
 *
 * LONG has 32 bits and WCHAR 16 on every host; layouts are those of 64-bit
 * Windows.
 */
#ifndef UWSK_KM_NTDEF_H
#define UWSK_KM_NTDEF_H
#define _NTDEF_

#include <uwsk_compiler.h>

#include <basetsd.h>
#include <guiddef.h>
#include <sal.h>
#include <sdkddkver.h>

/* ---- words -------------------------------------------------------------- */

#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef VOID
#define VOID void
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef CRITICAL
#define CRITICAL
#endif

#define NTAPI __stdcall
#define NTSYSAPI
#define NTSYSCALLAPI
#define NTKERNELAPI
#define NTHALAPI
#define FASTCALL
#define WINAPI            __stdcall
#define APIENTRY          __stdcall
#define CALLBACK          __stdcall
#define NTAPI_INLINE      __stdcall
#define DECLSPEC_IMPORT   __declspec(dllimport)
#define DECLSPEC_EXPORT   __declspec(dllexport)
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_NOTHROW  __attribute__((nothrow))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#undef DECLSPEC_SELECTANY
#define DECLSPEC_SELECTANY UWSK_SELECTANY
#define DECLSPEC_NOVTABLE
#define DECLSPEC_UUID(text)
#define DECLSPEC_ALLOCATOR
#define DECLSPEC_RESTRICT
#define DECLSPEC_DEPRECATED_DDK
#define DECLSPEC_DEPRECATED __attribute__((deprecated))
#define DECLSPEC_NOINITALL
#undef DECLSPEC_ALIGN
#define DECLSPEC_ALIGN(bytes)       __attribute__((aligned(bytes)))
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define DECLSPEC_CACHEALIGN         DECLSPEC_ALIGN(SYSTEM_CACHE_ALIGNMENT_SIZE)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define POINTER_ALIGNMENT           DECLSPEC_ALIGN(8)
#define MAX_NATURAL_ALIGNMENT       sizeof(ULONGLONG)
#define FORCEINLINE                 __forceinline
#define CFORCEINLINE                FORCEINLINE
#define INLINE                      __inline__
#undef UNALIGNED
#define UNALIGNED
#define UNALIGNED64
#define RESTRICTED_POINTER __restrict
#define NOTHING
#define POINTER_64
#define POINTER_32
#define FIRMWARE_PTR
#define STRICT 1
#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYUNIONNAME4
#define DUMMYUNIONNAME5
#define DUMMYUNIONNAME6
#define DUMMYUNIONNAME7
#define DUMMYUNIONNAME8
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2
#define DUMMYSTRUCTNAME3
#define ANYSIZE_ARRAY 1
#define FAR
#define NEAR

#ifdef __cplusplus
#define EXTERN_C       extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END   }
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#endif

/* ---- integers, characters, pointers ------------------------------------- */

typedef void *PVOID;
typedef void *PVOID64;
typedef char CHAR, *PCHAR, *LPCH, *PCH, CCHAR;
typedef short SHORT, *PSHORT, CSHORT;
typedef UWSK_LONG LONG, *PLONG;
typedef int INT, *PINT;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned short USHORT, *PUSHORT;
typedef unsigned UWSK_LONG ULONG, *PULONG;
typedef unsigned int UINT, *PUINT;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef LONGLONG USN, *PUSN;
typedef ULONG CLONG, *PCLONG;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef ULONG DWORD, *PDWORD, *LPDWORD;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;
typedef void *HANDLE, **PHANDLE;

/* A handle of a type of its own, so that it is not taken for another. */
#define DECLARE_HANDLE(name)                                                   \
  struct name##__ {                                                            \
    int unused;                                                                \
  };                                                                           \
  typedef struct name##__ *name
typedef void *LPVOID;
typedef const void *PCVOID, *LPCVOID;
typedef LONG NTSTATUS, *PNTSTATUS;
typedef const NTSTATUS *PCNTSTATUS;
typedef LONG HRESULT;
typedef LONG KPRIORITY;
typedef UCHAR KIRQL, *PKIRQL;
typedef CCHAR KPROCESSOR_MODE;
typedef ULONG LCID, *PLCID;
typedef USHORT LANGID;
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
typedef ULONG LOGICAL, *PLOGICAL;
typedef UCHAR FCHAR;
typedef USHORT FSHORT;
typedef ULONG FLONG;

typedef wchar_t WCHAR, *PWCHAR, *LPWCH, *PWCH, *NWPSTR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR, *PCUWSTR;
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR PTSTR, LPTSTR;
typedef LPCWSTR PCTSTR, LPCTSTR;
#define __TEXT(quote) L##quote
#else
typedef char TCHAR, *PTCHAR;
typedef char *PTSTR, *LPTSTR;
typedef const char *PCTSTR, *LPCTSTR;
#define __TEXT(quote) quote
#endif
#define TEXT(quote) __TEXT(quote)
typedef PWSTR *PZPWSTR;
typedef const PWSTR *PCZPWSTR;
typedef PWSTR PZZWSTR;
typedef PCWSTR PCZZWSTR;
typedef PWCHAR PNZWCH;
typedef const WCHAR *PCNZWCH;
typedef const CHAR *LPCCH, *PCCH;
typedef CHAR *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCSTR, *PCSTR;
typedef PSTR *PZPSTR;
typedef CHAR *PSZ;
typedef const char *PCSZ;
typedef const UCHAR *PCUCHAR;
typedef const USHORT *PCUSHORT;
typedef const ULONG *PCULONG;
typedef PVOID PSID, PSECURITY_DESCRIPTOR;

#define UNICODE_NULL             ((WCHAR)0)
#define ANSI_NULL                ((CHAR)0)
#define UNICODE_STRING_MAX_BYTES ((USHORT)65534)
#define UNICODE_STRING_MAX_CHARS (32767)

#define MINCHAR   0x80
#define MAXCHAR   0x7f
#define MINSHORT  0x8000
#define MAXSHORT  0x7fff
#define MINLONG   0x80000000
#define MAXLONG   0x7fffffff
#define MAXUCHAR  0xff
#define MAXUSHORT 0xffff
#define MAXULONG  0xffffffff
#define MAXDWORD  0xffffffff
#define MAXWORD   0xffff
#define MAXBYTE   0xff

typedef union _LARGE_INTEGER {
  __extension__ struct {
    ULONG LowPart;
    LONG HighPart;
  };
  struct {
    ULONG LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
  __extension__ struct {
    ULONG LowPart;
    ULONG HighPart;
  };
  struct {
    ULONG LowPart;
    ULONG HighPart;
  } u;
  ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _LUID {
  ULONG LowPart;
  LONG HighPart;
} LUID, *PLUID;

/* Which of the machine's networks, each with routes of its own. There is one:
 * the default compartment. */
typedef enum {
  UNSPECIFIED_COMPARTMENT_ID = 0,
  DEFAULT_COMPARTMENT_ID
} COMPARTMENT_ID,
    *PCOMPARTMENT_ID;

typedef struct _QUAD {
  LONGLONG UseThisFieldToCopy;
} QUAD, *PQUAD;

/* ---- strings ------------------------------------------------------------ */

typedef struct _UNICODE_STRING {
  USHORT Length;        /* bytes, without a terminator */
  USHORT MaximumLength; /* bytes */
  PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING {
  USHORT Length;
  USHORT MaximumLength;
  PCHAR Buffer;
} STRING, *PSTRING;
typedef const STRING *PCSTRING;
typedef STRING ANSI_STRING, *PANSI_STRING;
typedef STRING OEM_STRING, *POEM_STRING;
typedef STRING UTF8_STRING, *PUTF8_STRING;
typedef const STRING CANSI_STRING, *PCANSI_STRING;
typedef PCSTRING PCOEM_STRING, PCUTF8_STRING;

typedef struct _CSTRING {
  USHORT Length;
  USHORT MaximumLength;
  const char *Buffer;
} CSTRING;

#define DECLARE_CONST_UNICODE_STRING(name, text)                               \
  static const WCHAR name##_buffer[] = text;                                   \
  static const UNICODE_STRING name = {sizeof(text) - sizeof(WCHAR),            \
                                      sizeof(text), (PWCH)name##_buffer}
#define DECLARE_GLOBAL_CONST_UNICODE_STRING(name, text)                        \
  extern const UNICODE_STRING name;                                            \
  const UNICODE_STRING DECLSPEC_SELECTANY name = {                             \
      sizeof(text) - sizeof(WCHAR), sizeof(text), (PWCH)text}
#define DECLARE_UNICODE_STRING_SIZE(name, chars)                               \
  WCHAR name##_buffer[chars];                                                  \
  UNICODE_STRING name = {0, (chars) * sizeof(WCHAR), name##_buffer}
#ifdef __cplusplus
/* A C++ literal is const and Buffer is not; as on Windows, that is dropped. */
extern "C++" {
constexpr PCHAR uwsk_string_buffer(const CHAR *text) {
  return const_cast<PCHAR>(text);
}
constexpr PWCH uwsk_string_buffer(const WCHAR *text) {
  return const_cast<PWCH>(text);
}
}
#define UWSK_STRING_BUFFER(text) uwsk_string_buffer(text)
#else
#define UWSK_STRING_BUFFER(text) (text)
#endif
#define RTL_CONSTANT_STRING(text)                                              \
  { sizeof(text) - sizeof((text)[0]), sizeof(text), UWSK_STRING_BUFFER(text) }

/* ---- lists -------------------------------------------------------------- */

typedef struct _LIST_ENTRY {
  struct _LIST_ENTRY *Flink;
  struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *RESTRICTED_POINTER PRLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
  struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
  struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
  __extension__ struct {
    ULONGLONG Alignment;
    ULONGLONG Region;
  };
  struct {
    ULONGLONG Depth : 16;
    ULONGLONG Sequence : 9;
    ULONGLONG NextEntry : 39;
    ULONGLONG HeaderType : 1;
    ULONGLONG Init : 1;
    ULONGLONG Reserved : 59;
    ULONGLONG Region : 3;
  } Header8;
  struct {
    ULONGLONG Depth : 16;
    ULONGLONG Sequence : 48;
    ULONGLONG HeaderType : 1;
    ULONGLONG Init : 1;
    ULONGLONG Reserved : 2;
    ULONGLONG NextEntry : 60;
  } Header16;
  struct {
    ULONGLONG Depth : 16;
    ULONGLONG Sequence : 48;
    ULONGLONG HeaderType : 1;
    ULONGLONG Reserved : 3;
    ULONGLONG NextEntry : 60;
  } HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;

/* ---- statuses ----------------------------------------------------------- */

#define NT_SUCCESS(status)           (((NTSTATUS)(status)) >= 0)
#define NT_INFORMATION(status)       ((((ULONG)(status)) >> 30) == 1)
#define NT_WARNING(status)           ((((ULONG)(status)) >> 30) == 2)
#define NT_ERROR(status)             ((((ULONG)(status)) >> 30) == 3)
#define APPLICATION_ERROR_MASK       0x20000000
#define ERROR_SEVERITY_SUCCESS       0x00000000
#define ERROR_SEVERITY_INFORMATIONAL 0x40000000
#define ERROR_SEVERITY_WARNING       0x80000000
#define ERROR_SEVERITY_ERROR         0xC0000000

/* ---- object attributes -------------------------------------------------- */

typedef struct _OBJECT_ATTRIBUTES {
  ULONG Length;
  HANDLE RootDirectory;
  PUNICODE_STRING ObjectName;
  ULONG Attributes;
  PVOID SecurityDescriptor;
  PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
typedef const OBJECT_ATTRIBUTES *PCOBJECT_ATTRIBUTES;

#define OBJ_HANDLE_TAGBITS                0x00000003L
#define OBJ_INHERIT                       0x00000002L
#define OBJ_PERMANENT                     0x00000010L
#define OBJ_EXCLUSIVE                     0x00000020L
#define OBJ_CASE_INSENSITIVE              0x00000040L
#define OBJ_OPENIF                        0x00000080L
#define OBJ_OPENLINK                      0x00000100L
#define OBJ_KERNEL_HANDLE                 0x00000200L
#define OBJ_FORCE_ACCESS_CHECK            0x00000400L
#define OBJ_IGNORE_IMPERSONATED_DEVICEMAP 0x00000800L
#define OBJ_DONT_REPARSE                  0x00001000L
#define OBJ_VALID_ATTRIBUTES              0x00001FF2L

#define InitializeObjectAttributes(attributes, name, flags, root, security)    \
  do {                                                                         \
    (attributes)->Length = sizeof(OBJECT_ATTRIBUTES);                          \
    (attributes)->RootDirectory = (root);                                      \
    (attributes)->Attributes = (flags);                                        \
    (attributes)->ObjectName = (name);                                         \
    (attributes)->SecurityDescriptor = (security);                             \
    (attributes)->SecurityQualityOfService = NULL;                             \
  } while (0)
#define RTL_CONSTANT_OBJECT_ATTRIBUTES(name, flags)                            \
  {                                                                            \
    sizeof(OBJECT_ATTRIBUTES), NULL, (PUNICODE_STRING)(name), (flags), NULL,   \
        NULL                                                                   \
  }
#define RTL_INIT_OBJECT_ATTRIBUTES(name, flags)                                \
  RTL_CONSTANT_OBJECT_ATTRIBUTES(name, flags)

/* ---- small enumerations ------------------------------------------------- */

typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;

typedef enum _TIMER_TYPE { NotificationTimer, SynchronizationTimer } TIMER_TYPE;

typedef enum _WAIT_TYPE {
  WaitAll,
  WaitAny,
  WaitNotification,
  WaitDequeue,
  WaitDpc
} WAIT_TYPE;

typedef enum _NT_PRODUCT_TYPE {
  NtProductWinNt = 1,
  NtProductLanManNt,
  NtProductServer
} NT_PRODUCT_TYPE,
    *PNT_PRODUCT_TYPE;

typedef enum _SUITE_TYPE {
  SmallBusiness,
  Enterprise,
  MaxSuiteType = 18
} SUITE_TYPE;

typedef struct _PROCESSOR_NUMBER {
  USHORT Group;
  UCHAR Number;
  UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

typedef struct _GROUP_AFFINITY {
  KAFFINITY Mask;
  USHORT Group;
  USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;

/* ---- macros ------------------------------------------------------------- */

#ifdef __cplusplus
#define UWSK_STATIC_ASSERT static_assert
#else
#define UWSK_STATIC_ASSERT _Static_assert
#endif
#define C_ASSERT(condition) UWSK_STATIC_ASSERT(condition, #condition)
#ifndef __cplusplus
#ifndef static_assert
#define static_assert _Static_assert
#endif
#endif

#undef FIELD_OFFSET
#undef CONTAINING_RECORD
#define FIELD_OFFSET(type, field)   ((LONG)offsetof(type, field))
#define UFIELD_OFFSET(type, field)  ((ULONG)offsetof(type, field))
#define FIELD_SIZE(type, field)     (sizeof(((type *)0)->field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field)                                  \
  (offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_CONTAINS_FIELD(record, size, field)                                \
  ((((PCHAR)(&(record)->field)) + sizeof((record)->field)) <=                  \
   (((PCHAR)(record)) + (size)))
#define RTL_PADDING_BETWEEN_FIELDS(type, first, second)                        \
  (offsetof(type, second) - offsetof(type, first) - RTL_FIELD_SIZE(type, first))
#define CONTAINING_RECORD(address, type, field)                                \
  ((type *)((PCHAR)(address)-offsetof(type, field)))
#define RTL_NUMBER_OF(array)    (sizeof(array) / sizeof((array)[0]))
#define RTL_NUMBER_OF_V1(array) RTL_NUMBER_OF(array)
#define RTL_NUMBER_OF_V2(array) RTL_NUMBER_OF(array)
#define ARRAYSIZE(array)        RTL_NUMBER_OF(array)
#define _ARRAYSIZE(array)       RTL_NUMBER_OF(array)
#define RTL_NUMBER_OF_FIELD(type, field)                                       \
  (RTL_NUMBER_OF(RTL_FIELD_TYPE(type, field)))
#define RTL_FIELD_TYPE(type, field) (((type *)0)->field)
#define RTL_BITS_OF(thing)          (sizeof(thing) * 8)
#ifndef _countof
#define _countof(array) RTL_NUMBER_OF(array)
#endif
#define TYPE_ALIGNMENT(type)  _alignof(type)
#define PROBE_ALIGNMENT(type) TYPE_ALIGNMENT(type)

#define UNREFERENCED_PARAMETER(parameter)         ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter)     ((void)(parameter))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))
#define DEFAULT_UNREACHABLE                                                    \
  default:                                                                     \
    __builtin_unreachable()

#define Int32x32To64(a, b)  ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(ULONG)(a) * (ULONGLONG)(ULONG)(b))

#define Int64ShllMod32(value, bits) ((ULONGLONG)(value) << (bits))
#define Int64ShraMod32(value, bits) ((LONGLONG)(value) >> (bits))
#define Int64ShrlMod32(value, bits) ((ULONGLONG)(value) >> (bits))

#define LANG_NEUTRAL     0x00
#define SUBLANG_NEUTRAL  0x00
#define MAKELANGID(p, s) ((((USHORT)(s)) << 10) | (USHORT)(p))

#ifdef __cplusplus
/* What `|` and its kin do to an enumeration is an enumeration again. */
#define DEFINE_ENUM_FLAG_OPERATORS(TYPE)                                       \
  extern "C++" {                                                               \
  inline constexpr TYPE operator|(TYPE a, TYPE b) {                            \
    return TYPE(((int)a) | ((int)b));                                          \
  }                                                                            \
  inline constexpr TYPE operator&(TYPE a, TYPE b) {                            \
    return TYPE(((int)a) & ((int)b));                                          \
  }                                                                            \
  inline constexpr TYPE operator^(TYPE a, TYPE b) {                            \
    return TYPE(((int)a) ^ ((int)b));                                          \
  }                                                                            \
  inline constexpr TYPE operator~(TYPE a) {                                    \
    return TYPE(~((int)a));                                                    \
  }                                                                            \
  inline TYPE &operator|=(TYPE &a, TYPE b) {                                   \
    return a = a | b;                                                          \
  }                                                                            \
  inline TYPE &operator&=(TYPE &a, TYPE b) {                                   \
    return a = a & b;                                                          \
  }                                                                            \
  inline TYPE &operator^=(TYPE &a, TYPE b) {                                   \
    return a = a ^ b;                                                          \
  }                                                                            \
  }
#else
#define DEFINE_ENUM_FLAG_OPERATORS(TYPE)
#endif

#endif
