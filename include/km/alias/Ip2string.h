/* <ip2string.h> as some drivers spell it. */
#include "../ip2string.h"
