/*
 * Blocks of received data that nobody has asked for yet.
 *
 * The host writes into a block, and WskReceiveEvent shows the client that very
 * memory: indication, MDL and bytes are one piece. Blocks are recycled, and go
 * back to the host when the runtime stops. A client may change what it is
 * shown, and does: what we go by stands beside it.
 */
#ifndef UWSK_WSK_DATA_BLOCK_H
#define UWSK_WSK_DATA_BLOCK_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#define WSK_BLOCK_BYTES 65536u
#define WSK_BLOCK_PAGES (WSK_BLOCK_BYTES / PAGE_SIZE + 1)

struct wsk_socket;

struct wsk_block {
  WSK_DATA_INDICATION indication; /* first: what the client sees */
  struct wsk_block *next;         /* in its list */
  struct wsk_block *next_head;    /* the next list that is retained */
  struct wsk_block *next_made;    /* every block there is */
  bool abandoned;                 /* retained by a socket that is no more */
  ULONG start, end;               /* the bytes that count */
  ULONG room;                     /* how many the host may write */
  bool full;                      /* … and has written as many */
  union {
    MDL mdl;
    UCHAR mdl_room[sizeof(MDL) + WSK_BLOCK_PAGES * sizeof(PFN_NUMBER)];
  };
  union { /* behind it in the chain, when a test wants two */
    MDL rest;
    UCHAR rest_room[sizeof(MDL) + WSK_BLOCK_PAGES * sizeof(PFN_NUMBER)];
  };
  UCHAR bytes[WSK_BLOCK_BYTES];
};

/* A block without bytes; NULL when there is no memory. The socket is then
 * scanned as soon as another block comes back, unless it is NULL. */
struct wsk_block *wsk__block_take(struct wsk_socket *waiting);

/* Gives back a whole list, and spoils what the client was shown of it. */
void wsk__block_give(struct wsk_block *list);

/* The socket goes: it waits for no block. */
void wsk__block_forget(struct wsk_socket *socket);

/* What its client has kept stays where it is. */
void wsk__block_abandon(struct wsk_block *list);

/* Gives back an abandoned list; false when it is none. */
bool wsk__block_give_abandoned(const WSK_DATA_INDICATION *list);

/* Makes what the client has been shown useless to it, but for the bytes. */
void wsk__block_spoil(struct wsk_block *block);

/* Frees them all. */
void wsk__block_stop(void);

#endif
