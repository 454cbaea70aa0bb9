/* <initguid.h> as some drivers spell it. */
#include "../initguid.h"
