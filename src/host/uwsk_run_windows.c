/*
 * What uwsk-run needs of Windows.
 */
#ifdef _WIN32

#include <windows.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uwsk_run.h"

/* ---- modules ----------------------------------------------------------- */

static bool readable(const char *path, char *error, size_t size) {
  FILE *file = fopen(path, "rb");

  if (file == NULL) {
    snprintf(error, size, "cannot be read: %s", strerror(errno));
    return false;
  }
  fclose(file);
  return true;
}

static void describe(DWORD code, char *error, size_t size) {
  char text[512] = "";
  DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;

  FormatMessageA(flags, NULL, code, 0, text, sizeof text, NULL);
  text[strcspn(text, "\r\n")] = '\0';
  snprintf(error, size, "is not a module that can be loaded: %s (error %lu)",
           text, code);
}

void *run__module_open(const char *path, char *error, size_t size) {
  char full[MAX_PATH];

  if (!readable(path, error, size))
    return NULL;
  /* A bare name would be looked for beside uwsk-run, not here. */
  if (GetFullPathNameA(path, sizeof full, full, NULL) - 1 >= sizeof full - 1) {
    snprintf(error, size, "has a path that is too long");
    return NULL;
  }
  SetErrorMode(SEM_FAILCRITICALERRORS);
  HMODULE module = LoadLibraryA(full);
  if (module == NULL)
    describe(GetLastError(), error, size);
  return module;
}

void *run__module_symbol(void *module, const char *name) {
  return (void *)(uintptr_t)GetProcAddress(module, name);
}

void run__module_close(void *module) {
  FreeLibrary(module);
}

/* ---- interrupts -------------------------------------------------------- */

static void (*stop_callback)(void);
static LONG interrupts;

/* Windows calls this in a thread of its own. A closed console gives a process
 * that handles it time to end; the handler must not return before. */
static BOOL WINAPI on_control(DWORD event) {
  if (InterlockedIncrement(&interrupts) > 1) {
    run__say("interrupted again: ending without unloading");
    ExitProcess(RUN_FAILED);
  }
  stop_callback();
  if (event == CTRL_CLOSE_EVENT)
    Sleep(INFINITE);
  return TRUE;
}

bool run__watch_interrupts(void (*stop)(void)) {
  stop_callback = stop;
  return SetConsoleCtrlHandler(on_control, TRUE);
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

static DWORD WINAPI thread_main(void *argument) {
  run_start(argument);
  return 0;
}

bool run__thread(void (*entry)(void *), void *argument) {
  struct start *start = take_start(entry, argument);

  if (start == NULL)
    return false;
  HANDLE thread = CreateThread(NULL, 0, thread_main, start, 0, NULL);
  if (thread == NULL) {
    atomic_store(&start->taken, false);
    return false;
  }
  CloseHandle(thread);
  return true;
}

/* ExitProcess would run the destructors of DLLs. */
void run__end(int status) {
  TerminateProcess(GetCurrentProcess(), (UINT)status);
}

void run__set_environment(const char *name, const char *value) {
  SetEnvironmentVariableA(name, value);
  _putenv_s(name, value);
}

#else
typedef int run_windows_is_empty;
#endif
