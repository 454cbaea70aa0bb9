/*
 * A look-up: an IRP that waits for the host's resolver.
 *
 * It belongs to no socket, and what it has to remember does not fit into an
 * IRP, so it is an allocation of its own; WskGetAddressInfo and WskGetNameInfo
 * each put a struct wsk_lookup first into theirs. It is pending work of the
 * client: WskDeregister waits for it.
 *
 * The IRP is completed by the owner of the loop, as everything is. Its cancel
 * routine only sends `cancel_op` there, which completes the IRP at once: the
 * host's thread may go on, nobody will hear of what it finds. A look-up that
 * finishes after the routine was taken, but before `cancel_op` has come, waits
 * for that: until then the canceller may still look at the IRP and at this.
 */
#ifndef UWSK_WSK_LOOKUP_H
#define UWSK_WSK_LOOKUP_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "loop/loop.h"
#include "net/net.h"
#include "wsk/client.h"
#include "wsk/op.h"

struct wsk_lookup {
  struct loop_op start_op, cancel_op, done_op;
  LIST_ENTRY link; /* among all that pend */
  struct wsk_client *client;
  PIRP irp;
  struct net_lookup *request; /* what the host works at, or NULL */
  NTSTATUS status;
  bool began;     /* start_op has come */
  bool cancelled; /* cancel_op has come before it */
  bool waiting;   /* finished, but for cancel_op */

  /* Asks the host: sets `request`, or returns an error. Owner only. */
  int (*begin)(struct wsk_lookup *lookup);
  /* What the IRP is told when there was an error. */
  NTSTATUS (*failure)(int error);
};

/* Marks the IRP pending and starts. STATUS_PENDING; both may be gone then. */
NTSTATUS wsk__lookup_submit(struct wsk_lookup *lookup,
                            struct wsk_client *client, PIRP irp);

/* The host has answered, and the client has its result, if there is one: the
 * IRP completes. Owner only; the look-up may be gone afterwards. */
void wsk__lookup_finish(struct wsk_lookup *lookup, NTSTATUS status);

/* Ends one that has not begun. Owner only. */
void wsk__lookup_give_up(PIRP irp, NTSTATUS status);

/* Forgets what still pends when the runtime stops, without calling anybody. */
void wsk__lookup_stop(void);

/* ---- text -------------------------------------------------------------- */

/* How many bytes the string takes as UTF-8, with a terminating null; 0 for none
 * (NULL, or of length 0). STATUS_INVALID_PARAMETER when it is no text: half a
 * character, a null within, or longer than a name can be. */
NTSTATUS wsk__name_size(PCUNICODE_STRING name, ULONG *size);

/* Converts a string with that size; returns where it ends. */
char *wsk__name_put(char *to, ULONG size, PCUNICODE_STRING name);

/* How many bytes the text takes as UTF-16, without a terminating null. */
ULONG wsk__name_wide_size(const char *text);

/* Converts, and adds the null: `size` as above. */
void wsk__name_put_wide(PWCHAR to, ULONG size, const char *text);

/* Whether a look-up may be made in the name of these. */
bool wsk__lookup_may_name(PEPROCESS process, PETHREAD thread);

#endif
