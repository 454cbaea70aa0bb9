/* <poppack.h> as some drivers spell it. */
#include "../poppack.h"
