/* <netioapi.h> as some drivers spell it. */
#include "../netioapi.h"
