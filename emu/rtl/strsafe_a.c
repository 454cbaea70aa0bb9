/* The safe string functions for char. */
#include <ntddk.h>
#include <ntstrsafe.h>

#include "format.h"

#include <string.h>

#define UNIT          CHAR
#define NAME(stem)    RtlString##stem##A
#define NAME_EX(stem) RtlString##stem##ExA
#define FORMAT        rtl__format

#include "strsafe_body.h"
#include "strsafe_ex_body.h"
