/*
 * What is not there yet names itself on standard error when it is asked for,
 * and the IRP is completed.
 */
#include <stdio.h>

#include "os/os.h"
#include "wsk/op.h"
#include "wsk/provider.h"

NTSTATUS wsk__not_yet(const char *what, PIRP irp) {
  char text[160];
  int length =
      snprintf(text, sizeof(text), "uwsk: %s is not implemented yet\n", what);
  os__stderr(text, (size_t)length);
  return irp == NULL ? STATUS_NOT_IMPLEMENTED
                     : wsk__op_refuse(irp, STATUS_NOT_IMPLEMENTED);
}
