/* <wdmsec.h> as some drivers spell it. */
#include "../wdmsec.h"
