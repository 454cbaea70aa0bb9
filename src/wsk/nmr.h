/* WSK as a provider that the network module registrar knows. */
#ifndef UWSK_WSK_NMR_H
#define UWSK_WSK_NMR_H

#include <stdbool.h>

void wsk__nmr_start(void);
void wsk__nmr_stop(void);

/* Whether clients find the provider. */
void wsk__nmr_set_ready(bool ready);

#endif
