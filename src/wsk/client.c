/* Registration, capture and their counts. See client.h. */
#include "wsk/client.h"

#include <stdio.h>

#include "etw/trace.h"
#include "io/io.h"
#include "ke/watch.h"
#include "nmr/nmr.h"
#include "os/os.h"
#include "verifier/report.h"
#include "wsk/names.h"
#include "wsk/nmr.h"
#include "wsk/provider.h"
#include "wsk/security.h"
#include "wsk/transport.h"
#include "wsk/wsk.h"

#define PROVIDER_VERSION MAKE_WSK_VERSION(1, 0)

/* A registration is the client's memory, and no object of ours. */
#define REGISTRATION(block) (unsigned long long)(ULONG_PTR)(block)
#define TRACE_CALL(name, block)                                                \
  ETW_CALL(name, NULL, NULL, "registration %#llx", REGISTRATION(block))

/* How long WskDeregister waits without a word. */
#define PATIENCE_MS 1000

static struct os_spin clients_lock;
static struct wsk_client *clients;
static KEVENT provider_ready;
static bool running;

int wsk__start(void) {
  KeInitializeEvent(&provider_ready, NotificationEvent, TRUE);
  running = true;
  wsk__nmr_start();
  return 0;
}

void wsk__set_provider_ready(bool ready) {
  if (ready)
    KeSetEvent(&provider_ready, IO_NO_INCREMENT, FALSE);
  else
    KeClearEvent(&provider_ready);
  wsk__nmr_set_ready(ready);
}

/* ---- finding and counting ---------------------------------------------- */

/* Under clients_lock. */
static struct wsk_client *find_handle(PWSK_CLIENT handle) {
  struct wsk_client *client = clients;
  while (client != NULL && (PWSK_CLIENT)client != handle)
    client = client->next;
  return client;
}

/* Those that the registrar has attached have none. */
static struct wsk_client *find_registration(PWSK_REGISTRATION registration) {
  struct wsk_client *client = registration != NULL ? clients : NULL;
  while (client != NULL && client->registration != registration)
    client = client->next;
  return client;
}

struct wsk_client *wsk__client_enter(PWSK_CLIENT handle, const char *call) {
  os__spin_lock(&clients_lock);
  struct wsk_client *client = find_handle(handle);
  /* One that nothing holds any more is about to be freed by WskDeregister. */
  if (client != NULL && client->deregistering && client->uses == 0)
    client = NULL;
  if (client != NULL)
    client->uses++;
  bool captured = client != NULL && client->captures > 0;
  os__spin_unlock(&clients_lock);
  if (client != NULL && !captured)
    vf__report_on(VF_RELNPI_02, client,
                  "%s by client %p, which holds no capture", call,
                  (void *)handle);
  if (client != NULL && client->binding != NULL &&
      nmr__client_has_left(client->binding))
    vf__report(VF_NMR_02, "%s by client %p, which has detached", call,
               (void *)handle);
  return client;
}

static struct wsk_client *enter_registration(PWSK_REGISTRATION registration) {
  os__spin_lock(&clients_lock);
  struct wsk_client *client = find_registration(registration);
  if (client != NULL && client->deregistering)
    client = NULL;
  if (client != NULL)
    client->uses++;
  os__spin_unlock(&clients_lock);
  return client;
}

void wsk__client_add(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  client->uses++;
  os__spin_unlock(&clients_lock);
}

bool wsk__client_is_going(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  bool going = client->deregistering;
  os__spin_unlock(&clients_lock);
  return going;
}

void wsk__client_has_socket(struct wsk_client *client) {
  if (!wsk__client_had_sockets(client))
    __atomic_store_n(&client->had_sockets, 1, __ATOMIC_RELAXED);
}

bool wsk__client_had_sockets(struct wsk_client *client) {
  return __atomic_load_n(&client->had_sockets, __ATOMIC_RELAXED) != 0;
}

void wsk__client_leave(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  bool last = --client->uses == 0 && client->deregistering;
  os__spin_unlock(&clients_lock);
  /* The waiter in WskDeregister frees the client, and so does the end of the
   * binding: nothing is touched after. */
  if (last && client->binding != NULL)
    NmrProviderDetachClientComplete(client->binding);
  else if (last)
    KeSetEvent(&client->idle, IO_NO_INCREMENT, FALSE);
}

/* ---- what the client must leave alone ---------------------------------- */

/* What we write into ReservedRegistrationState. */
#define REGISTERED   UINT64_C(0x6465726574736967)
#define DEREGISTERED UINT64_C(0x65726574736967E8)

static void check_table(const struct wsk_client *client, const char *call) {
  const WSK_CLIENT_DISPATCH *now = client->dispatch;
  const WSK_CLIENT_DISPATCH *then = &client->original;
  if (now->Version != then->Version || now->Reserved != then->Reserved ||
      now->WskClientEvent != then->WskClientEvent)
    vf__report(VF_REGISTER_06,
               "%s: the WSK_CLIENT_DISPATCH at %p is not what it was", call,
               (const void *)now);
}

/* For one that is. */
static void check_registered(const struct wsk_client *client,
                             const char *call) {
  const WSK_REGISTRATION *block = client->registration;
  if (block->ReservedRegistrationState != REGISTERED ||
      block->ReservedRegistrationContext != client)
    vf__report(VF_REGISTER_05, "%s: block %p was written to", call,
               (const void *)block);
}

/* For a block that is not registered. */
static void check_block(const WSK_REGISTRATION *block) {
  if (block->ReservedRegistrationState != DEREGISTERED)
    vf__report(VF_CAPTURE_08,
               "WskCaptureProviderNPI: block %p was never registered, or was "
               "overwritten",
               (const void *)block);
}

/* ---- WskRegister, WskDeregister ---------------------------------------- */

static struct wsk_client *create_client(PWSK_CLIENT_NPI npi,
                                        PWSK_REGISTRATION registration,
                                        const void *caller) {
  struct wsk_client *client = os__alloc(sizeof(*client));
  if (client == NULL)
    return NULL;
  client->registration = registration;
  client->dispatch = npi->Dispatch;
  client->original = *npi->Dispatch;
  client->context = npi->ClientContext;
  client->owner = ke__owner();
  client->block_watch = (struct mm_watch){.start = registration,
                                          .size = sizeof(*registration),
                                          .rule = VF_REGISTER_04,
                                          .what = "a registered block"};
  client->table_watch = (struct mm_watch){.start = npi->Dispatch,
                                          .size = sizeof(*npi->Dispatch),
                                          .rule = VF_REGISTER_06,
                                          .what = "a WSK_CLIENT_DISPATCH"};
  KeInitializeEvent(&client->gone, NotificationEvent, FALSE);
  KeInitializeEvent(&client->idle, NotificationEvent, FALSE);
  client->record = (struct ob_record){.object = registration,
                                      .call = "WskRegister",
                                      .caller = caller,
                                      .kind = OB_REGISTRATION};
  return client;
}

/* False when the block is registered already. */
static bool link_client(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  bool unused = find_registration(client->registration) == NULL;
  if (unused) {
    client->next = clients;
    clients = client;
  }
  os__spin_unlock(&clients_lock);
  return unused;
}

static void unlink_client(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  struct wsk_client **link = &clients;
  while (*link != client)
    link = &(*link)->next;
  *link = client->next;
  os__spin_unlock(&clients_lock);
}

static NTSTATUS register_client(PWSK_CLIENT_NPI npi,
                                PWSK_REGISTRATION registration,
                                const void *caller) {
  ke__require_irql(PASSIVE_LEVEL, "WskRegister");
  if (npi == NULL || registration == NULL || npi->Dispatch == NULL)
    return STATUS_INVALID_PARAMETER;
  if (npi->Dispatch->Reserved != 0) {
    vf__report(VF_REGISTER_07, "WskRegister with Reserved = %u",
               (unsigned)npi->Dispatch->Reserved);
    return STATUS_INVALID_PARAMETER;
  }
  struct wsk_client *client = create_client(npi, registration, caller);
  if (client == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (!link_client(client)) {
    vf__report(VF_REGISTER_02, "WskRegister: block %p is registered already",
               (void *)registration);
    os__free(client);
    return STATUS_INVALID_PARAMETER;
  }
  ob__track(&client->record);
  mm__watch(&client->block_watch);
  mm__watch(&client->table_watch);
  registration->ReservedRegistrationState = REGISTERED;
  registration->ReservedRegistrationContext = client;
  return STATUS_SUCCESS;
}

NTSTATUS WskRegister(PWSK_CLIENT_NPI WskClientNpi,
                     PWSK_REGISTRATION WskRegistration) {
  TRACE_CALL("WskRegister", WskRegistration);
  NTSTATUS status = register_client(WskClientNpi, WskRegistration, OB_CALLER());
  ETW_RETURN("WskRegister", NULL, status);
  return status;
}

/* Marks the client as going; NULL when it is not there or going already. */
static struct wsk_client *begin_deregister(PWSK_REGISTRATION registration) {
  os__spin_lock(&clients_lock);
  struct wsk_client *client = find_registration(registration);
  if (client != NULL && client->deregistering)
    client = NULL;
  if (client != NULL) {
    client->deregistering = true;
    client->uses++; /* ours, so that `idle` is not set under our feet */
  }
  os__spin_unlock(&clients_lock);
  return client;
}

static void tell_what_is_waited_for(const struct wsk_client *client) {
  char line[128];
  os__spin_lock(&clients_lock);
  ULONG uses = client->uses;
  os__spin_unlock(&clients_lock);
  int length = snprintf(line, sizeof(line),
                        "uwsk: WskDeregister waits for %u captures, sockets "
                        "and calls of its client\n",
                        uses);
  os__stderr(line, (size_t)length);
  ob__print_alive(OB_CAPTURE, "still there");
  ob__print_alive(OB_SOCKET, "still there");
}

/* A client that has lost a socket hangs here, on Windows as well. Whoever looks
 * at it is told which, long before the watch gives up. */
static void wait_until_idle(struct wsk_client *client, const void *caller) {
  struct ke_call call = {.name = "WskDeregister",
                         .caller = caller,
                         .object = client->registration};
  PVOID idle = &client->idle;
  LARGE_INTEGER patience = {.QuadPart = -10000ll * PATIENCE_MS};
  if (ke__wait_in(&call, &idle, 1, &patience) != STATUS_TIMEOUT)
    return;
  tell_what_is_waited_for(client);
  ke__watch_begin();
  ke__wait_for(&call, idle);
  ke__watch_end();
}

VOID WskDeregister(PWSK_REGISTRATION WskRegistration) {
  TRACE_CALL("WskDeregister", WskRegistration);
  ke__require_irql(PASSIVE_LEVEL, "WskDeregister");
  struct wsk_client *client = begin_deregister(WskRegistration);
  if (client == NULL) {
    vf__report(VF_REGISTER_03, "WskDeregister: block %p is not registered",
               (void *)WskRegistration);
    return;
  }
  KeSetEvent(&client->gone, IO_NO_INCREMENT, FALSE);
  wsk__transport_client_gone(client);
  wsk__client_leave(client);
  wait_until_idle(client, OB_CALLER());
  wsk__names_client_gone(client);
  wsk__sd_client_gone(client);
  unlink_client(client);
  ob__untrack(&client->record);
  mm__unwatch(&client->block_watch);
  mm__unwatch(&client->table_watch);
  check_table(client, "WskDeregister");
  check_registered(client, "WskDeregister");
  WskRegistration->ReservedRegistrationState = DEREGISTERED;
  WskRegistration->ReservedRegistrationContext = NULL;
  os__free(client);
  ETW_RETURN("WskDeregister", NULL, STATUS_SUCCESS);
}

/* ---- capture ----------------------------------------------------------- */

/* Waits until the provider is ready, the client is going, or time is up. */
static NTSTATUS wait_for_provider(struct wsk_client *client, ULONG timeout_ms,
                                  const void *caller) {
  static const char not_running[] =
      "uwsk: WskCaptureProviderNPI: there is no provider before uwsk_start and "
      "after uwsk_stop\n";
  if (!running) {
    os__stderr(not_running, sizeof(not_running) - 1);
    return STATUS_DEVICE_NOT_READY;
  }
  struct ke_call call = {.name = "WskCaptureProviderNPI",
                         .caller = caller,
                         .object = client->registration};
  PVOID objects[] = {&client->gone, &provider_ready};
  LARGE_INTEGER limit;
  limit.QuadPart = -(LONGLONG)timeout_ms * 10000;
  NTSTATUS status = ke__wait_in(
      &call, objects, 2, timeout_ms == WSK_INFINITE_WAIT ? NULL : &limit);
  return status == STATUS_WAIT_1 ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
}

bool wsk__client_version_is_supported(USHORT version) {
  return WSK_MAJOR_VERSION(version) == WSK_MAJOR_VERSION(PROVIDER_VERSION) &&
         WSK_MINOR_VERSION(version) <= WSK_MINOR_VERSION(PROVIDER_VERSION);
}

/* Milliseconds. What the documentation calls excessive is nowhere said; nobody
 * waits a minute for a service to start. */
#define EXCESSIVE 60000u

static void check_wait(ULONG timeout_ms) {
  if (timeout_ms < EXCESSIVE || !io__is_in_driver_entry())
    return;
  if (timeout_ms == WSK_INFINITE_WAIT)
    vf__report(VF_CAPTURE_10, "DriverEntry called WskCaptureProviderNPI with "
                              "WSK_INFINITE_WAIT");
  else
    vf__report(VF_CAPTURE_10,
               "DriverEntry called WskCaptureProviderNPI to wait for %u ms",
               (unsigned)timeout_ms);
}

static void count_capture(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  client->uses++;
  client->captures++;
  os__spin_unlock(&clients_lock);
}

static NTSTATUS capture(struct wsk_client *client, ULONG timeout_ms,
                        PWSK_PROVIDER_NPI npi, const void *caller) {
  if (npi == NULL)
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status = wait_for_provider(client, timeout_ms, caller);
  if (!NT_SUCCESS(status))
    return status;
  if (!wsk__client_version_is_supported(client->dispatch->Version))
    return STATUS_NOINTERFACE;
  if (!ob__track_foreign(OB_CAPTURE, client, "WskCaptureProviderNPI", caller,
                         0))
    return STATUS_INSUFFICIENT_RESOURCES;
  count_capture(client);
  npi->Client = (PWSK_CLIENT)client;
  npi->Dispatch = &wsk__provider_dispatch;
  return STATUS_SUCCESS;
}

NTSTATUS WskCaptureProviderNPI(PWSK_REGISTRATION WskRegistration,
                               ULONG WaitTimeout,
                               PWSK_PROVIDER_NPI WskProviderNpi) {
  ETW_CALL("WskCaptureProviderNPI", NULL, NULL, "registration %#llx timeout %u",
           REGISTRATION(WskRegistration), (unsigned)WaitTimeout);
  ke__require_irql(WaitTimeout == WSK_NO_WAIT ? DISPATCH_LEVEL : PASSIVE_LEVEL,
                   "WskCaptureProviderNPI");
  check_wait(WaitTimeout);
  NTSTATUS status = STATUS_DEVICE_NOT_READY;
  struct wsk_client *client = enter_registration(WskRegistration);
  if (client != NULL) {
    check_table(client, "WskCaptureProviderNPI");
    check_registered(client, "WskCaptureProviderNPI");
    status = capture(client, WaitTimeout, WskProviderNpi, OB_CALLER());
    wsk__client_leave(client);
  } else {
    check_block(WskRegistration);
  }
  ETW_RETURN("WskCaptureProviderNPI", NULL, status);
  return status;
}

/* Takes one capture off; NULL when there is none. */
static struct wsk_client *uncount_capture(PWSK_REGISTRATION registration) {
  os__spin_lock(&clients_lock);
  struct wsk_client *client = find_registration(registration);
  if (client != NULL && client->captures == 0)
    client = NULL;
  if (client != NULL)
    client->captures--;
  os__spin_unlock(&clients_lock);
  return client;
}

VOID WskReleaseProviderNPI(PWSK_REGISTRATION WskRegistration) {
  TRACE_CALL("WskReleaseProviderNPI", WskRegistration);
  ke__require_irql(DISPATCH_LEVEL, "WskReleaseProviderNPI");
  struct wsk_client *client = uncount_capture(WskRegistration);
  if (client == NULL) {
    vf__report(VF_RELNPI_01, "WskReleaseProviderNPI: block %p has no capture",
               (void *)WskRegistration);
    return;
  }
  ob__untrack_foreign(OB_CAPTURE, client);
  wsk__client_leave(client);
  ETW_RETURN("WskReleaseProviderNPI", NULL, STATUS_SUCCESS);
}

NTSTATUS
WskQueryProviderCharacteristics(
    PWSK_REGISTRATION WskRegistration,
    PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics) {
  TRACE_CALL("WskQueryProviderCharacteristics", WskRegistration);
  ke__require_irql(DISPATCH_LEVEL, "WskQueryProviderCharacteristics");
  NTSTATUS status = STATUS_DEVICE_NOT_READY;
  struct wsk_client *client = enter_registration(WskRegistration);
  if (WskProviderCharacteristics == NULL) {
    status = STATUS_INVALID_PARAMETER;
  } else if (client != NULL && running &&
             KeReadStateEvent(&provider_ready) != 0) {
    WskProviderCharacteristics->HighestVersion = PROVIDER_VERSION;
    WskProviderCharacteristics->LowestVersion = PROVIDER_VERSION;
    status = STATUS_SUCCESS;
  }
  if (client != NULL)
    wsk__client_leave(client);
  ETW_RETURN("WskQueryProviderCharacteristics", NULL, status);
  return status;
}

/* ---- by way of the registrar ------------------------------------------- */

struct wsk_client *wsk__client_attach(const WSK_CLIENT_DISPATCH *dispatch,
                                      PVOID context, HANDLE binding) {
  struct wsk_client *client = os__alloc(sizeof(*client));
  if (client == NULL)
    return NULL;
  client->dispatch = dispatch;
  client->context = context;
  client->owner = ke__owner();
  client->binding = binding;
  client->captures = 1; /* which does not count as a use */
  (void)link_client(client);
  return client;
}

bool wsk__client_begin_detach(struct wsk_client *client) {
  os__spin_lock(&clients_lock);
  client->deregistering = true;
  bool busy = client->uses > 0;
  if (busy)
    client->uses++; /* ours, while we look at it */
  os__spin_unlock(&clients_lock);
  if (!busy)
    return false;
  wsk__transport_client_gone(client);
  wsk__client_leave(client);
  return true;
}

void wsk__client_detached(struct wsk_client *client) {
  wsk__names_client_gone(client);
  wsk__sd_client_gone(client);
  unlink_client(client);
  os__free(client);
}

void wsk__client_stop(void) {
  running = false;
  while (clients != NULL) {
    struct wsk_client *client = clients;
    clients = client->next;
    os__free(client);
  }
}
