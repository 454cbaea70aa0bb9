/*
 * uwsk-run, the program: what its files share.
 *
 * uwsk-run is an ordinary user of the library: it calls uwsk/uwsk.h and nothing
 * behind it. No file of it sees a km header, so each may use its host's own.
 */
#ifndef UWSK_RUN_H
#define UWSK_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes. */
enum { RUN_OK = 0, RUN_FAILED = 1, RUN_USAGE = 2 };

/* Prints "uwsk-run: ", the text and a line end to standard error. */
void run__say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the command line (uwsk_run_options.c) ----------------------------- */

enum { RUN_MAX_DRIVERS = 64, RUN_MAX_SETTINGS = 64, RUN_MAX_REGISTRIES = 64 };

struct run_setting {
  char name[64];
  uint32_t value;
};

struct run_options {
  const char *verifier; /* NULL: not given */
  const char *loop;     /* NULL: the environment decides */
  const char *hang;     /* the same: milliseconds, or "off" */
  bool trace;           /* false: the environment decides */
  bool echo;            /* serve an echo peer */
  unsigned timeout_ms;  /* UWSK_NO_TIMEOUT without --for */
  unsigned setting_count;
  struct run_setting settings[RUN_MAX_SETTINGS];
  unsigned registry_count;
  const char *registries[RUN_MAX_REGISTRIES]; /* files of regedit */
  unsigned driver_count;
  const char *drivers[RUN_MAX_DRIVERS];
};

/* True: go on. False: everything is said, end with *exit_code. */
bool run__parse(int count, char **arguments, struct run_options *options,
                int *exit_code);

/* ---- the host (uwsk_run_posix.c, uwsk_run_windows.c) ------------------- */

/* Loads a module, its names bound now and kept from others. NULL: `error` says
 * why, in one line. */
void *run__module_open(const char *path, char *error, size_t size);
void *run__module_symbol(void *module, const char *name);
void run__module_close(void *module);

/* Calls `stop` from a thread of its own at the first Ctrl-C or SIGTERM; the
 * second ends the process. False when the host refuses. */
bool run__watch_interrupts(void (*stop)(void));

/* Starts a thread nobody waits for; it ends with the process at the latest. */
bool run__thread(void (*entry)(void *), void *argument);

void run__set_environment(const char *name, const char *value);

/* Ends the process without running anything of its modules. */
void run__end(int status);

/* ---- the echo peer (uwsk_run_echo.c) ----------------------------------- */

/* Serves a TCP echo on 127.0.0.1 at a free port until the process ends. Returns
 * the port, or 0 when the host refuses. */
uint16_t run__echo_start(void);

#endif
