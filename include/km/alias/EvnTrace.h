/* <evntrace.h> as some drivers spell it. */
#include "../evntrace.h"
