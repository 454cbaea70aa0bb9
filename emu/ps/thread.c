/* PsCreateSystemThread and its kin. See ps.h. */
#include "fault/fault.h"
#include "ps/ps.h"

#include <setjmp.h>

#include "ke/ke.h"
#include "ob/object.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

/* What the host thread needs; freed when it has been joined, which may be long
 * after the thread object has gone. */
struct host_thread {
  struct host_thread *next; /* of those that run, or of those that ended */
  struct os_thread thread;
  PETHREAD object;
  ULONG owner; /* of the driver whose thread it is */
  PKSTART_ROUTINE routine;
  PVOID context;
  jmp_buf end; /* where PsTerminateSystemThread goes */
  struct ob_record record;
};

static void delete_thread(PVOID thread) {
  os__free(((PETHREAD)thread)->Name.Buffer);
  ps__recycle_host_thread(thread);
}

static struct _OBJECT_TYPE thread_type = {
    .Name = "Thread", .Delete = delete_thread, .Waitable = TRUE};
static struct _OBJECT_TYPE process_type = {.Name = "Process"};
static POBJECT_TYPE thread_type_pointer = &thread_type;
static POBJECT_TYPE process_type_pointer = &process_type;
POBJECT_TYPE *PsThreadType = &thread_type_pointer;
POBJECT_TYPE *PsProcessType = &process_type_pointer;

struct _EPROCESS {
  ULONG UniqueProcessId;
};

/* All driver code runs in the System process, whose id is 4 on Windows. It is
 * an object, to be referenced like any other, and never goes. */
static struct {
  _Alignas(16) char header[OB_HEADER_SIZE];
  struct _EPROCESS process;
} system_process = {.process = {4}};
PEPROCESS PsInitialSystemProcess = &system_process.process;

void ps__start(void) {
  if (ob__type_of(&system_process.process) == NULL)
    ob__place_object(system_process.header, &process_type);
}

static _Thread_local struct host_thread *current;

static struct os_spin list_lock;
static struct host_thread *running;
static struct host_thread *ended;

static void join_ended(void) {
  os__spin_lock(&list_lock);
  struct host_thread *list = ended;
  ended = NULL;
  os__spin_unlock(&list_lock);
  while (list != NULL) {
    struct host_thread *next = list->next;
    os__thread_join(&list->thread);
    os__free(list);
    list = next;
  }
}

void ps__stop(void) {
  join_ended();
}

/* With the lock held. */
static void take_out(struct host_thread *host) {
  struct host_thread **link = &running;
  while (*link != host)
    link = &(*link)->next;
  *link = host->next;
}

static void begin(struct host_thread *host) {
  ke__count_busy(host->owner, 1);
  os__spin_lock(&list_lock);
  host->next = running;
  running = host;
  os__spin_unlock(&list_lock);
}

/* On the list of the ended first: whoever sees the thread signalled and stops
 * the runtime must find it there. */
static void end(struct host_thread *host) {
  ULONG owner = host->owner;
  os__spin_lock(&list_lock);
  take_out(host);
  host->next = ended;
  ended = host;
  os__spin_unlock(&list_lock);
  ke__count_busy(owner, -1);
}

static PKSTART_ROUTINE nth_of(ULONG owner, size_t nth) {
  PKSTART_ROUTINE routine = NULL;
  os__spin_lock(&list_lock);
  for (struct host_thread *host = running; host != NULL; host = host->next)
    if (host->owner == owner && nth-- == 0)
      routine = host->routine;
  os__spin_unlock(&list_lock);
  return routine;
}

size_t ps__report_threads_of(ULONG owner, const char *driver) {
  PKSTART_ROUTINE routine;
  char where[256];
  size_t count = 0;
  while (owner != 0 && (routine = nth_of(owner, count)) != NULL) {
    os__describe_code((const void *)routine, where, sizeof(where));
    vf__report(VF_THREAD_02,
               "driver %s has gone and its thread %s is still running", driver,
               where);
    count++;
  }
  return count;
}

/* The one place that calls a thread's start routine. */
static NTSTATUS call_start_routine(struct host_thread *host) {
  volatile NTSTATUS status = STATUS_SUCCESS;
  if (setjmp(host->end) == 0)
    host->routine(host->context);
  else
    status = host->object->ExitStatus;
  if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
    vf__report(VF_THREAD_01, "a system thread ended at IRQL %s",
               ke__irql_name(KeGetCurrentIrql()));
    ke__swap_irql(PASSIVE_LEVEL);
  }
  if (host->object->Tcb.OwnedMutants != 0)
    vf__report(VF_MUTEX_02, "a system thread ended with %d mutexes",
               (int)host->object->Tcb.OwnedMutants);
  return status;
}

static void run_thread(void *argument) {
  struct host_thread *host = argument;
  PETHREAD object = host->object;
  current = host;
  /* Atomic: a report may be reading it. */
  __atomic_store_n(&object->Tcb.Number, os__thread_number(), __ATOMIC_RELAXED);
  ke__set_current_thread(&object->Tcb);
  ke__enter_thread(&object->Tcb);
  object->ExitStatus = call_start_routine(host);
  ob__untrack(&host->record);
  end(host);
  ke__signal_thread(&object->Tcb);
  ke__set_current_thread(NULL);
  ObfDereferenceObject(object);
}

/* The host has no thread for it. */
static void abandon(struct host_thread *host) {
  os__spin_lock(&list_lock);
  take_out(host);
  os__spin_unlock(&list_lock);
  ke__count_busy(host->owner, -1);
  ob__untrack(&host->record);
}

void ps__initialize_thread(PETHREAD thread) {
  ke__initialize_thread(&thread->Tcb);
  thread->ExitStatus = STATUS_PENDING;
  thread->PagePriority = PS_NORMAL_PAGE_PRIORITY;
  thread->Silo = PS_NO_SILO;
}

static struct host_thread *create_thread(PKSTART_ROUTINE routine, PVOID context,
                                         const void *caller) {
  struct host_thread *host =
      fault__fails(UWSK_AT_THREAD) ? NULL : os__alloc(sizeof(*host));
  if (host == NULL)
    return NULL;
  host->object = ob__create_object(&thread_type, sizeof(struct _ETHREAD));
  if (host->object == NULL) {
    os__free(host);
    return NULL;
  }
  ps__initialize_thread(host->object);
  host->object->StartAddress = (PVOID)routine;
  host->owner = host->object->Tcb.Owner = ke__owner();
  host->routine = routine;
  host->context = context;
  host->record = (struct ob_record){.object = host->object,
                                    .call = "PsCreateSystemThread",
                                    .caller = caller,
                                    .kind = OB_THREAD};
  return host;
}

static void discard_thread(struct host_thread *host, HANDLE handle) {
  if (handle != NULL)
    ZwClose(handle);
  ObfDereferenceObject(host->object);
  os__free(host);
}

static NTSTATUS start_thread(struct host_thread *host, PHANDLE handle,
                             const void *caller) {
  NTSTATUS status =
      ob__create_handle(host->object, "PsCreateSystemThread", caller, handle);
  if (!NT_SUCCESS(status)) {
    discard_thread(host, NULL);
    return status;
  }
  ob__track(&host->record);
  begin(host);
  if (os__thread_start(&host->thread, run_thread, host) != 0) {
    abandon(host);
    discard_thread(host, *handle);
    *handle = NULL;
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  return STATUS_SUCCESS;
}

NTSTATUS PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess,
                              POBJECT_ATTRIBUTES ObjectAttributes,
                              HANDLE ProcessHandle, PCLIENT_ID ClientId,
                              PKSTART_ROUTINE StartRoutine,
                              PVOID StartContext) {
  UNREFERENCED_PARAMETER(DesiredAccess);
  UNREFERENCED_PARAMETER(ObjectAttributes);
  UNREFERENCED_PARAMETER(ProcessHandle);
  ke__require_irql(PASSIVE_LEVEL, "PsCreateSystemThread");
  if (ThreadHandle == NULL || StartRoutine == NULL)
    return STATUS_INVALID_PARAMETER;
  *ThreadHandle = NULL;
  join_ended();
  struct host_thread *host =
      create_thread(StartRoutine, StartContext, OB_CALLER());
  if (host == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (ClientId != NULL) {
    ClientId->UniqueProcess = PsGetCurrentProcessId();
    ClientId->UniqueThread = (HANDLE)host->object;
  }
  return start_thread(host, ThreadHandle, OB_CALLER());
}

NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus) {
  if (current == NULL)
    return STATUS_INVALID_PARAMETER;
  current->object->ExitStatus = ExitStatus;
  longjmp(current->end, 1);
}

bool ps__has_ended(PETHREAD thread) {
  ke__lock_dispatcher();
  bool ended = thread->Tcb.Header.SignalState != 0;
  ke__unlock_dispatcher();
  return ended;
}

PETHREAD PsGetCurrentThread(VOID) {
  return (PETHREAD)KeGetCurrentThread();
}

PEPROCESS PsGetCurrentProcess(VOID) {
  return &system_process.process;
}

HANDLE PsGetProcessId(PEPROCESS Process) {
  return (HANDLE)(ULONG_PTR)Process->UniqueProcessId;
}

HANDLE PsGetCurrentProcessId(VOID) {
  return PsGetProcessId(&system_process.process);
}

HANDLE PsGetCurrentThreadId(VOID) {
  return (HANDLE)KeGetCurrentThread();
}

HANDLE PsGetThreadId(PETHREAD Thread) {
  return (HANDLE)Thread;
}

NTSTATUS PsGetThreadExitStatus(PETHREAD Thread) {
  return ps__has_ended(Thread) ? Thread->ExitStatus : STATUS_PENDING;
}

BOOLEAN PsIsSystemThread(PETHREAD Thread) {
  UNREFERENCED_PARAMETER(Thread);
  return TRUE; /* Every thread belongs to the System process. */
}

KPROCESSOR_MODE ExGetPreviousMode(VOID) {
  return KernelMode;
}
