/* The executive's inside, as the other files of the library see it. */
#ifndef UWSK_EX_H
#define UWSK_EX_H

#include <ntddk.h>
#include <stdbool.h>

/* For a timer object's DPC that has returned: with the dispatcher lock held,
 * whether the object has been deleted and was only waiting for that; without
 * it, frees it then. */
bool ex__timer_is_over(PKDPC dpc);
void ex__end_timer(PKDPC dpc);

/* ExAllocatePoolWithTag, entered in the ledger as `call` by `caller`. */
PVOID ex__allocate_pool(POOL_TYPE type, SIZE_T size, ULONG tag,
                        const char *call, const void *caller);

/* os__free, put off while a thread may still look at the link of an entry that
 * was in the block (slist.c). */
void ex__free_behind_lists(void *block);

#endif
