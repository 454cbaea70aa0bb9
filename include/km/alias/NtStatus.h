/* <ntstatus.h> as some drivers spell it. */
#include "../ntstatus.h"
