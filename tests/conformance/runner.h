/* Between the runner and host.c. */
#ifndef UWSK_CONFORMANCE_RUNNER_H
#define UWSK_CONFORMANCE_RUNNER_H

void host_begin_test(void);
unsigned host_end_test(void);

#endif
