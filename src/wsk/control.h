/*
 * WskControlSocket: one table of options and IOCTLs, in control_table.c. A row
 * says which sockets have the code, when, and which arguments it takes; all of
 * that is checked in control.c before the handler is called. The handler stands
 * where the thing is that is controlled.
 */
#ifndef UWSK_WSK_CONTROL_H
#define UWSK_WSK_CONTROL_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "wsk/category.h"
#include "wsk/op.h"

struct wsk_socket;
struct wsk_code;

/* One call, which has passed the checks of its row, and whose IRP has been
 * taken over. */
struct wsk_control {
  struct wsk_socket *socket;
  const struct wsk_code *code;
  PIRP irp; /* NULL where the code does without */
  SIZE_T input_size;
  const void *input; /* never NULL when input_size is not 0; as output */
  SIZE_T output_size;
  void *output;
  SIZE_T *returned;   /* may be NULL; set by wsk__control_answer */
  const void *caller; /* the client's code, for the ledger */
};

/* Carries the call out; what WskControlSocket returns. */
typedef NTSTATUS wsk_control_handler(const struct wsk_control *control);

/* Which sockets: bits of roles. A stream socket that is neither yet has what
 * either has. */
#define WSK_ON_BASIC      (1u << WSK_BASIC)
#define WSK_ON_LISTENER   (1u << WSK_LISTENER)
#define WSK_ON_CONNECTION (1u << WSK_CONNECTION)
#define WSK_ON_DATAGRAM   (1u << WSK_DATAGRAM)
#define WSK_ON_STREAM     (1u << WSK_STREAM)
#define WSK_ON_TCP        (WSK_ON_LISTENER | WSK_ON_CONNECTION | WSK_ON_STREAM)
#define WSK_ON_TRANSPORT  (WSK_ON_TCP | WSK_ON_DATAGRAM)
#define WSK_ON_ALL        (WSK_ON_TRANSPORT | WSK_ON_BASIC)

/* In which states; in others STATUS_INVALID_DEVICE_STATE is the answer. */
enum wsk_when {
  WSK_ANY_TIME,
  WSK_BEFORE_BIND,
  WSK_AFTER_BIND, /* also while connected */
  WSK_WHILE_CONNECTED
};

/* Without a required one: a report, and STATUS_INVALID_PARAMETER. With one that
 * is not wanted: a report, and it is completed like any other. */
enum wsk_irp_rule { WSK_IRP_REQUIRED, WSK_IRP_UNWANTED, WSK_IRP_OPTIONAL };

/* How many bytes of input or output. Too few of input are answered with
 * STATUS_INVALID_PARAMETER, of output with STATUS_BUFFER_TOO_SMALL; more than
 * there have to be are not looked at. */
struct wsk_size {
  enum {
    WSK_SIZE_NONE,
    WSK_SIZE_AT_LEAST,
    WSK_SIZE_OR_NONE,
    WSK_SIZE_OR_BYTE,
    WSK_SIZE_ANY
  } is;
  ULONG bytes;
};

/* clang-format off */
#define WSK_NOTHING        {WSK_SIZE_NONE, 0}
#define WSK_ONE(type)      {WSK_SIZE_AT_LEAST, sizeof(type)}
#define WSK_MAYBE_ONE(type) {WSK_SIZE_OR_NONE, sizeof(type)}
#define WSK_ONE_OR_BYTE(type) {WSK_SIZE_OR_BYTE, sizeof(type)} /* a BOOLEAN */
#define WSK_ANYTHING       {WSK_SIZE_ANY, 0} /* the handler looks at it */
/* clang-format on */

/* Properties of a code. */
#define WSK_CODE_PASSIVE  0x1 /* at PASSIVE_LEVEL only */
#define WSK_CODE_RETURNED 0x2 /* OutputSizeReturned may be given */
#define WSK_CODE_IPV4     0x4 /* of IPv4 sockets, and IPv6 ones that speak it */
#define WSK_CODE_IPV6     0x8 /* of IPv6 sockets alone */
/* How a value looks: 0 or 1; a number in network byte order; seconds of what
 * the transport counts in milliseconds. */
#define WSK_CODE_SWITCH        0x10
#define WSK_CODE_NETWORK_ORDER 0x20
#define WSK_CODE_SECONDS       0x40

struct wsk_code {
  WSK_CONTROL_SOCKET_TYPE type;
  ULONG level; /* of options; IOCTLs have none */
  ULONG code;
  const char *name;
  unsigned on;        /* WSK_ON_* */
  enum wsk_when when; /* reading is done at any time */
  enum wsk_irp_rule irp;
  unsigned flags; /* WSK_CODE_* */
  struct wsk_size input, output;
  wsk_control_handler *handler;
  int detail; /* for the handler; see there */
};

/* control_table.c; the end is where the name is NULL. */
extern const struct wsk_code wsk__codes[];

/* Has `run` called by the owner of the loop, which finishes the operation; what
 * it needs to know stands in wsk__args. Returns STATUS_PENDING. */
NTSTATUS wsk__control_submit(const struct wsk_control *control,
                             void (*run)(struct loop_op *op));

/* Completes the IRP, when there is one, having written `written` bytes of
 * output; what the call returns. */
NTSTATUS wsk__control_answer(const struct wsk_control *control, NTSTATUS status,
                             SIZE_T written);

/* What to answer when there is no handle to carry the call out. Owner only. */
NTSTATUS wsk__control_no_handle(struct wsk_socket *socket);

#endif
