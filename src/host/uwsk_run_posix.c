/*
 * What uwsk-run needs of a POSIX host.
 */
#ifndef _WIN32

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uwsk_run.h"

/* ---- modules ----------------------------------------------------------- */

/* A name without a slash would be looked for in the library path. */
static const char *as_path(const char *path, char *buffer, size_t size) {
  if (strchr(path, '/') != NULL)
    return path;
  snprintf(buffer, size, "./%s", path);
  return buffer;
}

static bool readable(const char *path, char *error, size_t size) {
  int file = open(path, O_RDONLY);

  if (file < 0) {
    snprintf(error, size, "cannot be read: %s", strerror(errno));
    return false;
  }
  close(file);
  return true;
}

void *run__module_open(const char *path, char *error, size_t size) {
  char buffer[4096];

  if (!readable(path, error, size))
    return NULL;
  void *module =
      dlopen(as_path(path, buffer, sizeof buffer), RTLD_NOW | RTLD_LOCAL);
  if (module == NULL)
    snprintf(error, size, "is not a module that can be loaded: %s", dlerror());
  return module;
}

void *run__module_symbol(void *module, const char *name) {
  return dlsym(module, name);
}

void run__module_close(void *module) {
  dlclose(module);
}

/* ---- interrupts -------------------------------------------------------- */

static int interrupt_pipe[2];

/* A handler, not sigwait: so a debugger still sees Ctrl-C first. */
static void on_interrupt(int number) {
  int saved = errno;
  char byte = (char)number;

  (void)!write(interrupt_pipe[1], &byte, 1);
  errno = saved;
}

static char next_interrupt(void) {
  char number = 0;

  while (read(interrupt_pipe[0], &number, 1) != 1)
    ;
  return number;
}

static void watch(void *argument) {
  void (**stop)(void) = argument;

  next_interrupt();
  (*stop)();
  next_interrupt();
  run__say("interrupted again: ending without unloading");
  _exit(RUN_FAILED);
}

static bool handle(int number) {
  struct sigaction action;

  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0;
}

bool run__watch_interrupts(void (*stop)(void)) {
  static void (*kept)(void);

  kept = stop;
  if (pipe(interrupt_pipe) != 0 || !run__thread(watch, &kept))
    return false;
  return handle(SIGINT) && handle(SIGTERM);
}

/* ---- threads, environment ---------------------------------------------- */

/* What a thread is to do, until it has read it. */
static struct start {
  atomic_bool taken;
  void (*entry)(void *);
  void *argument;
} starts[16];

static struct start *take_start(void (*entry)(void *), void *argument) {
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
    if (atomic_exchange(&starts[i].taken, true))
      continue;
    starts[i].entry = entry;
    starts[i].argument = argument;
    return &starts[i];
  }
  return NULL;
}

static void run_start(struct start *start) {
  void (*entry)(void *) = start->entry;
  void *argument = start->argument;

  atomic_store(&start->taken, false);
  entry(argument);
}

static void *thread_main(void *argument) {
  run_start(argument);
  return NULL;
}

bool run__thread(void (*entry)(void *), void *argument) {
  struct start *start = take_start(entry, argument);
  pthread_t thread;

  if (start == NULL)
    return false;
  if (pthread_create(&thread, NULL, thread_main, start) != 0) {
    atomic_store(&start->taken, false);
    return false;
  }
  pthread_detach(thread);
  return true;
}

void run__end(int status) {
  _exit(status);
}

void run__set_environment(const char *name, const char *value) {
  setenv(name, value, 1);
}

#else
typedef int run_posix_is_empty;
#endif
