/*
 * Over loopback a host has always room for a datagram, and drops it at the
 * other end when that is full. A program's own sendmsg takes the place of the C
 * library's: so a test can say otherwise. Linux.
 */
#include "full_host.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int room = -1;

void full_host_takes(int datagrams) {
  atomic_store(&room, datagrams);
}

static int take_room(void) {
  int left = atomic_load(&room);

  while (left > 0 && !atomic_compare_exchange_weak(&room, &left, left - 1))
    ;
  return left != 0;
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
  if (!take_room()) {
    errno = EAGAIN;
    return -1;
  }
  return syscall(SYS_sendmsg, socket, message, flags);
}
