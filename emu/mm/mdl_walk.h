/*
 * Reading an MDL chain as the provider does: a WSK_BUF names the first MDL, an
 * offset into it and a length over the chain.
 */
#ifndef UWSK_MM_MDL_WALK_H
#define UWSK_MM_MDL_WALK_H

#include <ntddk.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same two words as struct net_buffer. */
struct mm_span {
  void *base;
  size_t length;
};

/* The first byte an MDL describes, mapped or not. */
void *mm__mdl_base(const MDL *mdl);

/* Whether its pages are locked, or nonpaged, or part of such an MDL. */
bool mm__mdl_is_resident(const MDL *mdl);

/* Bytes the chain offers behind `offset` bytes of its first MDL. */
size_t mm__chain_length(const MDL *mdl, size_t offset);

/* The first MDL, among those that hold the `length` bytes behind `offset`,
 * whose pages are not resident; NULL when all are. */
const MDL *mm__chain_unlocked(const MDL *mdl, size_t offset, size_t length);

/*
 * Writes up to `room` spans for the bytes [skip, length) behind `offset`, in
 * chain order, without empty ones. Returns how many it wrote; 0 when skip has
 * reached length. What did not fit is reached by a larger `skip`. Adds up the
 * spans' bytes in *total unless that is NULL.
 */
unsigned mm__chain_spans(const MDL *mdl, size_t offset, size_t length,
                         size_t skip, struct mm_span *spans, unsigned room,
                         size_t *total);

/* Copies `bytes` between a buffer and the chain at `offset` + `skip`. Returns
 * how many fitted. */
size_t mm__copy_to_chain(const MDL *mdl, size_t offset, size_t skip,
                         const void *from, size_t bytes);
size_t mm__copy_from_chain(const MDL *mdl, size_t offset, size_t skip, void *to,
                           size_t bytes);

/* A number that is most likely another one when bytes of the chain are changed:
 * it is made of the first and the last of each span, and some in between. */
uint64_t mm__chain_digest(const MDL *mdl, size_t offset, size_t length);

#endif
