/* The annotations for locks; all of them stand in sal.h. */
#ifndef UWSK_KM_CONCURRENCYSAL_H
#define UWSK_KM_CONCURRENCYSAL_H
#include <sal.h>
#endif
