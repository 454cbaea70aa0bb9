/* <ntddk.h> as some drivers spell it. */
#include "../ntddk.h"
