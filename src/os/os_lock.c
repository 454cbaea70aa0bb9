/*
 * Locks: libuv's mutex in opaque storage, and a spin lock that is one word.
 */
#include "os/os.h"

#include <assert.h>
#include <uv.h>

#ifndef _WIN32
#include <sched.h>
#endif

_Static_assert(sizeof(uv_mutex_t) <= sizeof(struct os_mutex),
               "the host's mutex fits into the opaque storage");
_Static_assert(_Alignof(uv_mutex_t) <= _Alignof(struct os_mutex),
               "the opaque storage is aligned for the host's mutex");

static uv_mutex_t *host_mutex(struct os_mutex *mutex) {
  return (uv_mutex_t *)mutex->storage;
}

void os__mutex_init(struct os_mutex *mutex) {
  int error = uv_mutex_init(host_mutex(mutex));
  assert(error == 0);
  (void)error;
}

void os__mutex_destroy(struct os_mutex *mutex) {
  uv_mutex_destroy(host_mutex(mutex));
}

void os__mutex_lock(struct os_mutex *mutex) {
  uv_mutex_lock(host_mutex(mutex));
}

void os__mutex_unlock(struct os_mutex *mutex) {
  uv_mutex_unlock(host_mutex(mutex));
}

/* The sections are a few instructions long: a holder that is not done after
 * this many looks has lost its processor, and needs ours. */
#define SPIN_LOOKS 64

void os__spin_lock(struct os_spin *spin) {
  unsigned looks = 0;
  while (__atomic_exchange_n(&spin->word, 1, __ATOMIC_ACQUIRE) != 0) {
    while (__atomic_load_n(&spin->word, __ATOMIC_RELAXED) != 0) {
      if (++looks >= SPIN_LOOKS) {
        looks = 0;
        os__yield();
      }
    }
  }
}

/* A holder that has lost its processor is back by then. */
#define PATIENT_YIELDS 10000

bool os__spin_try_lock(struct os_spin *spin) {
  unsigned yields = 0;
  while (__atomic_exchange_n(&spin->word, 1, __ATOMIC_ACQUIRE) != 0) {
    if (++yields > PATIENT_YIELDS)
      return false;
    os__yield();
  }
  return true;
}

void os__spin_unlock(struct os_spin *spin) {
  __atomic_store_n(&spin->word, 0, __ATOMIC_RELEASE);
}

void os__yield(void) {
#ifdef _WIN32
  SwitchToThread();
#else
  sched_yield();
#endif
}
