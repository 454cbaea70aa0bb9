/* Which Windows a driver is told it runs on. */
#include <ntifs.h>

#include <stdbool.h>

#include "ke/ke.h"

/* Windows 10, version 2004: the first that has every call uwsk offers. */
#define MAJOR 10
#define MINOR 0
#define BUILD 19041
#define NTDDI NTDDI_WIN10_VB

/* What windows.h calls VER_PLATFORM_WIN32_NT. */
#define PLATFORM_NT 2

static void tell_extended(POSVERSIONINFOEXW version) {
  version->wServicePackMajor = 0;
  version->wServicePackMinor = 0;
  version->wSuiteMask = 0;
  version->wProductType = VER_NT_WORKSTATION;
}

NTSTATUS RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation) {
  ke__within_irql(PASSIVE_LEVEL, "RtlGetVersion");
  VersionInformation->dwMajorVersion = MAJOR;
  VersionInformation->dwMinorVersion = MINOR;
  VersionInformation->dwBuildNumber = BUILD;
  VersionInformation->dwPlatformId = PLATFORM_NT;
  VersionInformation->szCSDVersion[0] = 0;
  if (VersionInformation->dwOSVersionInfoSize == sizeof(OSVERSIONINFOEXW))
    tell_extended((POSVERSIONINFOEXW)VersionInformation);
  return STATUS_SUCCESS;
}

BOOLEAN PsGetVersion(PULONG MajorVersion, PULONG MinorVersion,
                     PULONG BuildNumber, PUNICODE_STRING CSDVersion) {
  ke__within_irql(PASSIVE_LEVEL, "PsGetVersion");
  if (MajorVersion != NULL)
    *MajorVersion = MAJOR;
  if (MinorVersion != NULL)
    *MinorVersion = MINOR;
  if (BuildNumber != NULL)
    *BuildNumber = BUILD;
  if (CSDVersion != NULL)
    RtlInitUnicodeString(CSDVersion, L"");
  return FALSE;
}

/* ---- asking ------------------------------------------------------------ */

/* Before Windows 10 the low half named service packs, which this is no question
 * for; since then it names releases. */
BOOLEAN RtlIsNtDdiVersionAvailable(ULONG Version) {
  ke__require_irql(PASSIVE_LEVEL, "RtlIsNtDdiVersionAvailable");
  if (Version < NTDDI_WIN10 && (Version & 0xFFFF) != 0)
    return FALSE;
  return Version <= NTDDI;
}

BOOLEAN RtlIsServicePackVersionInstalled(ULONG Version) {
  ke__require_irql(PASSIVE_LEVEL, "RtlIsServicePackVersionInstalled");
  /* Only the system's own version could have it, and it has none. */
  return Version == NTDDI_WIN10;
}

/* ---- conditions -------------------------------------------------------- */

/* The members in the order of their bits in the mask of conditions. */
enum {
  MINOR_VERSION,
  MAJOR_VERSION,
  BUILD_NUMBER,
  PLATFORM,
  PACK_MINOR,
  PACK_MAJOR,
  SUITE,
  PRODUCT,
  MEMBERS
};

static UCHAR condition_of(ULONGLONG mask, int member) {
  return (UCHAR)(mask >> member * VER_NUM_BITS_PER_CONDITION_MASK &
                 VER_CONDITION_MASK);
}

/* Of several types the highest counts, as on Windows. */
ULONGLONG uwsk__set_condition(ULONGLONG ConditionMask, ULONG TypeMask,
                              UCHAR Condition) {
  for (int member = MEMBERS - 1; member >= 0; member--)
    if ((TypeMask & 1u << member) != 0)
      return ConditionMask | (ULONGLONG)(Condition & VER_CONDITION_MASK)
                                 << member * VER_NUM_BITS_PER_CONDITION_MASK;
  return ConditionMask;
}

static LONG value_of(const RTL_OSVERSIONINFOEXW *version, int member) {
  switch (member) {
  case MINOR_VERSION:
    return (LONG)version->dwMinorVersion;
  case MAJOR_VERSION:
    return (LONG)version->dwMajorVersion;
  case BUILD_NUMBER:
    return (LONG)version->dwBuildNumber;
  case PLATFORM:
    return (LONG)version->dwPlatformId;
  case PACK_MINOR:
    return version->wServicePackMinor;
  case PACK_MAJOR:
    return version->wServicePackMajor;
  case SUITE:
    return version->wSuiteMask;
  default:
    return version->wProductType;
  }
}

static bool is_met(LONG here, LONG wanted, UCHAR condition) {
  switch (condition) {
  case VER_EQUAL:
    return here == wanted;
  case VER_GREATER:
    return here > wanted;
  case VER_GREATER_EQUAL:
    return here >= wanted;
  case VER_LESS:
    return here < wanted;
  case VER_LESS_EQUAL:
    return here <= wanted;
  case VER_AND:
    return (here & wanted) == wanted;
  default:
    return (here & wanted) != 0;
  }
}

static bool are_valid(ULONG types, ULONGLONG conditions) {
  if (types == 0 || (types & ~((1u << MEMBERS) - 1)) != 0)
    return false;
  for (int member = 0; member < MEMBERS; member++) {
    UCHAR condition = condition_of(conditions, member);
    bool of_sets = condition == VER_AND || condition == VER_OR;

    if ((types & 1u << member) != 0 &&
        (condition == 0 || of_sets != (member == SUITE)))
      return false;
  }
  return true;
}

/* The parts of a version are compared from left to right: one that differs
 * decides by the condition of the leftmost that was asked for. */
static bool is_version_met(const RTL_OSVERSIONINFOEXW *here,
                           const RTL_OSVERSIONINFOEXW *wanted, ULONG types,
                           ULONGLONG conditions) {
  static const int parts[] = {MAJOR_VERSION, MINOR_VERSION, PACK_MAJOR,
                              PACK_MINOR};
  UCHAR condition = 0;

  for (unsigned i = 0; i < RTL_NUMBER_OF(parts); i++) {
    LONG a = value_of(here, parts[i]), b = value_of(wanted, parts[i]);

    if ((types & 1u << parts[i]) == 0)
      continue;
    if (condition == 0)
      condition = condition_of(conditions, parts[i]);
    if (a != b)
      return is_met(a, b, condition);
  }
  return condition == 0 || is_met(0, 0, condition);
}

NTSTATUS RtlVerifyVersionInfo(PRTL_OSVERSIONINFOEXW VersionInfo, ULONG TypeMask,
                              ULONGLONG ConditionMask) {
  static const int others[] = {BUILD_NUMBER, PLATFORM, SUITE, PRODUCT};
  RTL_OSVERSIONINFOEXW here = {.dwOSVersionInfoSize = sizeof(here)};

  ke__require_irql(PASSIVE_LEVEL, "RtlVerifyVersionInfo");
  if (!are_valid(TypeMask, ConditionMask))
    return STATUS_INVALID_PARAMETER;
  RtlGetVersion((PRTL_OSVERSIONINFOW)&here);
  if (!is_version_met(&here, VersionInfo, TypeMask, ConditionMask))
    return STATUS_REVISION_MISMATCH;
  for (unsigned i = 0; i < RTL_NUMBER_OF(others); i++)
    if ((TypeMask & 1u << others[i]) != 0 &&
        !is_met(value_of(&here, others[i]), value_of(VersionInfo, others[i]),
                condition_of(ConditionMask, others[i])))
      return STATUS_REVISION_MISMATCH;
  return STATUS_SUCCESS;
}
