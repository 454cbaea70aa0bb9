/*
 * GUID and the macros that declare and define one.
 *
 * DEFINE_GUID declares; after <initguid.h> it defines, in as many translation
 * units as like to (the linker keeps one).
 */
#ifndef UWSK_KM_GUIDDEF_ONCE
#define UWSK_KM_GUIDDEF_ONCE
/* Nothing: what follows guards itself, for its end is read each time. */
#endif

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <guiddef.h>
#else

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
#if __SIZEOF_LONG__ == 4
  unsigned long Data1;
#else
  unsigned int Data1;
#endif
  unsigned short Data2;
  unsigned short Data3;
  unsigned char Data4[8];
} GUID;
#endif

#ifndef UWSK_KM_GUIDDEF_H
#define UWSK_KM_GUIDDEF_H
#define _GUIDDEF_H_

#include <string.h>

typedef GUID *LPGUID;
typedef const GUID *LPCGUID;
typedef GUID IID, *LPIID;
typedef GUID CLSID, *LPCLSID;
typedef GUID FMTID, *LPFMTID;

/* One definition out of many: what the linker calls it differs. */
#ifdef _WIN32
#define UWSK_SELECTANY __attribute__((selectany))
#else
#define UWSK_SELECTANY __attribute__((weak))
#endif

#ifdef __cplusplus
#define REFGUID             const GUID &
#define REFIID              const IID &
#define REFCLSID            const IID &
#define UWSK_EXTERN_C_CONST extern "C" const
#define UWSK_DEFINE_C_CONST extern "C" const
#else
#define REFGUID             const GUID *
#define REFIID              const IID *
#define REFCLSID            const IID *
#define UWSK_EXTERN_C_CONST extern const
#define UWSK_DEFINE_C_CONST const
#endif

#ifdef __cplusplus
extern "C++" {
static __inline__ int InlineIsEqualGUID(REFGUID first, REFGUID second) {
  return memcmp(&first, &second, sizeof(GUID)) == 0;
}
static __inline__ int IsEqualGUID(REFGUID first, REFGUID second) {
  return memcmp(&first, &second, sizeof(GUID)) == 0;
}
static __inline__ bool operator==(const GUID &first, const GUID &second) {
  return IsEqualGUID(first, second) != 0;
}
static __inline__ bool operator!=(const GUID &first, const GUID &second) {
  return !(first == second);
}
}
#else
#define InlineIsEqualGUID(first, second)                                       \
  (memcmp((first), (second), sizeof(GUID)) == 0)
#define IsEqualGUID(first, second)                                             \
  (memcmp((first), (second), sizeof(GUID)) == 0)
#endif
#define IsEqualIID(first, second)   IsEqualGUID(first, second)
#define IsEqualCLSID(first, second) IsEqualGUID(first, second)

#endif

/* Outside the guard: <initguid.h> may come after this header and changes what
 * DEFINE_GUID means from there on. */
#undef DEFINE_GUID
#ifdef INITGUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)           \
  UWSK_DEFINE_C_CONST GUID UWSK_SELECTANY name = {                             \
      l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)           \
  UWSK_EXTERN_C_CONST GUID name
#endif

#endif
