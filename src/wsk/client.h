/*
 * Registered clients.
 *
 * A client is what stands behind one WSK_REGISTRATION. It counts everything
 * that WskDeregister has to wait for: captures, calls in progress, sockets, and
 * IRPs pending without a socket. A count is taken by wsk__client_enter and
 * given back by wsk__client_leave, as the last thing, after the completion
 * routine returned: the client's code may be unloaded as soon as WskDeregister
 * comes back.
 */
#ifndef UWSK_WSK_CLIENT_H
#define UWSK_WSK_CLIENT_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "mm/lent.h"
#include "ob/track.h"

struct wsk_client {
  struct wsk_client *next;
  PWSK_REGISTRATION registration;
  const WSK_CLIENT_DISPATCH *dispatch;
  WSK_CLIENT_DISPATCH original; /* what the client's table was like */
  struct mm_watch block_watch, table_watch;
  PVOID context;
  ULONG captures;
  ULONG uses;          /* everything that is counted, captures included */
  ULONG owner;         /* the driver that has registered it (ke/owner.c) */
  ULONG static_events; /* on for every socket; before the first is made */
  int had_sockets;     /* atomic: one was made, whatever became of it */
  bool deregistering;
  HANDLE binding; /* the registrar's, which has attached it; or NULL */
  KEVENT gone;    /* WskDeregister was called */
  KEVENT idle;    /* … and no use is left */
  struct ob_record record;
};

/* The client a PWSK_CLIENT stands for, counted in; NULL when there is none. A
 * client that has released every capture is reported, in the name of `call`. */
struct wsk_client *wsk__client_enter(PWSK_CLIENT handle, const char *call);

/* The same for a client that is known to be there. */
void wsk__client_add(struct wsk_client *client);
void wsk__client_leave(struct wsk_client *client);

/* Whether WskDeregister was called. */
bool wsk__client_is_going(struct wsk_client *client);

/* Notes, and tells, that the client has made a socket. */
void wsk__client_has_socket(struct wsk_client *client);
bool wsk__client_had_sockets(struct wsk_client *client);

/* ---- clients that the registrar has attached (nmr.c) -------------------- */

bool wsk__client_version_is_supported(USHORT version);

/* NULL when out of memory. */
struct wsk_client *wsk__client_attach(const WSK_CLIENT_DISPATCH *dispatch,
                                      PVOID context, HANDLE binding);

/* The client goes. True when something holds it up: then
 * NmrProviderDetachClientComplete follows, perhaps before this returns. */
bool wsk__client_begin_detach(struct wsk_client *client);

/* Frees it. */
void wsk__client_detached(struct wsk_client *client);

/* Frees the clients that were left behind. */
void wsk__client_stop(void);

#endif
