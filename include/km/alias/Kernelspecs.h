/* <kernelspecs.h> as some drivers spell it. */
#include "../kernelspecs.h"
