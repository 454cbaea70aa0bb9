/*
 * What a client has lent to a pending request: MDLs, and plain buffers.
 *
 * IoFreeMdl, MmUnlockPages and ExFreePool ask here whether what they are given
 * is still in use. The table has a fixed size, takes no lock and allocates
 * nothing, since every request that pends goes through it. When there is no
 * place near an address's own, the loan is not noted, and a mistake with it is
 * not noticed; nothing is ever noticed that is none.
 */
#ifndef UWSK_MM_LENT_H
#define UWSK_MM_LENT_H

#include <ntddk.h>
#include <stdbool.h>

/* Once for every request that uses it. */
void mm__lend(const void *memory);
void mm__give_back(const void *memory);

bool mm__is_lent(const void *memory);

/* The same for the context of a socket, which its callbacks get: pool memory,
 * or the client's own affair. Freeing it is reported, and done. */
void mm__lend_context(const void *context);
void mm__give_context_back(const void *context);

/* The same for the MDLs that hold `length` bytes from `offset` on, and
 * for the memory at which each begins. */
void mm__lend_chain(const MDL *mdl, ULONG offset, SIZE_T length);
void mm__give_chain_back(const MDL *mdl, ULONG offset, SIZE_T length);

/*
 * A range that must stay for longer than a call: a registration block, a table
 * of functions. Few of them are there at a time.
 */
struct mm_watch {
  LIST_ENTRY link;
  const void *start;
  SIZE_T size;
  unsigned rule; /* enum vf_rule, reported when pool memory under it is freed */
  const char *what;
};

void mm__watch(struct mm_watch *watch);
void mm__unwatch(struct mm_watch *watch);

/* Whether a pool block that is to go is in use, and may not: that is reported
 * in the name of `call`. */
bool mm__is_in_use(const void *start, SIZE_T size, const char *call);

/* Forgets everything, for the end of the runtime. */
void mm__stop(void);

#endif
