/* <guiddef.h> as some drivers spell it. */
#include "../guiddef.h"
