/* The older names of the annotations; all of them stand in sal.h. */
#ifndef UWSK_KM_SPECSTRINGS_H
#define UWSK_KM_SPECSTRINGS_H
#include <sal.h>
#endif
