/* uwsk/peer.h: what a test calls. */
#include "peer/peer_parts.h"

#include <stdio.h>
#include <string.h>

#include "loop/loop.h"
#include "os/os.h"

static void say(const char *what, const char *why) {
  char line[200];
  int length = snprintf(line, sizeof(line), "uwsk: %s: %s\n", what, why);

  os__stderr(line, (size_t)length);
}

/* ---- handles that lie in a peer ---------------------------------------- */

static void free_peer(struct uwsk_peer *peer) {
  struct uwsk_peer **link = &peer__world.peers;

  while (*link != peer)
    link = &(*link)->next;
  *link = peer->next;
  peer__free_script(peer);
  os__free(peer);
}

void peer__count_handle(struct uwsk_peer *peer, int change) {
  peer->handles += (unsigned)change;
  if (peer->handles == 0 && peer->freed)
    free_peer(peer);
}

static void on_closed(uv_handle_t *handle) {
  struct uwsk_peer *peer = handle->data;

  peer__lock();
  peer__count_handle(peer, -1);
  peer__unlock();
}

static void close_handle(struct uwsk_peer *peer, uv_handle_t *handle) {
  /* A handle that was never initialised has no peer. */
  if (handle->data == peer && !uv_is_closing(handle))
    uv_close(handle, on_closed);
}

void peer__close_handles(struct uwsk_peer *peer) {
  peer->freed = true;
  peer__drop_connection(peer, false);
  close_handle(peer, (uv_handle_t *)&peer->listener);
  close_handle(peer, (uv_handle_t *)&peer->udp);
  close_handle(peer, (uv_handle_t *)&peer->timer);
  if (peer->handles == 0)
    free_peer(peer);
}

/* ---- making ------------------------------------------------------------- */

struct making {
  struct uwsk_peer *peer;
  unsigned short port;
  int error;
};

static int open_peer(struct uwsk_peer *peer, unsigned short port) {
  int error = uv_timer_init(&peer__world.loop, &peer->timer);

  if (error != 0)
    return error;
  peer->timer.data = peer;
  peer__count_handle(peer, 1);
  switch (peer->kind) {
  case PEER_LISTENER:
    return peer__listen(peer);
  case PEER_CONNECTOR:
    return peer__connect(peer, port);
  default:
    return peer__udp_open(peer, port);
  }
}

static void make(void *argument) {
  struct making *making = argument;
  struct uwsk_peer *peer = making->peer;

  peer->next = peer__world.peers;
  peer__world.peers = peer;
  making->error = open_peer(peer, making->port);
  if (making->error != 0)
    peer__close_handles(peer);
}

static struct uwsk_peer *new_peer(enum peer_kind kind,
                                  enum uwsk_peer_family family,
                                  unsigned short port, const char *call) {
  struct uwsk_peer *peer = os__alloc_uncounted(sizeof(*peer));
  struct making making = {peer, port, 0};

  if (peer == NULL || !peer__world_start()) {
    os__free(peer);
    say(call, "no memory, or no thread");
    return NULL;
  }
  peer->kind = kind;
  peer->ipv6 = family == UWSK_PEER_IPV6;
  peer->steps_end = &peer->steps;
  peer->chunks_end = &peer->chunks;
  peer__call(make, &making);
  if (making.error == 0)
    return peer;
  say(call, uv_strerror(making.error));
  return NULL;
}

struct uwsk_peer *uwsk_peer_listen_only(enum uwsk_peer_family family) {
  return new_peer(PEER_LISTENER, family, 0, "uwsk_peer_listen");
}

struct uwsk_peer *uwsk_peer_listen(enum uwsk_peer_family family) {
  struct uwsk_peer *peer = uwsk_peer_listen_only(family);

  if (peer != NULL)
    (void)uwsk_peer_accept(peer);
  return peer;
}

struct uwsk_peer *uwsk_peer_connect(enum uwsk_peer_family family,
                                    unsigned short port) {
  return new_peer(PEER_CONNECTOR, family, port, "uwsk_peer_connect");
}

struct uwsk_peer *uwsk_peer_udp(enum uwsk_peer_family family,
                                unsigned short port) {
  return new_peer(PEER_UDP, family, port, "uwsk_peer_udp");
}

unsigned short uwsk_peer_port(const struct uwsk_peer *peer) {
  peer__lock();
  unsigned short port = peer->port;
  peer__unlock();
  return port;
}

/* ---- the script --------------------------------------------------------- */

static bool is_for(const struct uwsk_peer *peer, enum step_kind kind) {
  switch (kind) {
  case STEP_ACCEPT:
    return peer->kind == PEER_LISTENER;
  case STEP_EXPECT:
  case STEP_SEND:
  case STEP_STALL:
  case STEP_DELAY:
    return true;
  default:
    return peer->kind != PEER_UDP;
  }
}

static void advance(void *argument) {
  peer__advance(argument);
}

struct request {
  enum step_kind kind;
  const void *bytes;
  size_t length, piece;
  unsigned millis;
};

/* What keeps the step from being appended, or NULL. */
static const char *append(struct uwsk_peer *peer,
                          const struct request *request) {
  if (!is_for(peer, request->kind))
    return "this is no step for such a peer";
  if (request->length > 0 && request->bytes == NULL)
    return "there are no bytes";
  struct step *step = peer__append(peer, request->kind, request->length);
  if (step == NULL)
    return "there is no memory";
  if (request->length > 0)
    memcpy(step->bytes, request->bytes, request->length);
  step->piece = request->piece;
  step->millis = request->millis;
  return NULL;
}

static bool add(struct uwsk_peer *peer, struct request request) {
  peer__lock();
  const char *why = append(peer, &request);
  if (why != NULL && !peer->failed)
    peer__fail(peer, "%s: %s", peer__step_name(request.kind), why);
  peer__unlock();
  if (why == NULL)
    peer__call(advance, peer);
  return why == NULL;
}

bool uwsk_peer_expect(struct uwsk_peer *peer, const void *bytes,
                      size_t length) {
  return add(peer, (struct request){STEP_EXPECT, bytes, length, 0, 0});
}

bool uwsk_peer_expect_any(struct uwsk_peer *peer, size_t length) {
  return add(peer, (struct request){STEP_EXPECT_ANY, NULL, 0, length, 0});
}

bool uwsk_peer_send(struct uwsk_peer *peer, const void *bytes, size_t length) {
  return add(peer, (struct request){STEP_SEND, bytes, length, 0, 0});
}

bool uwsk_peer_send_pieces(struct uwsk_peer *peer, const void *bytes,
                           size_t length, size_t piece) {
  return add(peer, (struct request){STEP_SEND, bytes, length, piece, 0});
}

bool uwsk_peer_finish(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_FINISH});
}

bool uwsk_peer_reset(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_RESET});
}

bool uwsk_peer_hang_up(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_HANG_UP});
}

bool uwsk_peer_expect_end(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_EXPECT_END});
}

bool uwsk_peer_expect_reset(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_EXPECT_RESET});
}

bool uwsk_peer_stall(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_STALL});
}

bool uwsk_peer_delay(struct uwsk_peer *peer, unsigned milliseconds) {
  return add(peer,
             (struct request){.kind = STEP_DELAY, .millis = milliseconds});
}

bool uwsk_peer_accept(struct uwsk_peer *peer) {
  return add(peer, (struct request){.kind = STEP_ACCEPT});
}

/* ---- meanwhile ---------------------------------------------------------- */

static void go(void *argument) {
  struct uwsk_peer *peer = argument;

  peer->gos++;
  peer__advance(peer);
}

void uwsk_peer_go(struct uwsk_peer *peer) {
  peer__call(go, peer);
}

static bool is_over(void *context) {
  const struct uwsk_peer *peer = context;

  peer__lock();
  bool over = peer->failed || peer->at == NULL;
  peer__unlock();
  return over;
}

static void tell_step(const struct uwsk_peer *peer) {
  char line[PEER_LINE];

  peer__describe(peer, line);
  say("uwsk_peer_wait", line);
}

bool uwsk_peer_wait(struct uwsk_peer *peer, unsigned milliseconds) {
  uint64_t deadline = os__now_ns() + (uint64_t)milliseconds * 1000000u;

  if (!loop__may_wait()) {
    say("uwsk_peer_wait", "called inside a callback, where nothing may wait");
    return false;
  }
  (void)loop__run_until(is_over, peer, deadline);
  peer__lock();
  bool good = !peer->failed && peer->at == NULL;
  if (!good && !peer->failed)
    tell_step(peer);
  peer__unlock();
  return good;
}

const char *uwsk_peer_failure(const struct uwsk_peer *peer) {
  return peer->failure;
}

static void close_peer(void *argument) {
  struct uwsk_peer *peer = argument;

  peer__world.bad += peer->failed;
  peer__close_handles(peer);
}

void uwsk_peer_close(struct uwsk_peer *peer) {
  if (peer != NULL)
    peer__call(close_peer, peer);
}
