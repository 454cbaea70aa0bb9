/* <intrin.h> as some drivers spell it. */
#include "../intrin.h"
