/*
 * Event callbacks: which of them are on, and who calls them.
 *
 * A socket's callbacks are called one at a time, by one operation on the loop
 * (socket->event_op), at DISPATCH_LEVEL and with no lock held. The operation
 * holds the socket, so that a close waits for the callback that runs. What
 * there is to be told is asked of the event's source: a row of the table in
 * events.c, whose functions stand with the data they tell of.
 *
 *   wsk__events_pump   whoever has something new to tell calls it
 *   enabled            the mask of what the client wants told; written by
 *                      wsk__events_set, so that a look without the lock may
 *                      see that there is nothing to be told
 *   fixed              … of which this cannot be switched off again
 *   inherited          a listener's: what the sockets get that its
 *                      WskAcceptEvent delivers
 *   running            the event whose callback is being called, or 0
 */
#ifndef UWSK_WSK_EVENTS_H
#define UWSK_WSK_EVENTS_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

struct wsk_socket;
struct wsk_control;

/* Under the lock of the receive lane. */
struct wsk_events {
  ULONG enabled;
  ULONG fixed;
  ULONG inherited;
  ULONG running;
  /* What is to be told, and what has been. */
  bool remote_finished, finish_told;
  bool remote_reset, reset_told;
  SIZE_T backlog; /* bytes that are best kept in flight */
  bool backlog_changed;
};

struct wsk_event_source {
  ULONG event; /* WSK_EVENT_*, or 0 for what is always told */
  const char *name;
  /* The client's function for it, or NULL; of any type. */
  bool (*has_callback)(const struct wsk_socket *socket);
  /* Whether there is something to tell. Under the receive lane's lock. */
  bool (*due)(const struct wsk_socket *socket);
  /* Tells it, if it is still there. Owner only, no lock held. */
  void (*indicate)(struct wsk_socket *socket);
};

/* Calls the callbacks that are due, soon. Owner only. */
void wsk__events_pump(struct wsk_socket *socket);

/* The same from any thread, for a socket that the caller holds. */
void wsk__events_wanted(struct wsk_socket *socket);

/* Whether one of these events is enabled. Takes the receive lane's lock. */
bool wsk__event_is_enabled(struct wsk_socket *socket, ULONG events);

/* The same without the lock, which a receiver holds while it reads. True may
 * have changed; false holds until a scan, which whoever enables an event asks
 * for. Owner only. */
bool wsk__event_may_be_enabled(const struct wsk_socket *socket, ULONG events);

/* Writes `enabled`, under the receive lane's lock. */
void wsk__events_set(struct wsk_socket *socket, ULONG enabled);

/* Brackets a call of a callback: raises the IRQL, and looks at it afterwards.
 */
KIRQL wsk__callback_begin(void);
void wsk__callback_end(KIRQL irql, const char *name);

/* SO_WSK_EVENT_CALLBACK, a handler of control.c. */
NTSTATUS wsk__control_events(const struct wsk_control *control);

/* A new socket, or one that has become a connection or a listener, gets what
 * its client has enabled in all sockets. */
void wsk__events_set_static(struct wsk_socket *socket);

/* The client's table, and what its functions are called with; looks at whether
 * it has those that are on. Any thread; the socket is held. */
void wsk__events_attach(struct wsk_socket *socket, PVOID context,
                        const void *dispatch);

/* The same for a socket that `listener`'s WskAcceptEvent has delivered. Owner
 * only. */
void wsk__events_inherit(struct wsk_socket *socket, struct wsk_socket *listener,
                         PVOID context, const void *dispatch);

/* ---- how the remote side ends (disconnect_event.c; owner only) --------- */

void wsk__remote_finished(struct wsk_socket *socket);
void wsk__remote_reset(struct wsk_socket *socket);

/* Whether an event waits for the end of the stream, and it may show. */
bool wsk__end_is_wanted(struct wsk_socket *socket);

/* Some of the bytes that nobody has wanted and that hid it have gone. */
void wsk__end_may_show(struct wsk_socket *socket);

/* ---- the ideal send backlog (backlog_event.c) -------------------------- */

#define WSK_IDEAL_BACKLOG 65536u /* until somebody says otherwise */

/* How many bytes are best kept in flight. Any thread. */
SIZE_T wsk__ideal_send_backlog(struct wsk_socket *socket);

/* It changes, and the client is told; the socket is held. Any thread. */
void wsk__set_ideal_backlog(struct wsk_socket *socket, SIZE_T bytes);

/* ---- the sources ------------------------------------------------------- */

extern const struct wsk_event_source wsk__accept_source;  /* accept_event.c */
extern const struct wsk_event_source wsk__inspect_source; /* inspect.c */
extern const struct wsk_event_source wsk__abort_source;
extern const struct wsk_event_source
    wsk__receive_from_source; /* receive_from_event.c */
extern const struct wsk_event_source wsk__receive_source; /* receive_event.c */
extern const struct wsk_event_source wsk__disconnect_source;
extern const struct wsk_event_source wsk__backlog_source;

#endif
