/* <inaddr.h> as some drivers spell it. */
#include "../inaddr.h"
