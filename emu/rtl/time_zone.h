/* The host's time zone. No NT type, and no host header leaks out of it. */
#ifndef UWSK_RTL_TIME_ZONE_H
#define UWSK_RTL_TIME_ZONE_H

#include <stdint.h>

/* What is to be added to local time to get UTC, now, in 100 ns units: NT too
 * applies the bias of the present to every date. */
int64_t rtl__time_zone_bias(void);

#endif
