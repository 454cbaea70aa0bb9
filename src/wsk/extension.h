/*
 * Extension interfaces: those that a test has added, and who has registered for
 * them (SIO_WSK_REGISTER_EXTENSION). A registration is of one socket, and goes
 * with it.
 */
#ifndef UWSK_WSK_EXTENSION_H
#define UWSK_WSK_EXTENSION_H

#include "wsk/control.h"

struct wsk_socket;
struct wsk_attachment; /* a socket's registration; a list */

/* Ends the registrations of a socket that has been closed. */
void wsk__extension_end(struct wsk_socket *socket);

/* Forgets all of them, and the extensions, when the runtime stops. */
void wsk__extension_stop(void);

/* SIO_WSK_REGISTER_EXTENSION, a handler of WskControlSocket. */
wsk_control_handler wsk__register_extension;

#endif
