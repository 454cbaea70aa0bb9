/*
 * What the files of src/host share.
 */
#ifndef UWSK_HOST_RUNTIME_H
#define UWSK_HOST_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

/* Prints "uwsk: ", the text and a line end to standard error, in one write. */
void host__say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether the runtime is between uwsk_start and uwsk_stop. */
bool host__running(void);

/* Whether client code that may wait can be called here; says so in the name of
 * `call` when it cannot. */
bool host__may_call(const char *call);

/* At uwsk_stop. */
void host__forget_parameters(void);

/* Takes back what uwsk/fault.h has started. */
void host__stop_faults(void);

#endif
