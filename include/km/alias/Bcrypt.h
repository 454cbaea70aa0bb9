/* <bcrypt.h> as some drivers spell it. */
#include "../bcrypt.h"
