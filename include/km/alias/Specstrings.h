/* <specstrings.h> as some drivers spell it. */
#include "../specstrings.h"
