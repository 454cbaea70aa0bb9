/*
 * Event providers: see evntprov.h. A handle is the address of a registration,
 * believed when the ledger knows it.
 */
#include <ntddk.h>

#include <evntprov.h>
#include <string.h>

#include "etw/listen.h"
#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "rtl/format.h"

struct provider {
  struct ob_record record;
  GUID id;
};

static struct provider *provider_of(REGHANDLE handle) {
  struct provider *provider = (struct provider *)(ULONG_PTR)handle;

  return ob__find(OB_TRACING, provider) != NULL ? provider : NULL;
}

/* As for a session that was there before the provider. */
static void tell(struct provider *provider, PETWENABLECALLBACK callback,
                 PVOID context) {
  struct etw_interest interest = etw__interest();
  GUID nobody;

  if (callback == NULL || interest.level == 0)
    return;
  memset(&nobody, 0, sizeof(nobody));
  ETW_CALLBACK("EnableCallback", provider, context);
  callback(&nobody, EVENT_CONTROL_CODE_ENABLE_PROVIDER, interest.level,
           MAXULONGLONG, 0, NULL, context);
}

NTSTATUS EtwRegister(LPCGUID ProviderId, PETWENABLECALLBACK EnableCallback,
                     PVOID CallbackContext, PREGHANDLE RegHandle) {
  struct provider *provider;

  ke__require_irql(PASSIVE_LEVEL, "EtwRegister");
  if (ProviderId == NULL || RegHandle == NULL)
    return STATUS_INVALID_PARAMETER;
  provider = os__alloc(sizeof(*provider));
  if (provider == NULL)
    return STATUS_NO_MEMORY;
  provider->id = *ProviderId;
  provider->record = (struct ob_record){.object = provider,
                                        .call = "EtwRegister",
                                        .caller = OB_CALLER(),
                                        .kind = OB_TRACING};
  ob__track(&provider->record);
  *RegHandle = (REGHANDLE)(ULONG_PTR)provider;
  tell(provider, EnableCallback, CallbackContext);
  return STATUS_SUCCESS;
}

NTSTATUS EtwUnregister(REGHANDLE RegHandle) {
  struct provider *provider = provider_of(RegHandle);

  ke__require_irql(PASSIVE_LEVEL, "EtwUnregister");
  if (provider == NULL || ob__claim(OB_TRACING, provider) == NULL)
    return STATUS_INVALID_HANDLE;
  os__free(provider);
  return STATUS_SUCCESS;
}

BOOLEAN EtwProviderEnabled(REGHANDLE RegHandle, UCHAR Level,
                           ULONGLONG Keyword) {
  struct etw_interest interest = etw__interest();

  (void)Keyword;
  return provider_of(RegHandle) != NULL && interest.level != 0 &&
         Level <= interest.level;
}

BOOLEAN EtwEventEnabled(REGHANDLE RegHandle,
                        PCEVENT_DESCRIPTOR EventDescriptor) {
  return EtwProviderEnabled(RegHandle, EventDescriptor->Level,
                            EventDescriptor->Keyword);
}

/* ---- writing ----------------------------------------------------------- */

struct text {
  char bytes[512];
  size_t used;
};

static void add(struct text *text, const char *format, ...) {
  static const struct rtl_format_site nowhere = {"", "", 0, 0};
  size_t room = sizeof(text->bytes) - 1 - text->used, written;
  va_list args;

  va_start(args, format);
  rtl__format_traced(text->bytes + text->used, room, &written, &nowhere, format,
                     args);
  va_end(args);
  text->used += written;
}

static void say(struct text *text) {
  text->bytes[text->used] = '\0';
  etw__said("event", text->bytes);
}

/* An item is a run of hexadecimal digits. */
static void add_item(struct text *text, const EVENT_DATA_DESCRIPTOR *item) {
  const UCHAR *bytes = (const UCHAR *)(ULONG_PTR)item->Ptr;

  add(text, " ");
  for (ULONG i = 0; i < item->Size && text->used < sizeof(text->bytes) - 1; i++)
    add(text, "%02x", bytes[i]);
}

NTSTATUS EtwWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor,
                  LPCGUID ActivityId, ULONG UserDataCount,
                  PEVENT_DATA_DESCRIPTOR UserData) {
  struct provider *provider = provider_of(RegHandle);
  struct text text = {.used = 0};

  (void)ActivityId;
  if (provider == NULL)
    return STATUS_INVALID_HANDLE;
  if (EventDescriptor == NULL || UserDataCount > MAX_EVENT_DATA_DESCRIPTORS ||
      (UserData == NULL && UserDataCount != 0))
    return STATUS_INVALID_PARAMETER;
  if (!EtwEventEnabled(RegHandle, EventDescriptor))
    return STATUS_SUCCESS;
  add(&text, "%u of {%!GUID!} level %u", EventDescriptor->Id, &provider->id,
      EventDescriptor->Level);
  for (ULONG i = 0; i < UserDataCount; i++)
    add_item(&text, &UserData[i]);
  say(&text);
  return STATUS_SUCCESS;
}

NTSTATUS EtwWriteString(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword,
                        LPCGUID ActivityId, PCWSTR String) {
  struct provider *provider = provider_of(RegHandle);
  struct text text = {.used = 0};

  (void)ActivityId;
  if (provider == NULL)
    return STATUS_INVALID_HANDLE;
  if (String == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!EtwProviderEnabled(RegHandle, Level, Keyword))
    return STATUS_SUCCESS;
  add(&text, "of {%!GUID!} level %u \"%ws\"", &provider->id, Level, String);
  say(&text);
  return STATUS_SUCCESS;
}
