/* A TCP echo peer for one connection at a time. Plain C. */
#ifndef UWSK_TESTS_NAMES_ECHO_H
#define UWSK_TESTS_NAMES_ECHO_H

/* Its port on 127.0.0.1, or 0. */
unsigned short echo_start(void);
/* To be called when its connections have ended. */
void echo_stop(void);

#endif
