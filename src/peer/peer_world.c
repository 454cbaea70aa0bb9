/* The thread of the peers. See peer_parts.h. */
#include "peer/peer_parts.h"

#include <stdio.h>

#include "os/os.h"
#include "peer/peer.h"

#define MAX_TOLD 16

struct call {
  struct call *next;
  void (*run)(void *argument);
  void *argument;
  bool done;
};

struct peer_world peer__world;

static struct {
  uv_once_t once;
  bool ready;   /* the lock and the condition are there */
  bool running; /* under the lock, like all that follows */
  bool quit;
  struct os_thread thread;
  uv_async_t wake;
  uv_cond_t done;
  struct call *calls, **calls_end;
} state = {.once = UV_ONCE_INIT};

static void prepare(void) {
  state.ready =
      uv_mutex_init(&peer__world.lock) == 0 && uv_cond_init(&state.done) == 0;
}

void peer__lock(void) {
  uv_mutex_lock(&peer__world.lock);
}

void peer__unlock(void) {
  uv_mutex_unlock(&peer__world.lock);
}

/* ---- on the thread ----------------------------------------------------- */

static void run_calls(void) {
  struct call *call;

  while ((call = state.calls) != NULL) {
    state.calls = call->next;
    if (state.calls == NULL)
      state.calls_end = &state.calls;
    call->run(call->argument);
    call->done = true;
    uv_cond_broadcast(&state.done);
  }
}

static void on_wake(uv_async_t *wake) {
  peer__lock();
  run_calls();
  for (struct uwsk_peer *peer = peer__world.peers; peer != NULL;
       peer = peer->next)
    peer__advance(peer);
  if (state.quit)
    uv_close((uv_handle_t *)wake, NULL);
  peer__unlock();
}

static void run_world(void *argument) {
  (void)argument;
  (void)uv_run(&peer__world.loop, UV_RUN_DEFAULT);
}

/* ---- starting and stopping --------------------------------------------- */

static bool start(void) {
  state.quit = false;
  state.calls = NULL;
  state.calls_end = &state.calls;
  if (uv_loop_init(&peer__world.loop) != 0)
    return false;
  if (uv_async_init(&peer__world.loop, &state.wake, on_wake) == 0) {
    if (os__thread_start(&state.thread, run_world, NULL) == 0)
      return true;
    uv_close((uv_handle_t *)&state.wake, NULL);
    (void)uv_run(&peer__world.loop, UV_RUN_DEFAULT);
  }
  (void)uv_loop_close(&peer__world.loop);
  return false;
}

bool peer__world_start(void) {
  uv_once(&state.once, prepare);
  if (!state.ready)
    return false;
  peer__lock();
  if (!state.running)
    state.running = start();
  bool running = state.running;
  peer__unlock();
  return running;
}

void peer__call(void (*run)(void *argument), void *argument) {
  struct call call = {NULL, run, argument, false};

  peer__lock();
  *state.calls_end = &call;
  state.calls_end = &call.next;
  (void)uv_async_send(&state.wake);
  while (!call.done)
    uv_cond_wait(&state.done, &peer__world.lock);
  peer__unlock();
}

/* ---- the end ----------------------------------------------------------- */

static void close_all(void *argument) {
  (void)argument;
  for (struct uwsk_peer *peer = peer__world.peers, *next; peer != NULL;
       peer = next) {
    next = peer->next;
    if (!peer->freed)
      peer__close_handles(peer);
  }
  state.quit = true;
}

static bool is_running(void) {
  uv_once(&state.once, prepare);
  peer__lock();
  bool running = state.running;
  peer__unlock();
  return running;
}

void peer__stop(void) {
  if (!is_running())
    return;
  peer__call(close_all, NULL);
  os__thread_join(&state.thread);
  (void)uv_loop_close(&peer__world.loop);
  state.running = false;
  peer__world.bad = 0;
}

/* The lines are collected under the lock and told without it. */
void peer__tell_bad(void (*add)(void *context, size_t count, const char *line),
                    void *context) {
  static char lines[MAX_TOLD][PEER_LINE];
  unsigned told = 0;
  char line[PEER_LINE];

  if (!is_running())
    return;
  peer__lock();
  unsigned bad = peer__world.bad;
  for (struct uwsk_peer *peer = peer__world.peers; peer != NULL;
       peer = peer->next)
    if (peer__is_bad(peer) && told < MAX_TOLD)
      peer__describe(peer, lines[told++]);
  peer__unlock();
  for (unsigned i = 0; i < told; i++)
    add(context, 1, lines[i]);
  snprintf(line, sizeof(line), "%u %s of closed peers had failed", bad,
           bad == 1 ? "script" : "scripts");
  if (bad > 0)
    add(context, bad, line);
}
