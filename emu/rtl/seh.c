/*
 * Structured exceptions: the frames behind __try, and ExRaiseStatus.
 *
 * Every thread has a list of the guarded blocks it is in, innermost first. The
 * frames are locals of the guarding functions and go with their scopes; one
 * that a longjmp of somebody else (a failing test) left behind is forgotten
 * when a guarded block is entered further up the stack.
 */
#include <ntddk.h>

#include "ke/ke.h"

#define KMODE_EXCEPTION_NOT_HANDLED 0x1E

static _Thread_local struct {
  struct uwsk_seh_frame *top;
  int taken; /* the block just left ended by an exception */
  EXCEPTION_RECORD record;
  EXCEPTION_POINTERS pointers;
} seh;

/* The stack grows down: what lies below the present frame is gone. */
static struct uwsk_seh_frame *live_top(const void *stack) {
  while (seh.top != NULL && (ULONG_PTR)seh.top->stack < (ULONG_PTR)stack)
    seh.top = seh.top->outer;
  return seh.top;
}

void uwsk__seh_push(struct uwsk_seh_frame *frame, const void *stack,
                    void (*throw_cxx)(NTSTATUS)) {
  frame->outer = live_top(stack);
  frame->stack = stack;
  frame->throw_cxx = throw_cxx;
  frame->raised = 0;
  seh.top = frame;
}

void uwsk__seh_pop(struct uwsk_seh_frame *frame) {
  seh.top = frame->outer;
  seh.taken = frame->raised;
}

/* Asked once after each guarded block, hence the reset: where an `if` in front
 * of the block skipped it, nothing old may be found. */
int uwsk__seh_caught(void) {
  int taken = seh.taken;
  seh.taken = 0;
  return taken;
}

NTSTATUS uwsk__seh_code(void) {
  return seh.record.ExceptionCode;
}

PEXCEPTION_POINTERS uwsk__seh_information(void) {
  seh.pointers.ExceptionRecord = &seh.record;
  seh.pointers.ContextRecord = NULL;
  return &seh.pointers;
}

/* Gives the exception in seh.record to the nearest frame. */
static DECLSPEC_NORETURN void dispatch(void) {
  struct uwsk_seh_frame *frame = live_top(__builtin_frame_address(0));
  if (frame == NULL)
    KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED,
                 (ULONG_PTR)(LONG_PTR)seh.record.ExceptionCode,
                 (ULONG_PTR)seh.record.ExceptionAddress, 0, 0);
  if (frame->throw_cxx != NULL) /* its catch sets `raised`, if it gets there */
    frame->throw_cxx(seh.record.ExceptionCode);
  frame->raised = 1;
  longjmp(frame->jump, 1);
}

static DECLSPEC_NORETURN void raise_status(NTSTATUS status, void *address) {
  memset(&seh.record, 0, sizeof(seh.record));
  seh.record.ExceptionCode = status;
  seh.record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
  seh.record.ExceptionAddress = address;
  dispatch();
}

/* What the filter said: 1 to run the handler; else it goes on outwards. */
int uwsk__seh_filter(int disposition) {
  if (disposition > 0)
    return 1;
  if (disposition < 0)
    raise_status(STATUS_NONCONTINUABLE_EXCEPTION, seh.record.ExceptionAddress);
  dispatch();
}

struct uwsk_seh_final uwsk__seh_finally(void) {
  struct uwsk_seh_final final = {0};
  final.raised = uwsk__seh_caught();
  final.code = seh.record.ExceptionCode;
  return final;
}

/* 1 to enter the block, 0 after it; raises again what the block interrupted. */
int uwsk__seh_final_step(struct uwsk_seh_final *final) {
  if (!final->entered) {
    final->entered = 1;
    return 1;
  }
  if (final->raised)
    raise_status(final->code, seh.record.ExceptionAddress);
  return 0;
}

VOID ExRaiseStatus(NTSTATUS Status) {
  ke__within_irql(APC_LEVEL, "ExRaiseStatus");
  raise_status(Status, __builtin_return_address(0));
}

VOID RtlRaiseStatus(NTSTATUS Status) {
  raise_status(Status, __builtin_return_address(0));
}

VOID ExRaiseAccessViolation(VOID) {
  ke__within_irql(PASSIVE_LEVEL, "ExRaiseAccessViolation");
  raise_status(STATUS_ACCESS_VIOLATION, __builtin_return_address(0));
}

VOID ExRaiseDatatypeMisalignment(VOID) {
  ke__within_irql(PASSIVE_LEVEL, "ExRaiseDatatypeMisalignment");
  raise_status(STATUS_DATATYPE_MISALIGNMENT, __builtin_return_address(0));
}
