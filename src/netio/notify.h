/*
 * Registrations for changes, and what they are told.
 *
 *   REGISTERED ── CancelMibChangeNotify2 ──> CANCELLED ── idle ──> gone
 *
 * A registration is in the list from its first to its last breath. The list is
 * changed by the owner of the loop alone, under netio__lock; so the owner may
 * walk it without the lock, and others with it. Callbacks are called by a work
 * item of the registration's, which is queued while there is something to tell:
 * so they are called one at a time, at PASSIVE_LEVEL, with no lock held.
 */
#ifndef UWSK_NETIO_NOTIFY_H
#define UWSK_NETIO_NOTIFY_H

#include <netioapi.h>
#include <ntddk.h>
#include <stdbool.h>

#include "net/net_interface.h"
#include "ob/track.h"
#include "os/os.h"

struct netio_event {
  LIST_ENTRY link;
  struct net_change change;
};

struct netio_registration {
  ULONG owner; /* the driver that has registered: ke/owner.c */
  LIST_ENTRY link;
  enum net_change_of of;
  int family; /* enum net_family, or 0 for both */
  union {
    PIPINTERFACE_CHANGE_CALLBACK interface;
    PUNICAST_IPADDRESS_CHANGE_CALLBACK unicast;
    PIPFORWARD_CHANGE_CALLBACK route;
  } callback;
  PVOID context;
  WORK_QUEUE_ITEM work;
  struct ob_record record;

  /* Under netio__lock. */
  bool initial;      /* to be told that it is registered */
  LIST_ENTRY events; /* to be told of */
  unsigned missed;   /* NETIO_*: families of which all rows are to be told */
  unsigned failed;   /* … and could not; they are told with the next change */
  bool queued;       /* the work item is, or runs */
  PKTHREAD telling;  /* the thread that runs it */
  bool cancelled;    /* nothing more is told */

  KEVENT idle; /* set when the work item ends and `cancelled` is set */
};

#define NETIO_IPV4 1u
#define NETIO_IPV6 2u

extern struct os_spin netio__lock;

/* ---- tell.c ------------------------------------------------------------- */

/* The work item: tells what there is, until there is no more. */
VOID netio__tell(PVOID registration);

/* Frees the events; nobody else looks at the registration. */
void netio__drop_events(struct netio_registration *registration);

#endif
