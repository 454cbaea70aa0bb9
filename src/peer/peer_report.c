/* What a script says when things go wrong: one block of text, written whole. */
#include "peer/peer_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"

#define SHOWN 48u /* bytes around the first wrong one */
#define LINE  16u

static const char *const names[STEP_KINDS] = {
    [STEP_ACCEPT] = "uwsk_peer_accept",
    [STEP_EXPECT] = "uwsk_peer_expect",
    [STEP_EXPECT_ANY] = "uwsk_peer_expect_any",
    [STEP_SEND] = "uwsk_peer_send",
    [STEP_FINISH] = "uwsk_peer_finish",
    [STEP_RESET] = "uwsk_peer_reset",
    [STEP_HANG_UP] = "uwsk_peer_hang_up",
    [STEP_EXPECT_END] = "uwsk_peer_expect_end",
    [STEP_EXPECT_RESET] = "uwsk_peer_expect_reset",
    [STEP_STALL] = "uwsk_peer_stall",
    [STEP_DELAY] = "uwsk_peer_delay",
};

const char *peer__step_name(enum step_kind kind) {
  return names[kind];
}

static void append(struct uwsk_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct uwsk_peer *peer, const char *format, ...) {
  size_t used = strlen(peer->failure);
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(peer->failure + used, PEER_FAILURE_TEXT - used, format, arguments);
  va_end(arguments);
}

static void head(struct uwsk_peer *peer) {
  peer->failure[0] = '\0';
  append(peer, "uwsk: peer at port %u, ", (unsigned)peer->port);
  if (peer->at != NULL)
    append(peer, "step %u (%s): ", peer->number, names[peer->at->kind]);
  else
    append(peer, "after the last step: ");
}

static void publish(struct uwsk_peer *peer) {
  append(peer, "\n");
  peer->failed = true;
  os__stderr(peer->failure, strlen(peer->failure));
}

void peer__fail(struct uwsk_peer *peer, const char *format, ...) {
  char what[256];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(what, sizeof(what), format, arguments);
  va_end(arguments);
  head(peer);
  append(peer, "%s", what);
  publish(peer);
}

bool peer__is_bad(const struct uwsk_peer *peer) {
  return !peer->freed && (peer->failed || peer->at != NULL);
}

void peer__describe(const struct uwsk_peer *peer, char line[PEER_LINE]) {
  snprintf(line, PEER_LINE, "peer at port %u %s at step %u (%s)",
           (unsigned)peer->port, peer->failed ? "has failed" : "waits",
           peer->number, peer->at != NULL ? names[peer->at->kind] : "none");
}

/* ---- bytes ------------------------------------------------------------- */

static char printable(unsigned char byte) {
  return byte >= ' ' && byte < 127 ? (char)byte : '.';
}

static void show_line(struct uwsk_peer *peer, const char *label, size_t offset,
                      const unsigned char *bytes, size_t length) {
  append(peer, "\n      %-8s %6u ", label, (unsigned)offset);
  for (size_t i = 0; i < length; i++)
    append(peer, " %02x", bytes[i]);
  append(peer, "%*s", (int)(3 * (LINE - length)), "");
  append(peer, "  |");
  for (size_t i = 0; i < length; i++)
    append(peer, "%c", printable(bytes[i]));
  append(peer, "|");
}

static void show(struct uwsk_peer *peer, const char *label, size_t offset,
                 const unsigned char *bytes, size_t length) {
  if (length == 0)
    append(peer, "\n      %-8s nothing", label);
  for (size_t at = 0; at < length; at += LINE)
    show_line(peer, at == 0 ? label : "", offset + at, bytes + at,
              length - at < LINE ? length - at : LINE);
}

void peer__fail_bytes(struct uwsk_peer *peer, const struct step *step) {
  unsigned char came[4096];
  size_t seen = peer__look(peer, came, sizeof(came));
  long wrong;
  size_t same = peer__compare(peer, step, &wrong);
  size_t from = same / LINE * LINE; /* the line of the first difference */
  size_t wanted = step->length > from ? step->length - from : 0;

  head(peer);
  if (wrong >= 0)
    append(peer, "byte %ld of %u is another", wrong, (unsigned)step->length);
  else
    append(peer, "%u bytes were expected, and %u came", (unsigned)step->length,
           (unsigned)(peer->kind == PEER_UDP ? seen : peer->waiting));
  show(peer, "expected", from, step->bytes + from,
       wanted < SHOWN ? wanted : SHOWN);
  seen = seen > from ? seen - from : 0;
  show(peer, "came", from, came + from, seen < SHOWN ? seen : SHOWN);
  publish(peer);
}
