/*
 * What the provider has under way, for a report of a wait that does not end.
 *
 * The report is made while anything may be stuck, the owner of the loop too. So
 * nothing here waits: a lock that cannot be had is given up after a while, and
 * fields that belong to others are read as they are. They lie in memory that
 * stays: sockets are recycled, and IRPs are looked at with the ledger's lock
 * held, which freeing them takes.
 */
#ifndef UWSK_WSK_OUTSTANDING_H
#define UWSK_WSK_OUTSTANDING_H

#include <ntddk.h>
#include <stdbool.h>

struct wsk_seen_irp {
  const void *irp;
  const char *call;   /* "WskReceive" */
  const void *socket; /* or NULL */
  bool cancelled;
};

struct wsk_seen_socket {
  const void *socket;
  const char *category, *state;
  const char *call; /* that made it; NULL: no client has it yet */
  const void *caller;
  unsigned pending;  /* operations */
  unsigned retained; /* lists of indications */
};

/* False when the IRP is not at the provider. Under the ledger's lock. */
bool wsk__see_irp(PIRP irp, struct wsk_seen_irp *seen);

/* How many sockets there are that are not free. */
size_t wsk__see_sockets(struct wsk_seen_socket *seen, size_t room);

/* How many calls a rule holds. */
size_t wsk__see_held(struct wsk_seen_irp *seen, size_t room);

/* Tries to end what may hold somebody up: kills every socket, lets every held
 * call go, makes the provider ready. Any thread that may call a completion. */
void wsk__break_all(void);

#endif
