/*
 * The compiler intrinsics that drivers use: bits, bytes, breakpoints. The
 * interlocked ones stand in uwsk_interlocked.h.
 */
#ifndef UWSK_KM_INTRIN_H
#define UWSK_KM_INTRIN_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <intrin.h>
#else

#include <ntdef.h>
#include <uwsk_crt.h>
#include <uwsk_interlocked.h>

UWSK_BEGIN_C
VOID NTAPI DbgBreakPoint(VOID);
UWSK_END_C

#undef __debugbreak
#undef __fastfail
#define __debugbreak()                       DbgBreakPoint()
#define __fastfail(code)                     __builtin_trap()

/* Ends the process at once, as it ends Windows. */
#define FAST_FAIL_LEGACY_GS_VIOLATION        0
#define FAST_FAIL_VTGUARD_CHECK_FAILURE      1
#define FAST_FAIL_STACK_COOKIE_CHECK_FAILURE 2
#define FAST_FAIL_CORRUPT_LIST_ENTRY         3
#define FAST_FAIL_INCORRECT_STACK            4
#define FAST_FAIL_INVALID_ARG                5
#define FAST_FAIL_GS_COOKIE_INIT             6
#define FAST_FAIL_FATAL_APP_EXIT             7
#define FAST_FAIL_RANGE_CHECK_FAILURE        8
#define FAST_FAIL_INVALID_REFERENCE_COUNT    14
#define FAST_FAIL_INVALID_BUFFER_ACCESS      28
UWSK_INLINE DECLSPEC_NORETURN VOID RtlFailFast(ULONG Code) {
  (void)Code;
  __fastfail(Code);
}

#define _ReturnAddress() __builtin_return_address(0)
#define _AddressOfReturnAddress()                                              \
  ((void *)((void **)__builtin_frame_address(0) + 1))

/* The number of the lowest (highest) bit that is set; 0 when none is. */
UWSK_INLINE UCHAR uwsk_lowest_bit(ULONG *Index, ULONG64 Mask) {
  if (Mask == 0)
    return 0;
  *Index = (ULONG)__builtin_ctzll(Mask);
  return 1;
}

UWSK_INLINE UCHAR uwsk_highest_bit(ULONG *Index, ULONG64 Mask) {
  if (Mask == 0)
    return 0;
  *Index = 63 - (ULONG)__builtin_clzll(Mask);
  return 1;
}

#undef _BitScanForward
#undef _BitScanReverse
#undef _BitScanForward64
#undef _BitScanReverse64
#define _BitScanForward(index, mask)                                           \
  uwsk_lowest_bit((ULONG *)(index), (ULONG)(mask))
#define _BitScanReverse(index, mask)                                           \
  uwsk_highest_bit((ULONG *)(index), (ULONG)(mask))
#define _BitScanForward64(index, mask)                                         \
  uwsk_lowest_bit((ULONG *)(index), (ULONG64)(mask))
#define _BitScanReverse64(index, mask)                                         \
  uwsk_highest_bit((ULONG *)(index), (ULONG64)(mask))
#define BitScanForward   _BitScanForward
#define BitScanReverse   _BitScanReverse
#define BitScanForward64 _BitScanForward64
#define BitScanReverse64 _BitScanReverse64

/* Not atomic. */
UWSK_INLINE UCHAR uwsk_bit_test(const void *Base, LONG64 Bit) {
  return (UCHAR)((((const UINT32 *)Base)[Bit >> 5] >> (Bit & 31)) & 1);
}

UWSK_INLINE UCHAR uwsk_bit_assign(void *Base, LONG64 Bit, int Set) {
  UINT32 *word = (UINT32 *)Base + (Bit >> 5);
  UCHAR before = uwsk_bit_test(Base, Bit);
  UINT32 mask = (UINT32)1 << (Bit & 31);
  *word = Set ? *word | mask : *word & ~mask;
  return before;
}

#define BitTest(base, bit)            uwsk_bit_test((base), (bit))
#define BitTest64(base, bit)          uwsk_bit_test((base), (bit))
#define BitTestAndSet(base, bit)      uwsk_bit_assign((base), (bit), 1)
#define BitTestAndSet64(base, bit)    uwsk_bit_assign((base), (bit), 1)
#define BitTestAndReset(base, bit)    uwsk_bit_assign((base), (bit), 0)
#define BitTestAndReset64(base, bit)  uwsk_bit_assign((base), (bit), 0)
#define _bittest(base, bit)           uwsk_bit_test((base), (bit))
#define _bittest64(base, bit)         uwsk_bit_test((base), (bit))
#define _bittestandset(base, bit)     uwsk_bit_assign((base), (bit), 1)
#define _bittestandset64(base, bit)   uwsk_bit_assign((base), (bit), 1)
#define _bittestandreset(base, bit)   uwsk_bit_assign((base), (bit), 0)
#define _bittestandreset64(base, bit) uwsk_bit_assign((base), (bit), 0)

#define __popcnt16(value) ((USHORT)__builtin_popcount((USHORT)(value)))
#define __popcnt(value)   ((ULONG)__builtin_popcount((ULONG)(value)))
#define __popcnt64(value) ((ULONG64)__builtin_popcountll((ULONG64)(value)))
#define PopulationCount64 __popcnt64

UWSK_INLINE ULONG64 uwsk_rotate(ULONG64 Value, int Left, int Bits) {
  ULONG64 mask = Bits == 64 ? ~0ULL : (1ULL << Bits) - 1;
  int shift = Left & (Bits - 1);
  Value &= mask;
  return shift == 0 ? Value
                    : (((Value << shift) | (Value >> (Bits - shift))) & mask);
}

#undef _rotl
#undef _rotr
#undef _rotl64
#undef _rotr64
#define _rotl(value, shift) ((ULONG)uwsk_rotate((ULONG)(value), (shift), 32))
#define _rotr(value, shift) ((ULONG)uwsk_rotate((ULONG)(value), -(shift), 32))

#define _rotl64(value, shift)       uwsk_rotate((value), (shift), 64)
#define _rotr64(value, shift)       uwsk_rotate((value), -(shift), 64)
#define RotateLeft32(value, shift)  _rotl(value, shift)
#define RotateLeft64(value, shift)  _rotl64(value, shift)
#define RotateRight32(value, shift) _rotr(value, shift)
#define RotateRight64(value, shift) _rotr64(value, shift)

#define __nop() __asm__ __volatile__("nop")

#endif
#endif
