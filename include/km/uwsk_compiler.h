/*
 * The words of Microsoft's compiler, said in gcc's and clang's.
 *
 * Everything a driver may write that is a keyword there and none here. Where
 * clang's -fms-extensions knows the keyword itself, the macro goes before it,
 * so that both compilers read the same program.
 */
#ifndef UWSK_KM_COMPILER_H
#define UWSK_KM_COMPILER_H

#ifdef _WIN32
#ifdef __cplusplus
extern "C++" {
#endif
#include <_mingw.h> /* so that it cannot redefine what follows */
#include <stdlib.h>
#ifdef __cplusplus
}
#endif
#endif
#include <stdarg.h>
#include <stddef.h>

/* What Microsoft's <stddef.h> declares besides. <stdint.h> is left to the
 * driver: some declare its types themselves. */
typedef __INTPTR_TYPE__ intptr_t;
typedef __UINTPTR_TYPE__ uintptr_t;

#if defined(_WINDOWS_) || defined(_INC_WINDOWS)
#error "uwsk: km headers and <windows.h> cannot share one file"
#endif

/* Tells driver code that it is built with uwsk, should it want to know. */
#define __UWSK__ 1

#if !defined(__GNUC__)
#error "uwsk: km headers need gcc or clang"
#endif

#if __SIZEOF_POINTER__ != 8
#error "uwsk: km headers have 64-bit layouts: build for a 64-bit host"
#endif

#if __SIZEOF_WCHAR_T__ != 2
#error "uwsk: WCHAR has 16 bits: compile driver code with -fshort-wchar"
#endif

/* What a driver build defines before its first line. Not _WIN32 nor _MSC_VER:
 * the host's own headers ask for those. */
#ifndef _WIN64
#define _WIN64 1
#endif
#ifndef _KERNEL_MODE
#define _KERNEL_MODE 1
#endif
#if !defined(_AMD64_) && !defined(_ARM64_)
#define _AMD64_ 1
#endif
#ifndef _M_AMD64
#define _M_AMD64 100
#endif
#ifndef _M_X64
#define _M_X64 100
#endif

/* ---- __declspec --------------------------------------------------------- */

/* Each word becomes a macro of its own, for gcc's attributes have other names
 * and its warning about an unknown one would hide a missing alignment. */
#undef __declspec
#define __declspec(word)                                                       \
  UWSK_DECLSPEC(UWSK_DECLSPEC_WITH_##word, UWSK_DECLSPEC_##word, )
#ifndef _declspec
#define _declspec __declspec
#endif

/* A word that may have an argument or none: with one, the macro in front adds a
 * parameter, and that is then the second. */
#define UWSK_DECLSPEC(...) UWSK_DECLSPEC_SECOND(__VA_ARGS__)

#define UWSK_DECLSPEC_SECOND(first, second, ...) second

#define UWSK_DECLSPEC_WITH_deprecated(text) , __attribute__((deprecated(text)))

#define UWSK_DECLSPEC_align(bytes)   __attribute__((aligned(bytes)))
#define UWSK_DECLSPEC_aligned(bytes) __attribute__((aligned(bytes)))
#define UWSK_DECLSPEC_noinline       __attribute__((noinline))
#define UWSK_DECLSPEC_noreturn       __attribute__((noreturn))
#define UWSK_DECLSPEC___noreturn__   __attribute__((noreturn))
#define UWSK_DECLSPEC_nothrow        __attribute__((nothrow))
#define UWSK_DECLSPEC___nothrow__    __attribute__((nothrow))
#define UWSK_DECLSPEC_naked          __attribute__((naked))
#define UWSK_DECLSPEC_thread         __thread
#define UWSK_DECLSPEC_restrict
#define UWSK_DECLSPEC_noalias
#define UWSK_DECLSPEC_novtable
#define UWSK_DECLSPEC_empty_bases
#define UWSK_DECLSPEC_safebuffers
#define UWSK_DECLSPEC_strict_gs_check
#define UWSK_DECLSPEC_no_init_all
#define UWSK_DECLSPEC_no_sanitize_address __attribute__((no_sanitize_address))
#define UWSK_DECLSPEC_allocator
#define UWSK_DECLSPEC_intrin_type
#define UWSK_DECLSPEC_guard(word)
#define UWSK_DECLSPEC_spectre(word)
#define UWSK_DECLSPEC_uuid(text)
#define UWSK_DECLSPEC_allocate(section)
#define UWSK_DECLSPEC_code_seg(section)
#define UWSK_DECLSPEC_process
#define UWSK_DECLSPEC_hybrid_patchable
#define UWSK_DECLSPEC_deprecated __attribute__((deprecated))
#define UWSK_DECLSPEC_property(...)
#ifdef _WIN32
#define UWSK_DECLSPEC_dllexport __attribute__((dllexport))
#define UWSK_DECLSPEC_dllimport __attribute__((dllimport))
#define UWSK_DECLSPEC_selectany __attribute__((selectany))
#else
#define UWSK_DECLSPEC_dllexport __attribute__((visibility("default")))
#define UWSK_DECLSPEC_dllimport
#define UWSK_DECLSPEC_selectany __attribute__((weak))
#endif

/* ---- pragmas, suffixes, names ------------------------------------------- */

#ifndef __clang__
/* Those of Microsoft's that gcc knows, such as pack, take effect. */
#define __pragma(...) _Pragma(#__VA_ARGS__)
#define __interface struct
#endif

#if defined(__cplusplus) && !defined(__clang__)
/* 1i64, 0xFFui16: clang knows these; to gcc they are operators in C++ alone. */
extern "C++" {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wliteral-suffix"
constexpr signed char operator"" i8(unsigned long long value) {
  return (signed char)value;
}
constexpr unsigned char operator"" ui8(unsigned long long value) {
  return (unsigned char)value;
}
constexpr short operator"" i16(unsigned long long value) {
  return (short)value;
}
constexpr unsigned short operator"" ui16(unsigned long long value) {
  return (unsigned short)value;
}
constexpr int operator"" i32(unsigned long long value) {
  return (int)value;
}
constexpr unsigned operator"" ui32(unsigned long long value) {
  return (unsigned)value;
}
constexpr long long operator"" i64(unsigned long long value) {
  return (long long)value;
}
constexpr unsigned long long operator"" ui64(unsigned long long value) {
  return value;
}
#pragma GCC diagnostic pop
}
#endif

/* The function's name in wide letters: an address, not a literal. */
#define __FUNCTIONW__                                                          \
  (__extension__({                                                             \
    static wchar_t uwsk_name[sizeof(__func__)];                                \
    (const wchar_t *)uwsk_widen(uwsk_name, __func__, sizeof(__func__));        \
  }))

/* Whoever comes first, and who comes meanwhile, write the same. */
static __inline__ __attribute__((unused)) wchar_t *
uwsk_widen(wchar_t *wide, const char *narrow, size_t count) {
  for (size_t i = 0; i < count; i++)
    __atomic_store_n(&wide[i], (wchar_t)(unsigned char)narrow[i],
                     __ATOMIC_RELAXED);
  return wide;
}

/* Memory of the stack. */
#undef _alloca
#define _alloca(size) __builtin_alloca(size)
#ifndef alloca
#define alloca(size) __builtin_alloca(size)
#endif

/* ---- integer widths, calling conventions, inlining ---------------------- */

#ifndef __int64
#define __int64 long long
#endif
#ifndef __int32
#define __int32 int
#endif
#ifndef __int16
#define __int16 short
#endif
#ifndef __int8
#define __int8 char
#endif
#ifndef _int64
#define _int64 long long
#endif

/* x64 has one calling convention. */
#ifndef _WIN32
#undef __cdecl
#undef __stdcall
#undef __fastcall
#define __cdecl
#define __stdcall
#define __fastcall
#define _cdecl
#define _stdcall
#define _fastcall
#endif
#ifndef __thiscall
#define __thiscall
#endif
#ifndef __vectorcall
#define __vectorcall
#endif
#ifndef __clrcall
#define __clrcall
#endif

#undef __forceinline
#define __forceinline __inline__ __attribute__((always_inline))
#undef _inline
#define _inline __inline__
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __w64
#define __w64
#endif
#ifndef __ptr64
#define __ptr64
#endif
#ifndef __ptr32
#define __ptr32
#endif
#ifndef __sptr
#define __sptr
#endif
#ifndef __uptr
#define __uptr
#endif
#ifndef __noop
#define __noop(...) ((void)0)
#endif
#ifndef __cplusplus
#ifndef __nullptr
#define __nullptr ((void *)0)
#endif
#endif
#ifndef __alignof
#define __alignof __alignof__
#endif
#ifndef _alignof
#define _alignof __alignof__
#endif

/* For the inline functions of these headers. */
#define UWSK_INLINE static __inline__ __attribute__((unused))

/* Pragmas of Microsoft's: code segments, warnings, libraries. gcc and clang
 * skip those they do not know; -Wall would say so each time. */
#if defined(UWSK_DRIVER_CODE)
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#endif

#ifdef __cplusplus
#define UWSK_BEGIN_C extern "C" {
#define UWSK_END_C   }
#else
#define UWSK_BEGIN_C
#define UWSK_END_C
#endif

#endif
