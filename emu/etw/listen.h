/* What is listened to of the driver's own messages and events. */
#ifndef UWSK_ETW_LISTEN_H
#define UWSK_ETW_LISTEN_H

#include <ntddk.h>
#include <stdbool.h>

/* UWSK_WPP=level[,flags] of the environment; without it everything when the
 * trace is on, and nothing when it is not. Read at etw__start. */
struct etw_interest {
  UCHAR level;
  ULONG flags;
};

struct etw_interest etw__interest(void);
void etw__listen(bool trace);

#endif
