/*
 * See readable.h.
 */
#include "readable.h"

#ifndef _WIN32
#include <sys/socket.h>
#include <unistd.h>
#define closesocket close
#endif

static void on_readable(uv_poll_t *poll, int status, int events) {
  struct readable *readable = poll->data;
  char byte;
  (void)status;
  (void)events;
  uv_poll_stop(poll);
  if (recv(readable->ends[0], &byte, 1, 0) == 1)
    ADD(readable->fired, 1);
  event_set(&readable->event);
  uv_sem_post(&readable->seen);
}

static void start_watching(struct loop_op *op) {
  struct readable *readable = (struct readable *)op;
  uv_poll_start(&readable->poll, UV_READABLE, on_readable);
  loop__touched();
}

static void init_poll(void *argument) {
  struct readable *readable = argument;
  uv_poll_init_socket(loop__uv(), &readable->poll, readable->ends[0]);
  readable->poll.data = readable;
  loop__touched();
}

static void on_close(uv_handle_t *handle) {
  event_set(&((struct readable *)handle->data)->event);
}

static void close_poll(void *argument) {
  struct readable *readable = argument;
  uv_close((uv_handle_t *)&readable->poll, on_close);
  loop__touched();
}

void readable_open(struct readable *readable) {
  memset(readable, 0, sizeof(*readable));
  readable->op.run = start_watching;
  assert_int_equal(uv_sem_init(&readable->seen, 0), 0);
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, readable->ends, 0, 0), 0);
  run_on_loop(init_poll, readable);
}

void readable_close(struct readable *readable) {
  struct event *event = &readable->event;
  event_wait_until(event, 0); /* forget what was set before */
  run_on_loop(close_poll, readable);
  event_wait(event);
  closesocket(readable->ends[0]);
  closesocket(readable->ends[1]);
  uv_sem_destroy(&readable->seen);
}

void readable_feed(struct readable *readable) {
  char byte = 1;
  if (send(readable->ends[1], &byte, 1, 0) != 1)
    abort();
}

void readable_watch(struct readable *readable) {
  loop__submit(&readable->op);
}
