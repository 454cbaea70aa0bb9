/*
 * uwsk-run's command line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uwsk/uwsk.h"
#include "uwsk_run.h"

static const char help[] =
    "Usage: uwsk-run [OPTION...] DRIVER...\n"
    "\n"
    "Loads driver modules, calls DriverEntry of each in order, runs until\n"
    "Ctrl-C, SIGTERM, --for, or until a driver calls uwsk_driver_done, then\n"
    "calls DriverUnload of each in reverse order.\n"
    "\n"
    "  --loop auto|stepped  how I/O makes progress (or UWSK_LOOP; default "
    "auto)\n"
    "  --trace              one line per call, completion and state change\n"
    "                       (or UWSK_TRACE=1)\n"
    "  --verifier MODE      fail, abort, record or off: what a broken rule "
    "leads to\n"
    "                       (or UWSK_VERIFIER; default fail)\n"
    "  --for SECONDS        run no longer than that; 0.5 is allowed\n"
    "  --hang-limit MS|off  how long DriverEntry or DriverUnload may wait\n"
    "                       without a time-out (or UWSK_HANG_LIMIT; default "
    "60000)\n"
    "  --echo               serve a TCP echo peer on 127.0.0.1 and set the\n"
    "                       parameter EchoPort to its port\n"
    "  --set NAME=NUMBER    a parameter, which drivers read with\n"
    "                       uwsk_parameter\n"
    "  --registry FILE      a file exported by regedit, which fills the "
    "registry\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 when every DriverEntry succeeded, every driver was "
    "unloaded\n"
    "and uwsk_stop found nothing wrong; 1 when not; 2 for a bad command line;\n"
    "124 when a wait exceeded the limit.\n";

void run__say(const char *format, ...) {
  char line[1024];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  fflush(stdout);
  fprintf(stderr, "uwsk-run: %s\n", line);
}

static bool bad(const char *what, const char *argument) {
  run__say(what, argument);
  run__say("try uwsk-run --help");
  return false;
}

static bool parse_loop(struct run_options *options, const char *value) {
  if (strcmp(value, "auto") != 0 && strcmp(value, "stepped") != 0)
    return bad("--loop can be auto or stepped, not \"%s\"", value);
  options->loop = value;
  return true;
}

static bool parse_verifier(struct run_options *options, const char *value) {
  if (strcmp(value, "fail") != 0 && strcmp(value, "abort") != 0 &&
      strcmp(value, "record") != 0 && strcmp(value, "off") != 0)
    return bad("--verifier can be fail, abort, record or off, not \"%s\"",
               value);
  options->verifier = value;
  return true;
}

static bool parse_hang(struct run_options *options, const char *value) {
  size_t digits = strspn(value, "0123456789");
  unsigned long long limit = strtoull(value, NULL, 10);

  if (strcmp(value, "off") != 0 && (digits == 0 || value[digits] != '\0' ||
                                    limit == 0 || limit >= UWSK_HANG_OFF))
    return bad("--hang-limit needs milliseconds or off, not \"%s\"", value);
  options->hang = value;
  return true;
}

static bool parse_for(struct run_options *options, const char *value) {
  char *end = NULL;
  double seconds = strtod(value, &end);

  /* The comparison also refuses a NaN. */
  if (end == value || *end != '\0' || !(seconds >= 0 && seconds <= 4000000))
    return bad("--for needs seconds (0 to 4000000), not \"%s\"", value);
  options->timeout_ms = (unsigned)(seconds * 1000);
  return true;
}

static bool parse_set(struct run_options *options, const char *value) {
  const char *equals = strchr(value, '=');
  struct run_setting *setting = &options->settings[options->setting_count];
  size_t length = equals == NULL ? 0 : (size_t)(equals - value);
  char *end = NULL;

  if (length == 0 || length >= sizeof setting->name)
    return bad("--set needs NAME=NUMBER, not \"%s\"", value);
  if (options->setting_count == RUN_MAX_SETTINGS)
    return bad("too many --set options at \"%s\"", value);
  unsigned long long number = strtoull(equals + 1, &end, 0);
  if (end == equals + 1 || *end != '\0' || equals[1] == '-' ||
      number > UINT32_MAX)
    return bad("--set needs a 32-bit number, not \"%s\"", value);
  memcpy(setting->name, value, length);
  setting->name[length] = '\0';
  setting->value = (uint32_t)number;
  options->setting_count++;
  return true;
}

/* What is in the file is looked at when the registry is there. */
static bool parse_registry(struct run_options *options, const char *value) {
  if (value[0] == '\0')
    return bad("--registry needs a file, not \"%s\"", value);
  if (options->registry_count == RUN_MAX_REGISTRIES)
    return bad("too many --registry options at \"%s\"", value);
  options->registries[options->registry_count++] = value;
  return true;
}

/* Options with a value: "--for 5" and "--for=5". */
static const struct {
  const char *name;
  bool (*parse)(struct run_options *options, const char *value);
} valued[] = {
    {"--loop", parse_loop},       {"--verifier", parse_verifier},
    {"--hang-limit", parse_hang}, {"--for", parse_for},
    {"--set", parse_set},         {"--registry", parse_registry},
};

/* Whether arguments[*at] is that option; then *value is its value (NULL when
 * missing) and *at stands on the last argument used. */
static bool is_option(const char *name, int count, char **arguments, int *at,
                      const char **value) {
  size_t length = strlen(name);
  const char *argument = arguments[*at];

  if (strncmp(argument, name, length) != 0)
    return false;
  if (argument[length] == '=') {
    *value = argument + length + 1;
    return true;
  }
  if (argument[length] != '\0')
    return false;
  *value = *at + 1 < count ? arguments[++*at] : NULL;
  return true;
}

static bool parse_valued(int count, char **arguments, int *at,
                         struct run_options *options, bool *ok) {
  for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
    const char *value = NULL;

    if (!is_option(valued[i].name, count, arguments, at, &value))
      continue;
    *ok = value == NULL ? bad("%s needs a value", valued[i].name)
                        : valued[i].parse(options, value);
    return true;
  }
  return false;
}

static bool add_driver(struct run_options *options, const char *path) {
  if (options->driver_count == RUN_MAX_DRIVERS)
    return bad("too many drivers at \"%s\"", path);
  options->drivers[options->driver_count++] = path;
  return true;
}

static bool parse_one(int count, char **arguments, int *at,
                      struct run_options *options) {
  const char *argument = arguments[*at];
  bool ok = false;

  if (argument[0] != '-')
    return add_driver(options, argument);
  if (strcmp(argument, "--trace") == 0)
    return options->trace = true;
  if (strcmp(argument, "--echo") == 0)
    return options->echo = true;
  if (parse_valued(count, arguments, at, options, &ok))
    return ok;
  return bad("unknown option \"%s\"", argument);
}

/* --help and --version answer and end, wherever they stand. */
static bool answered(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "--help") == 0)
      fputs(help, stdout);
    else if (strcmp(arguments[i], "--version") == 0)
      puts("uwsk-run " UWSK_VERSION);
    else
      continue;
    return true;
  }
  return false;
}

bool run__parse(int count, char **arguments, struct run_options *options,
                int *exit_code) {
  memset(options, 0, sizeof *options);
  options->timeout_ms = UWSK_NO_TIMEOUT;
  *exit_code = RUN_OK;
  if (answered(count, arguments))
    return false;
  *exit_code = RUN_USAGE;
  for (int at = 1; at < count; at++) {
    if (!parse_one(count, arguments, &at, options))
      return false;
  }
  if (options->driver_count == 0)
    return bad("no driver is named%s", "");
  return true;
}
