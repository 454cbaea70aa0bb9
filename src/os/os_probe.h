/*
 * The second way to probe memory, for hosts without the first; for tests, too.
 */
#ifndef UWSK_OS_PROBE_H
#define UWSK_OS_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#ifndef _WIN32
/* As os__probe, by the host's list of mappings, which is in ascending order. */
bool os__probe_by_list(const void *start, size_t size, bool write);
#endif

#endif
