/*
 * The host's socket calls that src/net makes itself, beside libuv, for the
 * files of src/net alone.
 *
 * Drivers define functions called socket, bind, send, recv and setsockopt. One
 * that is linked into the same program would get our calls, so the files behind
 * this header make none by such a name where the host has another.
 *
 * All answer 0 or NET_Exxx.
 */
#ifndef UWSK_NET_HOST_H
#define UWSK_NET_HOST_H

#include "net/net.h"

#include <uv.h>

/* A socket that does not block and is not inherited by other programs. */
int net__socket_open(uv_os_sock_t *host, int family, int type, int protocol);
void net__socket_close(uv_os_sock_t host);

int net__socket_bind(uv_os_sock_t host, const struct net_address *local);
int net__socket_name(uv_os_sock_t host, struct net_address *local);

int net__socket_set(uv_os_sock_t host, int level, int name, const void *value,
                    size_t length);
int net__socket_get(uv_os_sock_t host, int level, int name, void *value,
                    size_t length);

/* What the host's last call failed with. */
int net__socket_error(void);

size_t net__sockaddr_length(enum net_family family);

#endif
