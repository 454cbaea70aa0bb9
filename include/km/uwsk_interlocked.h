/*
 * Interlocked operations, over the compiler's atomics.
 *
 * Macros, because drivers hand in LONG *, plain long * (8 bytes on Linux) and
 * volatile or unsigned variants alike: an operation is as wide as the variable
 * it is given, and each argument is evaluated once. Without a suffix an
 * operation is a full barrier; Acquire, Release and NoFence weaken it.
 */
#ifndef UWSK_KM_INTERLOCKED_H
#define UWSK_KM_INTERLOCKED_H

#include <ntdef.h>

/* clang-format off */

/* t is the target, v the value, o the memory order. */
#define UWSK_IL_INC(t, o)      __atomic_add_fetch((t), 1, o)
#define UWSK_IL_DEC(t, o)      __atomic_sub_fetch((t), 1, o)
#define UWSK_IL_ADD(t, v, o)   __atomic_add_fetch((t), (v), o)
#define UWSK_IL_XADD(t, v, o)  __atomic_fetch_add((t), (v), o)
#define UWSK_IL_XCHG(t, v, o)  __atomic_exchange_n((t), (v), o)
#define UWSK_IL_AND(t, v, o)   __atomic_fetch_and((t), (v), o)
#define UWSK_IL_OR(t, v, o)    __atomic_fetch_or((t), (v), o)
#define UWSK_IL_XOR(t, v, o)   __atomic_fetch_xor((t), (v), o)

/* The value before; exchanged when that was `c`. Always a full barrier, which
 * the weaker forms may be. */
#define UWSK_IL_CAS(t, v, c)   __sync_val_compare_and_swap((t), (c), (v))

#define UWSK_SEQ __ATOMIC_SEQ_CST
#define UWSK_ACQ __ATOMIC_ACQUIRE
#define UWSK_REL __ATOMIC_RELEASE
#define UWSK_RLX __ATOMIC_RELAXED

#define InterlockedIncrement(t) UWSK_IL_INC(t, UWSK_SEQ)
#define InterlockedIncrement16(t) UWSK_IL_INC(t, UWSK_SEQ)
#define InterlockedIncrement64(t) UWSK_IL_INC(t, UWSK_SEQ)
#define InterlockedIncrementAcquire(t) UWSK_IL_INC(t, UWSK_ACQ)
#define InterlockedIncrementAcquire16(t) UWSK_IL_INC(t, UWSK_ACQ)
#define InterlockedIncrementAcquire64(t) UWSK_IL_INC(t, UWSK_ACQ)
#define InterlockedIncrementRelease(t) UWSK_IL_INC(t, UWSK_REL)
#define InterlockedIncrementRelease16(t) UWSK_IL_INC(t, UWSK_REL)
#define InterlockedIncrementRelease64(t) UWSK_IL_INC(t, UWSK_REL)
#define InterlockedIncrementNoFence(t) UWSK_IL_INC(t, UWSK_RLX)
#define InterlockedIncrementNoFence16(t) UWSK_IL_INC(t, UWSK_RLX)
#define InterlockedIncrementNoFence64(t) UWSK_IL_INC(t, UWSK_RLX)

#define InterlockedDecrement(t) UWSK_IL_DEC(t, UWSK_SEQ)
#define InterlockedDecrement16(t) UWSK_IL_DEC(t, UWSK_SEQ)
#define InterlockedDecrement64(t) UWSK_IL_DEC(t, UWSK_SEQ)
#define InterlockedDecrementAcquire(t) UWSK_IL_DEC(t, UWSK_ACQ)
#define InterlockedDecrementAcquire16(t) UWSK_IL_DEC(t, UWSK_ACQ)
#define InterlockedDecrementAcquire64(t) UWSK_IL_DEC(t, UWSK_ACQ)
#define InterlockedDecrementRelease(t) UWSK_IL_DEC(t, UWSK_REL)
#define InterlockedDecrementRelease16(t) UWSK_IL_DEC(t, UWSK_REL)
#define InterlockedDecrementRelease64(t) UWSK_IL_DEC(t, UWSK_REL)
#define InterlockedDecrementNoFence(t) UWSK_IL_DEC(t, UWSK_RLX)
#define InterlockedDecrementNoFence16(t) UWSK_IL_DEC(t, UWSK_RLX)
#define InterlockedDecrementNoFence64(t) UWSK_IL_DEC(t, UWSK_RLX)

#define InterlockedAdd(t, v) UWSK_IL_ADD(t, v, UWSK_SEQ)
#define InterlockedAdd64(t, v) UWSK_IL_ADD(t, v, UWSK_SEQ)
#define InterlockedAddAcquire(t, v) UWSK_IL_ADD(t, v, UWSK_ACQ)
#define InterlockedAddAcquire64(t, v) UWSK_IL_ADD(t, v, UWSK_ACQ)
#define InterlockedAddRelease(t, v) UWSK_IL_ADD(t, v, UWSK_REL)
#define InterlockedAddRelease64(t, v) UWSK_IL_ADD(t, v, UWSK_REL)
#define InterlockedAddNoFence(t, v) UWSK_IL_ADD(t, v, UWSK_RLX)
#define InterlockedAddNoFence64(t, v) UWSK_IL_ADD(t, v, UWSK_RLX)

#define InterlockedExchangeAdd(t, v) UWSK_IL_XADD(t, v, UWSK_SEQ)
#define InterlockedExchangeAdd8(t, v) UWSK_IL_XADD(t, v, UWSK_SEQ)
#define InterlockedExchangeAdd16(t, v) UWSK_IL_XADD(t, v, UWSK_SEQ)
#define InterlockedExchangeAdd64(t, v) UWSK_IL_XADD(t, v, UWSK_SEQ)
#define InterlockedExchangeAddAcquire(t, v) UWSK_IL_XADD(t, v, UWSK_ACQ)
#define InterlockedExchangeAddAcquire8(t, v) UWSK_IL_XADD(t, v, UWSK_ACQ)
#define InterlockedExchangeAddAcquire16(t, v) UWSK_IL_XADD(t, v, UWSK_ACQ)
#define InterlockedExchangeAddAcquire64(t, v) UWSK_IL_XADD(t, v, UWSK_ACQ)
#define InterlockedExchangeAddRelease(t, v) UWSK_IL_XADD(t, v, UWSK_REL)
#define InterlockedExchangeAddRelease8(t, v) UWSK_IL_XADD(t, v, UWSK_REL)
#define InterlockedExchangeAddRelease16(t, v) UWSK_IL_XADD(t, v, UWSK_REL)
#define InterlockedExchangeAddRelease64(t, v) UWSK_IL_XADD(t, v, UWSK_REL)
#define InterlockedExchangeAddNoFence(t, v) UWSK_IL_XADD(t, v, UWSK_RLX)
#define InterlockedExchangeAddNoFence8(t, v) UWSK_IL_XADD(t, v, UWSK_RLX)
#define InterlockedExchangeAddNoFence16(t, v) UWSK_IL_XADD(t, v, UWSK_RLX)
#define InterlockedExchangeAddNoFence64(t, v) UWSK_IL_XADD(t, v, UWSK_RLX)

#define InterlockedExchange(t, v) UWSK_IL_XCHG(t, v, UWSK_SEQ)
#define InterlockedExchange8(t, v) UWSK_IL_XCHG(t, v, UWSK_SEQ)
#define InterlockedExchange16(t, v) UWSK_IL_XCHG(t, v, UWSK_SEQ)
#define InterlockedExchange64(t, v) UWSK_IL_XCHG(t, v, UWSK_SEQ)
#define InterlockedExchangeAcquire(t, v) UWSK_IL_XCHG(t, v, UWSK_ACQ)
#define InterlockedExchangeAcquire8(t, v) UWSK_IL_XCHG(t, v, UWSK_ACQ)
#define InterlockedExchangeAcquire16(t, v) UWSK_IL_XCHG(t, v, UWSK_ACQ)
#define InterlockedExchangeAcquire64(t, v) UWSK_IL_XCHG(t, v, UWSK_ACQ)
#define InterlockedExchangeRelease(t, v) UWSK_IL_XCHG(t, v, UWSK_REL)
#define InterlockedExchangeRelease8(t, v) UWSK_IL_XCHG(t, v, UWSK_REL)
#define InterlockedExchangeRelease16(t, v) UWSK_IL_XCHG(t, v, UWSK_REL)
#define InterlockedExchangeRelease64(t, v) UWSK_IL_XCHG(t, v, UWSK_REL)
#define InterlockedExchangeNoFence(t, v) UWSK_IL_XCHG(t, v, UWSK_RLX)
#define InterlockedExchangeNoFence8(t, v) UWSK_IL_XCHG(t, v, UWSK_RLX)
#define InterlockedExchangeNoFence16(t, v) UWSK_IL_XCHG(t, v, UWSK_RLX)
#define InterlockedExchangeNoFence64(t, v) UWSK_IL_XCHG(t, v, UWSK_RLX)

#define InterlockedAnd(t, v) UWSK_IL_AND(t, v, UWSK_SEQ)
#define InterlockedAnd8(t, v) UWSK_IL_AND(t, v, UWSK_SEQ)
#define InterlockedAnd16(t, v) UWSK_IL_AND(t, v, UWSK_SEQ)
#define InterlockedAnd64(t, v) UWSK_IL_AND(t, v, UWSK_SEQ)
#define InterlockedAndAcquire(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAndAcquire8(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAnd8Acquire(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAndAcquire16(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAnd16Acquire(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAndAcquire64(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAnd64Acquire(t, v) UWSK_IL_AND(t, v, UWSK_ACQ)
#define InterlockedAndRelease(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAndRelease8(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAnd8Release(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAndRelease16(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAnd16Release(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAndRelease64(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAnd64Release(t, v) UWSK_IL_AND(t, v, UWSK_REL)
#define InterlockedAndNoFence(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAndNoFence8(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAnd8NoFence(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAndNoFence16(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAnd16NoFence(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAndNoFence64(t, v) UWSK_IL_AND(t, v, UWSK_RLX)
#define InterlockedAnd64NoFence(t, v) UWSK_IL_AND(t, v, UWSK_RLX)

#define InterlockedOr(t, v) UWSK_IL_OR(t, v, UWSK_SEQ)
#define InterlockedOr8(t, v) UWSK_IL_OR(t, v, UWSK_SEQ)
#define InterlockedOr16(t, v) UWSK_IL_OR(t, v, UWSK_SEQ)
#define InterlockedOr64(t, v) UWSK_IL_OR(t, v, UWSK_SEQ)
#define InterlockedOrAcquire(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOrAcquire8(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOr8Acquire(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOrAcquire16(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOr16Acquire(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOrAcquire64(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOr64Acquire(t, v) UWSK_IL_OR(t, v, UWSK_ACQ)
#define InterlockedOrRelease(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOrRelease8(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOr8Release(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOrRelease16(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOr16Release(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOrRelease64(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOr64Release(t, v) UWSK_IL_OR(t, v, UWSK_REL)
#define InterlockedOrNoFence(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOrNoFence8(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOr8NoFence(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOrNoFence16(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOr16NoFence(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOrNoFence64(t, v) UWSK_IL_OR(t, v, UWSK_RLX)
#define InterlockedOr64NoFence(t, v) UWSK_IL_OR(t, v, UWSK_RLX)

#define InterlockedXor(t, v) UWSK_IL_XOR(t, v, UWSK_SEQ)
#define InterlockedXor8(t, v) UWSK_IL_XOR(t, v, UWSK_SEQ)
#define InterlockedXor16(t, v) UWSK_IL_XOR(t, v, UWSK_SEQ)
#define InterlockedXor64(t, v) UWSK_IL_XOR(t, v, UWSK_SEQ)
#define InterlockedXorAcquire(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXorAcquire8(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXor8Acquire(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXorAcquire16(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXor16Acquire(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXorAcquire64(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXor64Acquire(t, v) UWSK_IL_XOR(t, v, UWSK_ACQ)
#define InterlockedXorRelease(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXorRelease8(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXor8Release(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXorRelease16(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXor16Release(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXorRelease64(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXor64Release(t, v) UWSK_IL_XOR(t, v, UWSK_REL)
#define InterlockedXorNoFence(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXorNoFence8(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXor8NoFence(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXorNoFence16(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXor16NoFence(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXorNoFence64(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)
#define InterlockedXor64NoFence(t, v) UWSK_IL_XOR(t, v, UWSK_RLX)

#define InterlockedCompareExchange(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchange8(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchange16(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchange64(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeAcquire(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeAcquire8(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeAcquire16(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeAcquire64(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeRelease(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeRelease8(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeRelease16(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeRelease64(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeNoFence(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeNoFence8(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeNoFence16(t, v, c) UWSK_IL_CAS(t, v, c)
#define InterlockedCompareExchangeNoFence64(t, v, c) UWSK_IL_CAS(t, v, c)

#define InterlockedExchangePointer(t, v) \
  UWSK_IL_XCHG((void *volatile *)(t), (void *)(v), UWSK_SEQ)
#define InterlockedCompareExchangePointer(t, v, c) \
  UWSK_IL_CAS((void *volatile *)(t), (void *)(v), (void *)(c))
#define InterlockedExchangePointerAcquire(t, v) \
  UWSK_IL_XCHG((void *volatile *)(t), (void *)(v), UWSK_ACQ)
#define InterlockedCompareExchangePointerAcquire(t, v, c) \
  UWSK_IL_CAS((void *volatile *)(t), (void *)(v), (void *)(c))
#define InterlockedExchangePointerRelease(t, v) \
  UWSK_IL_XCHG((void *volatile *)(t), (void *)(v), UWSK_REL)
#define InterlockedCompareExchangePointerRelease(t, v, c) \
  UWSK_IL_CAS((void *volatile *)(t), (void *)(v), (void *)(c))
#define InterlockedExchangePointerNoFence(t, v) \
  UWSK_IL_XCHG((void *volatile *)(t), (void *)(v), UWSK_RLX)
#define InterlockedCompareExchangePointerNoFence(t, v, c) \
  UWSK_IL_CAS((void *volatile *)(t), (void *)(v), (void *)(c))
#define InterlockedAddSizeT(t, v)              UWSK_IL_ADD(t, v, UWSK_SEQ)
#define InterlockedIncrementSizeT(t)           UWSK_IL_INC(t, UWSK_SEQ)
#define InterlockedDecrementSizeT(t)           UWSK_IL_DEC(t, UWSK_SEQ)
#define InterlockedExchangeAddSizeT(t, v)      UWSK_IL_XADD(t, v, UWSK_SEQ)
#define InterlockedIncrementSizeTNoFence(t)    UWSK_IL_INC(t, UWSK_RLX)
#define InterlockedDecrementSizeTNoFence(t)    UWSK_IL_DEC(t, UWSK_RLX)

#define _InterlockedIncrement(t) InterlockedIncrement(t)
#define _InterlockedIncrement16(t) InterlockedIncrement16(t)
#define _InterlockedIncrement64(t) InterlockedIncrement64(t)
#define _InterlockedDecrement(t) InterlockedDecrement(t)
#define _InterlockedDecrement16(t) InterlockedDecrement16(t)
#define _InterlockedDecrement64(t) InterlockedDecrement64(t)
#define _InterlockedExchangeAdd(t, v) InterlockedExchangeAdd(t, v)
#define _InterlockedExchangeAdd8(t, v) InterlockedExchangeAdd8(t, v)
#define _InterlockedExchangeAdd16(t, v) InterlockedExchangeAdd16(t, v)
#define _InterlockedExchangeAdd64(t, v) InterlockedExchangeAdd64(t, v)
#define _InterlockedExchange(t, v) InterlockedExchange(t, v)
#define _InterlockedExchange8(t, v) InterlockedExchange8(t, v)
#define _InterlockedExchange16(t, v) InterlockedExchange16(t, v)
#define _InterlockedExchange64(t, v) InterlockedExchange64(t, v)
#define _InterlockedAnd(t, v) InterlockedAnd(t, v)
#define _InterlockedAnd8(t, v) InterlockedAnd8(t, v)
#define _InterlockedAnd16(t, v) InterlockedAnd16(t, v)
#define _InterlockedAnd64(t, v) InterlockedAnd64(t, v)
#define _InterlockedOr(t, v) InterlockedOr(t, v)
#define _InterlockedOr8(t, v) InterlockedOr8(t, v)
#define _InterlockedOr16(t, v) InterlockedOr16(t, v)
#define _InterlockedOr64(t, v) InterlockedOr64(t, v)
#define _InterlockedXor(t, v) InterlockedXor(t, v)
#define _InterlockedXor8(t, v) InterlockedXor8(t, v)
#define _InterlockedXor16(t, v) InterlockedXor16(t, v)
#define _InterlockedXor64(t, v) InterlockedXor64(t, v)
#define _InterlockedCompareExchange(t, v, c) \
  InterlockedCompareExchange(t, v, c)
#define _InterlockedCompareExchange8(t, v, c) \
  InterlockedCompareExchange8(t, v, c)
#define _InterlockedCompareExchange16(t, v, c) \
  InterlockedCompareExchange16(t, v, c)
#define _InterlockedCompareExchange64(t, v, c) \
  InterlockedCompareExchange64(t, v, c)
#define _InterlockedExchangePointer(t, v) InterlockedExchangePointer(t, v)
#define _InterlockedCompareExchangePointer(t, v, c) \
  InterlockedCompareExchangePointer(t, v, c)

/* ---- reads and writes ---------------------------------------------------- */

#define ReadAcquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadNoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadRaw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteRelease(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteNoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteRaw(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadAcquire8(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadNoFence8(s) __atomic_load_n((s), UWSK_RLX)
#define ReadRaw8(s) __atomic_load_n((s), UWSK_RLX)
#define WriteRelease8(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteNoFence8(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteRaw8(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadAcquire16(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadNoFence16(s) __atomic_load_n((s), UWSK_RLX)
#define ReadRaw16(s) __atomic_load_n((s), UWSK_RLX)
#define WriteRelease16(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteNoFence16(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteRaw16(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadAcquire64(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadNoFence64(s) __atomic_load_n((s), UWSK_RLX)
#define ReadRaw64(s) __atomic_load_n((s), UWSK_RLX)
#define WriteRelease64(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteNoFence64(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteRaw64(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadUCharAcquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadUCharNoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadUCharRaw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteUCharRelease(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteUCharNoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteUCharRaw(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadUShortAcquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadUShortNoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadUShortRaw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteUShortRelease(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteUShortNoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteUShortRaw(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadULongAcquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadULongNoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadULongRaw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteULongRelease(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteULongNoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteULongRaw(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadULong64Acquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadULong64NoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadULong64Raw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteULong64Release(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteULong64NoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteULong64Raw(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define ReadBooleanAcquire(s) __atomic_load_n((s), UWSK_ACQ)
#define ReadBooleanNoFence(s) __atomic_load_n((s), UWSK_RLX)
#define ReadBooleanRaw(s) __atomic_load_n((s), UWSK_RLX)
#define WriteBooleanRelease(t, v) __atomic_store_n((t), (v), UWSK_REL)
#define WriteBooleanNoFence(t, v) __atomic_store_n((t), (v), UWSK_RLX)
#define WriteBooleanRaw(t, v) __atomic_store_n((t), (v), UWSK_RLX)

#define ReadPointerAcquire(s) \
  __atomic_load_n((void *const volatile *)(s), UWSK_ACQ)
#define ReadPointerNoFence(s) \
  __atomic_load_n((void *const volatile *)(s), UWSK_RLX)
#define ReadPointerRaw(s) \
  __atomic_load_n((void *const volatile *)(s), UWSK_RLX)
#define WritePointerRelease(t, v) \
  __atomic_store_n((void *volatile *)(t), (void *)(v), UWSK_REL)
#define WritePointerNoFence(t, v) \
  __atomic_store_n((void *volatile *)(t), (void *)(v), UWSK_RLX)
#define WritePointerRaw(t, v) \
  __atomic_store_n((void *volatile *)(t), (void *)(v), UWSK_RLX)
/* clang-format on */

/* ---- bits ---------------------------------------------------------------- */

/* The bit before. As on Windows `bit` may lie beyond the first word. */
UWSK_INLINE UCHAR uwsk_bit_or(volatile void *base, LONG64 bit, int set) {
  volatile UINT32 *word = (volatile UINT32 *)base + (bit >> 5);
  UINT32 mask = (UINT32)1 << (bit & 31);
  UINT32 before = set ? __atomic_fetch_or(word, mask, UWSK_SEQ)
                      : __atomic_fetch_and(word, ~mask, UWSK_SEQ);
  return (UCHAR)((before & mask) != 0);
}

UWSK_INLINE UCHAR uwsk_bit_complement(volatile void *base, LONG64 bit) {
  volatile UINT32 *word = (volatile UINT32 *)base + (bit >> 5);
  UINT32 mask = (UINT32)1 << (bit & 31);
  return (UCHAR)((__atomic_fetch_xor(word, mask, UWSK_SEQ) & mask) != 0);
}

#define InterlockedBitTestAndSet(base, bit)   uwsk_bit_or((base), (bit), 1)
#define InterlockedBitTestAndReset(base, bit) uwsk_bit_or((base), (bit), 0)
#define InterlockedBitTestAndComplement(base, bit)                             \
  uwsk_bit_complement((base), (bit))
#define InterlockedBitTestAndSet64(base, bit)   uwsk_bit_or((base), (bit), 1)
#define InterlockedBitTestAndReset64(base, bit) uwsk_bit_or((base), (bit), 0)
#define InterlockedBitTestAndComplement64(base, bit)                           \
  uwsk_bit_complement((base), (bit))
#define _interlockedbittestandset(base, bit)     uwsk_bit_or((base), (bit), 1)
#define _interlockedbittestandreset(base, bit)   uwsk_bit_or((base), (bit), 0)
#define _interlockedbittestandset64(base, bit)   uwsk_bit_or((base), (bit), 1)
#define _interlockedbittestandreset64(base, bit) uwsk_bit_or((base), (bit), 0)

/* ---- barriers ------------------------------------------------------------ */

#define KeMemoryBarrier()             __sync_synchronize()
#define KeMemoryBarrierWithoutFence() __asm__ __volatile__("" : : : "memory")
#define MemoryBarrier()               __sync_synchronize()
#undef _ReadWriteBarrier
#undef _ReadBarrier
#undef _WriteBarrier
#define _ReadWriteBarrier() __asm__ __volatile__("" : : : "memory")
#define _ReadBarrier()      __asm__ __volatile__("" : : : "memory")
#define _WriteBarrier()     __asm__ __volatile__("" : : : "memory")

#undef YieldProcessor
#if defined(__x86_64__)
#define YieldProcessor() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define YieldProcessor() __asm__ __volatile__("yield")
#else
#define YieldProcessor() __asm__ __volatile__("")
#endif

#endif
