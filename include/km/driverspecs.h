/* The annotations for drivers; all of them stand in sal.h. */
#ifndef UWSK_KM_DRIVERSPECS_H
#define UWSK_KM_DRIVERSPECS_H
#include <sal.h>
#endif
