/*
 * The configuration manager, as the other rooms see it. The tree behind it:
 * cm/tree.h; what a driver may ask: include/km/uwsk_cm.h.
 */
#ifndef UWSK_CM_CM_H
#define UWSK_CM_CM_H

#include <ntddk.h>

/* Makes the registry with the keys that every Windows has; -1 without memory.
 * Stopping forgets everything in it. */
int cm__start(void);
void cm__stop(void);

/*
 * Makes the key of a driver's service, and the values in it that are missing:
 * what was put there before stays. Nothing is made for a path outside
 * \Registry, or while there is no registry: the I/O manager can do without.
 */
NTSTATUS cm__make_service_key(PCUNICODE_STRING path, PCUNICODE_STRING service);

#endif
