/*
 * uwsk-run: loads drivers and runs them as an ordinary process.
 */
#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "uwsk/registry.h"
#include "uwsk/uwsk.h"
#include "uwsk_run.h"

struct module {
  const char *path;
  char name[64]; /* echo_client of build/echo_client.so: the service name */
  void *handle;
  uwsk_driver_entry entry;
  struct _DRIVER_OBJECT *driver; /* NULL: not started */
};

static struct module modules[RUN_MAX_DRIVERS];
static unsigned module_count;

/* ---- modules ----------------------------------------------------------- */

static void name_module(struct module *module, const char *path) {
  const char *start = path;

  for (const char *at = path; *at != '\0'; at++) {
    if (*at == '/' || *at == '\\')
      start = at + 1;
  }
  snprintf(module->name, sizeof module->name, "%s", start);
  char *dot = strrchr(module->name, '.');
  if (dot != NULL && dot != module->name)
    *dot = '\0';
}

static bool is_loaded(const void *handle) {
  for (unsigned i = 0; i < module_count; i++) {
    if (modules[i].handle == handle)
      return true;
  }
  return false;
}

/* Names of drivers compare without case, as on Windows. */
static bool same_name(const char *a, const char *b) {
  while (*a != '\0' &&
         toupper((unsigned char)*a) == toupper((unsigned char)*b)) {
    a++;
    b++;
  }
  return *a == *b;
}

static bool is_name_taken(const char *name) {
  for (unsigned i = 0; i < module_count; i++) {
    if (same_name(modules[i].name, name))
      return true;
  }
  return false;
}

/* ISO C keeps function and object pointers apart; no host that loads modules
 * does. */
static uwsk_driver_entry find_entry(void *handle) {
  void *symbol = run__module_symbol(handle, "DriverEntry");
  uwsk_driver_entry entry = NULL;

  memcpy(&entry, &symbol, sizeof entry);
  return entry;
}

static bool open_module(const char *path) {
  struct module *module = &modules[module_count];
  char error[768];
  void *handle = run__module_open(path, error, sizeof error);

  if (handle == NULL) {
    run__say("%s %s", path, error);
    return false;
  }
  if (is_loaded(handle)) {
    run__say("%s is named twice", path);
    run__module_close(handle);
    return false;
  }
  name_module(module, path);
  if (is_name_taken(module->name)) {
    run__say("two drivers are called %s", module->name);
    run__module_close(handle);
    return false;
  }
  module->path = path;
  module->handle = handle;
  module->entry = find_entry(handle);
  module_count++;
  if (module->entry == NULL)
    run__say("%s has no DriverEntry", path);
  return module->entry != NULL;
}

static bool open_modules(const struct run_options *options) {
  for (unsigned i = 0; i < options->driver_count; i++) {
    if (!open_module(options->drivers[i]))
      return false;
  }
  return true;
}

static void close_modules(void *context) {
  (void)context;
  while (module_count > 0)
    run__module_close(modules[--module_count].handle);
}

/* ---- drivers ----------------------------------------------------------- */

static bool load_drivers(void) {
  for (unsigned i = 0; i < module_count; i++) {
    struct module *module = &modules[i];
    uwsk_ntstatus status =
        uwsk_load_driver(module->name, module->entry, &module->driver);

    if (status < 0) {
      run__say("%s: DriverEntry failed with %s (0x%08X)", module->name,
               uwsk_status_name(status), (unsigned)status);
      return false;
    }
    run__say("%s is loaded", module->name);
  }
  return true;
}

static bool unload_driver(const struct module *module) {
  uwsk_ntstatus status = uwsk_unload_driver(module->driver);

  if (status == 0)
    run__say("%s is unloaded", module->name);
  else if (status > 0)
    run__say("%s is still in use: its device or code is", module->name);
  else
    run__say("%s has no DriverUnload: Windows would keep such a driver until "
             "it shuts down",
             module->name);
  return status == 0;
}

static bool unload_drivers(void) {
  bool ok = true;

  for (unsigned i = module_count; i-- > 0;) {
    if (modules[i].driver != NULL)
      ok = unload_driver(&modules[i]) && ok;
  }
  return ok;
}

/* ---- the run ----------------------------------------------------------- */

static atomic_bool interrupted;

static void on_interrupt(void) {
  atomic_store(&interrupted, true);
  /* Also what wakes uwsk_run_until. */
  uwsk_driver_done();
}

static bool finished(void *context) {
  (void)context;
  return uwsk_driver_is_done();
}

static void run(unsigned timeout_ms) {
  bool done = uwsk_run_until(finished, NULL, timeout_ms);

  if (atomic_load(&interrupted))
    run__say("interrupted");
  else if (!done)
    run__say("the time is over");
}

/* In the order given, so that a later file may change what an earlier said. */
static bool fill_registry(const struct run_options *options) {
  for (unsigned i = 0; i < options->registry_count; i++) {
    const char *path = options->registries[i];
    struct uwsk_registry_error error;

    if (uwsk_registry_load_file(path, &error))
      continue;
    if (error.line == 0)
      run__say("%s: %s", path, error.text);
    else
      run__say("%s:%u: %s", path, error.line, error.text);
    return false;
  }
  return true;
}

static bool prepare(const struct run_options *options) {
  if (!fill_registry(options))
    return false;
  if (options->echo) {
    uint16_t port = run__echo_start();

    if (port == 0) {
      run__say("no echo peer could be started on 127.0.0.1");
      return false;
    }
    run__say("an echo peer listens on 127.0.0.1:%u", port);
    uwsk_set_parameter("EchoPort", port);
  }
  for (unsigned i = 0; i < options->setting_count; i++) {
    const struct run_setting *setting = &options->settings[i];

    if (!uwsk_set_parameter(setting->name, setting->value))
      return false;
  }
  return true;
}

/* Static objects of the modules live as long as these are open, and use the
 * kernel. */
static int run_drivers(const struct run_options *options) {
  bool ok = prepare(options) && load_drivers();

  if (ok)
    run(options->timeout_ms);
  ok = unload_drivers() && ok;
  uwsk_unload_code(close_modules, NULL);

  int wrong = uwsk_stop();
  if (wrong == 0)
    run__say("nothing was left behind");
  return ok && wrong == 0 ? RUN_OK : RUN_FAILED;
}

/* The command line wins over the environment, which wins over options. */
static int start(const struct run_options *options) {
  if (options->loop != NULL)
    run__set_environment("UWSK_LOOP", options->loop);
  if (options->verifier != NULL)
    run__set_environment("UWSK_VERIFIER", options->verifier);
  if (options->hang != NULL)
    run__set_environment("UWSK_HANG_LIMIT", options->hang);
  if (options->trace)
    run__set_environment("UWSK_TRACE", "1");
  return uwsk_start(NULL);
}

int main(int count, char **arguments) {
  static struct run_options options;
  int result = RUN_FAILED;

  if (!run__parse(count, arguments, &options, &result))
    return result;
  if (!run__watch_interrupts(on_interrupt)) {
    run__say("Ctrl-C and SIGTERM cannot be watched");
    return RUN_FAILED;
  }
  if (start(&options) != 0)
    return RUN_FAILED;
  if (!open_modules(&options)) {
    close_modules(NULL);
    uwsk_stop();
    return RUN_FAILED;
  }
  result = run_drivers(&options);
  if (module_count > 0) {
    /* Code of a driver that left something behind may still run, and the
     * destructors of its static objects would find no kernel. */
    fflush(NULL);
    run__end(result);
  }
  return result;
}
