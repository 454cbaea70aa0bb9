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
  struct host_thread *next;
  struct os_thread thread;
  PETHREAD object;
  PKSTART_ROUTINE routine;
  PVOID context;
  jmp_buf end; /* where PsTerminateSystemThread goes */
  struct ob_record record;
};

static struct _OBJECT_TYPE thread_type = {"Thread", NULL};
static struct _OBJECT_TYPE process_type = {"Process", NULL};
static POBJECT_TYPE thread_type_pointer = &thread_type;
static POBJECT_TYPE process_type_pointer = &process_type;
POBJECT_TYPE *PsThreadType = &thread_type_pointer;
POBJECT_TYPE *PsProcessType = &process_type_pointer;

struct _EPROCESS {
  ULONG UniqueProcessId;
};
/* All driver code runs in the System process, whose id is 4 on Windows. */
static struct _EPROCESS system_process = {4};
PEPROCESS PsInitialSystemProcess = &system_process;

static _Thread_local struct host_thread *current;

static struct os_spin ended_lock;
static struct host_thread *ended;

static void join_ended(void) {
  os__spin_lock(&ended_lock);
  struct host_thread *list = ended;
  ended = NULL;
  os__spin_unlock(&ended_lock);
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
  object->ExitStatus = call_start_routine(host);
  ob__untrack(&host->record);
  /* On the list first: whoever sees the thread signalled and stops the runtime
   * must find it there. */
  os__spin_lock(&ended_lock);
  host->next = ended;
  ended = host;
  os__spin_unlock(&ended_lock);
  ke__signal_thread(&object->Tcb);
  ke__set_current_thread(NULL);
  ObfDereferenceObject(object);
}

static void initialize_thread(PETHREAD thread) {
  thread->Tcb.Header.Type = KE_THREAD;
  thread->ExitStatus = STATUS_PENDING;
  InitializeListHead(&thread->Tcb.Header.WaitListHead);
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
  initialize_thread(host->object);
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
  if (os__thread_start(&host->thread, run_thread, host) != 0) {
    ob__untrack(&host->record);
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

PETHREAD PsGetCurrentThread(VOID) {
  return (PETHREAD)KeGetCurrentThread();
}

PEPROCESS PsGetCurrentProcess(VOID) {
  return &system_process;
}

HANDLE PsGetCurrentProcessId(VOID) {
  return (HANDLE)(ULONG_PTR)system_process.UniqueProcessId;
}

HANDLE PsGetCurrentThreadId(VOID) {
  return (HANDLE)KeGetCurrentThread();
}
