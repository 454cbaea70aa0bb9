/* Bytes with the MDL and the IRP that it takes to send them. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <ntddk.h>
#include <wsk.h>

typedef struct {
  PIRP Irp;
  WSK_BUF Buffer; /* Data, all of it */
  UCHAR Data[1];  /* or more */
} MESSAGE;

/* NULL without memory. At DISPATCH_LEVEL or below, as the others. */
MESSAGE *MessageAllocate(SIZE_T Length);

/* Holds what an indication shows, in all Length bytes. */
MESSAGE *MessageCopy(PWSK_DATA_INDICATION List, SIZE_T Length);

VOID MessageFree(MESSAGE *Message);

#endif
