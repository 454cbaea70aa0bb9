/* ZwQueryInformationThread and ZwSetInformationThread: one row per class. */
#include "ob/object.h"
#include "ps/ps.h"

#include "ke/ke.h"
#include "os/os.h"

/* What ThreadBasicInformation answers. Drivers declare it themselves. */
struct basic_information {
  NTSTATUS ExitStatus;
  PVOID TebBaseAddress;
  CLIENT_ID ClientId;
  KAFFINITY AffinityMask;
  KPRIORITY Priority;
  KPRIORITY BasePriority;
};

/* Increments that ThreadBasePriority takes: a few, or one end of the class. */
#define MAX_INCREMENT 2
#define MIN_INCREMENT (-2)
#define TO_THE_TOP    16
#define TO_THE_BOTTOM (-16)

#define LOWEST_PAGE_PRIORITY 1
#define THROTTLING_VERSION   1
#define EXECUTION_SPEED      1

static struct os_spin lock; /* of names */

/* ---- setting ----------------------------------------------------------- */

static NTSTATUS set_priority(PETHREAD thread, PVOID data) {
  KPRIORITY priority = *(KPRIORITY *)data;

  if (priority <= LOW_PRIORITY || priority > HIGH_PRIORITY)
    return STATUS_INVALID_PARAMETER;
  KeSetPriorityThread(&thread->Tcb, priority);
  return STATUS_SUCCESS;
}

static NTSTATUS set_base_priority(PETHREAD thread, PVOID data) {
  LONG increment = *(LONG *)data;

  if ((increment > MAX_INCREMENT && increment != TO_THE_TOP) ||
      (increment < MIN_INCREMENT && increment != TO_THE_BOTTOM))
    return STATUS_INVALID_PARAMETER;
  KeSetBasePriorityThread(&thread->Tcb, increment);
  return STATUS_SUCCESS;
}

static NTSTATUS set_affinity(PETHREAD thread, PVOID data) {
  return ke__set_user_affinity(&thread->Tcb, *(KAFFINITY *)data)
             ? STATUS_SUCCESS
             : STATUS_INVALID_PARAMETER;
}

static NTSTATUS set_group(PETHREAD thread, PVOID data) {
  PGROUP_AFFINITY affinity = data;

  if (affinity->Group != 0 || affinity->Reserved[0] != 0 ||
      affinity->Reserved[1] != 0 || affinity->Reserved[2] != 0)
    return STATUS_INVALID_PARAMETER;
  return set_affinity(thread, &affinity->Mask);
}

static UCHAR *ideal_of(PETHREAD thread) {
  return &thread->Tcb.IdealProcessor;
}

/* The one before is the answer. */
static NTSTATUS set_ideal(PETHREAD thread, PVOID data) {
  PPROCESSOR_NUMBER number = data;

  if (KeGetProcessorIndexFromNumber(number) == INVALID_PROCESSOR_INDEX)
    return STATUS_INVALID_PARAMETER;
  number->Number =
      __atomic_exchange_n(ideal_of(thread), number->Number, __ATOMIC_RELAXED);
  return STATUS_SUCCESS;
}

static NTSTATUS set_page_priority(PETHREAD thread, PVOID data) {
  ULONG priority = ((PPAGE_PRIORITY_INFORMATION)data)->PagePriority;

  if (priority < LOWEST_PAGE_PRIORITY || priority > PS_NORMAL_PAGE_PRIORITY)
    return STATUS_INVALID_PARAMETER;
  __atomic_store_n(&thread->PagePriority, priority, __ATOMIC_RELAXED);
  return STATUS_SUCCESS;
}

static NTSTATUS set_throttling(PETHREAD thread, PVOID data) {
  PPOWER_THROTTLING_THREAD_STATE state = data;

  UNREFERENCED_PARAMETER(thread);
  if (state->Version != THROTTLING_VERSION ||
      (state->ControlMask & ~EXECUTION_SPEED) != 0 ||
      (state->StateMask & ~state->ControlMask) != 0)
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

static NTSTATUS set_name(PETHREAD thread, PVOID data) {
  UNICODE_STRING name = *(PUNICODE_STRING)data;
  PWSTR text = NULL;

  if (name.Length % sizeof(WCHAR) != 0)
    return STATUS_INVALID_PARAMETER;
  if (name.Length != 0) {
    text = os__alloc(name.Length);
    if (text == NULL)
      return STATUS_INSUFFICIENT_RESOURCES;
    RtlCopyMemory(text, name.Buffer, name.Length);
  }
  os__spin_lock(&lock);
  name.Buffer = thread->Name.Buffer;
  thread->Name = (UNICODE_STRING){name.Length, name.Length, text};
  os__spin_unlock(&lock);
  os__free(name.Buffer);
  return STATUS_SUCCESS;
}

/* ---- querying ---------------------------------------------------------- */

static NTSTATUS query_basic(PETHREAD thread, PVOID data) {
  struct basic_information *basic = data;

  RtlZeroMemory(basic, sizeof(*basic));
  basic->ExitStatus = PsGetThreadExitStatus(thread);
  basic->ClientId.UniqueProcess = PsGetCurrentProcessId();
  basic->ClientId.UniqueThread = PsGetThreadId(thread);
  basic->AffinityMask = ke__affinity(&thread->Tcb);
  basic->Priority = KeQueryPriorityThread(&thread->Tcb);
  ke__lock_dispatcher();
  basic->BasePriority = ke__base_priority(&thread->Tcb);
  ke__unlock_dispatcher();
  return STATUS_SUCCESS;
}

static NTSTATUS query_ended(PETHREAD thread, PVOID data) {
  *(PULONG)data = ps__has_ended(thread);
  return STATUS_SUCCESS;
}

static NTSTATUS query_start(PETHREAD thread, PVOID data) {
  *(PVOID *)data = thread->StartAddress;
  return STATUS_SUCCESS;
}

static NTSTATUS query_group(PETHREAD thread, PVOID data) {
  *(PGROUP_AFFINITY)data = (GROUP_AFFINITY){.Mask = ke__affinity(&thread->Tcb)};
  return STATUS_SUCCESS;
}

static NTSTATUS query_ideal(PETHREAD thread, PVOID data) {
  return KeGetProcessorNumberFromIndex(
      __atomic_load_n(ideal_of(thread), __ATOMIC_RELAXED), data);
}

static NTSTATUS query_page_priority(PETHREAD thread, PVOID data) {
  ((PPAGE_PRIORITY_INFORMATION)data)->PagePriority =
      __atomic_load_n(&thread->PagePriority, __ATOMIC_RELAXED);
  return STATUS_SUCCESS;
}

/* ---- the table --------------------------------------------------------- */

static const struct class {
  THREADINFOCLASS number;
  ULONG size;
  NTSTATUS (*query)(PETHREAD thread, PVOID data);
  NTSTATUS (*set)(PETHREAD thread, PVOID data);
} classes[] = {
    {ThreadBasicInformation, sizeof(struct basic_information), query_basic,
     NULL},
    {ThreadPriority, sizeof(KPRIORITY), NULL, set_priority},
    {ThreadBasePriority, sizeof(LONG), NULL, set_base_priority},
    {ThreadAffinityMask, sizeof(KAFFINITY), NULL, set_affinity},
    {ThreadQuerySetWin32StartAddress, sizeof(PVOID), query_start, NULL},
    {ThreadIsTerminated, sizeof(ULONG), query_ended, NULL},
    {ThreadPagePriority, sizeof(PAGE_PRIORITY_INFORMATION), query_page_priority,
     set_page_priority},
    {ThreadGroupInformation, sizeof(GROUP_AFFINITY), query_group, set_group},
    {ThreadIdealProcessorEx, sizeof(PROCESSOR_NUMBER), query_ideal, set_ideal},
    {ThreadNameInformation, sizeof(UNICODE_STRING), NULL, set_name},
    {ThreadPowerThrottlingState, sizeof(POWER_THROTTLING_THREAD_STATE), NULL,
     set_throttling},
};

static const struct class *find(THREADINFOCLASS number) {
  for (unsigned i = 0; i < RTL_NUMBER_OF(classes); i++)
    if (classes[i].number == number)
      return &classes[i];
  return NULL;
}

/* The name is as long as it is, and stands behind the string. */
static NTSTATUS query_name(PETHREAD thread, PVOID data, ULONG length,
                           PULONG needed) {
  PUNICODE_STRING name = data;
  NTSTATUS status = STATUS_BUFFER_TOO_SMALL;

  os__spin_lock(&lock);
  *needed = sizeof(*name) + thread->Name.Length;
  if (length >= *needed) {
    *name = thread->Name;
    name->Buffer = (PWSTR)(name + 1);
    if (name->Length != 0)
      RtlCopyMemory(name->Buffer, thread->Name.Buffer, name->Length);
    status = STATUS_SUCCESS;
  }
  os__spin_unlock(&lock);
  return status;
}

static NTSTATUS query(PETHREAD thread, THREADINFOCLASS number, PVOID data,
                      ULONG length, PULONG needed) {
  const struct class *class = find(number);

  if (number == ThreadNameInformation)
    return query_name(thread, data, length, needed);
  if (class == NULL || class->query == NULL)
    return STATUS_INVALID_INFO_CLASS;
  *needed = class->size;
  if (length != class->size)
    return STATUS_INFO_LENGTH_MISMATCH;
  return class->query(thread, data);
}

static NTSTATUS reference(HANDLE handle, PETHREAD *thread) {
  return ob__from_handle(handle, THREAD_QUERY_INFORMATION, *PsThreadType,
                         KernelMode, (PVOID *)thread, NULL);
}

NTSTATUS ZwQueryInformationThread(HANDLE ThreadHandle,
                                  THREADINFOCLASS ThreadInformationClass,
                                  PVOID ThreadInformation,
                                  ULONG ThreadInformationLength,
                                  PULONG ReturnLength) {
  ULONG needed = 0;
  PETHREAD thread;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwQueryInformationThread");
  status = reference(ThreadHandle, &thread);
  if (!NT_SUCCESS(status))
    return status;
  status = query(thread, ThreadInformationClass, ThreadInformation,
                 ThreadInformationLength, &needed);
  ObDereferenceObject(thread);
  if (ReturnLength != NULL)
    *ReturnLength = needed;
  return status;
}

NTSTATUS ZwSetInformationThread(HANDLE ThreadHandle,
                                THREADINFOCLASS ThreadInformationClass,
                                PVOID ThreadInformation,
                                ULONG ThreadInformationLength) {
  const struct class *class = find(ThreadInformationClass);
  PETHREAD thread;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwSetInformationThread");
  if (class == NULL || class->set == NULL)
    return STATUS_INVALID_INFO_CLASS;
  if (ThreadInformationLength != class->size)
    return STATUS_INFO_LENGTH_MISMATCH;
  status = reference(ThreadHandle, &thread);
  if (!NT_SUCCESS(status))
    return status;
  status = class->set(thread, ThreadInformation);
  ObDereferenceObject(thread);
  return status;
}
