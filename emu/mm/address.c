/* Addresses: whether they can be used, and those of routines by name. */
#include <ntifs.h>

#include "ke/ke.h"
#include "mm/routine_table.h"
#include "os/os.h"

BOOLEAN MmIsAddressValid(PVOID VirtualAddress) {
  ke__within_irql(DISPATCH_LEVEL, "MmIsAddressValid");
  return os__probe(VirtualAddress, 1, false);
}

/* ---- probing ----------------------------------------------------------- */

/* There is one address space, so the question left is whether the memory can be
 * used. It is asked here since a fault could not be caught later. */
static void probe(const volatile VOID *address, SIZE_T length, ULONG alignment,
                  bool write) {
  if (length == 0)
    return;
  if (((ULONG_PTR)address & (alignment - 1)) != 0)
    RtlRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
  if (!os__probe((const void *)address, length, write))
    RtlRaiseStatus(STATUS_ACCESS_VIOLATION);
}

VOID ProbeForRead(const volatile VOID *Address, SIZE_T Length,
                  ULONG Alignment) {
  ke__require_irql(APC_LEVEL, "ProbeForRead");
  probe(Address, Length, Alignment, false);
}

VOID ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment) {
  ke__require_irql(APC_LEVEL, "ProbeForWrite");
  probe(Address, Length, Alignment, true);
}

/* ---- routines by name -------------------------------------------------- */

struct routine {
  const char *name;
  PVOID address;
};

#define ROW(name) {#name, (PVOID)(ULONG_PTR)name},
static const struct routine routines[] = {MM_ROUTINES(ROW)};
#undef ROW

/* Names are ASCII, and sorted; as on Windows their case counts. */
static int compare(PCUNICODE_STRING name, const char *with) {
  USHORT length = name->Length / sizeof(WCHAR), i = 0;

  while (i < length && with[i] != '\0' && name->Buffer[i] == (UCHAR)with[i])
    i++;
  return (i < length ? name->Buffer[i] : 0) - (UCHAR)with[i];
}

PVOID MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName) {
  size_t low = 0, high = RTL_NUMBER_OF(routines);

  ke__require_irql(PASSIVE_LEVEL, "MmGetSystemRoutineAddress");
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = compare(SystemRoutineName, routines[middle].name);

    if (order == 0)
      return routines[middle].address;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}
