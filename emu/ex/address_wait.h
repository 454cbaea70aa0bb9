/*
 * Waiting for a word of the client's memory to change, for locks that are too
 * small to hold a list of those who wait: the waiters stand in a table, by the
 * address of the lock.
 *
 * A bucket's lock is held for a few instructions, and across no callback, wait
 * or wake-up. A waiter's record is on its own stack, and gone once its event is
 * set.
 */
#ifndef UWSK_EX_ADDRESS_WAIT_H
#define UWSK_EX_ADDRESS_WAIT_H

#include <ntddk.h>
#include <stdbool.h>

struct ex_waiter {
  struct ex_waiter *next;
  const volatile void *address;
  unsigned kind; /* the lock's own */
  KEVENT event;
};

void ex__lock_waiters(const volatile void *address);
void ex__unlock_waiters(const volatile void *address);

/* With the lock held: queues a waiter behind the others, finds the first one,
 * or takes it out of the queue. */
void ex__queue_waiter(struct ex_waiter *waiter, const volatile void *address,
                      unsigned kind);
struct ex_waiter *ex__first_waiter(const volatile void *address);
struct ex_waiter *ex__take_waiter(const volatile void *address);

/* Without it: blocks until the waiter is woken, in that call; wakes a chain (by
 * `next`). */
struct ke_call;
void ex__wait(struct ex_waiter *waiter, const struct ke_call *call);
void ex__wake(struct ex_waiter *chain);

/* Whether the caller may block, with a report in the name of `call` if not. */
bool ex__may_wait(const char *call);

#endif
