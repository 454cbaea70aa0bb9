/*
 * Options that join and leave multicast groups. A row's detail is the
 * transport's verb, and whether it is about one source.
 */
#ifndef UWSK_WSK_MULTICAST_H
#define UWSK_WSK_MULTICAST_H

#include "net/net_option.h"
#include "wsk/control.h"

#define WSK_GROUP_ONE_SOURCE 0x100

/* Handlers: by the type of their input. */
NTSTATUS wsk__group_ip_mreq(const struct wsk_control *control);
NTSTATUS wsk__group_ip_mreq_source(const struct wsk_control *control);
NTSTATUS wsk__group_ipv6_mreq(const struct wsk_control *control);
NTSTATUS wsk__group_req(const struct wsk_control *control);

#endif
