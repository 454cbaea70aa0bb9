/*
 * An operation: an IRP between the WSK call and its completion.
 *
 * All that an operation needs while it is pending lives in the IRP itself, for
 * the IRP's memory is the client's and sends and receives allocate nothing:
 *
 *   struct wsk_op     in Tail.Overlay.DriverContext
 *   struct wsk_args   in the Parameters of the current stack location
 *   the queue link    in Tail.Overlay.ListEntry
 *
 * The life of an operation:
 *
 *   wsk__op_begin     takes the IRP over
 *   wsk__op_answer    completes it within the call (the direct path, refusals)
 *   wsk__op_submit    or: marks it pending and has `run` called by the owner of
 *                     the loop, where it may be put into one of the socket's
 *                     queues
 *   wsk__op_finish    the owner completes it
 *
 * Cancelling. A submitted operation has a cancel routine until it finishes. The
 * routine only tells the socket to look (wsk__socket_scan_cancelled, on the
 * loop): the IRP is completed by the owner of the loop, as everything is. When
 * an operation finishes while IoCancelIrp has taken the routine already but the
 * scan has not come, it waits for the scan in the socket's `limbo`: until then
 * the canceller may still look at the IRP.
 */
#ifndef UWSK_WSK_OP_H
#define UWSK_WSK_OP_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "loop/loop.h"

struct wsk_client;
struct wsk_code;
struct wsk_socket;

/* name, what the trace calls it */
#define WSK_OPS(X)                                                             \
  X(WSK_OP_SOCKET, "WskSocket")                                                \
  X(WSK_OP_SOCKET_CONNECT, "WskSocketConnect")                                 \
  X(WSK_OP_CONTROL_CLIENT, "WskControlClient")                                 \
  X(WSK_OP_BIND, "WskBind")                                                    \
  X(WSK_OP_LISTEN, "WskListen")                                                \
  X(WSK_OP_ACCEPT, "WskAccept")                                                \
  X(WSK_OP_CONTROL, "WskControlSocket")                                        \
  X(WSK_OP_INSPECT, "WskInspectComplete")                                      \
  X(WSK_OP_CONNECT, "WskConnect")                                              \
  X(WSK_OP_CONNECT_EX, "WskConnectEx")                                         \
  X(WSK_OP_ADDRESS, "WskGetLocalAddress, WskGetRemoteAddress")                 \
  X(WSK_OP_ADDRESS_INFO, "WskGetAddressInfo")                                  \
  X(WSK_OP_NAME_INFO, "WskGetNameInfo")                                        \
  X(WSK_OP_SEND, "WskSend")                                                    \
  X(WSK_OP_RECEIVE, "WskReceive")                                              \
  X(WSK_OP_SEND_TO, "WskSendTo")                                               \
  X(WSK_OP_SEND_MESSAGES, "WskSendMessages")                                   \
  X(WSK_OP_RECEIVE_FROM, "WskReceiveFrom")                                     \
  X(WSK_OP_DISCONNECT, "WskDisconnect")                                        \
  X(WSK_OP_ABORT, "WskDisconnect (abortive)")                                  \
  X(WSK_OP_CLOSE, "WskCloseSocket")

enum wsk_op_kind {
#define X(name, text) name,
  WSK_OPS(X)
#undef X
};

/* Which of the socket's lanes an operation is counted in. */
enum wsk_lane_id { WSK_LANE_NONE, WSK_LANE_SEND, WSK_LANE_RECEIVE };

struct wsk_op {
  struct loop_op loop; /* first: loop_op to wsk_op to IRP */
  struct wsk_socket *socket;
  union {
    SIZE_T done;               /* bytes moved */
    struct wsk_client *client; /* while there is no socket; may be NULL */
  };
};

struct wsk_args {
  union {
    struct {
      PMDL mdl;
      SIZE_T length;
      ULONG offset;
    };
    struct { /* WskAccept; where the remote address goes: accept.c */
      PVOID context;
      const WSK_CLIENT_CONNECTION_DISPATCH *dispatch;
      PSOCKADDR local;
    };
    struct { /* WskControlSocket, when the loop carries it out */
      const struct wsk_code *code;
      PVOID output;
      union {
        PVOID copy; /* of the input; freed by who carries it out */
        struct {
          LONG value, more;
        };
        LONG room; /* in `output` */
      };
    };
    struct { /* WskInspectComplete */
      WSK_INSPECT_ID id;
      WSK_INSPECT_ACTION action;
    };
  };
  USHORT flags;
  UCHAR kind;       /* enum wsk_op_kind */
  UCHAR lane;       /* enum wsk_lane_id */
  UCHAR cancelable; /* has a cancel routine that nobody has taken yet */
  UCHAR releases;   /* the socket goes with this completion */
  /* Both written before the operation is submitted. */
  UCHAR buffered : 1; /* mdl, offset and length are the client's buffer */
  UCHAR requests : 1; /* has a wsk_request, which goes with it: datagram.h */
  UCHAR plan;         /* enum wsk_plan */
};

static inline struct wsk_op *wsk__op(PIRP irp) {
  return (struct wsk_op *)(void *)irp->Tail.Overlay.DriverContext;
}

static inline PIRP wsk__op_irp(struct loop_op *op) {
  return CONTAINING_RECORD((PVOID *)(void *)op, IRP,
                           Tail.Overlay.DriverContext);
}

static inline struct wsk_args *wsk__args(PIRP irp) {
  return (struct wsk_args *)(void *)&IoGetCurrentIrpStackLocation(irp)
      ->Parameters;
}

static inline PIRP wsk__irp_of_link(PLIST_ENTRY link) {
  return CONTAINING_RECORD(link, IRP, Tail.Overlay.ListEntry);
}

const char *wsk__op_name(enum wsk_op_kind kind);

/* Takes the IRP over for an operation of `kind` on `socket` (which may be NULL
 * still). Otherwise the status is what the call returns; nothing is completed.
 */
NTSTATUS wsk__op_begin(PIRP irp, enum wsk_op_kind kind,
                       struct wsk_socket *socket);

/* Completes within the call and returns what the call returns: `status`, or
 * STATUS_PENDING when completions are nested too deep and it comes later. */
NTSTATUS wsk__op_answer(PIRP irp, NTSTATUS status, ULONG_PTR information);

/* Completes with a failure before anything was begun. Never STATUS_SUCCESS:
 * callers pass the result on as what the call returns, unless it is
 * STATUS_PENDING, which they pass on just so. */
NTSTATUS wsk__op_refuse(PIRP irp, NTSTATUS status);

/* The direct path of sends and receives: enter, do the work, then either
 * answer, which leaves, or leave and submit. False when completions are nested
 * too deep, or a test wants it otherwise: then the direct path is closed, and
 * nothing needs to be left. */
bool wsk__op_enter_direct(PIRP irp);
void wsk__op_leave_direct(void);
NTSTATUS wsk__op_answer_direct(PIRP irp, NTSTATUS status, ULONG_PTR information,
                               bool pending);

/* Marks the IRP pending and hands it to the loop. Returns STATUS_PENDING; the
 * IRP may be gone by then. */
NTSTATUS wsk__op_submit(PIRP irp, void (*run)(struct loop_op *op),
                        bool cancelable);

/* Completes a submitted operation that is in no queue any more. Owner only.
 * False when it waits for its canceller in limbo; else it, and a socket that
 * goes with it, may be gone. */
bool wsk__op_finish(PIRP irp, NTSTATUS status, ULONG_PTR information);

/* The two halves of it, for whoever finishes several at once: a completion
 * routine may cancel any operation, so all of them have to be out of reach
 * before the first is completed. False when it waits in limbo. */
bool wsk__op_settle(PIRP irp, NTSTATUS status, ULONG_PTR information);
void wsk__op_complete(PIRP irp);

/* Whether IoCancelIrp was called, and it is to be noticed now. */
bool wsk__op_is_cancelled(PIRP irp);

#endif
