/* <pshpack2.h> as some drivers spell it. */
#include "../pshpack2.h"
