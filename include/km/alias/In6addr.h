/* <in6addr.h> as some drivers spell it. */
#include "../in6addr.h"
