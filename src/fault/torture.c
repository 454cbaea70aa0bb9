/*
 * Torture: one failure per call stack. See uwsk/fault.h.
 *
 * A call stack is known by a hash of its return addresses. The innermost ones
 * tell who allocates; the outer ones, who needs it. A stack is cut off at
 * MAX_FRAMES, so that recursion does not make new ones for ever.
 */
#include "fault/fault.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"

#define MAX_FRAMES 24
#define MAX_STACKS 16384 /* a power of two */

static struct {
  struct os_spin lock;
  uint64_t known[MAX_STACKS]; /* open addressing; 0 is an empty place */
  unsigned count;
  bool struck; /* in this run */
  void *frames[MAX_FRAMES];
  unsigned depth;
} torture;

/* FNV-1a over the addresses. */
static uint64_t hash_of(void *const *frames, unsigned depth) {
  uint64_t hash = 0xcbf29ce484222325u;

  for (unsigned i = 0; i < depth; i++) {
    hash ^= (uint64_t)(uintptr_t)frames[i];
    hash *= 0x100000001b3u;
  }
  return hash != 0 ? hash : 1;
}

/* True when the stack was not known; it is from now on. A table that is nearly
 * full knows everything: the torture then comes to its end. */
static bool learn(uint64_t hash) {
  unsigned at = (unsigned)hash & (MAX_STACKS - 1);

  while (torture.known[at] != 0 && torture.known[at] != hash)
    at = (at + 1) & (MAX_STACKS - 1);
  if (torture.known[at] == hash || torture.count >= MAX_STACKS / 2)
    return false;
  torture.known[at] = hash;
  torture.count++;
  return true;
}

static _Thread_local unsigned spared;

void fault__torture_spare(bool spare) {
  spared += spare ? 1u : -1u;
}

static bool fails(void) {
  if (spared > 0)
    return false;
  void *frames[MAX_FRAMES];
  unsigned depth = os__backtrace(frames, MAX_FRAMES);
  uint64_t hash = hash_of(frames, depth);

  os__spin_lock(&torture.lock);
  bool strikes = !torture.struck && learn(hash);
  if (strikes) {
    torture.struck = true;
    torture.depth = depth;
    memcpy(torture.frames, frames, depth * sizeof(frames[0]));
  }
  os__spin_unlock(&torture.lock);
  return strikes;
}

static void say(const char *text) {
  os__stderr(text, strlen(text));
}

void fault__torture_tell(int answer) {
  char line[320], code[256];

  snprintf(line, sizeof(line),
           "uwsk: torture: the run returned %d after this allocation failed:\n",
           answer);
  say(line);
  for (unsigned i = 0; i < torture.depth; i++) {
    os__describe_code(torture.frames[i], code, sizeof(code));
    snprintf(line, sizeof(line), "      %s\n", code);
    say(line);
  }
}

void fault__torture_forget(void) {
  memset(torture.known, 0, sizeof(torture.known));
  torture.count = 0;
}

unsigned fault__torture_count(void) {
  return torture.count;
}

void fault__torture_begin(void) {
  torture.struck = false;
  os__alloc_ask(fails);
}

bool fault__torture_end(void) {
  os__alloc_ask(NULL);
  return torture.struck;
}

static bool run_once(int (*run)(void *context), void *context, int *answer) {
  fault__torture_begin();
  *answer = run(context);
  return fault__torture_end();
}

int uwsk_torture(int (*run)(void *context), void *context,
                 struct uwsk_torture *result) {
  struct uwsk_torture so_far = {0, 0};
  int answer = 0;
  bool struck = true;

  fault__torture_forget();
  while (answer == 0 && struck) {
    struck = run_once(run, context, &answer);
    so_far.runs++;
    so_far.failures += struck;
  }
  if (answer != 0 && struck)
    fault__torture_tell(answer);
  if (result != NULL)
    *result = so_far;
  return answer;
}
