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

/* Queues an item that is not queued, for a driver (ke__owner), which is busy
 * until it has run; false, and nothing happens, if it is. */
bool ex__queue_work(PWORK_QUEUE_ITEM item, WORK_QUEUE_TYPE type, ULONG owner);

/* How many items of ExQueueWorkItem, by which nothing is held, the driver has
 * queued or running. */
unsigned ex__count_work_of(ULONG owner);

/* Reports a routine of a worker thread that has come back wrong. */
void ex__check_worker(const void *routine);

/* Runs what is queued, and ends the worker threads. Returns how many are left
 * that still run an item after a second. */
size_t ex__stop_workers(void);

/* ExAllocatePoolWithTag, entered in the ledger as `call` by `caller`. */
PVOID ex__allocate_pool(POOL_TYPE type, SIZE_T size, ULONG tag,
                        const char *call, const void *caller);

/* ExAllocatePool2, the same way. */
PVOID ex__allocate_pool2(POOL_FLAGS flags, SIZE_T size, ULONG tag,
                         const char *call, const void *caller);

/* os__free, put off while a thread may still look at the link of an entry that
 * was in the block (slist.c). */
void ex__free_behind_lists(void *block);

#endif
