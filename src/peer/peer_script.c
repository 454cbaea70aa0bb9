/* Scripts: one function per kind of step. See peer_parts.h. */
#include "peer/peer_parts.h"

#include <string.h>

#include "os/os.h"

enum outcome {
  STEP_DONE, /* go on with the next one */
  STEP_WAITS /* something has to happen, or the script has failed */
};

struct step *peer__append(struct uwsk_peer *peer, enum step_kind kind,
                          size_t bytes) {
  struct step *step = os__alloc_uncounted(sizeof(*step) + bytes);

  if (step == NULL)
    return NULL;
  step->kind = kind;
  step->length = bytes;
  *peer->steps_end = step;
  peer->steps_end = &step->next;
  if (peer->at == NULL) {
    peer->at = step;
    peer->number++;
  }
  return step;
}

void peer__free_script(struct uwsk_peer *peer) {
  for (struct step *step = peer->steps, *next; step != NULL; step = next) {
    next = step->next;
    os__free(step);
  }
  peer__drop_all(peer);
}

/* ---- steps that bring something about ---------------------------------- */

static enum outcome fail_by(struct uwsk_peer *peer, int error) {
  peer->busy = false;
  peer__fail(peer, "it failed: %s", uv_strerror(error));
  return STEP_WAITS;
}

static enum outcome accept_next(struct uwsk_peer *peer, struct step *step) {
  (void)step;
  if (peer->connection != NULL) {
    if (!peer->ended || !(peer->finished || peer->was_reset)) {
      peer__fail(peer, "the connection before it is not over");
      return STEP_WAITS;
    }
    peer__drop_connection(peer, false);
  }
  if (peer->arrived == 0)
    return STEP_WAITS;
  int error = peer__accept(peer);
  return error == 0 ? STEP_DONE : fail_by(peer, error);
}

/* Whether there is a connection to do it with. */
static bool has_connection(struct uwsk_peer *peer) {
  if (peer->connected)
    return true;
  if (peer->connection == NULL)
    peer__fail(peer, "there is no connection");
  return false;
}

static enum outcome send_next(struct uwsk_peer *peer, struct step *step) {
  size_t left = step->length - step->done;
  size_t piece = step->piece != 0 && step->piece < left ? step->piece : left;
  bool over = step->begun && left == 0;

  if (over || peer->busy)
    return peer->busy ? STEP_WAITS : STEP_DONE;
  if (peer->kind != PEER_UDP && left == 0)
    return STEP_DONE;
  step->begun = true;
  const unsigned char *bytes = step->bytes + step->done;
  step->done += piece;
  int error = peer->kind == PEER_UDP ? peer__send_datagram(peer, bytes, piece)
                                     : peer__write(peer, bytes, piece);
  return error == 0 ? STEP_WAITS : fail_by(peer, error);
}

static enum outcome send_bytes(struct uwsk_peer *peer, struct step *step) {
  return has_connection(peer) ? send_next(peer, step) : STEP_WAITS;
}

static enum outcome finish(struct uwsk_peer *peer, struct step *step) {
  if (!has_connection(peer) || peer->busy)
    return STEP_WAITS;
  if (step->begun) {
    peer->finished = true;
    return STEP_DONE;
  }
  step->begun = true;
  int error = peer__shut_down(peer);
  return error == 0 ? STEP_WAITS : fail_by(peer, error);
}

static enum outcome reset(struct uwsk_peer *peer, struct step *step) {
  (void)step;
  if (!has_connection(peer))
    return STEP_WAITS;
  if (peer->finished) {
    peer__fail(peer, "this end of the connection is over already");
    return STEP_WAITS;
  }
  peer__drop_connection(peer, true);
  return STEP_DONE;
}

static enum outcome hang_up(struct uwsk_peer *peer, struct step *step) {
  (void)step;
  if (!has_connection(peer))
    return STEP_WAITS;
  peer__drop_connection(peer, false);
  return STEP_DONE;
}

/* ---- steps that look at what comes ------------------------------------- */

/* The stream has ended too early: says so. */
static enum outcome cut_short(struct uwsk_peer *peer, struct step *step) {
  if (peer->was_reset)
    peer__fail(peer, "the connection was reset when %u of %u bytes had come",
               (unsigned)peer->waiting, (unsigned)step->length);
  else
    peer__fail_bytes(peer, step);
  return STEP_WAITS;
}

/* A datagram has to be the expected one, and no longer or shorter. */
static bool is_whole(const struct uwsk_peer *peer, const struct step *step) {
  const struct chunk *first = peer->chunks;

  return first->length - first->start == step->length;
}

static enum outcome expect(struct uwsk_peer *peer, struct step *step) {
  long wrong;

  if (peer->kind == PEER_UDP ? peer->chunks == NULL : !has_connection(peer))
    return STEP_WAITS;
  size_t same = peer__compare(peer, step, &wrong);
  if (wrong >= 0 || (peer->kind == PEER_UDP && !is_whole(peer, step))) {
    peer__fail_bytes(peer, step);
    return STEP_WAITS;
  }
  if (same < step->length)
    return peer->ended ? cut_short(peer, step) : STEP_WAITS;
  peer__drop(peer, step->length);
  return STEP_DONE;
}

static enum outcome expect_any(struct uwsk_peer *peer, struct step *step) {
  if (!has_connection(peer))
    return STEP_WAITS;
  if (peer->waiting < step->piece) {
    if (peer->ended)
      peer__fail(peer, "%u bytes were expected, and the end came after %u",
                 (unsigned)step->piece, (unsigned)peer->waiting);
    return STEP_WAITS;
  }
  peer__drop(peer, step->piece);
  return STEP_DONE;
}

/* Nothing but the end is to come. */
static bool only_end(struct uwsk_peer *peer, struct step *step) {
  if (!has_connection(peer))
    return false;
  if (peer->chunks == NULL)
    return true;
  peer__fail_bytes(peer, step);
  return false;
}

static enum outcome expect_end(struct uwsk_peer *peer, struct step *step) {
  if (!only_end(peer, step) || !peer->ended)
    return STEP_WAITS;
  if (!peer->was_reset)
    return STEP_DONE;
  peer__fail(peer, "the connection was reset");
  return STEP_WAITS;
}

static enum outcome expect_reset(struct uwsk_peer *peer, struct step *step) {
  if (!only_end(peer, step) || !peer->ended)
    return STEP_WAITS;
  if (peer->was_reset)
    return STEP_DONE;
  peer__fail(peer, "the stream came to its orderly end");
  return STEP_WAITS;
}

/* ---- steps that wait --------------------------------------------------- */

static enum outcome stall(struct uwsk_peer *peer, struct step *step) {
  (void)step;
  if (peer->gos == 0)
    return STEP_WAITS;
  peer->gos--;
  return STEP_DONE;
}

static void on_timer(uv_timer_t *timer) {
  struct uwsk_peer *peer = timer->data;

  peer__lock();
  peer->timer_over = true;
  peer__advance(peer);
  peer__unlock();
}

static enum outcome delay(struct uwsk_peer *peer, struct step *step) {
  if (step->begun)
    return peer->timer_over ? STEP_DONE : STEP_WAITS;
  step->begun = true;
  peer->timer_over = false;
  (void)uv_timer_start(&peer->timer, on_timer, step->millis, 0);
  return STEP_WAITS;
}

/* ---- going on ---------------------------------------------------------- */

static const struct {
  enum outcome (*run)(struct uwsk_peer *peer, struct step *step);
  bool reads;
} kinds[STEP_KINDS] = {
    [STEP_ACCEPT] = {accept_next, false},
    [STEP_EXPECT] = {expect, true},
    [STEP_EXPECT_ANY] = {expect_any, true},
    [STEP_SEND] = {send_bytes, false},
    [STEP_FINISH] = {finish, false},
    [STEP_RESET] = {reset, false},
    [STEP_HANG_UP] = {hang_up, false},
    [STEP_EXPECT_END] = {expect_end, true},
    [STEP_EXPECT_RESET] = {expect_reset, true},
    [STEP_STALL] = {stall, false},
    [STEP_DELAY] = {delay, false},
};

void peer__advance(struct uwsk_peer *peer) {
  if (peer->freed)
    return;
  while (peer->at != NULL && !peer->failed &&
         kinds[peer->at->kind].run(peer, peer->at) == STEP_DONE) {
    peer->at = peer->at->next;
    if (peer->at != NULL)
      peer->number++;
  }
  peer__read(peer,
             peer->at != NULL && !peer->failed && kinds[peer->at->kind].reads);
}
