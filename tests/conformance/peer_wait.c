/*
 * What a test asks of its peers, and how it waits for the answer: by letting
 * the kernel under test go on until the peer's thread has seen enough.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "peer_parts.h"

/* Long enough for a loaded machine; only a failure waits so long. */
#define PATIENCE_MS 20000

struct question {
  struct peer *peer;
  struct listener *listener;
  size_t length;
  struct peer *found;
};

static bool answered(int (*done)(void *), struct question *question) {
  return host_run_until(done, question, PATIENCE_MS) != 0;
}

/* ---- who came -------------------------------------------------------- */

static struct listener *listener_of(unsigned short port) {
  struct listener *listener;

  for (listener = peer_world.listeners; listener != NULL;
       listener = listener->next)
    if (listener->port == port)
      break;
  return listener;
}

static int has_come(void *context) {
  struct question *question = context;
  struct listener *listener = question->listener;
  struct peer *peer;

  uv_mutex_lock(&peer_world.lock);
  for (peer = peer_world.peers; peer != NULL; peer = peer->next)
    if (peer->listener == listener && peer->number == listener->taken)
      break;
  question->found = peer;
  uv_mutex_unlock(&peer_world.lock);
  return peer != NULL;
}

struct peer *peer_accept(unsigned short port) {
  struct question question = {.listener = listener_of(port)};

  if (question.listener == NULL || !answered(has_come, &question))
    return NULL;
  question.listener->taken++;
  return question.found;
}

unsigned peer_accepted(unsigned short port) {
  struct listener *listener = listener_of(port);
  unsigned accepted = 0;

  uv_mutex_lock(&peer_world.lock);
  if (listener != NULL)
    accepted = listener->accepted;
  uv_mutex_unlock(&peer_world.lock);
  return accepted;
}

unsigned short peer_remote_port(struct peer *peer) {
  return peer->remote_port;
}

unsigned short peer_local_port(struct peer *peer) {
  return peer->local_port;
}

/* ---- whom to go to --------------------------------------------------- */

struct connecting {
  uv_connect_t request;
  struct sockaddr_storage address;
  struct peer *peer;
  int result;   /* 1 while it goes on; under the lock */
  int given_up; /* nobody waits for it any more; under the lock */
};

static void on_connected(uv_connect_t *request, int status) {
  struct connecting *connecting = request->data;
  int given_up;

  /* Made, and reset before this thread came to look. */
  if (status == UV_ECONNRESET) {
    connecting->peer->end = status;
    status = 0;
  }
  if (status == 0)
    peer_add(connecting->peer);
  else
    uv_close((uv_handle_t *)&connecting->peer->tcp, peer_free_unused);
  uv_mutex_lock(&peer_world.lock);
  connecting->result = status;
  given_up = connecting->given_up;
  uv_mutex_unlock(&peer_world.lock);
  if (given_up)
    free(connecting);
}

static void connect_now(void *argument) {
  struct connecting *connecting = argument;
  int error;

  connecting->request.data = connecting;
  connecting->peer = peer_new(NULL, 0);
  error = uv_tcp_connect(&connecting->request, &connecting->peer->tcp,
                         (struct sockaddr *)&connecting->address, on_connected);
  if (error != 0)
    on_connected(&connecting->request, error);
}

static int has_connected(void *context) {
  struct connecting *connecting = context;
  int result;

  uv_mutex_lock(&peer_world.lock);
  result = connecting->result;
  uv_mutex_unlock(&peer_world.lock);
  return result <= 0;
}

/* The one of both sides that comes last frees it. */
static struct peer *take_connected(struct connecting *connecting) {
  struct peer *peer;

  uv_mutex_lock(&peer_world.lock);
  connecting->given_up = connecting->result > 0;
  peer = connecting->result == 0 ? connecting->peer : NULL;
  if (connecting->given_up)
    connecting = NULL;
  uv_mutex_unlock(&peer_world.lock);
  free(connecting);
  return peer;
}

struct peer *peer_connect(int ipv6, unsigned short port) {
  struct connecting *connecting = calloc(1, sizeof(*connecting));

  connecting->result = 1;
  peer_address(&connecting->address, ipv6, 0, port);
  peer_call(connect_now, connecting);
  host_run_until(has_connected, connecting, PATIENCE_MS);
  return take_connected(connecting);
}

/* ---- what came ------------------------------------------------------- */

unsigned char peer_pattern(size_t position) {
  return (unsigned char)((position * 167 + (position >> 8) * 13) % 251);
}

static int has_flushed(void *context) {
  struct question *question = context;
  int flushed;

  uv_mutex_lock(&peer_world.lock);
  flushed = question->peer->unsent == 0;
  uv_mutex_unlock(&peer_world.lock);
  return flushed;
}

int peer_flush(struct peer *peer) {
  struct question question = {.peer = peer};

  return answered(has_flushed, &question);
}

static int has_enough(void *context) {
  struct question *question = context;
  struct peer *peer = question->peer;
  int enough;

  uv_mutex_lock(&peer_world.lock);
  enough = peer->last - peer->first >= question->length || peer->end != 0;
  uv_mutex_unlock(&peer_world.lock);
  return enough;
}

/* Waits for `length` bytes; then `same` judges them, under the lock. */
static int expect(struct peer *peer, size_t length,
                  bool (*same)(const unsigned char *came, const void *context,
                               size_t length),
                  const void *context) {
  struct question question = {.peer = peer, .length = length};
  int good;

  answered(has_enough, &question);
  uv_mutex_lock(&peer_world.lock);
  good = peer->last - peer->first == length &&
         same(peer->bytes + peer->first, context, length);
  peer->first = peer->last;
  uv_mutex_unlock(&peer_world.lock);
  return good;
}

static bool same_bytes(const unsigned char *came, const void *context,
                       size_t length) {
  return length == 0 || memcmp(came, context, length) == 0;
}

static bool same_pattern(const unsigned char *came, const void *context,
                         size_t length) {
  size_t start = *(const size_t *)context;

  for (size_t i = 0; i < length; i++)
    if (came[i] != peer_pattern(start + i))
      return false;
  return true;
}

int peer_expect(struct peer *peer, const void *bytes, size_t length) {
  return expect(peer, length, same_bytes, bytes);
}

int peer_expect_pattern(struct peer *peer, size_t start, size_t length) {
  return expect(peer, length, same_pattern, &start);
}

size_t peer_unread(struct peer *peer) {
  size_t unread;

  uv_mutex_lock(&peer_world.lock);
  unread = peer->last - peer->first;
  uv_mutex_unlock(&peer_world.lock);
  return unread;
}

static int has_echoed(void *context) {
  struct question *question = context;
  int echoed;

  uv_mutex_lock(&peer_world.lock);
  echoed = question->peer->echoed >= question->length;
  uv_mutex_unlock(&peer_world.lock);
  return echoed;
}

int peer_expect_echoed(struct peer *peer, size_t total) {
  struct question question = {.peer = peer, .length = total};

  return answered(has_echoed, &question);
}

/* ---- how it ended ---------------------------------------------------- */

static int has_ended(void *context) {
  struct question *question = context;
  int ended;

  uv_mutex_lock(&peer_world.lock);
  ended = question->peer->end != 0;
  uv_mutex_unlock(&peer_world.lock);
  return ended;
}

int peer_has_ended(struct peer *peer) {
  struct question question = {.peer = peer};

  return has_ended(&question);
}

int peer_expect_end(struct peer *peer) {
  struct question question = {.peer = peer};

  return answered(has_ended, &question) && peer->end == UV_EOF &&
         peer_unread(peer) == 0;
}

int peer_expect_reset(struct peer *peer) {
  struct question question = {.peer = peer};

  return answered(has_ended, &question) &&
         (peer->end == UV_ECONNRESET ||
          (host_loses_resets() && peer->end == UV_EOF));
}

static int has_been_reset(void *context) {
  struct question *question = context;
  struct peer *peer = question->peer;

  peer_call(peer_ask_error, peer);
  return peer->socket_error != 0;
}

int peer_expect_reset_after_end(struct peer *peer) {
  struct question question = {.peer = peer};

  return answered(has_been_reset, &question);
}
