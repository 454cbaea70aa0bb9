/*
 * A program's own malloc and read take the place of the C library's for all of
 * it, libuv included: so nothing is missed, whoever calls. Linux.
 */
#include "watch_host.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "peer_parts.h"

static bool is_peer(void) {
  return pthread_equal(pthread_self(), peer_world.thread) != 0;
}

/* ---- allocations ----------------------------------------------------- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ullong allocations;

static void count(void) {
  if (!is_peer())
    atomic_fetch_add(&allocations, 1);
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count();
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  count();
  *block = __libc_memalign(alignment, size);
  return *block != NULL ? 0 : ENOMEM;
}

unsigned long long watch_allocations(void) {
  return atomic_load(&allocations);
}

/* ---- reads ----------------------------------------------------------- */

#define NOTES_MAX 1024

struct note {
  uintptr_t start;
  size_t length;
};

static struct note notes[NOTES_MAX];
static atomic_uint note_count;

static void note(const void *start, size_t length) {
  unsigned index;

  if (is_peer())
    return;
  index = atomic_fetch_add(&note_count, 1);
  if (index < NOTES_MAX)
    notes[index] = (struct note){(uintptr_t)start, length};
}

static void note_vector(const struct iovec *vector, size_t count,
                        ssize_t bytes) {
  size_t left = bytes > 0 ? (size_t)bytes : 0;

  for (size_t i = 0; i < count && left > 0; i++) {
    size_t here = left < vector[i].iov_len ? left : vector[i].iov_len;
    note(vector[i].iov_base, here);
    left -= here;
  }
}

ssize_t read(int file, void *buffer, size_t length) {
  ssize_t got = syscall(SYS_read, file, buffer, length);

  if (got > 0)
    note(buffer, (size_t)got);
  return got;
}

ssize_t readv(int file, const struct iovec *vector, int count) {
  ssize_t got = syscall(SYS_readv, file, vector, count);

  note_vector(vector, (size_t)count, got);
  return got;
}

ssize_t recvmsg(int file, struct msghdr *message, int flags) {
  ssize_t got = syscall(SYS_recvmsg, file, message, flags);

  if (!(flags & MSG_PEEK))
    note_vector(message->msg_iov, message->msg_iovlen, got);
  return got;
}

ssize_t recvfrom(int file, void *restrict buffer, size_t length, int flags,
                 struct sockaddr *restrict address, socklen_t *restrict size) {
  ssize_t got =
      syscall(SYS_recvfrom, file, buffer, length, flags, address, size);

  if (got > 0 && !(flags & MSG_PEEK))
    note(buffer, (size_t)got);
  return got;
}

ssize_t recv(int file, void *buffer, size_t length, int flags) {
  return recvfrom(file, buffer, length, flags, NULL, NULL);
}

void watch_reads(void) {
  atomic_store(&note_count, 0);
}

size_t watch_read_into(const void *start, size_t length) {
  uintptr_t first = (uintptr_t)start;
  size_t total = 0;

  for (unsigned i = 0; i < NOTES_MAX && i < atomic_load(&note_count); i++)
    if (notes[i].start >= first &&
        notes[i].start + notes[i].length <= first + length)
      total += notes[i].length;
  return total;
}
