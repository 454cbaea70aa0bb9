/*
 * Options that the transport carries out, and those that are only remembered.
 *
 * A row of the table of codes names, as its detail, the transport's option.
 * What was set is remembered, so that it reads back as it was written, survives
 * the replacement of a handle, and can be given to accepted sockets. What was
 * not set is asked of the host, but for the options that Windows has another
 * default for.
 */
#ifndef UWSK_WSK_SOCKET_OPTION_H
#define UWSK_WSK_SOCKET_OPTION_H

#include "net/net_option.h"
#include "wsk/control.h"

/* Options that no host has, after those of the transport. */
enum wsk_own_option {
  WSK_OPT_PORT_SCALABILITY = NET_OPTIONS,
  WSK_OPT_RANDOMIZE_PORT,
  WSK_OPT_REUSE_UNICASTPORT,
  WSK_OPT_RECEIVE_BROADCAST,
  WSK_OPT_BSD_URGENT,
  WSK_OPT_TYPE_OF_SERVICE,
  WSK_OPTIONS
};

struct wsk_option_values {
  ULONG64 known; /* a bit per option */
  LONG values[WSK_OPTIONS];
};

/* An IPv6 socket also has the options of IPv4, for the peers that it reaches by
 * mapped addresses. */
struct wsk_options {
  struct wsk_option_values own, of_ipv4;
};

/* Handlers. */
NTSTATUS wsk__set_option(const struct wsk_control *control);
NTSTATUS wsk__get_option(const struct wsk_control *control);

/* What the option was set to; `fallback` when it was not. Owner only. */
LONG wsk__option(const struct wsk_socket *socket, int option, LONG fallback);

/* Sets an option of the socket's own family, in the transport's form: what to
 * answer. Owner only. */
NTSTATUS wsk__option_apply(struct wsk_socket *socket, int option, LONG value);

/* A new handle gets what the socket's old one had. Owner only. */
int wsk__options_renew(struct wsk_socket *socket);

/* An accepted socket gets what its listener has set. Owner only. */
void wsk__options_inherit(struct wsk_socket *accepted,
                          const struct wsk_socket *listener);

#endif
