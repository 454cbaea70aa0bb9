/* <wdm.h> as some drivers spell it. */
#include "../wdm.h"
