/*
 * Thread objects of host threads that the executive did not make: the program's
 * own, the system's workers, the loop's helper.
 *
 * Such a thread becomes one when it first asks who it is, which cannot fail and
 * must not disturb the count of allocations. So the memory is permanent, and
 * handed on from threads that have ended, and are not referenced, to new ones.
 */
#include "ps/ps.h"

#include "ke/ke.h"
#include "ob/object.h"
#include "os/os.h"

struct host_thread_memory {
  struct host_thread_memory *next_made; /* keeps all of it reachable */
  struct host_thread_memory *next_free;
  _Alignas(16) char header[OB_HEADER_SIZE];
  struct _ETHREAD thread;
};

/* For the first threads, so that they cost the host nothing when they call. */
#define RESERVE 8

static struct os_spin lock;
static struct host_thread_memory *made, *unused;
static struct host_thread_memory reserve[RESERVE];
static unsigned reserve_used;

static struct host_thread_memory *memory_of(PVOID thread) {
  return CONTAINING_RECORD(thread, struct host_thread_memory, thread);
}

static struct host_thread_memory *take_unused(void) {
  os__spin_lock(&lock);
  struct host_thread_memory *memory = unused;

  if (memory != NULL)
    unused = memory->next_free;
  else if (reserve_used < RESERVE)
    memory = &reserve[reserve_used++];
  os__spin_unlock(&lock);
  return memory;
}

static struct host_thread_memory *make(void) {
  struct host_thread_memory *memory = os__alloc_permanent(sizeof(*memory));

  os__spin_lock(&lock);
  memory->next_made = made;
  made = memory;
  os__spin_unlock(&lock);
  return memory;
}

bool ps__recycle_host_thread(PVOID thread) {
  struct host_thread_memory *memory = memory_of(thread);

  if (!((PETHREAD)thread)->IsHostThread)
    return false;
  os__spin_lock(&lock);
  memory->next_free = unused;
  unused = memory;
  os__spin_unlock(&lock);
  return true;
}

/* On the thread, at its end. Who waits for it is released. */
static void end(void *thread) {
  PETHREAD self = thread;

  ke__set_current_thread(NULL); /* for hooks that come later */
  self->ExitStatus = STATUS_SUCCESS;
  ke__signal_thread(&self->Tcb);
  ObfDereferenceObject(self);
}

PKTHREAD ps__adopt_host_thread(void) {
  struct host_thread_memory *memory = take_unused();

  if (memory == NULL)
    memory = make();
  RtlZeroMemory(&memory->thread, sizeof(memory->thread));
  ob__place_object(memory->header, *PsThreadType);
  ps__initialize_thread(&memory->thread);
  memory->thread.IsHostThread = TRUE;
  ke__enter_thread(&memory->thread.Tcb);
  memory->thread.Tcb.Number = os__thread_number();
  os__at_thread_exit(end, &memory->thread);
  return &memory->thread.Tcb;
}
