/* <ws2def.h> as some drivers spell it. */
#include "../ws2def.h"
