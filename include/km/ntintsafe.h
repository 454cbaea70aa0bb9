/*
 * Arithmetic and conversions that tell when they overflow.
 *
 * RtlULongAdd(a, b, &result) and its kin for Sub and Mult, and
 * RtlULongToUShort( a, &result) and its kin for each pair of types.
 * STATUS_SUCCESS, or STATUS_INTEGER_OVERFLOW, and then the result has all bits
 * set. Any IRQL. Pages: ddi/ntintsafe/nf-ntintsafe-<name>.
 */
#ifndef UWSK_KM_NTINTSAFE_H
#define UWSK_KM_NTINTSAFE_H
#define _NTINTSAFE_H_INCLUDED_

#include <limits.h>

#include <ntdef.h>
#include <ntstatus.h>

/* Of a LONG, which is not the host's `long`. */
#undef LONG_MIN
#undef LONG_MAX
#undef ULONG_MAX
#define LONG_MIN  ((LONG)(-2147483647 - 1))
#define LONG_MAX  ((LONG)2147483647)
#define ULONG_MAX ((ULONG)0xffffffffu)

#define SHORT_MIN     (-32768)
#define SHORT_MAX     32767
#define USHORT_MAX    0xffff
#define BYTE_MAX      0xff
#define WORD_MAX      USHORT_MAX
#define DWORD_MAX     ULONG_MAX
#define LONGLONG_MIN  (-9223372036854775807LL - 1)
#define LONGLONG_MAX  9223372036854775807LL
#define ULONGLONG_MAX 0xffffffffffffffffULL
#define LONG64_MIN    LONGLONG_MIN
#define LONG64_MAX    LONGLONG_MAX
#define ULONG64_MAX   ULONGLONG_MAX
#define SIZE_T_MAX    ULONGLONG_MAX
#define INT_PTR_MIN   LONGLONG_MIN
#define INT_PTR_MAX   LONGLONG_MAX
#define UINT_PTR_MAX  ULONGLONG_MAX
#define LONG_PTR_MIN  LONGLONG_MIN
#define LONG_PTR_MAX  LONGLONG_MAX
#define ULONG_PTR_MAX ULONGLONG_MAX
#undef SIZE_MAX
#define SIZE_MAX ULONGLONG_MAX

#define INTSAFE_SUCCESS               STATUS_SUCCESS
#define INTSAFE_E_ARITHMETIC_OVERFLOW STATUS_INTEGER_OVERFLOW

#define UWSK_INTSAFE_OPERATION(name, type, builtin)                            \
  UWSK_INLINE NTSTATUS name(type First, type Second, type *Result) {           \
    if (!builtin(First, Second, Result))                                       \
      return STATUS_SUCCESS;                                                   \
    *Result = (type)-1;                                                        \
    return STATUS_INTEGER_OVERFLOW;                                            \
  }

#define UWSK_INTSAFE_ARITHMETIC(Name, type)                                    \
  UWSK_INTSAFE_OPERATION(Rtl##Name##Add, type, __builtin_add_overflow)         \
  UWSK_INTSAFE_OPERATION(Rtl##Name##Sub, type, __builtin_sub_overflow)         \
  UWSK_INTSAFE_OPERATION(Rtl##Name##Mult, type, __builtin_mul_overflow)

UWSK_INTSAFE_ARITHMETIC(Int8, INT8)
UWSK_INTSAFE_ARITHMETIC(UInt8, UINT8)
UWSK_INTSAFE_ARITHMETIC(Short, SHORT)
UWSK_INTSAFE_ARITHMETIC(UShort, USHORT)
UWSK_INTSAFE_ARITHMETIC(Int, INT)
UWSK_INTSAFE_ARITHMETIC(UInt, UINT)
UWSK_INTSAFE_ARITHMETIC(Long, LONG)
UWSK_INTSAFE_ARITHMETIC(ULong, ULONG)
UWSK_INTSAFE_ARITHMETIC(LongLong, LONGLONG)
UWSK_INTSAFE_ARITHMETIC(ULongLong, ULONGLONG)
UWSK_INTSAFE_ARITHMETIC(IntPtr, INT_PTR)
UWSK_INTSAFE_ARITHMETIC(UIntPtr, UINT_PTR)
UWSK_INTSAFE_ARITHMETIC(LongPtr, LONG_PTR)
UWSK_INTSAFE_ARITHMETIC(ULongPtr, ULONG_PTR)
UWSK_INTSAFE_ARITHMETIC(SizeT, SIZE_T)
UWSK_INTSAFE_ARITHMETIC(SSIZET, SSIZE_T)

#define RtlSIZETAdd   RtlSizeTAdd
#define RtlSIZETSub   RtlSizeTSub
#define RtlSIZETMult  RtlSizeTMult
#define RtlUInt16Add  RtlUShortAdd
#define RtlUInt16Sub  RtlUShortSub
#define RtlUInt16Mult RtlUShortMult
#define RtlUInt32Add  RtlUIntAdd
#define RtlUInt32Sub  RtlUIntSub
#define RtlUInt32Mult RtlUIntMult
#define RtlUInt64Add  RtlULongLongAdd
#define RtlUInt64Sub  RtlULongLongSub
#define RtlUInt64Mult RtlULongLongMult
#define RtlDWordAdd   RtlULongAdd
#define RtlDWordSub   RtlULongSub
#define RtlDWordMult  RtlULongMult
#define RtlWordAdd    RtlUShortAdd
#define RtlWordSub    RtlUShortSub
#define RtlWordMult   RtlUShortMult

/* ---- conversions -------------------------------------------------------- */

#define UWSK_INTSAFE_CONVERSION(From, from, Name, to)                          \
  UWSK_INLINE NTSTATUS Rtl##From##To##Name(from Operand, to *Result) {         \
    if (!__builtin_add_overflow(Operand, (from)0, Result))                     \
      return STATUS_SUCCESS;                                                   \
    *Result = (to)-1;                                                          \
    return STATUS_INTEGER_OVERFLOW;                                            \
  }

#define UWSK_INTSAFE_TO_ALL(From, from)                                        \
  UWSK_INTSAFE_CONVERSION(From, from, Char, CHAR)                              \
  UWSK_INTSAFE_CONVERSION(From, from, Int8, INT8)                              \
  UWSK_INTSAFE_CONVERSION(From, from, UInt8, UINT8)                            \
  UWSK_INTSAFE_CONVERSION(From, from, UChar, UCHAR)                            \
  UWSK_INTSAFE_CONVERSION(From, from, Byte, BYTE)                              \
  UWSK_INTSAFE_CONVERSION(From, from, Short, SHORT)                            \
  UWSK_INTSAFE_CONVERSION(From, from, UShort, USHORT)                          \
  UWSK_INTSAFE_CONVERSION(From, from, Word, WORD)                              \
  UWSK_INTSAFE_CONVERSION(From, from, Int, INT)                                \
  UWSK_INTSAFE_CONVERSION(From, from, UInt, UINT)                              \
  UWSK_INTSAFE_CONVERSION(From, from, Long, LONG)                              \
  UWSK_INTSAFE_CONVERSION(From, from, ULong, ULONG)                            \
  UWSK_INTSAFE_CONVERSION(From, from, DWord, DWORD)                            \
  UWSK_INTSAFE_CONVERSION(From, from, LongLong, LONGLONG)                      \
  UWSK_INTSAFE_CONVERSION(From, from, ULongLong, ULONGLONG)                    \
  UWSK_INTSAFE_CONVERSION(From, from, IntPtr, INT_PTR)                         \
  UWSK_INTSAFE_CONVERSION(From, from, UIntPtr, UINT_PTR)                       \
  UWSK_INTSAFE_CONVERSION(From, from, LongPtr, LONG_PTR)                       \
  UWSK_INTSAFE_CONVERSION(From, from, ULongPtr, ULONG_PTR)                     \
  UWSK_INTSAFE_CONVERSION(From, from, SizeT, SIZE_T)                           \
  UWSK_INTSAFE_CONVERSION(From, from, SIZET, SIZE_T)                           \
  UWSK_INTSAFE_CONVERSION(From, from, SSIZET, SSIZE_T)

UWSK_INTSAFE_TO_ALL(Int8, INT8)
UWSK_INTSAFE_TO_ALL(UInt8, UINT8)
UWSK_INTSAFE_TO_ALL(Byte, BYTE)
UWSK_INTSAFE_TO_ALL(Short, SHORT)
UWSK_INTSAFE_TO_ALL(UShort, USHORT)
UWSK_INTSAFE_TO_ALL(Int, INT)
UWSK_INTSAFE_TO_ALL(UInt, UINT)
UWSK_INTSAFE_TO_ALL(Long, LONG)
UWSK_INTSAFE_TO_ALL(ULong, ULONG)
UWSK_INTSAFE_TO_ALL(DWord, DWORD)
UWSK_INTSAFE_TO_ALL(LongLong, LONGLONG)
UWSK_INTSAFE_TO_ALL(ULongLong, ULONGLONG)
UWSK_INTSAFE_TO_ALL(IntPtr, INT_PTR)
UWSK_INTSAFE_TO_ALL(UIntPtr, UINT_PTR)
UWSK_INTSAFE_TO_ALL(LongPtr, LONG_PTR)
UWSK_INTSAFE_TO_ALL(ULongPtr, ULONG_PTR)
UWSK_INTSAFE_TO_ALL(SizeT, SIZE_T)
UWSK_INTSAFE_TO_ALL(SIZET, SIZE_T)
UWSK_INTSAFE_TO_ALL(SSIZET, SSIZE_T)

#endif
