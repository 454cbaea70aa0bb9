/* Which debug messages pass. See kd.h. */
#ifndef UWSK_KD_FILTER_H
#define UWSK_KD_FILTER_H

#include <stdbool.h>
#include <stdint.h>

bool kd__passes(uint32_t component, uint32_t level);

#endif
