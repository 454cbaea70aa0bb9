/*
 * Cached security descriptors. See security.h.
 *
 * Rtl's functions are for PASSIVE_LEVEL, since descriptors may be paged; those
 * here are resident, and come at any IRQL: what looks at them lowers it.
 */
#include "wsk/security.h"

#include <ntifs.h>

#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

struct wsk_sd {
  LIST_ENTRY link;
  struct wsk_client *client; /* who had it cached; NULL when that has gone */
  ULONG references;          /* the client's, and those of sockets */
  ULONG given;               /* the client's alone: as many as in the ledger */
  _Alignas(16) UCHAR descriptor[];
};

/* Guards the list and every count. */
static struct os_spin cache_lock;
static LIST_ENTRY cache = {&cache, &cache};

/* ---- copies -------------------------------------------------------------- */

/* The descriptor with pointers: one in one piece may have gaps. */
static void look_at(SECURITY_DESCRIPTOR *to, PSECURITY_DESCRIPTOR from) {
  BOOLEAN present, defaulted;
  RtlZeroMemory(to, sizeof(*to));
  to->Revision = SECURITY_DESCRIPTOR_REVISION;
  to->Control = ((SECURITY_DESCRIPTOR *)from)->Control &
                (SECURITY_DESCRIPTOR_CONTROL)~SE_SELF_RELATIVE;
  (void)RtlGetOwnerSecurityDescriptor(from, &to->Owner, &defaulted);
  (void)RtlGetGroupSecurityDescriptor(from, &to->Group, &defaulted);
  (void)RtlGetSaclSecurityDescriptor(from, &present, &to->Sacl, &defaulted);
  (void)RtlGetDaclSecurityDescriptor(from, &present, &to->Dacl, &defaulted);
}

static struct wsk_sd *copy(PSECURITY_DESCRIPTOR from) {
  SECURITY_DESCRIPTOR absolute;
  look_at(&absolute, from);
  ULONG size = RtlLengthSecurityDescriptor(&absolute); /* at least */
  struct wsk_sd *sd = os__alloc(sizeof(*sd) + size);
  if (sd != NULL)
    (void)RtlAbsoluteToSelfRelativeSD(&absolute, sd->descriptor, &size);
  return sd;
}

static void enter(struct wsk_sd *sd, struct wsk_client *client) {
  sd->client = client;
  sd->references = 1;
  os__spin_lock(&cache_lock);
  InsertTailList(&cache, &sd->link);
  os__spin_unlock(&cache_lock);
}

/* The cached descriptor that stands at this address and that the client holds,
 * held once more; NULL. The address may be anything. */
static struct wsk_sd *hold_given(PSECURITY_DESCRIPTOR cached) {
  struct wsk_sd *found = NULL;
  os__spin_lock(&cache_lock);
  for (PLIST_ENTRY link = cache.Flink; link != &cache && found == NULL;
       link = link->Flink) {
    struct wsk_sd *sd = CONTAINING_RECORD(link, struct wsk_sd, link);
    if (sd->descriptor == (PUCHAR)cached && sd->given > 0)
      found = sd;
  }
  if (found != NULL)
    found->references++;
  os__spin_unlock(&cache_lock);
  return found;
}

struct wsk_sd *wsk__sd_hold(PSECURITY_DESCRIPTOR cached) {
  return cached != NULL ? hold_given(cached) : NULL;
}

struct wsk_sd *wsk__sd_hold_again(struct wsk_sd *sd) {
  if (sd == NULL)
    return NULL;
  os__spin_lock(&cache_lock);
  sd->references++;
  os__spin_unlock(&cache_lock);
  return sd;
}

void wsk__sd_drop(struct wsk_sd *sd) {
  if (sd == NULL)
    return;
  os__spin_lock(&cache_lock);
  bool last = --sd->references == 0;
  if (last)
    RemoveEntryList(&sd->link);
  os__spin_unlock(&cache_lock);
  if (last)
    os__free(sd);
}

/* ---- the client's references --------------------------------------------- */

/* Makes the caller's reference one of the client's. */
static NTSTATUS give(struct wsk_sd *sd, PSECURITY_DESCRIPTOR *cached,
                     const char *call, const void *caller) {
  if (!ob__track_foreign(OB_CACHED_SD, sd->descriptor, call, caller, 0)) {
    wsk__sd_drop(sd);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  os__spin_lock(&cache_lock);
  sd->given++;
  os__spin_unlock(&cache_lock);
  *cached = sd->descriptor;
  return STATUS_SUCCESS;
}

NTSTATUS wsk__sd_cache(struct wsk_client *client, PSECURITY_DESCRIPTOR from,
                       PSECURITY_DESCRIPTOR *cached, const void *caller) {
  KIRQL irql = ke__swap_irql(PASSIVE_LEVEL);
  bool valid = RtlValidSecurityDescriptor(from);
  struct wsk_sd *sd = valid ? copy(from) : NULL;
  ke__swap_irql(irql);
  if (!valid)
    return STATUS_INVALID_SECURITY_DESCR;
  if (sd == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  enter(sd, client);
  return give(sd, cached, "WSK_CACHE_SD", caller);
}

bool wsk__sd_release(PSECURITY_DESCRIPTOR cached) {
  struct wsk_sd *sd = wsk__sd_hold(cached);
  if (sd == NULL)
    return false;
  bool released = ob__untrack_foreign(OB_CACHED_SD, cached);
  if (released) {
    os__spin_lock(&cache_lock);
    sd->given--;
    sd->references--;
    os__spin_unlock(&cache_lock);
  }
  wsk__sd_drop(sd);
  return released;
}

/* The default: a list of nobody. */
static struct wsk_sd *make_default(void) {
  SECURITY_DESCRIPTOR descriptor;
  ACL nobody;
  KIRQL irql = ke__swap_irql(PASSIVE_LEVEL);
  (void)RtlCreateAcl(&nobody, sizeof(nobody), ACL_REVISION);
  (void)RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  (void)RtlSetDaclSecurityDescriptor(&descriptor, TRUE, &nobody, FALSE);
  struct wsk_sd *sd = copy(&descriptor);
  ke__swap_irql(irql);
  return sd;
}

NTSTATUS wsk__sd_give(struct wsk_client *client, struct wsk_sd *sd,
                      PSECURITY_DESCRIPTOR *cached, const void *caller) {
  if (sd == NULL) {
    sd = make_default();
    if (sd == NULL)
      return STATUS_INSUFFICIENT_RESOURCES;
    enter(sd, client);
  }
  return give(sd, cached, "SO_WSK_SECURITY", caller);
}

void wsk__sd_client_gone(struct wsk_client *client) {
  ULONG left = 0;
  os__spin_lock(&cache_lock);
  for (PLIST_ENTRY link = cache.Flink; link != &cache; link = link->Flink) {
    struct wsk_sd *sd = CONTAINING_RECORD(link, struct wsk_sd, link);
    if (sd->client == client) {
      sd->client = NULL;
      left += sd->given;
    }
  }
  os__spin_unlock(&cache_lock);
  if (left > 0)
    vf__report(VF_SD_02,
               "WskDeregister while %u reference%s to cached security "
               "descriptors not released",
               (unsigned)left, left == 1 ? " is" : "s are");
}

void wsk__sd_stop(void) {
  while (!IsListEmpty(&cache))
    os__free(CONTAINING_RECORD(RemoveHeadList(&cache), struct wsk_sd, link));
}

/* ---- the access check ---------------------------------------------------- */

/* Who we are: kernel code, which the local system runs. */
static bool is_us(PSID sid) {
  static const SID us[] = {
      {SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, {SECURITY_WORLD_RID}},
      {SID_REVISION, 1, SECURITY_NT_AUTHORITY, {SECURITY_LOCAL_SYSTEM_RID}},
      {SID_REVISION,
       1,
       SECURITY_NT_AUTHORITY,
       {SECURITY_AUTHENTICATED_USER_RID}},
  };
  static const struct {
    SID sid;
    ULONG second;
  } administrators = {
      {SID_REVISION, 2, SECURITY_NT_AUTHORITY, {SECURITY_BUILTIN_DOMAIN_RID}},
      DOMAIN_ALIAS_RID_ADMINS};
  for (size_t i = 0; i < sizeof(us) / sizeof(us[0]); i++)
    if (RtlEqualSid((PSID)(ULONG_PTR)&us[i], sid))
      return true;
  return RtlEqualSid((PSID)(ULONG_PTR)&administrators, sid);
}

/* Whether an entry speaks of us, and of any right at all. */
static bool concerns_us(const ACCESS_ALLOWED_ACE *ace) {
  return (ace->Header.AceType == ACCESS_ALLOWED_ACE_TYPE ||
          ace->Header.AceType == ACCESS_DENIED_ACE_TYPE) &&
         !(ace->Header.AceFlags & INHERIT_ONLY_ACE) && ace->Mask != 0 &&
         is_us((PSID)(ULONG_PTR)&ace->SidStart);
}

/* The first entry about us decides. */
static bool list_grants(PACL list) {
  PVOID ace;
  for (ULONG i = 0; RtlGetAce(list, i, &ace) == STATUS_SUCCESS; i++)
    if (concerns_us(ace))
      return ((PACE_HEADER)ace)->AceType == ACCESS_ALLOWED_ACE_TYPE;
  return false;
}

bool wsk__sd_grants(const struct wsk_sd *sd) {
  BOOLEAN present, defaulted;
  PACL list = NULL;
  if (sd == NULL)
    return false;
  KIRQL irql = ke__swap_irql(PASSIVE_LEVEL);
  (void)RtlGetDaclSecurityDescriptor((PVOID)(ULONG_PTR)sd->descriptor, &present,
                                     &list, &defaulted);
  bool grants = list == NULL || list_grants(list);
  ke__swap_irql(irql);
  return grants;
}
