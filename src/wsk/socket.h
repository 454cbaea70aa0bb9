/*
 * A WSK socket.
 *
 * Who may touch what:
 *
 *   lanes     each direction has a lock. It guards what a call looks at before
 * it tries the direct path: the socket's state (written with both lanes
 *             locked), the reasons to refuse, and how many operations pend. The
 *             non-blocking send or receive itself is done under it.
 *   the rest  queues, the transport's handle, closing: the owner of the loop
 * only.
 *
 * Memory. Sockets live in blocks that are recycled, oldest first, and go back
 * to the host only when the runtime stops: a client that uses a socket after
 * closing it meets a socket in the state FREE, and a report, instead of a wild
 * pointer.
 *
 * States: one function per transition, in socket_state.c. A listening socket
 * listens when it is BOUND; the sockets it accepts are made CONNECTED. A stream
 * socket that is BOUND does not: WskListen makes a listening socket of it,
 * WskConnect a connection, for good, by giving it that role.
 *
 *   UNBOUND ── accepted ──> CONNECTED
 *   FREE ── create ──> UNBOUND ── bind ──> BINDING ──> BOUND
 *   BOUND ── listen ──> COMMITTING ──> BOUND, in another role
 *   BOUND ── connect ──> CONNECTING ──> CONNECTED, or back to BOUND, or DEAD
 *   CONNECTED ── abort ──> DEAD
 *   any ── close ──> CLOSING ──> FREE
 */
#ifndef UWSK_WSK_SOCKET_H
#define UWSK_WSK_SOCKET_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "net/net.h"
#include "ob/track.h"
#include "os/os.h"
#include "wsk/category.h"
#include "wsk/client.h"
#include "wsk/datagram.h"
#include "wsk/events.h"
#include "wsk/extension.h"
#include "wsk/op.h"
#include "wsk/receive_event.h"
#include "wsk/sharing.h"
#include "wsk/socket_option.h"

#define WSK_STATES(X)                                                          \
  X(WSK_FREE, "free")                                                          \
  X(WSK_UNBOUND, "unbound")                                                    \
  X(WSK_BINDING, "binding")                                                    \
  X(WSK_BOUND, "bound")                                                        \
  X(WSK_COMMITTING, "committing")                                              \
  X(WSK_CONNECTING, "connecting")                                              \
  X(WSK_CONNECTED, "connected")                                                \
  X(WSK_DEAD, "dead")                                                          \
  X(WSK_CLOSING, "closing")

enum wsk_state {
#define X(name, text) name,
  WSK_STATES(X)
#undef X
};

struct wsk_lane {
  struct os_spin lock;
  unsigned pending; /* operations that keep the direct path closed */
  bool ended;       /* send: a graceful disconnect was accepted */
  bool begun;       /* an operation that the direct path has begun is on its way
                       to the queue: nothing else may move bytes before it */
  NTSTATUS error;   /* why data calls fail from now on; STATUS_SUCCESS: they
                       do not */
};

/* Where an accepted connection stands that is to be inspected. */
enum wsk_inspection {
  WSK_INSPECTION_OVER, /* delivered, dropped, or never to be inspected */
  WSK_UNINSPECTED,
  WSK_BEING_INSPECTED,
  WSK_PENDED,
  WSK_ADMITTED /* waits to be accepted */
};

/* What a listener's callbacks are shown, for the time of a call. */
struct wsk_shown {
  WSK_INSPECT_ID id;
  union {
    SOCKADDR any;
    SOCKADDR_IN v4;
    SOCKADDR_IN6 v6;
  } local, remote;
};

struct wsk_socket {
  WSK_SOCKET base; /* first: what the client sees */
  enum wsk_state state;
  struct wsk_lane send, receive;
  bool silent;      /* says and hears nothing any more; both lanes' locks */
  bool undelayed;   /* the host sends small pieces at once; send lane's lock */
  unsigned pending; /* submitted operations, but for the close; atomic */

  struct wsk_client *client;
  PVOID context;
  const void *lent_context; /* the same, while events are enabled, or NULL */
  const void *dispatch;     /* the client's table of the category */
  enum net_family family;
  enum wsk_category category; /* what it was made as */
  enum wsk_category role;     /* what it is: a stream socket becomes another;
                                 set under the lanes' locks, read by
                                 wsk__socket_role */
  bool unsupported; /* a listener of something else than TCP: has no handle */
  bool accepted;    /* came from a listener, whose port it shares */
  struct net_address local, remote; /* under the lanes' locks */
  /* What a bind or connect asks for: its caller's, then its operation's. */
  struct net_address wanted_local, wanted_remote;
  struct ob_record record;
  LIST_ENTRY all_link; /* every socket that is not free; under blocks_lock */

  /* A listener's. Accept IRPs queue in `receives`; when there is one, nothing
   * waits here. Under the receive lane's lock, and accept.c's alone. */
  LIST_ENTRY waiting; /* accepted sockets, not delivered: their waiting_link */
  unsigned waiting_count;
  bool full;               /* the host keeps further ones until one is taken */
  LIST_ENTRY waiting_link; /* in the listener's `waiting` */
  bool undelivered; /* no client knows it yet; whoever takes it out clears it */

  /* Conditional accept: inspect.c's. A listener's, under the receive lane's
   * lock; the lists hold accepted sockets, by their waiting_link. */
  bool conditional;          /* SO_CONDITIONAL_ACCEPT; fixed by the bind */
  LIST_ENTRY uninspected;    /* WskInspectEvent is yet to be called */
  LIST_ENTRY pended;         /* … has answered WskInspectPend */
  LIST_ENTRY aborted;        /* WskAbortEvent is yet to be called */
  struct wsk_socket *asking; /* whose WskInspectEvent is running */
  WSK_INSPECT_ACTION early; /* … and what WskInspectComplete has said already;
                               WskInspectPend: nothing */
  /* An accepted socket's. */
  enum wsk_inspection inspection; /* under the listener's lock, and atomic */
  struct wsk_socket *listener;    /* while `inspection` is not over */
  WSK_INSPECT_ID inspect_id;      /* SerialNumber 0: was never inspected */

  struct wsk_datagrams datagrams; /* a datagram socket's: datagram.h */
  struct wsk_events events;
  bool death_told; /* a call has failed with that status; atomic */
  bool forced;     /* has died although nobody asked; under the lanes' locks */
  /* A listener's callbacks that have been told so. Receive lane's lock. */
  bool accept_told, inspect_told;
  struct wsk_sharing sharing;
  struct wsk_attachment *attachments; /* under the lanes' locks: extension.c */
  struct wsk_data data;               /* received, and not asked for */
  LIST_ENTRY block_link; /* among those who wait for a block; data_block.c's */

  /* Owner of the loop only, from here on. */
  struct net_tcp *tcp; /* NULL once the handle is gone */
  struct net_udp *udp; /* the same of a datagram socket, which has no `tcp` */
  bool handle_closing;
  bool shares;          /* the host socket lets others have its address */
  bool orphan;          /* the runtime stops: nobody is to be called */
  bool finish_started;  /* our end of stream is going out */
  bool finished;        /* … and has gone out */
  bool peer_finished;   /* the peer's end of stream was read */
  LIST_ENTRY sends;     /* IRPs: sends, graceful disconnects, connect data */
  LIST_ENTRY receives;  /* IRPs */
  LIST_ENTRY limbo;     /* IRPs that wait for their canceller */
  LIST_ENTRY disabling; /* IRPs that wait for the end of a callback */
  LIST_ENTRY address_changes; /* IRPs that wait for one: address_list.c */
  struct wsk_options options;
  struct loop_op event_op; /* calls callbacks; at most one is on its way */
  bool event_op_busy;
  struct wsk_shown shown; /* to callbacks; overwritten when they return */
  bool watched;         /* reading is armed so that its peer's end is noticed */
  PIRP connecting;      /* WskConnect, WskConnectEx, WskSocketConnect */
  PIRP writing;         /* whose bytes the transport has */
  SIZE_T writing_bytes; /* how many */
  PIRP aborting;
  PIRP closing;
  NTSTATUS doom;    /* what WskSocketConnect completes with once closed */
  NTSTATUS renewal; /* what a connect failed with whose handle is replaced */

  /* These survive recycling: a scan may be on its way. */
  struct loop_op scan_op;
  unsigned callers;    /* calls of it that are being made; atomic: calls.h */
  int scan_requested;  /* atomic */
  int force_requested; /* atomic */
  int reset_requested; /* atomic */
  struct wsk_socket *next_free;
};

/* What the socket is now. Any thread. */
static inline enum wsk_category
wsk__socket_role(const struct wsk_socket *socket) {
  return __atomic_load_n(&socket->role, __ATOMIC_ACQUIRE);
}

/* The client's callbacks for either role, or NULL. */
static inline const WSK_CLIENT_LISTEN_DISPATCH *
wsk__listen_callbacks(const struct wsk_socket *socket) {
  const WSK_CLIENT_STREAM_DISPATCH *both = socket->dispatch;
  if (socket->category != WSK_STREAM)
    return socket->dispatch;
  return both != NULL ? both->Listen : NULL;
}

static inline const WSK_CLIENT_CONNECTION_DISPATCH *
wsk__connection_callbacks(const struct wsk_socket *socket) {
  const WSK_CLIENT_STREAM_DISPATCH *both = socket->dispatch;
  if (socket->category != WSK_STREAM)
    return socket->dispatch;
  return both != NULL ? both->Connect : NULL;
}

/* ---- life (socket.c) --------------------------------------------------- */

/* A new socket, holding a use of the client; NULL when out of memory. */
struct wsk_socket *wsk__socket_create(struct wsk_client *client,
                                      enum wsk_category category,
                                      enum net_family family);

/* Enters it into the ledger of what the client has to close. */
void wsk__socket_track(struct wsk_socket *socket, const char *call,
                       const void *caller);

/* Frees a socket that no client has seen and that has no handle. */
void wsk__socket_discard(struct wsk_socket *socket);

/* Opens the transport's handle: NET_OK or an error. Owner only. */
int wsk__socket_open_handle(struct wsk_socket *socket);

/* Frees a socket whose handle is gone, completes the IRP it goes with (its
 * IoStatus is set), and gives the use of the client back. */
void wsk__socket_release(struct wsk_socket *socket, PIRP irp);

/* Whether the transport's handle can be used. Owner only. */
static inline bool wsk__socket_is_open(const struct wsk_socket *socket) {
  return (socket->tcp != NULL || socket->udp != NULL) &&
         !socket->handle_closing;
}

/* Closes the handle; wsk__socket_handle_closed follows. Owner only. */
void wsk__socket_close_handle(struct wsk_socket *socket, bool reset);

/* The handle has gone: completes what waited for it. */
void wsk__socket_handle_closed(struct wsk_socket *socket);

/* Whether the connection was cut off from here, other than by closing. */
bool wsk__socket_is_aborted(struct wsk_socket *socket);

/* Completes the close when nothing is left that it waits for. Owner only. */
void wsk__socket_check_close(struct wsk_socket *socket);

/* Visits every socket that is not free, which must not be created or released
 * meanwhile. Owner only. */
void wsk__socket_for_each(void (*visit)(struct wsk_socket *socket,
                                        void *context),
                          void *context);

/* The same on any thread, with the lock held that creating and releasing one
 * takes. Nothing is visited when it cannot be had. */
void wsk__socket_try_each(void (*visit)(struct wsk_socket *socket,
                                        void *context),
                          void *context);

/* Closes and frees everything, for the end of the runtime. */
void wsk__socket_stop(void);

extern const struct net_tcp_events wsk__tcp_events;

/* ---- counting (socket.c) ----------------------------------------------- */

void wsk__socket_add_pending(struct wsk_socket *socket);
struct wsk_lane *wsk__socket_lane(struct wsk_socket *socket,
                                  enum wsk_lane_id lane); /* or NULL */
/* True when nothing pends there any more, and events may have waited for it. */
bool wsk__socket_leave_lane(struct wsk_socket *socket, enum wsk_lane_id lane);
void wsk__socket_remove_pending(struct wsk_socket *socket);

/* ---- what the direct path has begun (socket.c) ------------------------- */

/* Whether its rest has not come to the queue yet. */
bool wsk__lane_has_begun(struct wsk_lane *lane);

/* An operation has come; true when it is the one, and goes first. */
bool wsk__lane_arrived(struct wsk_lane *lane, PIRP irp);

/* ---- cancelling (cancel.c) --------------------------------------------- */

/* Asks for a scan; true when the caller has to submit socket->scan_op. */
bool wsk__socket_request_scan(struct wsk_socket *socket);

/* Completes what was cancelled: queued operations at once, those in flight by
 * taking down what they wait for. Owner only. */
void wsk__socket_scan_cancelled(struct wsk_socket *socket);

/* A graceful disconnect that has done nothing may be asked for again. */
void wsk__socket_undo_disconnect(struct wsk_socket *socket);

/* True when the operation, which is in no queue yet, was cancelled and has been
 * completed. Owner only. */
bool wsk__op_start_cancelled(PIRP irp);

/* To be called after an operation was put where a scan finds it: the scan may
 * have come too early. Owner only. */
void wsk__op_queued(PIRP irp);

/* ---- state (socket_state.c) -------------------------------------------- */

void wsk__socket_lock(struct wsk_socket *socket); /* both lanes */
void wsk__socket_unlock(struct wsk_socket *socket);

/* The state, seen under the lock of a lane. */
enum wsk_state wsk__socket_state(struct wsk_socket *socket);

/* Transitions that a call asks for: false when the state does not allow it. */
bool wsk__socket_begin_bind(struct wsk_socket *socket);
bool wsk__socket_begin_listen(struct wsk_socket *socket);
bool wsk__socket_begin_connect(struct wsk_socket *socket);
bool wsk__socket_begin_close(struct wsk_socket *socket);

/* Transitions that the loop makes. They do nothing to a closing socket. */
void wsk__socket_bound(struct wsk_socket *socket,
                       const struct net_address *local);
void wsk__socket_not_bound(struct wsk_socket *socket);
void wsk__socket_listens(struct wsk_socket *socket);
void wsk__socket_not_listening(struct wsk_socket *socket);
void wsk__socket_connected(struct wsk_socket *socket,
                           const struct net_address *local,
                           const struct net_address *remote);
void wsk__socket_accepted(struct wsk_socket *socket,
                          const struct net_address *local,
                          const struct net_address *remote);
void wsk__socket_not_connected(struct wsk_socket *socket);
void wsk__socket_dead(struct wsk_socket *socket);

/* Neither the client nor its peer has ended this socket, but it is dead: false
 * when it is closing or free. */
bool wsk__socket_forced(struct wsk_socket *socket);

/* Data calls fail with `error` from now on, unless there is a reason already.
 */
void wsk__socket_fail(struct wsk_socket *socket, NTSTATUS error);

/* ---- sockets that die (force.c) ---------------------------------------- */

/* The connection is reset, as if by its peer. Any thread. */
void wsk__reset_by_peer(struct wsk_socket *socket);

/* What these leave to the owner of the loop. Part of every scan. */
void wsk__socket_finish_force(struct wsk_socket *socket);

/* What is left to be said to an operation that `status` would end. */
NTSTATUS wsk__socket_end_status(struct wsk_socket *socket, NTSTATUS status);

/* ---- what a listener does (accept.c) ----------------------------------- */

/* Makes a bound handle listen: NET_OK or an error. Owner only. */
int wsk__listen_now(struct wsk_socket *socket);

/* Takes connections from the host as far as there is room, and gives them to
 * the IRPs that wait. Nothing for other sockets. Owner only. */
void wsk__accept_pump(struct wsk_socket *socket);

/* Resets the connections that nobody has accepted. Owner only. */
void wsk__accept_drop_waiting(struct wsk_socket *socket);

/* Takes the oldest connection that waits; NULL when none does. Under the
 * receive lane's lock. */
struct wsk_socket *wsk__accept_take_waiting(struct wsk_socket *listener);

/* Callback of the transport. */
void wsk__accept_arrived(void *user);

/* Whether a listener has died, which its callbacks are told. Under the receive
 * lane's lock. */
bool wsk__accept_has_died(const struct wsk_socket *listener);

/* Shows a connection's addresses (of NULL: none) to a callback, and takes them
 * back. */
void wsk__accept_show(struct wsk_socket *listener,
                      const struct wsk_socket *accepted);
void wsk__accept_hide(struct wsk_socket *listener);

/* ---- conditional accept (inspect.c); owner only ------------------------ */

/* A connection has come to a listener in that mode. */
void wsk__inspect_arrived(struct wsk_socket *listener,
                          struct wsk_socket *accepted);

/* Reading has paused on a connection, or has ended with `result`. True when it
 * is one that nobody has accepted yet, and there is nothing else to do. */
bool wsk__inspect_starved(struct wsk_socket *socket);
bool wsk__inspect_ended(struct wsk_socket *socket, int64_t result);

/* Resets the connections of a listener that have not been admitted. */
void wsk__inspect_drop(struct wsk_socket *listener);

/* ---- what the directions do (send.c, receive.c) ------------------------ */

/* Starts whatever can be started. Owner only. */
void wsk__send_pump(struct wsk_socket *socket);
void wsk__receive_pump(struct wsk_socket *socket);

/* Bytes that have been read, and that no client has taken. Any thread. */
SIZE_T wsk__receive_kept(struct wsk_socket *socket);

/* Completes everything queued with `status`. Owner only. */
void wsk__send_fail_all(struct wsk_socket *socket, NTSTATUS status);
void wsk__receive_fail_all(struct wsk_socket *socket, NTSTATUS status);

/* Callbacks of the transport. */
void wsk__send_written(void *user, int error);
void wsk__send_finished(void *user, int error);
void wsk__receive_provide(void *user, struct net_buffer *buffer);
void wsk__receive_received(void *user, int64_t result);
void wsk__receive_starved(void *user);
void wsk__connect_connected(void *user, int error);

/* The attempt that `irp` waits for has ended without a connection. */
void wsk__connect_failed(struct wsk_socket *socket, PIRP irp, NTSTATUS status);

/* The handle of a failed attempt is gone. True when a new one was opened and
 * the attempt has been completed. */
bool wsk__connect_renewed(struct wsk_socket *socket);

/* ---- checks that all entry points share (socket_call.c) ---------------- */

/*
 * Opens a call on a socket: IRP, IRQL, closed sockets. On STATUS_SUCCESS the
 * IRP is an operation of `kind` and *socket is set; otherwise the status is
 * what the call returns.
 */
NTSTATUS wsk__call_begin(PWSK_SOCKET handle, PIRP irp, enum wsk_op_kind kind,
                         struct wsk_socket **socket);

/* Where WskAccept, which the IRP is of, writes the remote address; or NULL. */
PSOCKADDR wsk__accept_remote(PIRP irp);

/* Whether the flags of a call that has none are zero: FLAGS-01. */
bool wsk__no_flags(ULONG flags, const char *call);

/* The same on the client level, allowed up to `irql`: the client, counted in,
 * or NULL when the call gets no further and returns *refused. */
struct wsk_client *wsk__client_call_begin(PWSK_CLIENT handle, PIRP irp,
                                          enum wsk_op_kind kind, KIRQL irql,
                                          NTSTATUS *refused);

/* Checks the client's WSK_BUF and notes it in the operation. On failure the
 * status is what to answer. */
NTSTATUS wsk__call_buffer(PIRP irp, const WSK_BUF *buffer);

#endif
