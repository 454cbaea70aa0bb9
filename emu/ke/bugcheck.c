/* KeBugCheckEx: the end, with a word about why. */
#include "ke/ke.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/os.h"

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                  ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
                  ULONG_PTR BugCheckParameter4) {
  char caller[128], text[320];
  os__describe_code(__builtin_return_address(0), caller, sizeof(caller));
  int length = snprintf(
      text, sizeof(text),
      "uwsk: *** STOP: 0x%08X (0x%016llX, 0x%016llX, 0x%016llX, 0x%016llX)\n"
      "uwsk: bugcheck requested by %s\n",
      (unsigned)BugCheckCode, (unsigned long long)BugCheckParameter1,
      (unsigned long long)BugCheckParameter2,
      (unsigned long long)BugCheckParameter3,
      (unsigned long long)BugCheckParameter4, caller);
  if (length > (int)sizeof(text) - 1)
    length = (int)sizeof(text) - 1;
  os__stderr(text, (size_t)length);
  abort();
}

VOID KeBugCheck(ULONG BugCheckCode) {
  KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}
