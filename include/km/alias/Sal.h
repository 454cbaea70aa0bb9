/* <sal.h> as some drivers spell it. */
#include "../sal.h"
