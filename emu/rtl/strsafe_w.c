/* The safe string functions for WCHAR. */
#include <ntddk.h>
#include <ntstrsafe.h>

#include "format.h"

#include <string.h>

#define UNIT          WCHAR
#define NAME(stem)    RtlString##stem##W
#define NAME_EX(stem) RtlString##stem##ExW
#define FORMAT        rtl__format_wide

#include "strsafe_body.h"
#include "strsafe_ex_body.h"
