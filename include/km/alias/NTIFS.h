/* <ntifs.h> as some drivers spell it. */
#include "../ntifs.h"
