/*
 * What a connection has received and nobody has asked for.
 *
 * While WskReceiveEvent is enabled and no WskReceive is queued, the transport
 * reads into blocks of ours. They wait in `ready`, are indicated as one list,
 * and then are given back, kept (`retained`), or wait again. WskReceive takes
 * from `ready` before it looks at the transport. A callback that does not take
 * everything pauses the event until WskReceive is called.
 *
 * So that no byte passes another, a WskReceive goes by the loop while anything
 * of this is under way.
 */
#ifndef UWSK_WSK_RECEIVE_EVENT_H
#define UWSK_WSK_RECEIVE_EVENT_H

#include <ntddk.h>
#include <stdbool.h>
#include <stdint.h>
#include <wsk.h>

struct net_buffer;
struct wsk_block;
struct wsk_socket;

/* How many blocks one connection may fill and its client retain. Then reading
 * rests, and TCP's window does the rest. */
#define WSK_BLOCKS_MAX 32u

struct wsk_data {
  /* Under the lock of the receive lane. */
  struct wsk_block *ready, **ready_end; /* not indicated; NULL: empty */
  SIZE_T bytes;                         /* in `ready` */
  struct wsk_block *indicated;          /* to the callback that runs */
  bool released;              /* … and WskRelease was called for it */
  bool resumed;               /* … and so was WskReceive */
  struct wsk_block *retained; /* lists that await WskRelease */
  unsigned blocks;            /* how many of the socket's there are */
  bool full;        /* reading rests for want of blocks to be released */
  bool starved;     /* … or of memory */
  bool paused;      /* until WskReceive is called */
  bool reading;     /* the transport has a block */
  bool death_told;  /* the client knows that the socket has died */
  bool told_client; /* … that it closes the socket over retained lists */
  bool unread;      /* bytes that nobody wants yet hide the end of the stream */

  /* Owner only. */
  struct wsk_block *room; /* the block that the transport has */
};

/* Whether data is to be read although nobody has asked for it. Owner only, no
 * lock held. */
bool wsk__data_is_wanted(struct wsk_socket *socket);

/* Room for the transport to read into, if it is wanted; and back it comes.
 * False when the room was not ours. Owner only. */
void wsk__data_provide(struct wsk_socket *socket, struct net_buffer *buffer);
bool wsk__data_received(struct wsk_socket *socket, int64_t result);

/* Whether a WskReceive may look at the transport itself. Under the receive
 * lane's lock. */
bool wsk__data_is_idle(const struct wsk_socket *socket);

/* Whether a callback is looking at data at the moment. Owner only. */
bool wsk__data_is_indicated(struct wsk_socket *socket);

/* A WskReceive has come: the event goes on. Owner only. */
void wsk__data_resume(struct wsk_socket *socket);

/* Copies what is ready to a receive, counting it as done; or throws it away,
 * for a drain. False when nothing was ready. *emptied are the blocks that the
 * caller gives back (wsk__block_give), when it has done with the receive: that
 * may begin another look at the socket. Owner only. */
bool wsk__data_take(struct wsk_socket *socket, PIRP irp, bool drain,
                    struct wsk_block **emptied);

/* These blocks are no longer the socket's. True when reading rested for want
 * of them. Under the receive lane's lock. */
bool wsk__data_uncount(struct wsk_data *data, const struct wsk_block *list);

/* The client has begun to close the socket, and must have released it all. */
void wsk__data_check_close(struct wsk_socket *socket);

/* The socket goes. */
void wsk__data_drop(struct wsk_socket *socket);

/* The runtime stops: forgets the blocks, and what a test has asked for. */
void wsk__data_stop(void);

/* A scan: memory may be there again. Owner only. */
void wsk__data_scan(struct wsk_socket *socket);

#endif
