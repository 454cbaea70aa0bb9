/*
 * Entry points that are not there yet. Each has its prototype, names itself on
 * standard error when called, and completes its IRP.
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

NTSTATUS wsk__not_yet_call(const char *name, PIRP irp) {
  if (irp != NULL) {
    NTSTATUS status = wsk__op_begin(irp, WSK_OP_NOT_YET, NULL);
    if (!NT_SUCCESS(status))
      return status;
  }
  return wsk__not_yet(name, irp);
}

NTSTATUS WSKAPI wsk__send_ex(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                             ULONG ControlInfoLength, PCMSGHDR ControlInfo,
                             PIRP Irp) {
  UNREFERENCED_PARAMETER(Socket);
  UNREFERENCED_PARAMETER(Buffer);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(ControlInfoLength);
  UNREFERENCED_PARAMETER(ControlInfo);
  if (Irp == NULL)
    return STATUS_INVALID_PARAMETER;
  return wsk__not_yet_call("WskSendEx", Irp);
}

NTSTATUS WSKAPI wsk__receive_ex(PWSK_SOCKET Socket, PWSK_BUF Buffer,
                                ULONG Flags, PULONG ControlInfoLength,
                                PCMSGHDR ControlInfo, PULONG ControlFlags,
                                PIRP Irp) {
  UNREFERENCED_PARAMETER(Socket);
  UNREFERENCED_PARAMETER(Buffer);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(ControlInfoLength);
  UNREFERENCED_PARAMETER(ControlInfo);
  UNREFERENCED_PARAMETER(ControlFlags);
  if (Irp == NULL)
    return STATUS_INVALID_PARAMETER;
  return wsk__not_yet_call("WskReceiveEx", Irp);
}

NTSTATUS WSKAPI wsk__release_data(PWSK_SOCKET Socket,
                                  PWSK_DATA_INDICATION DataIndication) {
  UNREFERENCED_PARAMETER(Socket);
  UNREFERENCED_PARAMETER(DataIndication);
  /* Nothing is indicated yet, so no list can be one that was retained. */
  return STATUS_INVALID_PARAMETER;
}
