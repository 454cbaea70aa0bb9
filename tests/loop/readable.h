/*
 * A socket on the loop whose becoming readable is an asynchronous operation:
 * something new for the kernel to watch, every time.
 */
#ifndef UWSK_TEST_READABLE_H
#define UWSK_TEST_READABLE_H

#include "event.h"
#include "loop/loop_uv.h"

struct readable {
  struct loop_op op;
  uv_os_sock_t ends[2];
  uv_poll_t poll;
  uv_sem_t seen; /* a plain one: whoever waits on it does not drive */
  struct event event;
  int fired;
};

void readable_open(struct readable *readable);
void readable_close(struct readable *readable);

/* Writes a byte to the other end: from any thread. */
void readable_feed(struct readable *readable);

/* Submits the operation: watch until readable, take the byte, stop watching,
 * count in `fired`, set the event and post `seen`. */
void readable_watch(struct readable *readable);

#endif
