/*
 * Socket IOCTLs of connections, and those that Windows' own parts answer.
 */
#ifndef UWSK_WSK_IOCTL_H
#define UWSK_WSK_IOCTL_H

#include "wsk/control.h"

/* Handlers. */
NTSTATUS wsk__query_ideal_send_backlog(const struct wsk_control *control);
NTSTATUS wsk__query_receive_backlog(const struct wsk_control *control);
NTSTATUS wsk__set_silent_mode(const struct wsk_control *control);
NTSTATUS wsk__set_keepalive_values(const struct wsk_control *control);
NTSTATUS wsk__set_loopback_fast_path(const struct wsk_control *control);
NTSTATUS wsk__query_redirection(const struct wsk_control *control);
NTSTATUS wsk__set_redirection(const struct wsk_control *control);

#endif
