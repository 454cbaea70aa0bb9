/* <driverspecs.h> as some drivers spell it. */
#include "../driverspecs.h"
