/*
 * Mistakes with the executive: pool, locks, work items, timers.
 */
#include <ntddk.h>

#include "zoo.h"

#define ZOO_TAG 'ooZu'

/* ---- pool ------------------------------------------------------------ */

static VOID frees_a_block_twice(VOID) {
  PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, ZOO_TAG);

  REQUIRE(block != NULL);
  ExFreePoolWithTag(block, ZOO_TAG);
  ExFreePoolWithTag(block, ZOO_TAG);
}

static VOID frees_a_block_once(VOID) {
  PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, ZOO_TAG);

  REQUIRE(block != NULL);
  ExFreePoolWithTag(block, ZOO_TAG);
}

ZOO_SPECIMENS = {
    SPECIMEN("EX-POOL-01", frees_a_block_twice, frees_a_block_once),
};
