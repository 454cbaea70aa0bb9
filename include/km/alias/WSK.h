/* <wsk.h> as some drivers spell it. */
#include "../wsk.h"
