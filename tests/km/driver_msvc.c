/* What Microsoft's compiler takes in C. */
#include "driver_msvc.h"

DRIVER_INITIALIZE DriverEntry;

/* Practice: assertions of C, outside of functions and in them. */
static_assert(sizeof(ULONG) == 4, "LLP64");
static_assert(sizeof(PVOID) == 8, "");

/* Practice: an array of any length at the end, and one of none. */
typedef struct _MSVC_FLEXIBLE {
  ULONG Count;
  UCHAR Data[];
} MSVC_FLEXIBLE;
typedef struct _MSVC_NONE {
  ULONG Count;
  UCHAR Data[0];
} MSVC_NONE;
C_ASSERT(sizeof(MSVC_FLEXIBLE) == 4 && sizeof(MSVC_NONE) == 4);

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  static_assert(_countof("ab") == 3, "in a function");
  C_ASSERT(1);
  UNREFERENCED_PARAMETER(DriverObject);
  DBG_UNREFERENCED_PARAMETER(RegistryPath);
  return CheckAll();
}
