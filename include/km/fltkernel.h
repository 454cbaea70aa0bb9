/*
 * fltkernel.h: drivers include it for what ntifs.h has, or for the filter
 * manager, of which there is nothing.
 */
#ifndef UWSK_KM_FLTKERNEL_H
#define UWSK_KM_FLTKERNEL_H

#include <ntifs.h>

#endif
