/* <traceloggingprovider.h> as some drivers spell it. */
#include "../traceloggingprovider.h"
