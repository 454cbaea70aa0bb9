/* The annotations of IRQL; all of them stand in sal.h. */
#ifndef UWSK_KM_KERNELSPECS_H
#define UWSK_KM_KERNELSPECS_H

#include <driverspecs.h>

#endif
