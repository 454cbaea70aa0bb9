/*
 * The kernel's IP Helper, as the host of the library starts and stops it.
 */
#ifndef UWSK_NETIO_NETIO_H
#define UWSK_NETIO_NETIO_H

#include <stdbool.h>

/* Nobody is called back from now on: before the worker threads are stopped. */
void netio__quiet(void);

/* Frees the registrations that drivers left behind, and stops watching the
 * host: after the ledger was printed, while the loop runs. */
void netio__stop(void);

/* Something of the kind has changed in these families: all who are registered
 * for it are told. Soon, any thread. */
void netio__interfaces_changed(bool ipv4, bool ipv6);
void netio__unicasts_changed(bool ipv4, bool ipv6);
void netio__routes_changed(bool ipv4, bool ipv6);

#endif
