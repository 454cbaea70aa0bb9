/* Upper and lower case of one UTF-16 unit. No NT type. */
#ifndef UWSK_RTL_CASE_H
#define UWSK_RTL_CASE_H

#include <stdint.h>

uint16_t rtl__upcase(uint16_t unit);
uint16_t rtl__downcase(uint16_t unit);

#endif
