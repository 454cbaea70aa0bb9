/* <evntprov.h> as some drivers spell it. */
#include "../evntprov.h"
