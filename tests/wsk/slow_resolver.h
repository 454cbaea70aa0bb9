/*
 * The host's resolver under the test's thumb: it waits, or fails, on demand.
 * Plain C. Linux.
 */
#ifndef UWSK_TESTS_SLOW_RESOLVER_H
#define UWSK_TESTS_SLOW_RESOLVER_H

/* From now on every look-up of the host's waits until resolver_release. */
void resolver_hold(void);
void resolver_release(void);

/* Waits until so many threads of the host's wait. */
void resolver_until_held(unsigned threads);

/* What the host answers from now on: as usual, or an error. */
enum resolver_answer { RESOLVER_USUAL, RESOLVER_AGAIN, RESOLVER_MEMORY };
void resolver_answer(enum resolver_answer answer);

#endif
