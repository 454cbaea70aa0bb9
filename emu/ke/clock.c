/* One clock for system time, interrupt time, waits and delays. */
#include "ke/watch.h"

#include "os/os.h"

#define NS_PER_TICK 100u
/* What Windows reports on a machine with the usual 15.6 ms clock interrupt. */
#define TIME_INCREMENT 156250u

static uint64_t start_ns;

int ke__start(void) {
  start_ns = os__now_ns();
  return 0;
}

void ke__stop(void) {
  ke__free_owners();
}

uint64_t ke__clock_ns(void) {
  return os__now_ns();
}

LONGLONG ke__system_time(void) {
  return os__system_time_100ns();
}

ULONGLONG ke__interrupt_time(void) {
  return (ke__clock_ns() - start_ns) / NS_PER_TICK;
}

static uint64_t deadline_after(uint64_t ticks) {
  uint64_t now = ke__clock_ns();
  if (ticks >= (LOOP_FOREVER - now) / NS_PER_TICK)
    return LOOP_FOREVER;
  return now + ticks * NS_PER_TICK;
}

uint64_t ke__deadline(const LARGE_INTEGER *timeout) {
  if (timeout == NULL)
    return LOOP_FOREVER;
  LONGLONG ticks = timeout->QuadPart;
  if (ticks <= 0) /* The unsigned negation is right for the smallest, too. */
    return deadline_after(-(uint64_t)ticks);
  LONGLONG now = ke__system_time();
  return deadline_after(ticks > now ? (uint64_t)(ticks - now) : 0);
}

VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime) {
  CurrentTime->QuadPart = ke__system_time();
}

VOID KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime) {
  CurrentTime->QuadPart = ke__system_time();
}

ULONGLONG KeQueryInterruptTime(VOID) {
  return ke__interrupt_time();
}

ULONGLONG KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp) {
  LARGE_INTEGER counter = KeQueryPerformanceCounter(NULL);
  if (QpcTimeStamp != NULL)
    *QpcTimeStamp = (ULONG64)counter.QuadPart;
  return ke__interrupt_time();
}

VOID KeQueryTickCount(PLARGE_INTEGER CurrentCount) {
  CurrentCount->QuadPart = (LONGLONG)(ke__interrupt_time() / TIME_INCREMENT);
}

ULONG KeQueryTimeIncrement(VOID) {
  return TIME_INCREMENT;
}

LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency) {
  LARGE_INTEGER counter;
  if (PerformanceFrequency != NULL)
    PerformanceFrequency->QuadPart = 1000000000 / NS_PER_TICK;
  counter.QuadPart = (LONGLONG)(ke__clock_ns() / NS_PER_TICK);
  return counter;
}

VOID KeStallExecutionProcessor(ULONG MicroSeconds) {
  uint64_t end = ke__clock_ns() + (uint64_t)MicroSeconds * 1000u;
  while (ke__clock_ns() < end) {
  }
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                PLARGE_INTEGER Interval) {
  VF_ENTER("KeDelayExecutionThread");
  /* A wait on an event that nobody can signal: the loop is driven meanwhile. */
  struct ke_call call = {.name = "KeDelayExecutionThread",
                         .caller = OB_CALLER()};
  KEVENT never;
  KeInitializeEvent(&never, NotificationEvent, FALSE);
  NTSTATUS status = ke__wait_as(&call, &never, WaitMode, Alertable, Interval);
  return status == STATUS_TIMEOUT ? STATUS_SUCCESS : status;
}
