/*
 * What a test asks of the way data comes to a client: uwsk/event.h.
 *
 * Settings of the whole process, each an atomic of its own, read where data is
 * handed over. A test sets them before the data comes.
 */
#ifndef UWSK_WSK_DELIVERY_H
#define UWSK_WSK_DELIVERY_H

#include <ntddk.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wsk.h>

struct wsk_delivery {
  unsigned bytes;      /* of a member of a list, at most */
  unsigned members;    /* of a list, at most */
  unsigned mdl_bytes;  /* the first MDL holds so many of them; 0: all */
  unsigned mdl_offset; /* … behind so many bytes */
  bool hides_messages; /* WSK_FLAG_ENTIRE_MESSAGE is never set */
  bool wants_back;     /* WSK_FLAG_RELEASE_ASAP is always set */
  bool hides_dispatch; /* WSK_FLAG_AT_DISPATCH_LEVEL is never set */
  size_t limit;        /* of a look for WskReceive; 0: none */
};

extern struct wsk_delivery wsk__delivery;

#define WSK_DELIVERY(setting)                                                  \
  __atomic_load_n(&wsk__delivery.setting, __ATOMIC_RELAXED)

/* What every callback is told of its IRQL. */
static inline ULONG wsk__dispatch_flag(void) {
  return WSK_DELIVERY(hides_dispatch) ? 0 : WSK_FLAG_AT_DISPATCH_LEVEL;
}

/* What is told of a list when blocks are not short. */
static inline ULONG wsk__release_flag(void) {
  return WSK_DELIVERY(wants_back) ? WSK_FLAG_RELEASE_ASAP : 0;
}

/* How many bytes of `wanted` a look at the host may bring. */
size_t wsk__limit_receive(size_t wanted);

/* uwsk/event.h. */
bool wsk__set_indications(size_t bytes, unsigned members);
bool wsk__set_indication_mdls(size_t bytes, size_t offset);
void wsk__set_entire_message(bool told);
void wsk__set_release_asap(bool always);
void wsk__set_at_dispatch_told(bool told);
void wsk__limit_receives(size_t bytes, uint64_t seed);

/* Back to the defaults. */
void wsk__delivery_stop(void);

#endif
