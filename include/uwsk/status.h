/*
 * Names for NTSTATUS values, for tests and programs that print them.
 *
 * Needs no kernel header: an NTSTATUS is 32 bits, here int32_t.
 */
#ifndef UWSK_STATUS_H
#define UWSK_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "STATUS_PENDING" of 0x00000103; for a value without a name "0x12345678", in a
 * buffer of the calling thread that stays good for its next seven calls. Never
 * NULL. Any thread, any IRQL. */
const char *uwsk_status_name(int32_t status);

#ifdef __cplusplus
}
#endif

#endif
