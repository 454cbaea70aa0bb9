/* Watches what the process asks of its host. Plain C. */
#ifndef UWSK_TESTS_WATCH_HOST_H
#define UWSK_TESTS_WATCH_HOST_H

#include <stddef.h>

/* Calls of malloc, calloc, realloc and their like so far, by any thread but the
 * peer's. */
unsigned long long watch_allocations(void);

/* From now on, notes where bytes are read to; any thread but the peer's. */
void watch_reads(void);

/* How many bytes were read from sockets into this stretch of memory since. */
size_t watch_read_into(const void *start, size_t length);

#endif
