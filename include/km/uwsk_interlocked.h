/*
 * Interlocked operations, over the compiler's atomics, sequentially consistent.
 *
 * Macros, because drivers hand in LONG *, plain long * (which has 8 bytes on
 * Linux) and volatile or unsigned variants alike: the operation is as wide as
 * the variable. The names that carry a width take any variable of that width.
 */
#ifndef UWSK_KM_INTERLOCKED_H
#define UWSK_KM_INTERLOCKED_H

#include <ntdef.h>

/* MinGW's <intrin.h> and <winnt.h> would declare functions by these names. */

#define UWSK_ATOMIC_TYPE(target) __typeof__(*(target) + 0)

#define UWSK_ATOMIC_ADD(target, value, order)                                  \
  __atomic_add_fetch((target), (value), order)
#define UWSK_ATOMIC_FETCH_ADD(target, value, order)                            \
  __atomic_fetch_add((target), (value), order)

#define UWSK_SEQ __ATOMIC_SEQ_CST

/* What an operand of one width may be; the result has the variable's type. */
#define UWSK_INTERLOCKED(builtin, target, value) builtin((target), (value), UWSK_SEQ)

#define InterlockedIncrement(target)      __atomic_add_fetch((target), 1, UWSK_SEQ)
#define InterlockedDecrement(target)      __atomic_sub_fetch((target), 1, UWSK_SEQ)
#define InterlockedAdd(target, value)     __atomic_add_fetch((target), (value), UWSK_SEQ)
#define InterlockedExchangeAdd(target, value) __atomic_fetch_add((target), (value), UWSK_SEQ)
#define InterlockedExchange(target, value) __atomic_exchange_n((target), (value), UWSK_SEQ)
#define InterlockedAnd(target, value)     __atomic_fetch_and((target), (value), UWSK_SEQ)
#define InterlockedOr(target, value)      __atomic_fetch_or((target), (value), UWSK_SEQ)
#define InterlockedXor(target, value)     __atomic_fetch_xor((target), (value), UWSK_SEQ)
#define InterlockedCompareExchange(target, exchange, comparand)                \
  __sync_val_compare_and_swap((target), (comparand), (exchange))
#define InterlockedExchangePointer(target, value)                              \
  __atomic_exchange_n((void *volatile *)(target), (void *)(value), UWSK_SEQ)
#define InterlockedCompareExchangePointer(target, exchange, comparand)         \
  __sync_val_compare_and_swap((void *volatile *)(target), (void *)(comparand), (void *)(exchange))

#endif
