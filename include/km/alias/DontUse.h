/* <dontuse.h> as some drivers spell it. */
#include "../dontuse.h"
