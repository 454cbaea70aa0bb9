/*
 * conformance.h: assertions and the table of a file's tests.
 *
 * The tests of this folder are kernel code. They include <ntddk.h>, <wsk.h>,
 * this header, wskcall.h, peer.h and (what only a simulated kernel can do)
 * host.h, nothing of uwsk, and no C library. Built with the WDK and another
 * runner, they check Windows instead of uwsk, and thereby themselves.
 *
 *     static VOID a_sentence_that_says_what_is_so(VOID) { ... CHECK(...); }
 *
 *     CONFORMANCE_GROUP(connect) = {
 *         TEST(a_sentence_that_says_what_is_so, "CONNECT-02 OBS-17"),
 *     };
 */
#ifndef UWSK_CONFORMANCE_H
#define UWSK_CONFORMANCE_H

/* Runs once over IPv4 and once over IPv6 (TestFamily), with a registered client
 * and a captured provider (TestNpi, wskcall.h). */
#define CONFORMANCE_BOTH_FAMILIES 0x1
#define CONFORMANCE_CLIENT        0x2

typedef struct _CONFORMANCE_TEST {
  const char *Name;
  VOID (*Run)(VOID);
  const char *Rules; /* ids of tests/spec/wsk-rules.tsv, spaces between */
  ULONG Flags;
} CONFORMANCE_TEST;

/* The rows after the last test are zero, which ends the table. */
#define CONFORMANCE_MAX_TESTS 64
#define CONFORMANCE_GROUP(name)                                                \
  extern const CONFORMANCE_TEST conformance_##name[CONFORMANCE_MAX_TESTS];     \
  const CONFORMANCE_TEST conformance_##name[CONFORMANCE_MAX_TESTS]

/* A test of both address families; of one; and of neither, without a client. */
#define TEST(name, rules)                                                      \
  { #name, name, rules, CONFORMANCE_BOTH_FAMILIES | CONFORMANCE_CLIENT }
#define TEST_ONCE(name, rules)                                                 \
  { #name, name, rules, CONFORMANCE_CLIENT }
#define TEST_BARE(name, rules)                                                 \
  { #name, name, rules, 0 }

/* Any thread, any IRQL up to DISPATCH_LEVEL. The test goes on after a failure,
 * and has failed. Given by the runner. */
VOID ConformanceFail(const char *File, int Line, const char *Text);
VOID ConformanceFailStatus(const char *File, int Line, const char *Text,
                           NTSTATUS Expected, NTSTATUS Actual);
VOID ConformanceFailNumber(const char *File, int Line, const char *Text,
                           ULONGLONG Expected, ULONGLONG Actual);

/* The test itself cannot go on: ends the run. */
VOID ConformanceGiveUp(const char *Why);

static __inline BOOLEAN ConformanceCheck(BOOLEAN Good, const char *File,
                                         int Line, const char *Text) {
  if (!Good)
    ConformanceFail(File, Line, Text);
  return Good;
}

static __inline VOID ConformanceCheckStatus(NTSTATUS Expected, NTSTATUS Actual,
                                            const char *File, int Line,
                                            const char *Text) {
  if (Expected != Actual)
    ConformanceFailStatus(File, Line, Text, Expected, Actual);
}

static __inline VOID ConformanceCheckNumber(ULONGLONG Expected,
                                            ULONGLONG Actual, const char *File,
                                            int Line, const char *Text) {
  if (Expected != Actual)
    ConformanceFailNumber(File, Line, Text, Expected, Actual);
}

#define CHECK(expression)                                                      \
  ConformanceCheck((expression) ? TRUE : FALSE, __FILE__, __LINE__, #expression)

#define CHECK_STATUS(expected, actual)                                         \
  ConformanceCheckStatus(expected, actual, __FILE__, __LINE__, #actual)

#define CHECK_EQUAL(expected, actual)                                          \
  ConformanceCheckNumber((ULONGLONG)(expected), (ULONGLONG)(actual), __FILE__, \
                         __LINE__, #actual)

/* Without this the rest of the test makes no sense: leaves the function. */
#define REQUIRE(expression)                                                    \
  do {                                                                         \
    if (!CHECK(expression))                                                    \
      return;                                                                  \
  } while (0)

#endif
