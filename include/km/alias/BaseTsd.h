/* <basetsd.h> as some drivers spell it. */
#include "../basetsd.h"
