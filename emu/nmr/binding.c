/* Bindings: attaching and detaching. See nmr.h. */
#include "nmr/binding.h"

#include "ke/ke.h"
#include "verifier/report.h"

struct os_spin nmr__lock;
LIST_ENTRY nmr__modules = {&nmr__modules, &nmr__modules};
LIST_ENTRY nmr__bindings = {&nmr__bindings, &nmr__bindings};

#define BINDING_OF(entry) CONTAINING_RECORD(entry, struct nmr_binding, link)

static const NPI_REGISTRATION_INSTANCE *
instance_of(const struct nmr_module *module) {
  return module->is_client ? &module->client->ClientRegistrationInstance
                           : &module->provider->ProviderRegistrationInstance;
}

static bool fit(const struct nmr_module *a, const struct nmr_module *b) {
  return a->is_client != b->is_client && !a->deregistering &&
         !b->deregistering &&
         RtlEqualMemory(instance_of(a)->NpiId, instance_of(b)->NpiId,
                        sizeof(NPIID));
}

/* ---- finding ------------------------------------------------------------- */

/* Under the lock. The handle may be anything. */
static struct nmr_binding *find(HANDLE handle) {
  for (PLIST_ENTRY link = nmr__bindings.Flink; link != &nmr__bindings;
       link = link->Flink)
    if (BINDING_OF(link) == handle)
      return BINDING_OF(link);
  return NULL;
}

/* One of the module's in this state, which goes to the next; NULL. */
static struct nmr_binding *advance_one(const struct nmr_module *module,
                                       enum nmr_state state) {
  struct nmr_binding *found = NULL;
  os__spin_lock(&nmr__lock);
  for (PLIST_ENTRY link = nmr__bindings.Flink;
       link != &nmr__bindings && found == NULL; link = link->Flink) {
    struct nmr_binding *binding = BINDING_OF(link);
    if (binding->state == state && (binding->client.module == module ||
                                    binding->provider.module == module))
      found = binding;
  }
  if (found != NULL)
    found->state++;
  os__spin_unlock(&nmr__lock);
  return found;
}

/* ---- coming and going ---------------------------------------------------- */

/* Takes the binding out of the lists; a module that waits for that is told. */
static void remove_binding(struct nmr_binding *binding) {
  struct nmr_module *sides[] = {binding->client.module,
                                binding->provider.module};
  bool gone[2];
  os__spin_lock(&nmr__lock);
  RemoveEntryList(&binding->link);
  for (int i = 0; i < 2; i++)
    gone[i] = --sides[i]->bindings == 0 && sides[i]->deregistering;
  os__spin_unlock(&nmr__lock);
  os__free(binding);
  for (int i = 0; i < 2; i++)
    if (gone[i])
      KeSetEvent(&sides[i]->gone, IO_NO_INCREMENT, FALSE);
}

static void clean_up(const struct nmr_side *side) {
  const struct nmr_module *module = side->module;
  PNPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN function =
      module->is_client ? module->client->ClientCleanupBindingContext
                        : module->provider->ProviderCleanupBindingContext;
  if (function != NULL && !side->forgotten)
    function(side->context);
}

static bool mark_left(struct nmr_binding *binding, struct nmr_side *side) {
  os__spin_lock(&nmr__lock);
  side->left = true;
  bool both = binding->client.left && binding->provider.left;
  os__spin_unlock(&nmr__lock);
  return both;
}

/* A side has let go; the second ends the binding. */
static void side_left(struct nmr_binding *binding, struct nmr_side *side) {
  if (!mark_left(binding, side))
    return;
  clean_up(&binding->client);
  clean_up(&binding->provider);
  remove_binding(binding);
}

/* The side's own function has answered: whether it has let go. */
static bool has_let_go(struct nmr_side *side, NTSTATUS answer) {
  os__spin_lock(&nmr__lock);
  bool completed = side->done;
  side->asking = false;
  side->done = completed || answer != STATUS_PENDING;
  bool done = side->done;
  os__spin_unlock(&nmr__lock);
  if (completed && answer != STATUS_PENDING)
    vf__report(VF_NMR_02,
               "a detachment was completed, and then the callback returned "
               "0x%08X instead of STATUS_PENDING",
               (unsigned)answer);
  return done;
}

/* Tells a side that it has to let go. The binding may be gone then. */
static void detach_side(struct nmr_binding *binding, struct nmr_side *side) {
  const struct nmr_module *module = side->module;
  PNPI_CLIENT_DETACH_PROVIDER_FN function =
      module->is_client ? module->client->ClientDetachProvider
                        : module->provider->ProviderDetachClient;
  os__spin_lock(&nmr__lock);
  side->told = side->asking = true;
  os__spin_unlock(&nmr__lock);
  if (has_let_go(side,
                 side->forgotten ? STATUS_SUCCESS : function(side->context)))
    side_left(binding, side);
}

/* The one who goes is told first. */
static void detach(struct nmr_binding *binding, bool client_first) {
  struct nmr_side *first = client_first ? &binding->client : &binding->provider;
  struct nmr_side *second =
      client_first ? &binding->provider : &binding->client;
  detach_side(binding, first);
  detach_side(binding, second);
}

void nmr__detach_all(struct nmr_module *module) {
  struct nmr_binding *binding;
  os__spin_lock(&nmr__lock);
  for (PLIST_ENTRY link = nmr__bindings.Flink; link != &nmr__bindings;
       link = link->Flink) {
    binding = BINDING_OF(link);
    if (binding->client.module == module || binding->provider.module == module)
      binding->doomed = true;
  }
  os__spin_unlock(&nmr__lock);
  while ((binding = advance_one(module, NMR_ATTACHED)) != NULL)
    detach(binding, module->is_client);
}

/* ---- attaching ----------------------------------------------------------- */

/* Under the lock. */
static bool plan_one(struct nmr_module *a, struct nmr_module *b) {
  struct nmr_binding *binding = os__alloc(sizeof(*binding));
  if (binding == NULL)
    return false;
  binding->client.module = a->is_client ? a : b;
  binding->provider.module = a->is_client ? b : a;
  a->bindings++;
  b->bindings++;
  InsertTailList(&nmr__bindings, &binding->link);
  return true;
}

/* Takes back what was planned, and not begun. */
static void unplan(struct nmr_module *module) {
  struct nmr_binding *binding;
  while ((binding = advance_one(module, NMR_PLANNED)) != NULL)
    remove_binding(binding);
}

bool nmr__plan(struct nmr_module *module) {
  bool planned = true;
  os__spin_lock(&nmr__lock);
  for (PLIST_ENTRY link = nmr__modules.Flink; link != &nmr__modules && planned;
       link = link->Flink) {
    struct nmr_module *other = CONTAINING_RECORD(link, struct nmr_module, link);
    if (other != module && fit(module, other))
      planned = plan_one(module, other);
  }
  os__spin_unlock(&nmr__lock);
  if (!planned)
    unplan(module);
  return planned;
}

/* What has become of an attempt: an ATTACHED binding may have to go at once. */
static void settle(struct nmr_binding *binding, NTSTATUS status) {
  os__spin_lock(&nmr__lock);
  bool attached = binding->agreed;
  bool goes = binding->doomed || !NT_SUCCESS(status);
  binding->client.forgotten = attached && !NT_SUCCESS(status);
  if (attached)
    binding->state = goes ? NMR_DETACHING : NMR_ATTACHED;
  os__spin_unlock(&nmr__lock);
  if (!attached)
    remove_binding(binding);
  else if (goes)
    detach(binding, true);
}

static void attach(struct nmr_binding *binding) {
  const struct nmr_module *client = binding->client.module;
  NTSTATUS status = STATUS_NOINTERFACE;
  os__spin_lock(&nmr__lock);
  bool doomed = binding->doomed;
  os__spin_unlock(&nmr__lock);
  if (!doomed)
    status = client->client->ClientAttachProvider(
        binding, client->context, instance_of(binding->provider.module));
  settle(binding, status);
}

void nmr__attach_all(struct nmr_module *module) {
  struct nmr_binding *binding;
  while ((binding = advance_one(module, NMR_PLANNED)) != NULL)
    attach(binding);
}

/* The binding, while its client is being asked; NULL. */
static struct nmr_binding *find_attaching(HANDLE handle) {
  os__spin_lock(&nmr__lock);
  struct nmr_binding *binding = find(handle);
  if (binding != NULL && (binding->state != NMR_ATTACHING || binding->agreed))
    binding = NULL;
  os__spin_unlock(&nmr__lock);
  return binding;
}

NTSTATUS NmrClientAttachProvider(HANDLE NmrBindingHandle,
                                 PVOID ClientBindingContext,
                                 CONST VOID *ClientDispatch,
                                 PVOID *ProviderBindingContext,
                                 CONST VOID **ProviderDispatch) {
  ke__require_irql(PASSIVE_LEVEL, "NmrClientAttachProvider");
  struct nmr_binding *binding = find_attaching(NmrBindingHandle);
  if (binding == NULL || ProviderBindingContext == NULL ||
      ProviderDispatch == NULL)
    return STATUS_INVALID_PARAMETER;
  const struct nmr_module *provider = binding->provider.module;
  PVOID context = NULL;
  NTSTATUS status = provider->provider->ProviderAttachClient(
      binding, provider->context, instance_of(binding->client.module),
      ClientBindingContext, ClientDispatch, &context, ProviderDispatch);
  if (!NT_SUCCESS(status))
    return status;
  os__spin_lock(&nmr__lock);
  binding->client.context = ClientBindingContext;
  binding->provider.context = context;
  binding->agreed = true;
  os__spin_unlock(&nmr__lock);
  *ProviderBindingContext = context;
  return STATUS_SUCCESS;
}

/* ---- letting go later ---------------------------------------------------- */

static void complete(HANDLE handle, bool is_client, const char *call) {
  os__spin_lock(&nmr__lock);
  struct nmr_binding *binding = find(handle);
  struct nmr_side *side = binding == NULL ? NULL
                          : is_client     ? &binding->client
                                          : &binding->provider;
  bool due = binding != NULL && side->told && !side->done;
  bool later = due && side->asking; /* when its callback has returned */
  if (due)
    side->done = true;
  os__spin_unlock(&nmr__lock);
  if (due && !later)
    side_left(binding, side);
  else if (!due)
    vf__report(VF_NMR_02, "%s of binding %p, which is not being detached", call,
               (void *)handle);
}

VOID NmrClientDetachProviderComplete(HANDLE NmrBindingHandle) {
  ke__require_irql(DISPATCH_LEVEL, "NmrClientDetachProviderComplete");
  complete(NmrBindingHandle, true, "NmrClientDetachProviderComplete");
}

VOID NmrProviderDetachClientComplete(HANDLE NmrBindingHandle) {
  ke__require_irql(DISPATCH_LEVEL, "NmrProviderDetachClientComplete");
  complete(NmrBindingHandle, false, "NmrProviderDetachClientComplete");
}

bool nmr__client_has_left(HANDLE handle) {
  os__spin_lock(&nmr__lock);
  const struct nmr_binding *binding = find(handle);
  bool left = binding == NULL || binding->client.left;
  os__spin_unlock(&nmr__lock);
  return left;
}
