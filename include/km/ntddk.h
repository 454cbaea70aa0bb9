/* ntddk.h: wdm.h and what only older drivers ask for. */
#ifndef UWSK_KM_NTDDK_H
#define UWSK_KM_NTDDK_H
#define _NTDDK_

#include <wdm.h>

#endif
