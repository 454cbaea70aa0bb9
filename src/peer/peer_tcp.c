/* The TCP of peers. See peer_parts.h. */
#include "peer/peer_parts.h"

#include <string.h>

#include "os/os.h"

#ifndef _WIN32
#include <sys/socket.h>
#endif

/* ---- addresses --------------------------------------------------------- */

void peer__loopback(struct sockaddr_storage *address, bool ipv6,
                    unsigned short port) {
  memset(address, 0, sizeof(*address));
  if (ipv6)
    (void)uv_ip6_addr("::1", port, (struct sockaddr_in6 *)address);
  else
    (void)uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)address);
}

unsigned short peer__port_of(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET6)
    return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
  return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

/* ---- closing ----------------------------------------------------------- */

static void on_connection_closed(uv_handle_t *handle) {
  struct connection *connection = (struct connection *)handle;
  struct uwsk_peer *peer = connection->peer;

  os__free(connection);
  peer__lock();
  peer__count_handle(peer, -1);
  peer__unlock();
}

static void close_connection(struct connection *connection, bool reset) {
  uv_handle_t *handle = (uv_handle_t *)&connection->tcp;

  if (reset && uv_tcp_close_reset(&connection->tcp, on_connection_closed) == 0)
    return;
  if (!uv_is_closing(handle))
    uv_close(handle, on_connection_closed);
}

void peer__drop_connection(struct uwsk_peer *peer, bool reset) {
  struct connection *connection = peer->connection;

  peer->connection = NULL;
  peer->connected = peer->busy = false;
  if (connection != NULL)
    close_connection(connection, reset);
}

/* ---- connections ------------------------------------------------------- */

static struct connection *new_connection(struct uwsk_peer *peer) {
  struct connection *connection = os__alloc_uncounted(sizeof(*connection));

  if (connection == NULL)
    return NULL;
  if (uv_tcp_init(&peer__world.loop, &connection->tcp) != 0) {
    os__free(connection);
    return NULL;
  }
  connection->peer = peer;
  peer__count_handle(peer, 1);
  peer->connection = connection;
  peer->ended = peer->was_reset = peer->finished = false;
  return connection;
}

static void set_connected(struct uwsk_peer *peer) {
  (void)uv_tcp_nodelay(&peer->connection->tcp, 1);
  peer->connected = true;
}

int peer__accept(struct uwsk_peer *peer) {
  struct connection *connection = new_connection(peer);

  if (connection == NULL)
    return UV_ENOMEM;
  int error = uv_accept((uv_stream_t *)&peer->listener,
                        (uv_stream_t *)&connection->tcp);
  if (error != 0) {
    peer__drop_connection(peer, false);
    return error;
  }
  peer->arrived--;
  set_connected(peer);
  return 0;
}

static void on_arrival(uv_stream_t *stream, int status) {
  struct uwsk_peer *peer = stream->data;

  peer__lock();
  if (status == 0)
    peer->arrived++;
  peer__advance(peer);
  peer__unlock();
}

int peer__listen(struct uwsk_peer *peer) {
  struct sockaddr_storage address;
  int length = sizeof(address);
  uv_stream_t *stream = (uv_stream_t *)&peer->listener;
  int error = uv_tcp_init(&peer__world.loop, &peer->listener);

  if (error != 0)
    return error;
  peer->listener.data = peer;
  peer__count_handle(peer, 1);
  peer__loopback(&address, peer->ipv6, 0);
  error = uv_tcp_bind(&peer->listener, (struct sockaddr *)&address, 0);
  if (error == 0)
    error = uv_listen(stream, 16, on_arrival);
  if (error == 0)
    error = uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&address,
                               &length);
  peer->port = peer__port_of(&address);
  return error;
}

static void on_connected(uv_connect_t *request, int status) {
  struct connection *connection = request->handle->data;
  struct uwsk_peer *peer = connection->peer;
  struct sockaddr_storage address;
  int length = sizeof(address);

  if (status == UV_ECANCELED)
    return;
  peer__lock();
  if (peer->connection == connection && status != 0) {
    peer__fail(peer, "the connect failed: %s", uv_strerror(status));
  } else if (peer->connection == connection) {
    set_connected(peer);
    if (uv_tcp_getsockname(&connection->tcp, (struct sockaddr *)&address,
                           &length) == 0)
      peer->port = peer__port_of(&address);
    peer__advance(peer);
  }
  peer__unlock();
}

int peer__connect(struct uwsk_peer *peer, unsigned short port) {
  struct sockaddr_storage address;
  struct connection *connection = new_connection(peer);

  if (connection == NULL)
    return UV_ENOMEM;
  connection->tcp.data = connection;
  peer__loopback(&address, peer->ipv6, port);
  return uv_tcp_connect(&connection->connect, &connection->tcp,
                        (struct sockaddr *)&address, on_connected);
}

/* ---- reading ----------------------------------------------------------- */

void peer__provide(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
  static char bytes[PEER_READ_BYTES];

  (void)handle;
  (void)suggested;
  *room = uv_buf_init(bytes, sizeof(bytes));
}

/* libuv takes some resets for the end of the stream; the host knows better. */
static bool was_reset(struct connection *connection) {
#ifdef _WIN32
  (void)connection;
  return false;
#else
  uv_os_fd_t host;
  int error = 0;
  socklen_t length = sizeof(error);

  return uv_fileno((uv_handle_t *)&connection->tcp, &host) == 0 &&
         getsockopt(host, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
         error != 0;
#endif
}

static void took_end(struct connection *connection, ssize_t result) {
  struct uwsk_peer *peer = connection->peer;

  (void)uv_read_stop((uv_stream_t *)&connection->tcp);
  connection->reading = false;
  peer->ended = true;
  peer->was_reset = result != UV_EOF || was_reset(connection);
}

static void on_read(uv_stream_t *stream, ssize_t result, const uv_buf_t *room) {
  struct connection *connection = stream->data;
  struct uwsk_peer *peer = connection->peer;

  if (result == 0)
    return;
  peer__lock();
  if (result < 0)
    took_end(connection, result);
  else if (!peer__keep(peer, room->base, (size_t)result))
    peer__fail(peer, "there is no memory for what has come");
  peer__advance(peer);
  peer__unlock();
}

static void read_tcp(struct connection *connection, bool wanted) {
  uv_stream_t *stream = (uv_stream_t *)&connection->tcp;

  connection->tcp.data = connection;
  if (wanted == connection->reading || connection->peer->ended)
    return;
  connection->reading = wanted;
  if (wanted)
    (void)uv_read_start(stream, peer__provide, on_read);
  else
    (void)uv_read_stop(stream);
}

void peer__read(struct uwsk_peer *peer, bool wanted) {
  if (peer->connection != NULL && peer->connected)
    read_tcp(peer->connection, wanted);
}

/* ---- writing ----------------------------------------------------------- */

static void end_request(struct connection *connection, int status,
                        const char *what) {
  struct uwsk_peer *peer = connection->peer;

  if (status == UV_ECANCELED)
    return;
  peer__lock();
  if (peer->connection == connection) {
    peer->busy = false;
    if (status != 0)
      peer__fail(peer, "%s failed: %s", what, uv_strerror(status));
    peer__advance(peer);
  }
  peer__unlock();
}

static void on_written(uv_write_t *request, int status) {
  end_request(request->handle->data, status, "sending");
}

int peer__write(struct uwsk_peer *peer, const void *bytes, size_t length) {
  struct connection *connection = peer->connection;
  uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)length);

  connection->tcp.data = connection;
  peer->busy = true;
  return uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &buffer,
                  1, on_written);
}

static void on_shut_down(uv_shutdown_t *request, int status) {
  end_request(request->handle->data, status, "ending the stream");
}

int peer__shut_down(struct uwsk_peer *peer) {
  struct connection *connection = peer->connection;

  connection->tcp.data = connection;
  peer->busy = true;
  return uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp,
                     on_shut_down);
}
