/*
 * Ex: sequenced lists, the singly linked lists that need no lock of the
 * client's.
 *
 * Pages: ddi/wdm/nf-wdm-<name>. Any IRQL; entries and heads are resident. An
 * entry belongs to the list from its push to its pop or flush; both entries and
 * heads stand at multiples of 16 bytes (MEMORY_ALLOCATION_ALIGNMENT), as pool
 * blocks do, and an entry that does not is reported and not pushed.
 */
#ifndef UWSK_KM_SLIST_H
#define UWSK_KM_SLIST_H

#include <uwsk_ke_types.h>

UWSK_BEGIN_C

/* Makes an empty list. */
NTKERNELAPI VOID NTAPI InitializeSListHead(PSLIST_HEADER SListHead);

/* Puts an entry at the front. The former first entry, NULL when there was none:
 * who gets NULL may be the one to wake the reader. */
NTKERNELAPI PSLIST_ENTRY NTAPI
ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry);

/* Takes the first entry, the one pushed last; NULL when there is none. */
NTKERNELAPI PSLIST_ENTRY NTAPI
ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead);

/* Takes all entries at once: the first of a chain that ends with a Next of
 * NULL, the one pushed last in front; NULL when there is none. */
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead);

/* The first entry, which stays where it is and may be gone a moment later. */
NTKERNELAPI PSLIST_ENTRY NTAPI FirstEntrySList(const SLIST_HEADER *SListHead);

/* How many entries there are, modulo 65536. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead);

UWSK_END_C

#define InterlockedPushEntrySList(head, entry)                                 \
  ExpInterlockedPushEntrySList(head, entry)
#define InterlockedPopEntrySList(head) ExpInterlockedPopEntrySList(head)
#define InterlockedFlushSList(head)    ExpInterlockedFlushSList(head)
#define QueryDepthSList(head)          ExQueryDepthSList(head)

/* The forms with a spin lock, from before the lists could do without. */
#define ExInitializeSListHead(head) InitializeSListHead(head)
#define ExInterlockedPushEntrySList(head, entry, lock)                         \
  ((void)(lock), ExpInterlockedPushEntrySList(head, entry))
#define ExInterlockedPopEntrySList(head, lock)                                 \
  ((void)(lock), ExpInterlockedPopEntrySList(head))
#define ExInterlockedFlushSList(head) ExpInterlockedFlushSList(head)

#endif
