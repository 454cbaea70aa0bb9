/* Modules: registration and deregistration. See nmr.h. */
#include "nmr/binding.h"

#include "ke/watch.h"
#include "verifier/report.h"

#define MODULE_OF(entry) CONTAINING_RECORD(entry, struct nmr_module, link)

/* ---- coming -------------------------------------------------------------- */

static bool instance_is_valid(const NPI_REGISTRATION_INSTANCE *instance) {
  return instance->NpiId != NULL && instance->ModuleId != NULL;
}

static void enter(struct nmr_module *module) {
  os__spin_lock(&nmr__lock);
  InsertTailList(&nmr__modules, &module->link);
  os__spin_unlock(&nmr__lock);
}

static void take_out(struct nmr_module *module) {
  os__spin_lock(&nmr__lock);
  RemoveEntryList(&module->link);
  os__spin_unlock(&nmr__lock);
}

static struct nmr_module *create(PVOID context, const char *call,
                                 const void *caller) {
  struct nmr_module *module = os__alloc(sizeof(*module));
  if (module == NULL)
    return NULL;
  module->context = context;
  KeInitializeEvent(&module->gone, NotificationEvent, FALSE);
  module->record = (struct ob_record){
      .object = module, .call = call, .caller = caller, .kind = OB_NMR_MODULE};
  return module;
}

/* The handle is written before the first callback. */
static NTSTATUS add(struct nmr_module *module, HANDLE *handle) {
  enter(module);
  if (!nmr__plan(module)) {
    take_out(module);
    os__free(module);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  ob__track(&module->record);
  *handle = module;
  nmr__attach_all(module);
  return STATUS_SUCCESS;
}

NTSTATUS NmrRegisterClient(PNPI_CLIENT_CHARACTERISTICS ClientCharacteristics,
                           PVOID ClientContext, PHANDLE NmrClientHandle) {
  ke__require_irql(PASSIVE_LEVEL, "NmrRegisterClient");
  if (ClientCharacteristics == NULL || NmrClientHandle == NULL ||
      ClientCharacteristics->ClientAttachProvider == NULL ||
      ClientCharacteristics->ClientDetachProvider == NULL ||
      !instance_is_valid(&ClientCharacteristics->ClientRegistrationInstance))
    return STATUS_INVALID_PARAMETER;
  struct nmr_module *module =
      create(ClientContext, "NmrRegisterClient", OB_CALLER());
  if (module == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  module->is_client = true;
  module->client = ClientCharacteristics;
  return add(module, NmrClientHandle);
}

NTSTATUS
NmrRegisterProvider(PNPI_PROVIDER_CHARACTERISTICS ProviderCharacteristics,
                    PVOID ProviderContext, PHANDLE NmrProviderHandle) {
  ke__require_irql(PASSIVE_LEVEL, "NmrRegisterProvider");
  if (ProviderCharacteristics == NULL || NmrProviderHandle == NULL ||
      ProviderCharacteristics->ProviderAttachClient == NULL ||
      ProviderCharacteristics->ProviderDetachClient == NULL ||
      !instance_is_valid(
          &ProviderCharacteristics->ProviderRegistrationInstance))
    return STATUS_INVALID_PARAMETER;
  struct nmr_module *module =
      create(ProviderContext, "NmrRegisterProvider", OB_CALLER());
  if (module == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  module->provider = ProviderCharacteristics;
  return add(module, NmrProviderHandle);
}

/* ---- going --------------------------------------------------------------- */

/* Under the lock. The handle may be anything. */
static struct nmr_module *find(HANDLE handle, bool is_client) {
  for (PLIST_ENTRY link = nmr__modules.Flink; link != &nmr__modules;
       link = link->Flink)
    if (MODULE_OF(link) == handle && MODULE_OF(link)->is_client == is_client)
      return MODULE_OF(link);
  return NULL;
}

static NTSTATUS deregister(HANDLE handle, bool is_client, const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  os__spin_lock(&nmr__lock);
  struct nmr_module *module = find(handle, is_client);
  if (module != NULL && module->deregistering)
    module = NULL;
  if (module != NULL) {
    module->deregistering = true;
    module->bindings++; /* ours, so that nobody frees it meanwhile */
  }
  os__spin_unlock(&nmr__lock);
  if (module == NULL)
    return STATUS_INVALID_PARAMETER;
  nmr__detach_all(module);
  os__spin_lock(&nmr__lock);
  bool gone = --module->bindings == 0;
  os__spin_unlock(&nmr__lock);
  if (gone)
    KeSetEvent(&module->gone, IO_NO_INCREMENT, FALSE);
  return STATUS_PENDING;
}

NTSTATUS NmrDeregisterClient(HANDLE NmrClientHandle) {
  return deregister(NmrClientHandle, true, "NmrDeregisterClient");
}

NTSTATUS NmrDeregisterProvider(HANDLE NmrProviderHandle) {
  return deregister(NmrProviderHandle, false, "NmrDeregisterProvider");
}

static NTSTATUS wait(bool is_client, const struct ke_call *call) {
  HANDLE handle = (HANDLE)call->object;
  ke__require_irql(APC_LEVEL, call->name);
  os__spin_lock(&nmr__lock);
  struct nmr_module *module = find(handle, is_client);
  if (module != NULL && (!module->deregistering || module->awaited))
    module = NULL;
  if (module != NULL)
    module->awaited = true;
  os__spin_unlock(&nmr__lock);
  if (module == NULL)
    return STATUS_INVALID_PARAMETER;
  ke__watch_begin();
  ke__wait_for(call, &module->gone);
  ke__watch_end();
  take_out(module);
  ob__untrack(&module->record);
  os__free(module);
  return STATUS_SUCCESS;
}

NTSTATUS NmrWaitForClientDeregisterComplete(HANDLE NmrClientHandle) {
  return wait(true, &(struct ke_call){"NmrWaitForClientDeregisterComplete",
                                      OB_CALLER(), NmrClientHandle, NULL});
}

NTSTATUS NmrWaitForProviderDeregisterComplete(HANDLE NmrProviderHandle) {
  return wait(false, &(struct ke_call){"NmrWaitForProviderDeregisterComplete",
                                       OB_CALLER(), NmrProviderHandle, NULL});
}

/* ---- a provider of our own ----------------------------------------------- */

void nmr__show_provider(struct nmr_module *module) {
  enter(module);
  if (nmr__plan(module))
    nmr__attach_all(module);
}

void nmr__hide_provider(struct nmr_module *module) {
  take_out(module);
}

/* Their records lie in the modules, and the ledger has forgotten them. */
void nmr__stop(void) {
  while (!IsListEmpty(&nmr__bindings))
    os__free(CONTAINING_RECORD(RemoveHeadList(&nmr__bindings),
                               struct nmr_binding, link));
  while (!IsListEmpty(&nmr__modules))
    os__free(MODULE_OF(RemoveHeadList(&nmr__modules)));
}
