/* <devioctl.h> as some drivers spell it. */
#include "../devioctl.h"
