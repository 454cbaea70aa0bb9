/* <ws2ipdef.h> as some drivers spell it. */
#include "../ws2ipdef.h"
