/* <ntstrsafe.h> as some drivers spell it. */
#include "../ntstrsafe.h"
