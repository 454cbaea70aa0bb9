/*
 * Somebody who is told of changes, and counts.
 */
#ifndef UWSK_TEST_LISTENER_H
#define UWSK_TEST_LISTENER_H

#include <netioapi.h>
#include <ntddk.h>
#include <stdbool.h>

struct listener {
  HANDLE handle;
  KSEMAPHORE heard; /* once for each call */
  KEVENT entered, go;
  WORK_QUEUE_ITEM work;
  struct listener *other;
  NTSTATUS answer;
  LONG inside; /* calls that run now */
  LONG calls, rows;
  LONG wrong; /* calls that did not keep a promise */
  ULONG of_type[MibInitialNotification + 1];
  ULONG64 luid[MibInitialNotification + 1]; /* of the interface told last */
  /* If set, what to look for; `matches` counts the rows that are it. */
  const SOCKADDR_INET *address;
  ULONG matches[MibInitialNotification + 1];
};

void listener_init(struct listener *listener);

/* Registers it with a callback that counts, and looks at what all rows have. */
NTSTATUS listen_to_routes(struct listener *listener, ADDRESS_FAMILY family,
                          BOOLEAN initial);
NTSTATUS listen_to_unicasts(struct listener *listener, ADDRESS_FAMILY family,
                            BOOLEAN initial);
NTSTATUS listen_to_interfaces(struct listener *listener, ADDRESS_FAMILY family,
                              BOOLEAN initial);

/* For callbacks of a test's own. */
void listener_heard(struct listener *listener, bool has_row,
                    MIB_NOTIFICATION_TYPE type);

/* Until it has heard once more, or this often; fails after ten seconds. */
void listener_wait(struct listener *listener);
void listener_wait_for(struct listener *listener, ULONG calls);

/* Until it was called with this type. */
void listener_wait_type(struct listener *listener, MIB_NOTIFICATION_TYPE type);

/* Until a row of the wanted address was told with this type. */
void listener_wait_match(struct listener *listener, MIB_NOTIFICATION_TYPE type);

#endif
