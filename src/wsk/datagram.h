/*
 * Datagram sockets: what WskSendTo, WskReceiveFrom and WskReceiveFromEvent
 * share.
 *
 *   datagram.c            the handle, readiness, the two fixed addresses
 *   datagram_block.c      memory for datagrams that no IRP waits for
 *   send_to.c             WskSendTo and WskSendMessages
 *   receive_from.c        WskReceiveFrom
 *   receive_from_event.c  WskReceiveFromEvent and WskRelease
 *   control_info.c        control data: CMSGHDR and back
 *
 * Bytes move between the host and the client's buffers, on any thread, under
 * the lock of the lane. What nobody asked for stays with the host, whose buffer
 * is bounded: a datagram is taken when an IRP is there for it, or a callback.
 * Taken and not accepted, it waits in `kept`, and comes before anything that
 * the host has.
 */
#ifndef UWSK_WSK_DATAGRAM_H
#define UWSK_WSK_DATAGRAM_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "net/net_udp.h"
#include "ob/track.h"

struct wsk_socket;
struct wsk_control;

/* ---- a socket's -------------------------------------------------------- */

struct wsk_datagrams {
  bool raw; /* SOCK_RAW, of this protocol; from the start */
  ULONG protocol;

  /* Under the send lane's lock: where a datagram without an address goes. */
  struct net_address remote, send_to; /* family 0: none; send_to goes first */

  /* Under the receive lane's lock, from here on. */
  struct net_address filter; /* the one who is listened to; family 0: all */
  LIST_ENTRY kept; /* taken from the host, not accepted; oldest first */
  unsigned kept_count;
  bool stalled; /* … and not to be indicated again before another comes */
  LIST_ENTRY retained; /* indicated, and the client's until WskRelease */
  unsigned retained_count;
  unsigned lending; /* … of which so many are under the callback that runs */
  bool readable;    /* the host may have something; otherwise `readable` of the
                       transport is armed. The owner of the loop writes it. */
  bool end_told;    /* the socket has died, and its callback knows */
  unsigned batch;   /* how many were there the last time */
  unsigned burst;   /* taken since the host said it has some */
};

void wsk__datagrams_initialize(struct wsk_datagrams *datagrams);

/* Opens the handle; binds it: NET_OK or an error. Owner only. */
int wsk__datagrams_open(struct wsk_socket *socket);
int wsk__datagrams_bind(struct wsk_socket *socket,
                        const struct net_address *local,
                        struct net_address *bound);

/* Closes the handle; nobody uses it directly afterwards. Owner only. */
void wsk__datagrams_close(struct wsk_socket *socket);

/* Frees what is kept; what is retained stays the client's, of no socket. */
void wsk__datagrams_forget(struct wsk_socket *socket);

/* The socket is about to be closed: reports what is retained still. */
void wsk__datagrams_check_close(struct wsk_socket *socket);

/* Frees all blocks, for the end of the runtime. */
void wsk__datagrams_stop(void);

/* Serves the queues, and has callbacks called, as far as the host allows.
 * Nothing for other sockets. Owner only. */
void wsk__datagrams_pump(struct wsk_socket *socket);

/* The host has nothing (more): notes it, and waits for `readable`. Owner only.
 */
void wsk__datagrams_wait(struct wsk_socket *socket);

/* Whether one from there is received. Under the receive lane's lock. */
bool wsk__datagrams_pass(const struct wsk_datagrams *datagrams,
                         const struct net_address *remote);

/* A send that had to wait is settled: its list is the client's again. */
void wsk__send_to_settled(PIRP irp);

/* Serve the queues of IRPs. Owner only. */
void wsk__send_to_pump(struct wsk_socket *socket);
void wsk__receive_from_pump(struct wsk_socket *socket);

/* SIO_WSK_SET_REMOTE_ADDRESS, SIO_WSK_SET_SENDTO_ADDRESS: handlers of
 * control.h. */
NTSTATUS wsk__control_remote_address(const struct wsk_control *control);
NTSTATUS wsk__control_send_to_address(const struct wsk_control *control);

/* uwsk_set_datagrams. */
bool wsk__set_datagrams(unsigned members, size_t bytes, size_t offset);

/* ---- requests ---------------------------------------------------------- */

/* What a send needs that does not fit into an IRP. */
struct wsk_sending {
  WSK_BUF_LIST one;          /* WskSendTo's datagram */
  const WSK_BUF_LIST *first; /* WskSendMessages: the list, which is lent */
  const WSK_BUF_LIST *next;  /* the one to be sent now */
  SIZE_T sent;               /* bytes of those before it */
  struct net_address remote; /* family 0: the socket's fixed one */
  bool controlled;
  struct net_control control;
};

/* The same for a receive: where what goes, all optional. */
struct wsk_reception {
  PSOCKADDR remote;
  PULONG control_length;
  ULONG control_room;
  PCMSGHDR control;
  PULONG flags;
};

/* Both, for an operation that has to wait. Recycled. */
struct wsk_request {
  struct wsk_request *next;
  union {
    struct wsk_sending sending;
    struct wsk_reception reception;
  };
};

/* Gives the operation a request, or is false without memory. It is given back
 * when the operation is settled. */
bool wsk__request_attach(PIRP irp);
struct wsk_request *wsk__request_of(PIRP irp);
void wsk__request_give_back(PIRP irp);
void wsk__reception_give_back(const struct wsk_reception *reception);

/* ---- blocks ------------------------------------------------------------ */

#define WSK_HEAD_BYTES   2048
#define WSK_TAIL_BYTES   65536 /* also what anything fits into */
#define WSK_CONTROL_ROOM 128   /* for all that comes with a datagram */

/* A part of an MDL and what it describes, in one place. */
#define WSK_PART(name, size)                                                   \
  _Alignas(16) MDL name##_mdl;                                                 \
  PFN_NUMBER name##_frames[(size) / PAGE_SIZE + 2];                            \
  _Alignas(16) UCHAR name[size]

/* A short datagram, all in one block; a long one goes on in a tail, and its
 * MDL chain has two members. */
struct wsk_tail {
  struct wsk_tail *next_free;
  WSK_PART(bytes, WSK_TAIL_BYTES);
};

struct wsk_datagram {
  WSK_DATAGRAM_INDICATION indication; /* first: what the client sees */
  LIST_ENTRY link;                    /* in kept, retained, or the free ones */
  struct wsk_socket *socket; /* while retained; NULL once that was closed;
                                atomic */
  struct wsk_tail *tail;
  ULONG length;
  ULONG offset, head_length; /* how much of it stands in `head`, and where */
  ULONG flags;               /* MSG_BCAST, MSG_MCAST */
  ULONG control_length;
  struct ob_record record; /* while it is the client's */
  union {
    SOCKADDR any;
    SOCKADDR_IN v4;
    SOCKADDR_IN6 v6;
  } remote;
  _Alignas(16) UCHAR control[WSK_CONTROL_ROOM];
  WSK_PART(head, WSK_HEAD_BYTES);
};

/* NULL without memory. A datagram comes without a tail, and takes the one it
 * has along when it is given back. Any thread. */
struct wsk_datagram *wsk__datagram_take(void);
void wsk__datagram_give_back(struct wsk_datagram *datagram);
struct wsk_tail *wsk__tail_take(void);
void wsk__tail_give_back(struct wsk_tail *tail);

/* Fills in what the client sees: a list of one. */
void wsk__datagram_dress(struct wsk_datagram *datagram);

/* Frees the blocks that nobody uses, and those of closed sockets. */
void wsk__datagram_blocks_stop(void);

/* The socket of what is retained goes. Under its receive lane's lock. */
void wsk__datagram_orphan(PLIST_ENTRY retained);

/* One of those whose socket has gone is released. */
void wsk__datagram_leave_orphans(struct wsk_datagram *datagram);

/* ---- control data ------------------------------------------------------ */

/* Writes what came with a datagram, as far as whole entries fit; how many
 * bytes. *truncated when something did not. */
ULONG wsk__control_info_out(PCMSGHDR to, ULONG room, enum net_family family,
                            const struct net_control *from, bool *truncated);

/* Reads what shall go with one. False when it is not well-formed, or nothing
 * that a socket of this family sends. */
bool wsk__control_info_in(struct net_control *to, const CMSGHDR *from,
                          ULONG length, enum net_family family);

#endif
