/*
 * Is this memory there, and may it be written? Asked of the host, since a
 * pointer of the client's may be anything. Nothing is written to find out: the
 * bytes may be another thread's.
 */
#include "os/os_probe.h"

#include "os/os.h"

#ifdef _WIN32

#include <windows.h>

#define READABLE                                                               \
  (PAGE_READONLY | PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READ |       \
   PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)
#define WRITABLE                                                               \
  (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE |                  \
   PAGE_EXECUTE_WRITECOPY)

bool os__probe(const void *start, size_t size, bool write) {
  uintptr_t at = (uintptr_t)start;
  uintptr_t end = at + size;

  if (end < at)
    return false;
  while (at < end) {
    MEMORY_BASIC_INFORMATION region;

    if (VirtualQuery((const void *)at, &region, sizeof(region)) == 0 ||
        region.State != MEM_COMMIT || (region.Protect & PAGE_GUARD) ||
        !(region.Protect & (write ? WRITABLE : READABLE)))
      return false;
    at = (uintptr_t)region.BaseAddress + region.RegionSize;
  }
  return true;
}

#else

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

/* Faults pages in as a read or a write would, but reports what a fault would
 * raise. Linux 5.14 and later. */
static bool populate(uintptr_t start, uintptr_t end, bool write) {
  return madvise((void *)start, end - start,
                 write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0;
}

/* Whether this host has it: it must succeed for our own stack. */
static bool can_populate(uintptr_t page_size) {
  static int known; /* 0 not asked, 1 yes, -1 no */
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);

  if (answer == 0) {
    char here = 0;
    uintptr_t page = (uintptr_t)&here & ~(page_size - 1);

    answer = populate(page, page + page_size, true) ? 1 : -1;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer > 0;
}

bool os__probe_by_list(const void *start, size_t size, bool write) {
  uintptr_t at = (uintptr_t)start;
  uintptr_t end = at + size;
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];

  if (maps == NULL)
    return true; /* nobody can tell */
  while (at < end && fgets(line, sizeof(line), maps) != NULL) {
    unsigned long long from, to;
    char access[5];

    if (sscanf(line, "%llx-%llx %4s", &from, &to, access) != 3)
      continue;
    if (from <= at && at < to) {
      if (access[0] != 'r' || (write && access[1] != 'w'))
        break;
      at = (uintptr_t)to;
    }
  }
  fclose(maps);
  return at >= end;
}

bool os__probe(const void *start, size_t size, bool write) {
  uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t first = (uintptr_t)start & ~(page_size - 1);
  uintptr_t end = (uintptr_t)start + size;

  if (size == 0)
    return true;
  if (end < (uintptr_t)start || end > UINTPTR_MAX - page_size)
    return false;
  end = (end + page_size - 1) & ~(page_size - 1);
  if (can_populate(page_size))
    return populate(first, end, write);
  return os__probe_by_list(start, size, write);
}

#endif
