/* <pshpack8.h> as some drivers spell it. */
#include "../pshpack8.h"
