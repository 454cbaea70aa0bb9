/* ntifs.h: ntddk.h and what file system drivers ask for. */
#ifndef UWSK_KM_NTIFS_H
#define UWSK_KM_NTIFS_H
#define _NTIFS_

#include <ntddk.h>
#include <uwsk_io_ifs.h>
#include <uwsk_token.h>

#endif
