/* What the process writes to standard error, read by the test. */
#ifndef UWSK_TEST_OUTPUT_H
#define UWSK_TEST_OUTPUT_H

/* From the first to the second, what is written goes to output_wait. */
void output_begin(void);
void output_end(void);

/* Returns when a text was written that has `wanted` in it. */
void output_wait(const char *wanted);

#endif
