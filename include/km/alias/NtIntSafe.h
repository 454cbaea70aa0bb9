/* <ntintsafe.h> as some drivers spell it. */
#include "../ntintsafe.h"
