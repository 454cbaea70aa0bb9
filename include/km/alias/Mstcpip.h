/* <mstcpip.h> as some drivers spell it. */
#include "../mstcpip.h"
