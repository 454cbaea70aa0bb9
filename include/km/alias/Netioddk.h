/* <netioddk.h> as some drivers spell it. */
#include "../netioddk.h"
