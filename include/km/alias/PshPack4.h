/* <pshpack4.h> as some drivers spell it. */
#include "../pshpack4.h"
