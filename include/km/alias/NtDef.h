/* <ntdef.h> as some drivers spell it. */
#include "../ntdef.h"
