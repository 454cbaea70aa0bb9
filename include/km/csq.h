/* csq.h: cancel-safe queues, for drivers that have them from Csq.lib. */
#ifndef UWSK_KM_CSQ_H
#define UWSK_KM_CSQ_H

#include <wdm.h>

#endif
