/*
 * What a transport must do for WSK. Plain C: no libuv type, no NT type.
 *
 * net_uv_*.c does it with libuv. A second backend may simulate a network, so no
 * caller may assume descriptors or real time.
 *
 * All verbs but net__tcp_try_send, net__tcp_try_recv, net__tcp_nread and
 * net__tcp_peer_finished are called by the owner of the loop only
 * (loop__owned()), and all callbacks come on the owner's thread, with no lock
 * held, never from inside a verb. A verb that returns an error has started
 * nothing.
 */
#ifndef UWSK_NET_H
#define UWSK_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors ------------------------------------------------------------ */

/* libuv's vocabulary, with our own numbers: UV_Exxx differ from host to host.
 * One table in net_uv_error.c translates. Functions return 0 or NET_Exxx < 0.
 */
/* clang-format off */
#define NET_ERRORS(X) \
  X(EACCES) X(EADDRINUSE) X(EADDRNOTAVAIL) X(EAFNOSUPPORT) X(EAGAIN) \
  X(EALREADY) X(EBADF) X(EBUSY) X(ECANCELED) X(ECONNABORTED) X(ECONNREFUSED) \
  X(ECONNRESET) X(EFAULT) X(EHOSTDOWN) X(EHOSTUNREACH) X(EINTR) X(EINVAL) \
  X(EIO) X(EISCONN) X(EMFILE) X(EMSGSIZE) X(ENETDOWN) X(ENETUNREACH) \
  X(ENFILE) X(ENOBUFS) X(ENODEV) X(ENOENT) X(ENOMEM) X(ENOPROTOOPT) X(ENOSYS) \
  X(ENOTCONN) X(ENOTSOCK) X(ENOTSUP) X(EOF) X(EPERM) X(EPIPE) X(EPROTO) \
  X(EPROTONOSUPPORT) X(EPROTOTYPE) X(ESHUTDOWN) X(ETIMEDOUT) X(UNKNOWN) \
  X(EAI_ADDRFAMILY) X(EAI_AGAIN) X(EAI_BADFLAGS) X(EAI_BADHINTS) \
  X(EAI_CANCELED) X(EAI_FAIL) X(EAI_FAMILY) X(EAI_MEMORY) X(EAI_NODATA) \
  X(EAI_NONAME) X(EAI_OVERFLOW) X(EAI_PROTOCOL) X(EAI_SERVICE) \
  X(EAI_SOCKTYPE)
/* clang-format on */

enum net_error {
  NET_OK = 0,
  NET_E_FIRST = -1000,
#define X(name) NET_##name,
  NET_ERRORS(X)
#undef X
};

const char *net__error_name(int error); /* "ECONNREFUSED" */

/* ---- addresses --------------------------------------------------------- */

enum net_family { NET_IPV4 = 4, NET_IPV6 = 6 };

struct net_address {
  enum net_family family;
  uint16_t port;        /* host byte order */
  unsigned char ip[16]; /* network byte order; IPv4 uses the first four */
  uint32_t flow_info;   /* IPv6, network byte order as in sockaddr_in6 */
  uint32_t scope_id;    /* IPv6 */
};

struct net_buffer {
  void *base;
  size_t length;
};

/* ---- TCP --------------------------------------------------------------- */

struct net_tcp; /* allocated by the transport, freed after `closed` */

struct net_tcp_events {
  /* The connection attempt ended: 0 or an error. */
  void (*connected)(void *user, int error);
  /* Bytes may be there: where shall they go? Every buffer provided comes back
   * with exactly one `received`, at once and on the same stack. Leave
   * buffer->length 0 when there is no place now; reading then pauses until
   * net__tcp_read_start, perhaps after this has been asked once more. */
  void (*provide)(void *user, struct net_buffer *buffer);
  /* The provided buffer comes back: `result` bytes (> 0) stand in it; or 0,
   * there was nothing after all (not the end: reading goes on, and this is an
   * everyday event after a buffer was filled exactly); or NET_EOF; or an error.
   * After NET_EOF or an error nothing more is read. */
  void (*received)(void *user, int64_t result);
  /* Reading has paused because bytes, the end or an error are there and
   * `provide` gave no room. May be NULL. */
  void (*starved)(void *user);
  /* The write that net__tcp_write answered with 0 is finished: 0, or why it
   * failed. Always later, never inside net__tcp_write. */
  void (*written)(void *user, int error);
  /* The end of our stream has been sent, or not. */
  void (*finished)(void *user, int error);
  /* A connection has come to a listener: net__tcp_accept takes it. May be NULL
   * where nobody listens. */
  void (*arrived)(void *user);
  /* The handle is gone; `user` is not called again. */
  void (*closed)(void *user);
};

/* Makes the handle and the host socket. */
int net__tcp_open(struct net_tcp **tcp, enum net_family family,
                  const struct net_tcp_events *events, void *user);

/* Binds; NET_EADDRINUSE comes at once, not with the connect. */
int net__tcp_bind(struct net_tcp *tcp, const struct net_address *local);
int net__tcp_connect(struct net_tcp *tcp, const struct net_address *remote);

/* A bound handle listens from now on; the host keeps about `backlog`
 * connections that nobody has taken yet. `arrived` follows for each that comes.
 */
int net__tcp_listen(struct net_tcp *tcp, int backlog);

/* Whether net__tcp_accept would find a connection. While one waits, fewer or no
 * others are taken from the host. */
bool net__tcp_has_arrived(const struct net_tcp *listener);

/* Takes the oldest connection that has arrived: a handle like one of
 * net__tcp_open, connected. NET_EAGAIN when there is none; NET_ENOMEM leaves it
 * where it is. */
int net__tcp_accept(struct net_tcp *listener, struct net_tcp **tcp,
                    const struct net_tcp_events *events, void *user);

/* Resets the oldest connection that has arrived, for want of memory: needs
 * none. False when that cannot be done now,
 * and the connection stays. */
bool net__tcp_refuse(struct net_tcp *listener);

int net__tcp_local(struct net_tcp *tcp, struct net_address *local);
int net__tcp_remote(struct net_tcp *tcp, struct net_address *remote);
int net__tcp_set_nodelay(struct net_tcp *tcp, bool on);

/* Reading stays armed until told to stop or until `provide` gave no room;
 * starting twice is harmless and cheap. Calls nobody back. After the end of the
 * stream or an error the answer is that (NET_EOF, …). */
int net__tcp_read_start(struct net_tcp *tcp);
bool net__tcp_is_reading(const struct net_tcp *tcp);
void net__tcp_read_stop(struct net_tcp *tcp);

/* Writes all of it. Answers NET_WRITTEN when the host took everything at once:
 * that is all, `written` will not be called. Answers 0 when some of it has to
 * wait: `written` is called later, and the bytes must stay until then. Or an
 * error
 * (< 0), and `written` will not be called; bytes may have left before it.
 * One at a time: not again before `written`. At most NET_WRITE_BUFFERS buffers
 * and 2 GiB; allocates nothing. The array is copied, the bytes are not. */
#define NET_WRITE_BUFFERS 4
#define NET_WRITTEN       1
int net__tcp_write(struct net_tcp *tcp, const struct net_buffer *buffers,
                   unsigned count);

/* Ends our direction after what was written, then `finished`. */
int net__tcp_finish(struct net_tcp *tcp);

/* Looks at what a read would find: bytes (> 0), the end of the stream (0),
 * NET_EAGAIN, or an error, which is consumed by reporting it. */
int64_t net__tcp_peek(struct net_tcp *tcp);

/* True when the peer has ended its direction and no byte of it is unread. */
bool net__tcp_peer_finished(struct net_tcp *tcp);

/* How many bytes can be read without waiting, or an error. */
int64_t net__tcp_nread(struct net_tcp *tcp);

/* Closes, by reset when `reset`; then `closed`. An outstanding connect, write
 * or finish reports NET_ECANCELED before that. */
void net__tcp_close(struct net_tcp *tcp, bool reset);

/* Leaves a connected handle with nothing outstanding to itself: it is not read
 * or written any more, nor closed, so that its peer sees nothing, until the
 * loop is shut down or so many have been forgotten that the oldest has to go,
 * by reset. `user` is not called again, not even by `closed`. */
void net__tcp_forget(struct net_tcp *tcp);

/* The direct path, any thread: one non-blocking attempt on the host socket. The
 * caller holds its own lock per socket and has nothing of that direction
 * pending. Bytes moved (> 0), 0 at the end of the stream (receive only),
 * NET_EAGAIN, NET_ENOSYS where the backend has no such path, or an error, which
 * is consumed by reporting it. */
int64_t net__tcp_try_send(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count);
int64_t net__tcp_try_recv(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count);

/* How many buffers the direct path takes at once. */
#define NET_DIRECT_BUFFERS 16

/* ---- names ------------------------------------------------------------- */

struct net_lookup; /* allocated by the transport, freed when it is over */

#define NET_AI_PASSIVE     0x01 /* without a node: the wildcard address */
#define NET_AI_CANONNAME   0x02
#define NET_AI_NUMERICHOST 0x04
#define NET_AI_NUMERICSERV 0x08
#define NET_AI_ALL         0x10
#define NET_AI_ADDRCONFIG  0x20
#define NET_AI_V4MAPPED    0x40

/* Whose services a service name is looked for among. */
enum net_protocol { NET_ANY_PROTOCOL, NET_TCP, NET_UDP };

struct net_question {
  const char *node; /* UTF-8; NULL, as the service, but not both */
  const char *service;
  int family; /* enum net_family, or 0 for either */
  enum net_protocol protocol;
  unsigned flags; /* NET_AI_* */
};

/* What was found, for the time of the callback: `count` different addresses, in
 * the host's order, when `error` is NET_OK. */
struct net_addresses {
  int error;
  const struct net_address *addresses;
  size_t count;
  const char *canonical; /* UTF-8, or NULL */
};

/* Asks the host for the addresses of a name. `resolved` is called once, unless
 * the look-up is cancelled. */
typedef void net_resolved(void *user, const struct net_addresses *found);
int net__resolve(struct net_lookup **lookup,
                 const struct net_question *question, net_resolved *resolved,
                 void *user);

#define NET_NI_NOFQDN      0x01
#define NET_NI_NUMERICHOST 0x02
#define NET_NI_NAMEREQD    0x04
#define NET_NI_NUMERICSERV 0x08
#define NET_NI_DGRAM       0x10

struct net_names {
  int error;
  const char *node; /* UTF-8 */
  const char *service;
};

/* The other way. Without NET_NI_NAMEREQD an address that has no name is given
 * as a literal, whatever kept the host from finding one. */
typedef void net_named(void *user, const struct net_names *found);
int net__name(struct net_lookup **lookup, const struct net_address *address,
              unsigned flags, net_named *named, void *user);

/* `user` is not called again. The host's thread may go on for a while; what it
 * finds is thrown away. Not for a look-up whose callback has been called. */
void net__lookup_cancel(struct net_lookup *lookup);

#endif
