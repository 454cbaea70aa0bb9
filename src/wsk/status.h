/* The transport's errors as NTSTATUS. */
#ifndef UWSK_WSK_STATUS_H
#define UWSK_WSK_STATUS_H

#include <ntddk.h>

/* `error` is NET_OK or a NET_Exxx. */
NTSTATUS wsk__status(int error);

#endif
