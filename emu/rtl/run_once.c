/*
 * Initialization that happens once.
 *
 * All of it is in the client's one pointer: the state in its two low bits and,
 * above them, the context when it is done, or the list of those who wait, whose
 * records are on their own stacks.
 */
#include <ntddk.h>
#include <stdbool.h>

#include "ke/watch.h"

enum { UNTOUCHED, SYNCHRONOUS, DONE, ASYNCHRONOUS, STATES = 3 };

struct waiter {
  struct waiter *next;
  KEVENT event;
};

static ULONG_PTR load(PRTL_RUN_ONCE once) {
  return (ULONG_PTR)__atomic_load_n(&once->Ptr, __ATOMIC_ACQUIRE);
}

static bool change(PRTL_RUN_ONCE once, ULONG_PTR from, ULONG_PTR to) {
  PVOID expected = (PVOID)from;

  return __atomic_compare_exchange_n(&once->Ptr, &expected, (PVOID)to, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static PVOID above_state(ULONG_PTR value) {
  return (PVOID)(value & ~(ULONG_PTR)STATES);
}

/* Until the one who initializes is through, whatever came of it. */
static void wait_for_end(PRTL_RUN_ONCE once, ULONG_PTR value,
                         const void *caller) {
  struct waiter waiter;

  waiter.next = above_state(value);
  KeInitializeEvent(&waiter.event, SynchronizationEvent, FALSE);
  if (change(once, value, (ULONG_PTR)&waiter | SYNCHRONOUS))
    ke__wait_for(
        &(struct ke_call){"RtlRunOnceBeginInitialize", caller, once, NULL},
        &waiter.event);
}

/* A waiter's record is gone once its event is set. */
static void end_synchronous(PRTL_RUN_ONCE once, ULONG_PTR value) {
  PVOID before =
      __atomic_exchange_n(&once->Ptr, (PVOID)value, __ATOMIC_ACQ_REL);
  struct waiter *waiter = above_state((ULONG_PTR)before);

  while (waiter != NULL) {
    struct waiter *next = waiter->next;
    KeSetEvent(&waiter->event, IO_NO_INCREMENT, FALSE);
    waiter = next;
  }
}

VOID RtlRunOnceInitialize(PRTL_RUN_ONCE RunOnce) {
  RunOnce->Ptr = NULL;
}

/* True when `value` settles what a caller gets; else it may have changed. */
static bool begin(PRTL_RUN_ONCE once, ULONG flags, ULONG_PTR value,
                  NTSTATUS *status, const void *caller) {
  bool asynchronous = (flags & RTL_RUN_ONCE_ASYNC) != 0;

  *status = STATUS_PENDING;
  switch (value & STATES) {
  case UNTOUCHED:
    return change(once, value, asynchronous ? ASYNCHRONOUS : SYNCHRONOUS);
  case ASYNCHRONOUS:
    if (!asynchronous)
      *status = STATUS_INVALID_PARAMETER;
    return true;
  default:
    if (asynchronous)
      *status = STATUS_INVALID_PARAMETER;
    else
      wait_for_end(once, value, caller);
    return asynchronous;
  }
}

static bool are_begin_flags(ULONG flags) {
  return flags == 0 || flags == RTL_RUN_ONCE_CHECK_ONLY ||
         flags == RTL_RUN_ONCE_ASYNC;
}

NTSTATUS RtlRunOnceBeginInitialize(PRTL_RUN_ONCE RunOnce, ULONG Flags,
                                   PVOID *Context) {
  NTSTATUS status;
  ULONG_PTR value;

  ke__require_irql(APC_LEVEL, "RtlRunOnceBeginInitialize");
  if (!are_begin_flags(Flags))
    return STATUS_INVALID_PARAMETER;
  do {
    value = load(RunOnce);
    if ((value & STATES) == DONE) {
      if (Context != NULL)
        *Context = above_state(value);
      return STATUS_SUCCESS;
    }
    if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
      return STATUS_UNSUCCESSFUL;
  } while (!begin(RunOnce, Flags, value, &status, OB_CALLER()));
  return status;
}

static bool are_end_flags(ULONG flags, PVOID context) {
  if ((ULONG_PTR)context & STATES)
    return false;
  return flags == 0 || flags == RTL_RUN_ONCE_ASYNC ||
         (flags == RTL_RUN_ONCE_INIT_FAILED && context == NULL);
}

NTSTATUS RtlRunOnceComplete(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID Context) {
  ULONG_PTR value = load(RunOnce);
  ULONG_PTR done = (ULONG_PTR)Context | DONE;

  if (!are_end_flags(Flags, Context))
    return STATUS_INVALID_PARAMETER;
  switch (value & STATES) {
  case SYNCHRONOUS:
    if (Flags & RTL_RUN_ONCE_ASYNC)
      return STATUS_INVALID_PARAMETER;
    end_synchronous(RunOnce, Flags == 0 ? done : UNTOUCHED);
    return STATUS_SUCCESS;
  case ASYNCHRONOUS:
    if (!(Flags & RTL_RUN_ONCE_ASYNC))
      return STATUS_INVALID_PARAMETER;
    return change(RunOnce, value, done) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
  default:
    return STATUS_UNSUCCESSFUL;
  }
}

/* A context that cannot be kept is a failure, too: nobody shall wait for ever.
 */
static NTSTATUS end(PRTL_RUN_ONCE once, bool succeeded, PVOID data) {
  NTSTATUS status = STATUS_UNSUCCESSFUL;

  if (succeeded)
    status = RtlRunOnceComplete(once, 0, data);
  if (!NT_SUCCESS(status))
    RtlRunOnceComplete(once, RTL_RUN_ONCE_INIT_FAILED, NULL);
  return status;
}

NTSTATUS RtlRunOnceExecuteOnce(PRTL_RUN_ONCE RunOnce,
                               PRTL_RUN_ONCE_INIT_FN InitFn, PVOID Parameter,
                               PVOID *Context) {
  NTSTATUS status = RtlRunOnceBeginInitialize(RunOnce, 0, Context);
  PVOID data = NULL;
  ULONG succeeded;

  if (status != STATUS_PENDING)
    return status;
  succeeded = InitFn(RunOnce, Parameter, Context != NULL ? &data : NULL);
  status = end(RunOnce, succeeded != 0, data);
  if (NT_SUCCESS(status) && Context != NULL)
    *Context = data;
  return status;
}
