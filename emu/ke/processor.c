/* Processors: the host's, all in group 0. */
#include "ke/ke.h"

#include "os/os.h"

#define GROUP_SIZE 64

/* A group has 64 processors on Windows; those beyond are not spoken of. */
static ULONG count(void) {
  ULONG processors = os__processor_count();

  return processors > GROUP_SIZE ? GROUP_SIZE : processors;
}

ULONG KeGetCurrentProcessorNumber(VOID) {
  return os__processor_number() % count();
}

ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors) {
  if (ActiveProcessors != NULL)
    *ActiveProcessors =
        count() == GROUP_SIZE ? ~(KAFFINITY)0 : ((KAFFINITY)1 << count()) - 1;
  return count();
}

KAFFINITY KeQueryActiveProcessors(VOID) {
  return ke__processors();
}

ULONG KeQueryMaximumProcessorCount(VOID) {
  return count();
}

ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber) {
  return GroupNumber == 0 || GroupNumber == ALL_PROCESSOR_GROUPS ? count() : 0;
}

ULONG KeQueryMaximumProcessorCountEx(USHORT GroupNumber) {
  return KeQueryActiveProcessorCountEx(GroupNumber);
}

static void describe(ULONG index, PPROCESSOR_NUMBER number) {
  number->Group = 0;
  number->Number = (UCHAR)index;
  number->Reserved = 0;
}

ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber) {
  ULONG index = KeGetCurrentProcessorNumber();

  if (ProcNumber != NULL)
    describe(index, ProcNumber);
  return index;
}

NTSTATUS KeGetProcessorNumberFromIndex(ULONG ProcIndex,
                                       PPROCESSOR_NUMBER ProcNumber) {
  if (ProcIndex >= count())
    return STATUS_INVALID_PARAMETER;
  describe(ProcIndex, ProcNumber);
  return STATUS_SUCCESS;
}

ULONG KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber) {
  if (ProcNumber->Group != 0 || ProcNumber->Reserved != 0 ||
      ProcNumber->Number >= count())
    return INVALID_PROCESSOR_INDEX;
  return ProcNumber->Number;
}

/* ---- groups and nodes: there is one of each ---------------------------- */

USHORT KeQueryActiveGroupCount(VOID) {
  return 1;
}

USHORT KeQueryMaximumGroupCount(VOID) {
  return 1;
}

KAFFINITY KeQueryGroupAffinity(USHORT GroupNumber) {
  return GroupNumber == 0 ? ke__processors() : 0;
}

USHORT KeGetCurrentNodeNumber(VOID) {
  return 0;
}

USHORT KeQueryHighestNodeNumber(VOID) {
  return 0;
}

VOID KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity,
                               PUSHORT Count) {
  if (Affinity != NULL)
    *Affinity = (GROUP_AFFINITY){.Mask = KeQueryGroupAffinity(NodeNumber)};
  if (Count != NULL)
    *Count = NodeNumber == 0 ? 1 : 0;
}
