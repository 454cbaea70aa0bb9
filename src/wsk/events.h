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
 *   enabled            the mask of what the client wants told
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

/* Whether the event is enabled. Takes the receive lane's lock. */
bool wsk__event_is_enabled(struct wsk_socket *socket, ULONG event);

/* Brackets a call of a callback: raises the IRQL, and looks at it afterwards.
 */
KIRQL wsk__callback_begin(void);
void wsk__callback_end(KIRQL irql, const char *name);

/* SO_WSK_EVENT_CALLBACK, a handler of control.c. */
NTSTATUS wsk__control_events(const struct wsk_control *control);

/* The sources. */
extern const struct wsk_event_source wsk__accept_source;  /* accept_event.c */
extern const struct wsk_event_source wsk__inspect_source; /* inspect.c */
extern const struct wsk_event_source wsk__abort_source;
extern const struct wsk_event_source
    wsk__receive_from_source; /* receive_from_event.c */

#endif
