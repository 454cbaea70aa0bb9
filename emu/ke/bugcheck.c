/*
 * KeBugCheckEx: the end, with a word about why. What drivers have registered is
 * called; then a host that asked for it gets the bugcheck, to leave by longjmp;
 * then the process ends.
 */
#include "ke/ke.h"

#include <stdio.h>
#include <stdlib.h>

#include "etw/trace.h"
#include "os/os.h"
#include "uwsk/uwsk.h"

/* ---- what drivers want to be called ------------------------------------ */

static struct os_spin lock;
static LIST_ENTRY records = {&records, &records};

BOOLEAN KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                                   PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine,
                                   PVOID Buffer, ULONG Length,
                                   PUCHAR Component) {
  BOOLEAN is_new;

  os__spin_lock(&lock);
  is_new = CallbackRecord->State == BufferEmpty;
  if (is_new) {
    CallbackRecord->CallbackRoutine = CallbackRoutine;
    CallbackRecord->Buffer = Buffer;
    CallbackRecord->Length = Length;
    CallbackRecord->Component = Component;
    CallbackRecord->State = BufferInserted;
    InsertTailList(&records, &CallbackRecord->Entry);
  }
  os__spin_unlock(&lock);
  return is_new;
}

BOOLEAN
KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord) {
  BOOLEAN is_there;

  os__spin_lock(&lock);
  is_there = CallbackRecord->State != BufferEmpty;
  if (is_there) {
    RemoveEntryList(&CallbackRecord->Entry);
    CallbackRecord->State = BufferEmpty;
  }
  os__spin_unlock(&lock);
  return is_there;
}

/* Nothing else moves any more: the list is walked without the lock, which the
 * thread that bugchecks may hold. One that was begun is not called again. */
static void call_drivers(void) {
  KIRQL irql = ke__swap_irql(HIGH_LEVEL);

  for (PLIST_ENTRY at = records.Flink; at != &records; at = at->Flink) {
    PKBUGCHECK_CALLBACK_RECORD record =
        CONTAINING_RECORD(at, KBUGCHECK_CALLBACK_RECORD, Entry);

    if (record->State != BufferInserted)
      continue;
    record->State = BufferStarted;
    ETW_CALLBACK("bugcheck callback", record, record->Buffer);
    record->CallbackRoutine(record->Buffer, record->Length);
    record->State = BufferFinished;
  }
  ke__swap_irql(irql);
}

/* ---- what the host wants to be called ---------------------------------- */

static uwsk_bugcheck_handler *handler;
static void *handler_context;

void uwsk_on_bugcheck(uwsk_bugcheck_handler *function, void *context) {
  handler = function;
  handler_context = context;
}

/* ---- the end ----------------------------------------------------------- */

static void say(ULONG code, const ULONG_PTR parameters[4], const void *caller) {
  char where[128], text[320];
  int length;

  os__describe_code(caller, where, sizeof(where));
  length = snprintf(
      text, sizeof(text),
      "uwsk: *** STOP: 0x%08X (0x%016llX, 0x%016llX, 0x%016llX, 0x%016llX)\n"
      "uwsk: bugcheck requested by %s\n",
      (unsigned)code, (unsigned long long)parameters[0],
      (unsigned long long)parameters[1], (unsigned long long)parameters[2],
      (unsigned long long)parameters[3], where);
  if (length > (int)sizeof(text) - 1)
    length = (int)sizeof(text) - 1;
  os__stderr(text, (size_t)length);
}

static DECLSPEC_NORETURN void end(ULONG code, const ULONG_PTR parameters[4],
                                  const void *caller) {
  unsigned long long told[4];

  for (int i = 0; i < 4; i++)
    told[i] = parameters[i];
  say(code, parameters, caller);
  call_drivers();
  if (handler != NULL)
    handler(handler_context, code, told);
  abort();
}

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                  ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
                  ULONG_PTR BugCheckParameter4) {
  const ULONG_PTR parameters[4] = {BugCheckParameter1, BugCheckParameter2,
                                   BugCheckParameter3, BugCheckParameter4};

  end(BugCheckCode, parameters, __builtin_return_address(0));
}

VOID KeBugCheck(ULONG BugCheckCode) {
  const ULONG_PTR none[4] = {0};

  end(BugCheckCode, none, __builtin_return_address(0));
}
