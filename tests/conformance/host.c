/* What a test asks of the host, answered with uwsk's own means. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uwsk/event.h>
#include <uwsk/extension.h>
#include <uwsk/fault.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

#include "runner.h"
#include "verifier/report.h"

#ifndef _WIN32
#include <sys/resource.h>
#include <unistd.h>
#endif

static int reports_expected;
static struct host_extension extension;

/* Warnings of what most tests do, as most clients do. */
static const char *const ignored[] = {"IRP-17",  "OBS-12",     "CLOSE-07",
                                      "BIND-01", "RELEASE-02", "IRP-21"};

static void ignore_usual(void) {
  for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
    (void)uwsk_verifier_ignore(ignored[i]);
}

void host_begin_test(void) {
  vf__reset();
  vf__quiet(0);
  ignore_usual();
  reports_expected = 0;
  memset(&extension, 0, sizeof(extension));
}

/* Gives back what the test took; returns the reports nobody expected. */
unsigned host_end_test(void) {
  uwsk_fault_allocation(0);
  host_set_indications(65536, 1);
  host_set_datagrams(16, 2048, 0);
  host_set_entire_message(1);
  host_give_descriptors();
  vf__quiet(0);
  return reports_expected ? 0 : host_all_reports();
}

/* ---- faults ---------------------------------------------------------- */

void host_provider_ready(int ready) {
  uwsk_fault_provider_ready(ready != 0);
}

void host_change_transports(void) {
  uwsk_transport_list_changed();
}

int host_kill_socket(void *socket) {
  return uwsk_fault_socket(socket);
}

void host_fail_allocation(unsigned nth) {
  uwsk_fault_allocation(nth);
}

int host_allocation_failed(void) {
  return uwsk_fault_allocation_fired();
}

unsigned long long host_allocations(void) {
  return uwsk_allocation_count();
}

void host_change_addresses(int ipv6) {
  uwsk_fault_addresses(ipv6 ? UWSK_IPV6 : UWSK_IPV4);
}

void host_set_datagrams(unsigned members, unsigned bytes, unsigned offset) {
  (void)uwsk_set_datagrams(members, bytes, offset);
}

void host_set_indications(unsigned bytes, unsigned members) {
  (void)uwsk_set_indications(bytes, members);
}

void host_set_entire_message(int told) {
  uwsk_set_entire_message(told != 0);
}

void host_set_ideal_backlog(void *socket, size_t bytes) {
  uwsk_set_ideal_send_backlog(socket, bytes);
}

#ifdef _WIN32
int host_take_descriptors(void) {
  return 0;
}

void host_give_descriptors(void) {}
#else
static struct rlimit usual;
static int taken;

int host_take_descriptors(void) {
  struct rlimit none;
  int lowest = dup(STDERR_FILENO);

  if (lowest < 0 || getrlimit(RLIMIT_NOFILE, &usual) != 0)
    return 0;
  close(lowest);
  none = usual;
  none.rlim_cur = (rlim_t)lowest;
  taken = setrlimit(RLIMIT_NOFILE, &none) == 0;
  return taken;
}

void host_give_descriptors(void) {
  if (taken)
    setrlimit(RLIMIT_NOFILE, &usual);
  taken = 0;
}
#endif

/* ---- an extension ---------------------------------------------------- */

struct host_extension *host_extension(void) {
  return &extension;
}

static uwsk_ntstatus on_attach(void *user, struct _WSK_SOCKET *socket,
                               struct uwsk_extension_pair *pair) {
  static char contexts[16];
  struct host_extension *self = user;

  if (self->refusal != 0)
    return self->refusal;
  pair->provider_context = &contexts[self->attached++ % 16];
  pair->provider_dispatch = self;
  self->socket = socket;
  self->client_context = pair->client_context;
  self->client_dispatch = pair->client_dispatch;
  self->provider_context = pair->provider_context;
  self->provider_dispatch = pair->provider_dispatch;
  return 0;
}

static void on_detach(void *user, struct _WSK_SOCKET *socket,
                      const struct uwsk_extension_pair *pair) {
  struct host_extension *self = user;

  self->detached++;
  self->socket = socket;
  self->client_context = pair->client_context;
}

int host_add_extension(const struct _GUID *id) {
  struct uwsk_extension given = UWSK_EXTENSION_INIT;

  given.npi_id = id;
  given.user = &extension;
  given.attach = on_attach;
  given.detach = on_detach;
  return uwsk_add_extension(&given);
}

/* ---- the verifier ---------------------------------------------------- */

void host_expect_reports(void) {
  reports_expected = 1;
  vf__quiet(1);
}

void host_heed(const char *rule) {
  (void)uwsk_verifier_heed(rule);
}

/* A rule of wsk-rules.tsv goes by its own id or with "WSK-" before it. */
static int is_rule(const char *id, const char *rule) {
  if (strncmp(id, "WSK-", 4) == 0)
    id += 4;
  return strcmp(id, rule) == 0;
}

unsigned host_reports(const char *rule) {
  for (int i = 0; i < VF_RULE_COUNT; i++)
    if (is_rule(vf__rule_id(i), rule))
      return (unsigned)vf__count(i);
  return 0;
}

unsigned host_all_reports(void) {
  return (unsigned)vf__count(VF_RULE_COUNT);
}

/* ---- time ------------------------------------------------------------ */

struct until {
  int (*done)(void *context);
  void *context;
};

static bool is_done(void *context) {
  struct until *until = context;

  return until->done(until->context) != 0;
}

int host_run_until(int (*done)(void *context), void *context,
                   unsigned milliseconds) {
  struct until until = {done, context};

  return uwsk_run_until(is_done, &until, milliseconds);
}

void host_run_a_while(void) {
  uwsk_run_until(NULL, NULL, 20);
}

int host_is_stepped(void) {
  const char *mode = getenv("UWSK_LOOP");

  return mode != NULL && strcmp(mode, "stepped") == 0;
}

#ifdef _WIN32
__declspec(dllimport) void *__stdcall GetModuleHandleA(const char *name);
__declspec(dllimport) void *__stdcall GetProcAddress(void *module,
                                                     const char *name);

int host_is_windows(void) {
  return 1;
}

int host_shares_listeners(void) {
  return !host_loses_resets(); /* neither does Wine */
}

int host_loses_resets(void) {
  return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") !=
         NULL;
}
#else
int host_is_windows(void) {
  return 0;
}

int host_shares_listeners(void) {
  return 1;
}

int host_loses_resets(void) {
  return 0;
}
#endif

int host_swaps_sources(void) {
  return host_loses_resets();
}
