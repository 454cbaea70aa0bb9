/* The UDP of peers, and the handles that lie in a peer. See peer_parts.h. */
#include "peer/peer_parts.h"

#include <string.h>

/* ---- datagrams --------------------------------------------------------- */

static void remember(struct uwsk_peer *peer, const struct sockaddr *sender) {
  size_t length = sender->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                : sizeof(struct sockaddr_in);

  memcpy(&peer->target, sender, length);
}

static void on_datagram(uv_udp_t *udp, ssize_t result, const uv_buf_t *room,
                        const struct sockaddr *sender, unsigned flags) {
  struct uwsk_peer *peer = udp->data;

  if (sender == NULL && result == 0)
    return; /* There was nothing. */
  peer__lock();
  if (result < 0)
    peer__fail(peer, "receiving failed: %s", uv_strerror((int)result));
  else if ((flags & UV_UDP_PARTIAL) != 0)
    peer__fail(peer, "a datagram is longer than %u bytes", PEER_READ_BYTES);
  else if (!peer__keep(peer, room->base, (size_t)result))
    peer__fail(peer, "there is no memory for what has come");
  else
    remember(peer, sender);
  peer__advance(peer);
  peer__unlock();
}

int peer__udp_open(struct uwsk_peer *peer, unsigned short port) {
  struct sockaddr_storage address;
  int length = sizeof(address);
  int error = uv_udp_init(&peer__world.loop, &peer->udp);

  if (error != 0)
    return error;
  peer->udp.data = peer;
  peer__count_handle(peer, 1);
  peer__loopback(&address, peer->ipv6, 0);
  error = uv_udp_bind(&peer->udp, (struct sockaddr *)&address, 0);
  if (error == 0)
    error =
        uv_udp_getsockname(&peer->udp, (struct sockaddr *)&address, &length);
  if (error == 0)
    error = uv_udp_recv_start(&peer->udp, peer__provide, on_datagram);
  peer->port = peer__port_of(&address);
  peer->connected = true;
  if (port != 0)
    peer__loopback(&peer->target, peer->ipv6, port);
  return error;
}

static void on_sent(uv_udp_send_t *request, int status) {
  struct uwsk_peer *peer = request->handle->data;

  if (status == UV_ECANCELED)
    return;
  peer__lock();
  peer->busy = false;
  if (status != 0)
    peer__fail(peer, "sending failed: %s", uv_strerror(status));
  peer__advance(peer);
  peer__unlock();
}

int peer__send_datagram(struct uwsk_peer *peer, const void *bytes,
                        size_t length) {
  uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)length);

  if (peer->target.ss_family == 0)
    return UV_EDESTADDRREQ;
  peer->busy = true;
  return uv_udp_send(&peer->send, &peer->udp, &buffer, 1,
                     (const struct sockaddr *)&peer->target, on_sent);
}
