/* <fltkernel.h> as some drivers spell it. */
#include "../fltkernel.h"
