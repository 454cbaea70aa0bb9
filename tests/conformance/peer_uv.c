/*
 * The peer: a thread with a libuv loop of its own.
 *
 * The kernel under test must not be able to hide a mistake behind its own
 * transport, so nothing of uwsk is used here.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "peer_parts.h"

struct peer_world peer_world;

struct command {
  struct command *next;
  void (*run)(void *argument);
  void *argument;
  bool done;
};

/* ---- the thread ------------------------------------------------------ */

static struct command *next_command(void) {
  struct command *command = peer_world.commands;

  if (command != NULL) {
    peer_world.commands = command->next;
    if (peer_world.commands == NULL)
      peer_world.commands_end = &peer_world.commands;
  }
  return command;
}

static void on_wake(uv_async_t *wake) {
  struct command *command;

  (void)wake;
  uv_mutex_lock(&peer_world.lock);
  while ((command = next_command()) != NULL) {
    uv_mutex_unlock(&peer_world.lock);
    command->run(command->argument);
    uv_mutex_lock(&peer_world.lock);
    command->done = true;
    uv_cond_broadcast(&peer_world.done);
  }
  uv_mutex_unlock(&peer_world.lock);
}

void peer_call(void (*run)(void *argument), void *argument) {
  struct command command = {NULL, run, argument, false};

  uv_mutex_lock(&peer_world.lock);
  *peer_world.commands_end = &command;
  peer_world.commands_end = &command.next;
  uv_async_send(&peer_world.wake);
  while (!command.done)
    uv_cond_wait(&peer_world.done, &peer_world.lock);
  uv_mutex_unlock(&peer_world.lock);
}

/* uwsk sees to SIGPIPE while it runs; a peer may write when it has stopped. */
static void leave_out_sigpipe(void) {
#ifndef _WIN32
  sigset_t signals;

  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
#endif
}

static void run_loop(void *unused) {
  (void)unused;
  leave_out_sigpipe();
  uv_run(&peer_world.loop, UV_RUN_DEFAULT);
}

int peer_start(void) {
  peer_world.commands_end = &peer_world.commands;
  if (uv_loop_init(&peer_world.loop) != 0 ||
      uv_mutex_init(&peer_world.lock) != 0 ||
      uv_cond_init(&peer_world.done) != 0 ||
      uv_async_init(&peer_world.loop, &peer_world.wake, on_wake) != 0)
    return -1;
  return uv_thread_create(&peer_world.thread, run_loop, NULL);
}

static void close_wake(void *unused) {
  (void)unused;
  uv_close((uv_handle_t *)&peer_world.wake, NULL);
}

void peer_stop(void) {
  peer_clear();
  peer_call(close_wake, NULL);
  uv_thread_join(&peer_world.thread);
  uv_loop_close(&peer_world.loop);
  uv_cond_destroy(&peer_world.done);
  uv_mutex_destroy(&peer_world.lock);
}

/* ---- reading --------------------------------------------------------- */

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  struct peer *peer = handle->data;
  size_t want = (peer->options & PEER_SLOW) ? sizeof(peer->scrap) : suggested;

  uv_mutex_lock(&peer_world.lock);
  if (peer->room - peer->last < want) {
    memmove(peer->bytes, peer->bytes + peer->first, peer->last - peer->first);
    peer->last -= peer->first;
    peer->first = 0;
    if (peer->room - peer->last < want) {
      peer->room = 2 * peer->room + want;
      peer->bytes = realloc(peer->bytes, peer->room);
    }
  }
  *buffer = uv_buf_init((char *)peer->bytes + peer->last, (unsigned)want);
  uv_mutex_unlock(&peer_world.lock);
}

/* For messages that the host's buffer takes at once. */
static void echo(struct peer *peer, char *bytes, ssize_t count) {
  uv_buf_t back = uv_buf_init(bytes, (unsigned)count);

  if (uv_try_write((uv_stream_t *)&peer->tcp, &back, 1) == count)
    peer->echoed += (size_t)count;
}

static void on_read(uv_stream_t *stream, ssize_t count,
                    const uv_buf_t *buffer) {
  struct peer *peer = stream->data;

  /* libuv takes a reset after a short read for the end of the stream. */
  if (count == UV_EOF && peer_was_reset(peer))
    count = UV_ECONNRESET;
  uv_mutex_lock(&peer_world.lock);
  if (count > 0 && (peer->options & PEER_ECHO))
    echo(peer, buffer->base, count);
  else if (count > 0)
    peer->last += (size_t)count;
  else if (count < 0)
    peer->end = (int)count;
  uv_mutex_unlock(&peer_world.lock);
  if (count < 0)
    uv_read_stop(stream);
}

void peer_set_reading(struct peer *peer, bool on) {
  if (peer->closing || peer->end != 0 || peer->reading == on)
    return;
  peer->reading = on;
  if (on)
    uv_read_start((uv_stream_t *)&peer->tcp, provide, on_read);
  else
    uv_read_stop((uv_stream_t *)&peer->tcp);
}

static void resume(void *argument) {
  peer_set_reading(argument, true);
}

static void pause_it(void *argument) {
  peer_set_reading(argument, false);
}

void peer_resume(struct peer *peer) {
  peer_call(resume, peer);
}

void peer_pause(struct peer *peer) {
  peer_call(pause_it, peer);
}

/* ---- coming and going ------------------------------------------------ */

struct peer *peer_new(struct listener *listener, unsigned options) {
  struct peer *peer = calloc(1, sizeof(*peer));

  uv_tcp_init(&peer_world.loop, &peer->tcp);
  peer->tcp.data = peer;
  peer->listener = listener;
  peer->options = options;
  peer->room = 64;
  peer->bytes = malloc(peer->room);
  return peer;
}

void peer_add(struct peer *peer) {
  struct sockaddr_storage address;
  int length = sizeof(address);

  uv_tcp_nodelay(&peer->tcp, 1);
  if (uv_tcp_getpeername(&peer->tcp, (struct sockaddr *)&address, &length) == 0)
    peer->remote_port = peer_port_of(&address);
  length = sizeof(address);
  if (uv_tcp_getsockname(&peer->tcp, (struct sockaddr *)&address, &length) == 0)
    peer->local_port = peer_port_of(&address);
  if (!(peer->options & PEER_PAUSED))
    peer_set_reading(peer, true);
  uv_mutex_lock(&peer_world.lock);
  if (peer->listener != NULL)
    peer->number = peer->listener->accepted++;
  peer->next = peer_world.peers;
  peer_world.peers = peer;
  uv_mutex_unlock(&peer_world.lock);
}

static void free_peer(struct peer *peer) {
  free(peer->bytes);
  free(peer);
}

void peer_free_unused(uv_handle_t *handle) {
  free_peer(handle->data);
}

static void on_connection(uv_stream_t *server, int status) {
  struct listener *listener = server->data;
  struct peer *peer;

  if (status != 0)
    return;
  peer = peer_new(listener, listener->options);
  if (uv_accept(server, (uv_stream_t *)&peer->tcp) == 0)
    peer_add(peer);
  else
    uv_close((uv_handle_t *)&peer->tcp, peer_free_unused);
}

struct listen_request {
  int ipv6;
  unsigned options;
  unsigned short port;
};

static unsigned short bind_and_listen(struct listener *listener, int ipv6) {
  struct sockaddr_storage address;
  int length = sizeof(address), smallest = 256 * 1024;

  peer_address(&address, ipv6, 0, 0);
  if (uv_tcp_bind(&listener->tcp, (struct sockaddr *)&address, 0) != 0)
    return 0;
  /* An accepted socket takes the buffer over; set later, the window is large
   * already. Not much smaller than a packet of the loopback, or the host drops
   * packets, and a reset with them. */
  if (listener->options & PEER_SMALL_BUFFER)
    uv_recv_buffer_size((uv_handle_t *)&listener->tcp, &smallest);
  if (uv_listen((uv_stream_t *)&listener->tcp, 128, on_connection) != 0 ||
      uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address,
                         &length) != 0)
    return 0;
  return peer_port_of(&address);
}

static void listen_now(void *argument) {
  struct listen_request *request = argument;
  struct listener *listener = calloc(1, sizeof(*listener));

  uv_tcp_init(&peer_world.loop, &listener->tcp);
  listener->tcp.data = listener;
  listener->options = request->options;
  request->port = bind_and_listen(listener, request->ipv6);
  listener->port = request->port;
  uv_mutex_lock(&peer_world.lock);
  listener->next = peer_world.listeners;
  peer_world.listeners = listener;
  uv_mutex_unlock(&peer_world.lock);
}

unsigned short peer_listen(int ipv6, unsigned options) {
  struct listen_request request = {ipv6, options, 0};

  peer_call(listen_now, &request);
  return request.port;
}

/* ---- sending --------------------------------------------------------- */

struct sending {
  uv_write_t write;
  struct peer *peer;
  size_t length;
  unsigned char bytes[];
};

static void on_written(uv_write_t *write, int status) {
  struct sending *sending = write->data;

  (void)status; /* a peer that cannot send learns it by reading */
  uv_mutex_lock(&peer_world.lock);
  sending->peer->unsent -= sending->length;
  uv_mutex_unlock(&peer_world.lock);
  free(sending);
}

static void send_now(void *argument) {
  struct sending *sending = argument;
  uv_buf_t buffer =
      uv_buf_init((char *)sending->bytes, (unsigned)sending->length);

  uv_mutex_lock(&peer_world.lock);
  sending->peer->unsent += sending->length;
  uv_mutex_unlock(&peer_world.lock);
  sending->write.data = sending;
  if (sending->peer->closing ||
      uv_write(&sending->write, (uv_stream_t *)&sending->peer->tcp, &buffer, 1,
               on_written) != 0)
    on_written(&sending->write, UV_ECONNRESET);
}

static struct sending *new_sending(struct peer *peer, size_t length) {
  struct sending *sending = malloc(sizeof(*sending) + length);

  sending->peer = peer;
  sending->length = length;
  return sending;
}

void peer_send(struct peer *peer, const void *bytes, size_t length) {
  struct sending *sending = new_sending(peer, length);

  memcpy(sending->bytes, bytes, length);
  peer_call(send_now, sending);
}

void peer_send_pattern(struct peer *peer, size_t start, size_t length) {
  struct sending *sending = new_sending(peer, length);

  for (size_t i = 0; i < length; i++)
    sending->bytes[i] = peer_pattern(start + i);
  peer_call(send_now, sending);
}

/* ---- ending ---------------------------------------------------------- */

static void on_finished(uv_shutdown_t *shutdown, int status) {
  (void)status;
  free(shutdown);
}

static void finish_now(void *argument) {
  struct peer *peer = argument;
  uv_shutdown_t *shutdown = malloc(sizeof(*shutdown));

  if (peer->closing ||
      uv_shutdown(shutdown, (uv_stream_t *)&peer->tcp, on_finished) != 0)
    free(shutdown);
}

void peer_finish(struct peer *peer) {
  peer_call(finish_now, peer);
}

/* A peer that a test has closed stays, for the test's pointer, until the test
 * has ended. */
static void on_closed(uv_handle_t *handle) {
  struct peer *peer = handle->data;

  peer->closed = true;
  if (peer->abandoned)
    free_peer(peer);
}

static void close_now(void *argument) {
  struct peer *peer = argument;

  if (!peer->closing)
    uv_close((uv_handle_t *)&peer->tcp, on_closed);
  peer->closing = true;
}

void peer_close(struct peer *peer) {
  peer_call(close_now, peer);
}

static void reset_now(void *argument) {
  struct peer *peer = argument;

  if (!peer->closing && uv_tcp_close_reset(&peer->tcp, on_closed) == 0)
    peer->closing = true;
  close_now(peer);
}

void peer_reset(struct peer *peer) {
  peer_call(reset_now, peer);
}

static void abandon(struct peer *peer) {
  peer->abandoned = true;
  if (peer->closed)
    free_peer(peer);
  else
    close_now(peer);
}

static void free_listener(uv_handle_t *handle) {
  free(handle->data);
}

static void clear_now(void *unused) {
  struct peer *peer, *next_peer;
  struct listener *listener, *next;

  (void)unused;
  for (peer = peer_world.peers; peer != NULL; peer = next_peer) {
    next_peer = peer->next;
    abandon(peer);
  }
  for (listener = peer_world.listeners; listener != NULL; listener = next) {
    next = listener->next;
    uv_close((uv_handle_t *)&listener->tcp, free_listener);
  }
  peer_world.peers = NULL;
  peer_world.listeners = NULL;
}

void peer_clear(void) {
  peer_call(clear_now, NULL);
  peer_ports_clear();
  peer_udp_clear();
}
