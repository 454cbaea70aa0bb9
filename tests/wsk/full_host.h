/* A host without room for what is sent. Plain C. */
#ifndef UWSK_TESTS_FULL_HOST_H
#define UWSK_TESTS_FULL_HOST_H

/* The host takes so many datagrams more, or (-1) all. */
void full_host_takes(int datagrams);

#endif
