/* <pshpack1.h> as some drivers spell it. */
#include "../pshpack1.h"
