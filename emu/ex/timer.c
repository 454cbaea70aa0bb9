/*
 * Timer objects of the system: a kernel timer with a DPC that calls the
 * driver's routine.
 *
 * A deleted timer is freed when it is not set and its DPC is idle; whoever
 * notices that first under the dispatcher lock, ExDeleteTimer or the end of the
 * DPC, does it.
 */
#include <ntddk.h>

#include <stddef.h>

#include "etw/trace.h"
#include "ex/ex.h"
#include "ke/watch.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#define TICKS_PER_MS 10000u
#define NS_PER_TICK  100u

#define KNOWN                                                                  \
  (EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION)

struct _EX_TIMER {
  struct ke_long_timer timer; /* first: the object can be waited for */
  KDPC dpc;
  PEXT_CALLBACK callback;
  PVOID context;
  struct ob_record record;
  /* Under the dispatcher lock. */
  bool deleted, over;
  EXT_DELETE_PARAMETERS parameters;
  PKEVENT gone; /* of the thread that waits for the end */
};

_Static_assert(offsetof(struct _EX_TIMER, timer.timer.Header) == 0, "wait");

/* The one place that calls a timer's callback. */
static KDEFERRED_ROUTINE run_callback;
static VOID NTAPI run_callback(PKDPC dpc, PVOID context, PVOID argument1,
                               PVOID argument2) {
  PEX_TIMER timer = context;

  UNREFERENCED_PARAMETER(dpc);
  UNREFERENCED_PARAMETER(argument1);
  UNREFERENCED_PARAMETER(argument2);
  if (timer->callback == NULL)
    return;
  ETW_CALLBACK("timer", timer, timer->context);
  timer->callback(timer, timer->context);
}

PEX_TIMER ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext,
                          ULONG Attributes) {
  ULONG both = EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE;
  PEX_TIMER timer;

  ke__require_irql(DISPATCH_LEVEL, "ExAllocateTimer");
  if ((Attributes & ~KNOWN) != 0 || (Attributes & both) == both)
    return NULL;
  timer = os__alloc(sizeof(*timer));
  if (timer == NULL)
    return NULL;
  KeInitializeTimerEx(&timer->timer.timer, Attributes & EX_TIMER_NOTIFICATION
                                               ? NotificationTimer
                                               : SynchronizationTimer);
  KeInitializeDpc(&timer->dpc, run_callback, timer);
  timer->dpc.Type = KE_TIMER_DPC;
  timer->callback = Callback;
  timer->context = CallbackContext;
  timer->record = (struct ob_record){.object = timer,
                                     .call = "ExAllocateTimer",
                                     .caller = OB_CALLER(),
                                     .kind = OB_TIMER};
  ob__track(&timer->record);
  return timer;
}

static bool is_alive(PEX_TIMER timer, const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  if (ob__find(OB_TIMER, timer) != NULL)
    return true;
  vf__report(VF_TIMER_02, "%s: %p is no timer object%s", call, (void *)timer,
             ob__was_alive(OB_TIMER, timer) ? " any more" : "");
  return false;
}

BOOLEAN ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period,
                   PEXT_SET_PARAMETERS Parameters) {
  LARGE_INTEGER due = {.QuadPart = DueTime};

  UNREFERENCED_PARAMETER(Parameters);
  if (!is_alive(Timer, "ExSetTimer"))
    return FALSE;
  return ke__set_long_timer(&Timer->timer, due,
                            Period > 0 ? (uint64_t)Period * NS_PER_TICK : 0,
                            &Timer->dpc);
}

BOOLEAN ExCancelTimer(PEX_TIMER Timer, PEXT_CANCEL_PARAMETERS Parameters) {
  UNREFERENCED_PARAMETER(Parameters);
  return is_alive(Timer, "ExCancelTimer") && KeCancelTimer(&Timer->timer.timer);
}

/* ---- deleting ---------------------------------------------------------- */

static PEX_TIMER timer_of(PKDPC dpc) {
  return CONTAINING_RECORD(dpc, struct _EX_TIMER, dpc);
}

bool ex__timer_is_over(PKDPC dpc) {
  PEX_TIMER timer = timer_of(dpc);

  if (!timer->deleted || timer->over || timer->timer.timer.Header.Inserted ||
      !ke__dpc_is_idle(dpc))
    return false;
  timer->over = true;
  return true;
}

void ex__end_timer(PKDPC dpc) {
  PEX_TIMER timer = timer_of(dpc);
  EXT_DELETE_PARAMETERS parameters = timer->parameters;
  PKEVENT gone = timer->gone;

  os__free(timer);
  if (parameters.DeleteCallback != NULL)
    parameters.DeleteCallback(parameters.DeleteContext);
  if (gone != NULL)
    KeSetEvent(gone, IO_NO_INCREMENT, FALSE);
}

/* True when it was over at once. */
static bool mark_deleted(PEX_TIMER timer, const EXT_DELETE_PARAMETERS *given,
                         PKEVENT gone) {
  bool over;

  ke__lock_dispatcher();
  timer->deleted = true;
  timer->gone = gone;
  if (given != NULL)
    timer->parameters = *given;
  over = ex__timer_is_over(&timer->dpc);
  ke__unlock_dispatcher();
  return over;
}

static bool may_wait(void) {
  if (ke__may_wait()) {
    ke__check_irql(APC_LEVEL, "ExDeleteTimer");
    return true;
  }
  vf__report(VF_WAIT_01, "ExDeleteTimer has to wait inside a callback");
  return false;
}

BOOLEAN ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait,
                      PEXT_DELETE_PARAMETERS Parameters) {
  KEVENT gone;
  BOOLEAN cancelled;
  bool waits;

  ke__require_irql(DISPATCH_LEVEL, "ExDeleteTimer");
  waits = Cancel && Wait && may_wait();
  if (ob__claim(OB_TIMER, Timer) == NULL) {
    vf__report(VF_TIMER_02, "ExDeleteTimer: %p is no timer object%s",
               (void *)Timer,
               ob__was_alive(OB_TIMER, Timer) ? " any more" : "");
    return FALSE;
  }
  KeInitializeEvent(&gone, NotificationEvent, FALSE);
  cancelled = Cancel && KeCancelTimer(&Timer->timer.timer);
  if (mark_deleted(Timer, Parameters, waits ? &gone : NULL))
    ex__end_timer(&Timer->dpc);
  if (waits)
    ke__wait_for(&(struct ke_call){"ExDeleteTimer", OB_CALLER(), Timer, NULL},
                 &gone);
  return cancelled;
}

/* ---- resolution -------------------------------------------------------- */

/* The loop counts milliseconds. */
VOID ExQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime,
                            PULONG CurrentTime) {
  *MaximumTime = KeQueryTimeIncrement();
  *MinimumTime = TICKS_PER_MS;
  *CurrentTime = TICKS_PER_MS;
}

ULONG ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution) {
  UNREFERENCED_PARAMETER(DesiredTime);
  UNREFERENCED_PARAMETER(SetResolution);
  ke__require_irql(APC_LEVEL, "ExSetTimerResolution");
  return TICKS_PER_MS;
}
