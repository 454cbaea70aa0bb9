/*
 * uwsk/fault.h: make the world fail on demand.
 */
#ifndef UWSK_FAULT_H
#define UWSK_FAULT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The nth memory allocation of the library from now on fails (1 = the next),
 * once. 0 disarms. Pool, IRPs, MDLs and sockets all draw from there.
 */
void uwsk_fault_allocation(unsigned nth);

/* Whether the fault armed last has struck. */
bool uwsk_fault_allocation_fired(void);

/* How many allocations the library has made so far. */
unsigned long long uwsk_allocation_count(void);

/*
 * Kills a socket, as Windows does when the transport below it goes: what pends
 * on it completes with STATUS_FILE_FORCED_CLOSED, every later call but
 * WskCloseSocket fails, and each event callback that is enabled is called once
 * with a NULL in place of what it tells of. The peer sees a reset. Any thread,
 * not from a callback of the socket.
 *
 * False when there is no such socket, or the client is closing it.
 */
struct _WSK_SOCKET;
bool uwsk_fault_socket(struct _WSK_SOCKET *socket);

/*
 * This machine's addresses have changed, as when a cable is plugged in: every
 * SIO_ADDRESS_LIST_CHANGE that waits on a socket of one of these families
 * completes, soon, and callbacks of NotifyUnicastIpAddressChange are called for
 * each address of the families, with MibParameterNotification. Between
 * uwsk_start and uwsk_stop, on any thread.
 */
void uwsk_fault_addresses(unsigned families);

/*
 * The same for interfaces and for routes: callbacks of NotifyIpInterfaceChange
 * and NotifyRouteChange2 are called, soon, for each row there is, with
 * MibParameterNotification, as if all of them had changed.
 */
void uwsk_fault_interfaces(unsigned families);
void uwsk_fault_routes(unsigned families);

#define UWSK_IPV4 1u
#define UWSK_IPV6 2u

/*
 * Makes the WSK provider unready (false), as early in the boot of Windows, or
 * ready (true; the state after uwsk_start). Captures that wait are woken.
 */
void uwsk_fault_provider_ready(bool ready);

#ifdef __cplusplus
}
#endif

#endif
