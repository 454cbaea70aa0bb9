/* Waiting by address. See address_wait.h. */
#include "ex/address_wait.h"

#include "ke/watch.h"
#include "loop/loop.h"
#include "os/os.h"
#include "verifier/report.h"

#define BUCKETS 64

static struct bucket {
  struct os_spin lock;
  struct ex_waiter *first;
} buckets[BUCKETS];

static struct bucket *bucket_of(const volatile void *address) {
  ULONG_PTR value = (ULONG_PTR)address;

  return &buckets[(value >> 3 ^ value >> 12) % BUCKETS];
}

void ex__lock_waiters(const volatile void *address) {
  os__spin_lock(&bucket_of(address)->lock);
}

void ex__unlock_waiters(const volatile void *address) {
  os__spin_unlock(&bucket_of(address)->lock);
}

void ex__queue_waiter(struct ex_waiter *waiter, const volatile void *address,
                      unsigned kind) {
  struct ex_waiter **link = &bucket_of(address)->first;

  waiter->next = NULL;
  waiter->address = address;
  waiter->kind = kind;
  KeInitializeEvent(&waiter->event, SynchronizationEvent, FALSE);
  while (*link != NULL)
    link = &(*link)->next;
  *link = waiter;
}

static struct ex_waiter **find(const volatile void *address) {
  struct ex_waiter **link = &bucket_of(address)->first;

  while (*link != NULL && (*link)->address != address)
    link = &(*link)->next;
  return link;
}

struct ex_waiter *ex__first_waiter(const volatile void *address) {
  return *find(address);
}

struct ex_waiter *ex__take_waiter(const volatile void *address) {
  struct ex_waiter **link = find(address);
  struct ex_waiter *waiter = *link;

  if (waiter != NULL) {
    *link = waiter->next;
    waiter->next = NULL;
  }
  return waiter;
}

/* Without a time-out and not alertable: it ends when the event is set. */
void ex__wait(struct ex_waiter *waiter, const struct ke_call *call) {
  ke__wait_for(call, &waiter->event);
}

void ex__wake(struct ex_waiter *chain) {
  while (chain != NULL) {
    struct ex_waiter *next = chain->next;

    KeSetEvent(&chain->event, IO_NO_INCREMENT, FALSE);
    chain = next;
  }
}

bool ex__may_wait(const char *call) {
  if (ke__may_wait())
    return true;
  vf__report(VF_WAIT_01, "%s has to wait inside a callback", call);
  return false;
}
