/* Which Windows a driver is told it runs on. */
#include <ntddk.h>

/* Windows 10, version 2004: the first that has every call uwsk offers. */
#define MAJOR 10
#define MINOR 0
#define BUILD 19041

/* What windows.h calls VER_PLATFORM_WIN32_NT. */
#define PLATFORM_NT 2

static void tell_extended(POSVERSIONINFOEXW version) {
  version->wServicePackMajor = 0;
  version->wServicePackMinor = 0;
  version->wSuiteMask = 0;
  version->wProductType = VER_NT_WORKSTATION;
}

NTSTATUS RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation) {
  VersionInformation->dwMajorVersion = MAJOR;
  VersionInformation->dwMinorVersion = MINOR;
  VersionInformation->dwBuildNumber = BUILD;
  VersionInformation->dwPlatformId = PLATFORM_NT;
  VersionInformation->szCSDVersion[0] = 0;
  if (VersionInformation->dwOSVersionInfoSize == sizeof(OSVERSIONINFOEXW))
    tell_extended((POSVERSIONINFOEXW)VersionInformation);
  return STATUS_SUCCESS;
}
