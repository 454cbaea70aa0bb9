/* <excpt.h> as some drivers spell it. */
#include "../excpt.h"
