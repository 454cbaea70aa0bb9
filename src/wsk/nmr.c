/*
 * WSK as a provider that the network module registrar knows: a client that
 * attaches becomes a client like one of WskRegister, with a capture that lasts
 * until it detaches.
 */
#include "wsk/nmr.h"

#include "nmr/nmr.h"
#include "verifier/report.h"
#include "wsk/client.h"
#include "wsk/provider.h"

static NTSTATUS NTAPI attach_client(HANDLE binding, PVOID context,
                                    PNPI_REGISTRATION_INSTANCE instance,
                                    PVOID client_context,
                                    CONST VOID *client_dispatch, PVOID *handle,
                                    CONST VOID **dispatch) {
  const WSK_CLIENT_DISPATCH *table = client_dispatch;
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(instance);
  if (table == NULL)
    return STATUS_INVALID_PARAMETER;
  if (table->Reserved != 0) {
    vf__report(VF_REGISTER_07, "NmrClientAttachProvider with Reserved = %u",
               (unsigned)table->Reserved);
    return STATUS_INVALID_PARAMETER;
  }
  if (!wsk__client_version_is_supported(table->Version))
    return STATUS_NOINTERFACE;
  struct wsk_client *client =
      wsk__client_attach(table, client_context, binding);
  if (client == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  *handle = client;
  *dispatch = &wsk__provider_dispatch;
  return STATUS_SUCCESS;
}

/* Its sockets, calls and IRPs hold it up; the last to go ends the detachment.
 */
static NTSTATUS NTAPI detach_client(PVOID client) {
  return wsk__client_begin_detach(client) ? STATUS_PENDING : STATUS_SUCCESS;
}

static VOID NTAPI clean_up(PVOID client) {
  wsk__client_detached(client);
}

/* ---- the provider -------------------------------------------------------- */

static const NPI_MODULEID module_id = {
    sizeof(module_id),
    MIT_GUID,
    {{0x5c3a1f3e,
      0x7a0b,
      0x4d0e,
      {0x8f, 0x4d, 0x19, 0x2b, 0x6e, 0x05, 0x91, 0xc4}}}};

static const WSK_PROVIDER_CHARACTERISTICS versions = {
    .HighestVersion = MAKE_WSK_VERSION(1, 0),
    .LowestVersion = MAKE_WSK_VERSION(1, 0)};

static const NPI_PROVIDER_CHARACTERISTICS characteristics = {
    .Length = sizeof(characteristics),
    .ProviderAttachClient = attach_client,
    .ProviderDetachClient = detach_client,
    .ProviderCleanupBindingContext = clean_up,
    .ProviderRegistrationInstance = {.Size = sizeof(NPI_REGISTRATION_INSTANCE),
                                     .NpiId = &NPI_WSK_INTERFACE_ID,
                                     .ModuleId = &module_id,
                                     .NpiSpecificCharacteristics = &versions}};

static struct nmr_module module;
static bool shown;

void wsk__nmr_set_ready(bool ready) {
  if (ready == shown)
    return;
  shown = ready;
  if (ready)
    nmr__show_provider(&module);
  else
    nmr__hide_provider(&module);
}

void wsk__nmr_start(void) {
  RtlZeroMemory(&module, sizeof(module));
  module.provider = &characteristics;
  wsk__nmr_set_ready(true);
}

void wsk__nmr_stop(void) {
  wsk__nmr_set_ready(false);
}
