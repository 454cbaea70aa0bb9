/*
 * WskControlSocket: one table of options and IOCTLs, in control.c. A row says
 * which sockets have the code, and which arguments it takes; the handler stands
 * where the thing is that is controlled.
 */
#ifndef UWSK_WSK_CONTROL_H
#define UWSK_WSK_CONTROL_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

struct wsk_socket;

/* One call, whose IRP has been taken over. */
struct wsk_control {
  struct wsk_socket *socket;
  PIRP irp; /* NULL where the code does without */
  SIZE_T input_size;
  const void *input;
  SIZE_T output_size;
  void *output;
  SIZE_T *returned; /* may be NULL; set by wsk__control_answer */
};

/* Carries the call out; what WskControlSocket returns. */
typedef NTSTATUS wsk_control_handler(const struct wsk_control *control);

/* Completes the IRP, when there is one, having written `written` bytes of
 * output; what the call returns. */
NTSTATUS wsk__control_answer(const struct wsk_control *control, NTSTATUS status,
                             SIZE_T written);

#endif
