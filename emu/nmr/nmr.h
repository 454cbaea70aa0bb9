/*
 * The network module registrar, as WSK's provider sees it.
 *
 * A module is a client or a provider of one NPI. The registrar keeps a binding
 * for each pair of them:
 *
 *   PLANNED ──> ATTACHING ── both agree ──> ATTACHED ──> DETACHING ──> gone
 *
 * Callbacks of modules are called with no lock held. A binding goes when both
 * sides have let go, and whoever is the second to do so calls the two clean-up
 * functions.
 */
#ifndef UWSK_NMR_H
#define UWSK_NMR_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "ob/track.h"

struct nmr_module {
  LIST_ENTRY link; /* among all modules */
  bool is_client;
  union {
    PNPI_CLIENT_CHARACTERISTICS client;
    PNPI_PROVIDER_CHARACTERISTICS provider;
  };
  PVOID context;
  bool deregistering;
  bool awaited;   /* somebody waits for the end, and frees the module then */
  ULONG bindings; /* how many it has */
  KEVENT gone;    /* deregistering, and none is left */
  struct ob_record record;
};

/* Enters a provider whose module is static, with `provider` set, so that it
 * costs no memory and is not in the ledger; clients that are registered are
 * attached to it, as far as there is memory for it. PASSIVE_LEVEL. */
void nmr__show_provider(struct nmr_module *module);

/* Takes it out again, as if it had not come yet; those that are attached stay.
 */
void nmr__hide_provider(struct nmr_module *module);

/* Whether the client of a binding has said that it has let go. */
bool nmr__client_has_left(HANDLE binding);

/* Frees what is left when the runtime stops, without calling anybody. */
void nmr__stop(void);

#endif
