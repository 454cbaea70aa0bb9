/*
 * Mistakes with memory: pool blocks, lookaside lists, sequenced lists, bitmaps,
 * and what is left behind.
 */
#include <ntddk.h>

#include "zoo.h"

#define ZOO_TAG   'ooZu'
#define OTHER_TAG 'rehO'

#define BLOCK_BYTES 64

static PUCHAR NewBlock(VOID) {
  return ExAllocatePool2(POOL_FLAG_NON_PAGED, BLOCK_BYTES, ZOO_TAG);
}

/* ---- pool blocks ----------------------------------------------------- */

/* Two ways out of a function, and both of them free. */
static VOID frees_a_block_on_both_paths(VOID) {
  PUCHAR Block = NewBlock();
  NTSTATUS Status = STATUS_UNSUCCESSFUL;

  REQUIRE(Block != NULL);
  if (!NT_SUCCESS(Status))
    ExFreePoolWithTag(Block, ZOO_TAG);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

static VOID frees_a_block_at_one_place(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

static VOID frees_with_another_tag(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  ExFreePoolWithTag(Block, OTHER_TAG);
}

static VOID frees_with_the_tag_of_the_block(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

static ZOO_UNWATCHED VOID Fill(PUCHAR Bytes, SIZE_T Length) {
  for (SIZE_T i = 0; i < Length; i++)
    ((volatile UCHAR *)Bytes)[i] = 'x';
}

static ZOO_UNWATCHED VOID Terminate(PUCHAR Bytes, SIZE_T Length) {
  ((volatile UCHAR *)Bytes)[Length] = '\0';
}

/* A trailing character is looked for, and there is none at all. */
static VOID trims_an_empty_string(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  Terminate(Block - 1, 0);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

static VOID ends_a_string_in_its_block(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  Fill(Block, BLOCK_BYTES - 1);
  Terminate(Block, BLOCK_BYTES - 1);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

/* ---- what is left ---------------------------------------------------- */

static PUCHAR Forgotten;

static VOID forgets_a_block(VOID) {
  Forgotten = NewBlock();
  CHECK(Forgotten != NULL);
}

static VOID remembers_its_block(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

/* ---- lookaside lists ------------------------------------------------- */

static LOOKASIDE_LIST_EX Lookaside;

static BOOLEAN MakeLookaside(VOID) {
  return ExInitializeLookasideListEx(&Lookaside, NULL, NULL, NonPagedPoolNx, 0,
                                     BLOCK_BYTES, ZOO_TAG, 0) == STATUS_SUCCESS;
}

static VOID deletes_a_lookaside_list_twice(VOID) {
  REQUIRE(MakeLookaside());
  ExDeleteLookasideListEx(&Lookaside);
  ExDeleteLookasideListEx(&Lookaside);
}

static VOID deletes_a_lookaside_list_once(VOID) {
  REQUIRE(MakeLookaside());
  ExDeleteLookasideListEx(&Lookaside);
}

/* ---- sequenced lists ------------------------------------------------- */

static SLIST_HEADER Entries;

static VOID puts_the_link_behind_eight_bytes(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  InitializeSListHead(&Entries);
  InterlockedPushEntrySList(&Entries, (PSLIST_ENTRY)(PVOID)(Block + 8));
  InterlockedFlushSList(&Entries);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

static VOID puts_the_link_first(VOID) {
  PUCHAR Block = NewBlock();

  REQUIRE(Block != NULL);
  InitializeSListHead(&Entries);
  InterlockedPushEntrySList(&Entries, (PSLIST_ENTRY)(PVOID)Block);
  InterlockedFlushSList(&Entries);
  ExFreePoolWithTag(Block, ZOO_TAG);
}

/* ---- bitmaps --------------------------------------------------------- */

#define PORTS 64

static ULONG PortBits[PORTS / 32];
static RTL_BITMAP Ports;

/* Ports are counted from 0, and this loop thinks that they are from 1. */
static VOID sets_the_bit_behind_the_last(VOID) {
  RtlInitializeBitMap(&Ports, PortBits, PORTS);
  RtlClearAllBits(&Ports);
  for (ULONG Port = 1; Port <= PORTS; Port++)
    RtlSetBits(&Ports, Port, 1);
}

static VOID sets_the_bits_there_are(VOID) {
  RtlInitializeBitMap(&Ports, PortBits, PORTS);
  RtlClearAllBits(&Ports);
  for (ULONG Port = 0; Port < PORTS; Port++)
    RtlSetBits(&Ports, Port, 1);
}

ZOO_SPECIMENS = {
    SPECIMEN("EX-POOL-01", frees_a_block_on_both_paths,
             frees_a_block_at_one_place),
    SPECIMEN("EX-POOL-02", frees_with_another_tag,
             frees_with_the_tag_of_the_block),
    SPECIMEN("EX-POOL-03", trims_an_empty_string, ends_a_string_in_its_block),
    SPECIMEN("OB-LEFT-01", forgets_a_block, remembers_its_block),
    SPECIMEN("EX-LOOKASIDE-01", deletes_a_lookaside_list_twice,
             deletes_a_lookaside_list_once),
    SPECIMEN("EX-SLIST-01", puts_the_link_behind_eight_bytes,
             puts_the_link_first),
    SPECIMEN("RTL-BITMAP-01", sets_the_bit_behind_the_last,
             sets_the_bits_there_are),
};
