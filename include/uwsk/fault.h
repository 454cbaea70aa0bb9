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
 * completes, soon. Between uwsk_start and uwsk_stop, on any thread.
 */
void uwsk_fault_addresses(unsigned families);

#define UWSK_IPV4 1u
#define UWSK_IPV6 2u

/*
 * Makes the WSK provider unready (false), as early in the boot of Windows, or
 * ready (true; the state after uwsk_start). Captures that wait are woken.
 */
void uwsk_fault_provider_ready(bool ready);

/*
 * Ends a thread's wait before its time, as Windows may ("Waits and APCs" in
 * Microsoft's documentation); here nothing does by itself:
 *
 *   UWSK_ALERT        an alertable wait returns STATUS_ALERTED
 *   UWSK_USER_APC     an alertable wait returns STATUS_USER_APC
 *   UWSK_TERMINATION  a wait with WaitMode UserMode returns STATUS_USER_APC
 *
 * The last two hold back while the thread has APCs disabled. If the thread is
 * in no wait that this may end, its next such wait returns at once, unless the
 * object is signalled. The thread is what KeGetCurrentThread has returned
 * there, or a referenced thread object; NULL is the caller. Any thread.
 */
enum uwsk_interruption { UWSK_ALERT, UWSK_USER_APC, UWSK_TERMINATION };
struct _KTHREAD;
void uwsk_fault_wait(struct _KTHREAD *thread, enum uwsk_interruption what);

#ifdef __cplusplus
}
#endif

#endif
