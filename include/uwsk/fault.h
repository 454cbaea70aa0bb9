/*
 * uwsk/fault.h: make the world fail on demand.
 *
 * A test arms rules: where something happens (a WSK call, an allocation), which
 * of the times, and what is to become of it. The first rule that fits decides.
 * A rule that never struck makes the test fail: uwsk_stop() names it and counts
 * it, for a fault that nobody met has tested nothing.
 *
 *     // The second WskSend is refused by a network that has gone.
 *     struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL_LATER);
 *     rule.status = STATUS_NETWORK_UNREACHABLE;
 *     rule.skip = 1;
 *     assert(uwsk_fault_arm(&rule) > 0);
 *
 * What the network does to a connect is a matter of the status: refused, timed
 * out, unreachable. A connection that stalls is UWSK_HOLD, and one that breaks
 * after so many bytes UWSK_RESET, at the sends and receives behind them.
 *
 * Any thread, any IRQL, between uwsk_start and uwsk_stop, which takes all rules
 * back. No Windows type is needed.
 */
#ifndef UWSK_FAULT_H
#define UWSK_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _IRP;
struct _WSK_SOCKET;

/* ---- rules -------------------------------------------------------------- */

/* Where a rule applies. The WSK calls are those that were given an IRP, by a
 * client and on a socket that allow the call at all. */
enum uwsk_point {
  UWSK_AT_ANY_CALL, /* all of the WSK calls below */
  UWSK_AT_SOCKET,
  UWSK_AT_SOCKET_CONNECT,
  UWSK_AT_CONTROL_CLIENT,
  UWSK_AT_BIND,
  UWSK_AT_LISTEN,
  UWSK_AT_ACCEPT,
  UWSK_AT_CONTROL,
  UWSK_AT_INSPECT_COMPLETE,
  UWSK_AT_CONNECT,      /* WskConnect, WskConnectEx */
  UWSK_AT_ADDRESS,      /* WskGetLocalAddress, WskGetRemoteAddress */
  UWSK_AT_ADDRESS_INFO, /* WskGetAddressInfo */
  UWSK_AT_NAME_INFO,    /* WskGetNameInfo */
  UWSK_AT_SEND,         /* WskSend, WskSendEx */
  UWSK_AT_RECEIVE,      /* WskReceive, WskReceiveEx */
  UWSK_AT_SEND_TO,      /* WskSendTo, WskSendMessages */
  UWSK_AT_RECEIVE_FROM,
  UWSK_AT_DISCONNECT,
  UWSK_AT_CLOSE,

  /* Allocations of the driver's; UWSK_FAIL alone makes sense there. */
  UWSK_AT_POOL,      /* ExAllocatePool and its kin, lookaside lists */
  UWSK_AT_IRP,       /* IoAllocateIrp, and those that build IRPs */
  UWSK_AT_MDL,       /* IoAllocateMdl */
  UWSK_AT_THREAD,    /* PsCreateSystemThread */
  UWSK_AT_WORK_ITEM, /* IoAllocateWorkItem */

  UWSK_POINTS
};

/* What becomes of it. Whatever a rule asks for, STATUS_PENDING is returned
 * exactly when the IRP's PendingReturned is TRUE. */
enum uwsk_action {
  /* Nothing out of the ordinary: an exception from the rules behind it. */
  UWSK_PASS,
  /* The call does nothing, returns `status` and completes its IRP with it; an
   * allocation finds no memory. Not for WskCloseSocket. */
  UWSK_FAIL,
  /* The call does nothing and returns STATUS_PENDING; its IRP completes with
   * `status` once the call is over. Not for WskCloseSocket. */
  UWSK_FAIL_LATER,
  /* What can be done without waiting is complete when the call returns, and
   * the final status is what it returns. */
  UWSK_COMPLETE_INLINE,
  /* The same, and the call returns STATUS_PENDING. */
  UWSK_COMPLETE_PENDING,
  /* The call returns STATUS_PENDING, and its IRP completes once it is over. */
  UWSK_COMPLETE_LATER,
  /* One of these three each time, drawn from `seed`. */
  UWSK_COMPLETE_MIXED,
  /* The call returns STATUS_PENDING and waits, not begun yet, until the test
   * lets it go: uwsk_held_first. */
  UWSK_HOLD,
  /* The connection turns out to be reset by its peer, as the call finds and
   * whatever pends on it. At sends, receives and disconnects. */
  UWSK_RESET,

  UWSK_ACTIONS
};

struct uwsk_rule {
  size_t size; /* sizeof(struct uwsk_rule), set by UWSK_RULE */
  enum uwsk_point point;
  enum uwsk_action action;
  uwsk_ntstatus status;       /* of UWSK_FAIL and UWSK_FAIL_LATER */
  struct _WSK_SOCKET *socket; /* applies to calls on this one; NULL: on all */
  unsigned skip;              /* leave the first so many of them alone */
  unsigned times;             /* then strike so often; 0: from then on always */
  uint64_t bytes; /* … and not before so many have been sent and received */
  uint64_t seed;  /* of UWSK_COMPLETE_MIXED */
};

#define UWSK_RULE(point, action)                                               \
  { sizeof(struct uwsk_rule), point, action, 0, NULL, 0, 0, 0, 0 }

/*
 * Arms a rule behind those that are armed already. Returns its number, which is
 * positive; UWSK_FAULT_BAD_RULE for one that makes no sense (a size, point or
 * action that is not known, a failure without an error in `status`, an action
 * that is not for the point), UWSK_FAULT_TOO_MANY when there are 64. The reason
 * is printed to standard error.
 */
int uwsk_fault_arm(const struct uwsk_rule *rule);

#define UWSK_FAULT_BAD_RULE (-1)
#define UWSK_FAULT_TOO_MANY (-2)

/* How often a rule has struck; 0 for a number that is no rule's. */
unsigned uwsk_fault_struck(int rule);

/* Takes a rule back, whether or not it has struck. */
void uwsk_fault_disarm(int rule);

/* How many of the armed rules have not struck yet. UWSK_PASS counts as well. */
unsigned uwsk_faults_unfired(void);

/* ---- calls that are held ------------------------------------------------ */

struct uwsk_held {
  enum uwsk_point point;
  struct _WSK_SOCKET *socket; /* NULL for a look-up of names */
  struct _IRP *irp;
};

/* The call that has been held longest. False when there is none. */
bool uwsk_held_first(struct uwsk_held *held);
unsigned uwsk_held_count(void);

/* Lets the IRP's call go on as if it were made now. False when it is not held
 * (any more): a cancelled call, and one whose socket is being closed, is let go
 * and ends as such. */
bool uwsk_held_proceed(struct _IRP *irp);

/* Completes the IRP's call, which has then done nothing, with a status and a
 * byte count of the test's choice. False when it is not held, and for what
 * cannot be left undone with this status: success for anything but data and
 * addresses, and WskCloseSocket, WskControlSocket and WskInspectComplete with
 * any. */
bool uwsk_held_complete(struct _IRP *irp, uwsk_ntstatus status,
                        size_t information);

/* ---- cancelling --------------------------------------------------------- */

/* While `hold` is true IoCancelIrp marks and returns as ever, but the provider
 * notices only when the test says so: what completes meanwhile waits for that,
 * with the status of its own. Calls with false notice everything and go back.
 */
void uwsk_cancels_hold(bool hold);
void uwsk_cancels_notice(void);

/* ---- memory ------------------------------------------------------------- */

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
 * Torture: calls run(context) again and again, and makes one allocation fail in
 * each run, the first whose call stack has not failed in an earlier one. It is
 * over when a run has met no such allocation: then each way to memory that the
 * code goes has been closed once.
 *
 * `run` starts the runtime, calls the code under test, stops the runtime, and
 * returns 0 when all was well, whatever the code answered; what uwsk_stop
 * returns, for instance. Anything else ends the torture, and the call stack of
 * the allocation that had failed is printed.
 *
 *     static int run(void *context) {
 *       if (uwsk_start(NULL) != 0)
 *         return 0;              // no memory to start with: an answer, too
 *       exercise_the_driver();   // may fail, must not leak
 *       return uwsk_stop();
 *     }
 *     ...
 *     assert(uwsk_torture(run, NULL, &result) == 0);
 *
 * One at a time, on a thread that may call uwsk_start. Returns what the last
 * run returned.
 */
struct uwsk_torture {
  unsigned runs;
  unsigned failures; /* allocations that have failed: one less than the runs */
};

int uwsk_torture(int (*run)(void *context), void *context,
                 struct uwsk_torture *result);

/* ---- the network and the provider --------------------------------------- */

/*
 * Kills a socket, as Windows does when the transport below it goes: what pends
 * on it completes with STATUS_FILE_FORCED_CLOSED, every later call but
 * WskCloseSocket fails, and each event callback that is enabled is called once
 * with a NULL in place of what it tells of. The peer sees a reset. Any thread,
 * not from a callback of the socket.
 *
 * False when there is no such socket, or the client is closing it.
 */
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

/* Unready, and ready so many milliseconds later. False without the runtime. */
bool uwsk_fault_provider_ready_after(unsigned milliseconds);

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
