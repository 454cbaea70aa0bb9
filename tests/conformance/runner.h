/* Between the runner and host.c. */
#ifndef UWSK_CONFORMANCE_RUNNER_H
#define UWSK_CONFORMANCE_RUNNER_H

#include <stdbool.h>

#ifdef CONFORMANCE_BEFORE_ALL
/* Prepares the process, which has one thread still; 0, or not. */
int CONFORMANCE_BEFORE_ALL(void);
#endif

/* One allocation fails in each run of a test, once for each call stack. */
extern bool host_tortures;

void host_begin_test(void);
unsigned host_end_test(void);

#endif
