/* Numbers that look random. */
#include <ntifs.h>

#include "ke/ke.h"

/* A multiplicative generator over the prime 2^31 - 1. */
#define MODULUS    0x7FFFFFFFull
#define MULTIPLIER 48271ull

static ULONG step(ULONG seed) {
  ULONGLONG state = seed % MODULUS;
  /* Zero would stay zero for ever. */
  return (ULONG)((state == 0 ? 1 : state) * MULTIPLIER % MODULUS);
}

/* On Windows the numbers also depend on a table that all callers share. Ours
 * depend on the seed alone, so that a run can be repeated. */
ULONG RtlRandomEx(PULONG Seed) {
  ke__within_irql(APC_LEVEL, "RtlRandomEx");
  *Seed = step(*Seed);
  return step(*Seed ^ 0x2545F491u) % MAXLONG;
}

ULONG RtlRandom(PULONG Seed) {
  return RtlRandomEx(Seed);
}
