/* Bitmaps. Everything that looks for something is built on one search: the next
 * bit that is set, or clear. */
#include <ntddk.h>

#include <stdbool.h>

#include "verifier/report.h"

#define NOT_FOUND 0xFFFFFFFFu
#define WORD_BITS 32u

VOID RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer,
                         ULONG SizeOfBitMap) {
  BitMapHeader->SizeOfBitMap = SizeOfBitMap;
  BitMapHeader->Buffer = BitMapBuffer;
}

/* ---- changing ---------------------------------------------------------- */

static bool is_within(PRTL_BITMAP map, ULONG start, ULONG length) {
  return start <= map->SizeOfBitMap && length <= map->SizeOfBitMap - start;
}

static void change(PRTL_BITMAP map, ULONG start, ULONG length, bool set,
                   const char *call, const void *caller) {
  if (!is_within(map, start, length)) {
    VF_ENTER_FROM(call, caller);
    vf__report(VF_BITMAP_01, "%s of %u bits from %u in a bitmap of %u", call,
               (unsigned)length, (unsigned)start, (unsigned)map->SizeOfBitMap);
    return;
  }
  while (length != 0) {
    ULONG first = start % WORD_BITS, bits = WORD_BITS - first;
    ULONG mask;

    if (bits > length)
      bits = length;
    mask = (bits == WORD_BITS ? MAXULONG : (1u << bits) - 1) << first;
    if (set)
      map->Buffer[start / WORD_BITS] |= mask;
    else
      map->Buffer[start / WORD_BITS] &= ~mask;
    start += bits;
    length -= bits;
  }
}

VOID RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex,
                  ULONG NumberToClear) {
  change(BitMapHeader, StartingIndex, NumberToClear, false, "RtlClearBits",
         VF_CALLER());
}

VOID RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex,
                ULONG NumberToSet) {
  change(BitMapHeader, StartingIndex, NumberToSet, true, "RtlSetBits",
         VF_CALLER());
}

VOID RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber) {
  change(BitMapHeader, BitNumber, 1, false, "RtlClearBit", VF_CALLER());
}

VOID RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber) {
  change(BitMapHeader, BitNumber, 1, true, "RtlSetBit", VF_CALLER());
}

VOID RtlClearAllBits(PRTL_BITMAP BitMapHeader) {
  RtlClearBits(BitMapHeader, 0, BitMapHeader->SizeOfBitMap);
}

VOID RtlSetAllBits(PRTL_BITMAP BitMapHeader) {
  RtlSetBits(BitMapHeader, 0, BitMapHeader->SizeOfBitMap);
}

BOOLEAN RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber) {
  if (is_within(BitMapHeader, BitNumber, 1))
    return (BOOLEAN)RtlCheckBit(BitMapHeader, BitNumber);
  VF_ENTER("RtlTestBit");
  vf__report(VF_BITMAP_01, "RtlTestBit of bit %u in a bitmap of %u",
             (unsigned)BitNumber, (unsigned)BitMapHeader->SizeOfBitMap);
  return FALSE;
}

/* ---- searching --------------------------------------------------------- */

/* The first bit from `at` on that is set (or clear), or the size. */
static ULONG next(PRTL_BITMAP map, ULONG at, bool set) {
  while (at < map->SizeOfBitMap) {
    ULONG word = map->Buffer[at / WORD_BITS];

    word = (set ? word : ~word) >> at % WORD_BITS;
    if (word != 0) {
      at += (ULONG)__builtin_ctz(word);
      return at < map->SizeOfBitMap ? at : map->SizeOfBitMap;
    }
    at += WORD_BITS - at % WORD_BITS;
  }
  return map->SizeOfBitMap;
}

/* A run that begins at or behind `at`; without bits when there is none. */
static RTL_BITMAP_RUN run_from(PRTL_BITMAP map, ULONG at, bool set) {
  ULONG start = next(map, at, set);

  return (RTL_BITMAP_RUN){start, next(map, start, !set) - start};
}

/* A range that begins in [from, limit). */
static ULONG search(PRTL_BITMAP map, ULONG count, ULONG from, ULONG limit,
                    bool set) {
  while (from < limit) {
    RTL_BITMAP_RUN run = run_from(map, from, set);

    if (run.NumberOfBits == 0 || run.StartingIndex >= limit)
      break;
    if (run.NumberOfBits >= count)
      return run.StartingIndex;
    from = run.StartingIndex + run.NumberOfBits;
  }
  return NOT_FOUND;
}

static ULONG find(PRTL_BITMAP map, ULONG count, ULONG hint, bool set) {
  ULONG found;

  if (hint >= map->SizeOfBitMap)
    hint = 0;
  if (count == 0)
    return hint;
  found = search(map, count, hint, map->SizeOfBitMap, set);
  return found != NOT_FOUND ? found : search(map, count, 0, hint, set);
}

ULONG RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind,
                       ULONG HintIndex) {
  return find(BitMapHeader, NumberToFind, HintIndex, false);
}

ULONG RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind,
                     ULONG HintIndex) {
  return find(BitMapHeader, NumberToFind, HintIndex, true);
}

static ULONG find_and_change(PRTL_BITMAP map, ULONG count, ULONG hint,
                             bool set) {
  ULONG found = find(map, count, hint, set);

  if (found != NOT_FOUND)
    change(map, found, count, !set, "RtlFindClearBitsAndSet", VF_CALLER());
  return found;
}

ULONG RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind,
                             ULONG HintIndex) {
  return find_and_change(BitMapHeader, NumberToFind, HintIndex, false);
}

ULONG RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind,
                             ULONG HintIndex) {
  return find_and_change(BitMapHeader, NumberToFind, HintIndex, true);
}

static bool are_all(PRTL_BITMAP map, ULONG start, ULONG length, bool set) {
  return length != 0 && is_within(map, start, length) &&
         next(map, start, !set) >= start + length;
}

BOOLEAN RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex,
                        ULONG Length) {
  return are_all(BitMapHeader, StartingIndex, Length, false);
}

BOOLEAN RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex,
                      ULONG Length) {
  return are_all(BitMapHeader, StartingIndex, Length, true);
}

/* ---- runs -------------------------------------------------------------- */

ULONG RtlFindNextForwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex,
                                 PULONG StartingRunIndex) {
  RTL_BITMAP_RUN run = run_from(BitMapHeader, FromIndex, false);

  *StartingRunIndex = run.StartingIndex;
  return run.NumberOfBits;
}

ULONG RtlFindFirstRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex) {
  return RtlFindNextForwardRunClear(BitMapHeader, 0, StartingIndex);
}

/* What is set is skipped, then what is clear counted, both backwards. */
ULONG RtlFindLastBackwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex,
                                  PULONG StartingRunIndex) {
  ULONG end, start;

  if (FromIndex >= BitMapHeader->SizeOfBitMap)
    FromIndex = BitMapHeader->SizeOfBitMap - 1;
  end = BitMapHeader->SizeOfBitMap == 0 ? 0 : FromIndex + 1;
  while (end > 0 && RtlCheckBit(BitMapHeader, end - 1))
    end--;
  start = end;
  while (start > 0 && !RtlCheckBit(BitMapHeader, start - 1))
    start--;
  *StartingRunIndex = start;
  return end - start;
}

/* Puts a run in its place among those that are sorted, the shortest of which
 * goes when there is no room. */
static ULONG keep_longest(PRTL_BITMAP_RUN runs, ULONG count, ULONG room,
                          RTL_BITMAP_RUN run) {
  ULONG at = count;

  while (at > 0 && runs[at - 1].NumberOfBits < run.NumberOfBits)
    at--;
  if (at == room)
    return count;
  if (count < room)
    count++;
  for (ULONG i = count - 1; i > at; i--)
    runs[i] = runs[i - 1];
  runs[at] = run;
  return count;
}

ULONG RtlFindClearRuns(PRTL_BITMAP BitMapHeader, PRTL_BITMAP_RUN RunArray,
                       ULONG SizeOfRunArray, BOOLEAN LocateLongestRuns) {
  RTL_BITMAP_RUN run = run_from(BitMapHeader, 0, false);
  ULONG count = 0;

  while (run.NumberOfBits != 0 &&
         (LocateLongestRuns || count < SizeOfRunArray)) {
    if (LocateLongestRuns)
      count = keep_longest(RunArray, count, SizeOfRunArray, run);
    else
      RunArray[count++] = run;
    run = run_from(BitMapHeader, run.StartingIndex + run.NumberOfBits, false);
  }
  return count;
}

ULONG RtlFindLongestRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex) {
  RTL_BITMAP_RUN run = {0, 0};

  RtlFindClearRuns(BitMapHeader, &run, 1, TRUE);
  *StartingIndex = run.StartingIndex;
  return run.NumberOfBits;
}

/* ---- counting ---------------------------------------------------------- */

ULONG RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader) {
  ULONG whole = BitMapHeader->SizeOfBitMap / WORD_BITS;
  ULONG rest = BitMapHeader->SizeOfBitMap % WORD_BITS, count = 0;

  for (ULONG i = 0; i < whole; i++)
    count += (ULONG)__builtin_popcount(BitMapHeader->Buffer[i]);
  if (rest != 0)
    count += (ULONG)__builtin_popcount(BitMapHeader->Buffer[whole] &
                                       ((1u << rest) - 1));
  return count;
}

ULONG RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader) {
  return BitMapHeader->SizeOfBitMap - RtlNumberOfSetBits(BitMapHeader);
}

ULONG RtlNumberOfSetBitsUlongPtr(ULONG_PTR Target) {
  return (ULONG)__builtin_popcountll(Target);
}

CCHAR RtlFindLeastSignificantBit(ULONGLONG Set) {
  return (CCHAR)(Set == 0 ? -1 : __builtin_ctzll(Set));
}

CCHAR RtlFindMostSignificantBit(ULONGLONG Set) {
  return (CCHAR)(Set == 0 ? -1 : 63 - __builtin_clzll(Set));
}
