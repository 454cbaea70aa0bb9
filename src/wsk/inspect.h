/* SO_CONDITIONAL_ACCEPT and SIO_WSK_QUERY_INSPECT_ID: handlers of control.c. */
#ifndef UWSK_WSK_INSPECT_H
#define UWSK_WSK_INSPECT_H

#include "wsk/control.h"

wsk_control_handler wsk__control_set_conditional, wsk__control_get_conditional,
    wsk__control_inspect_id;

#endif
