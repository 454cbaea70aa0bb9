/*
 * zoo.h: the bug zoo, a specimen of every mistake that the verifier knows.
 *
 * A specimen is a small piece of a driver that makes exactly one mistake. It is
 * caught with the id of exactly one rule, and what it took it has given back.
 * Beside it stands the same piece put right, which nobody has a word against.
 * Both are kernel code: they include <ntddk.h>, this header, <wsk.h> if need
 * be, and nothing of uwsk or the C library.
 *
 *     static VOID frees_it_twice(VOID) { ... }
 *     static VOID frees_it_once(VOID) { ... }
 *
 *     ZOO_SPECIMENS = {
 *         SPECIMEN("IO-FREE-01", frees_it_twice, frees_it_once),
 *     };
 *
 * Each of the two runs in a kernel of its own: at PASSIVE_LEVEL, on the thread
 * that started it. docs/rules.md leads from a rule to its specimen.
 */
#ifndef UWSK_ZOO_H
#define UWSK_ZOO_H

typedef VOID ZOO_FUNCTION(VOID);

/* One half of a specimen: a function, or the DriverEntry of a driver. */
typedef struct _ZOO_HALF {
  const char *Name;
  ZOO_FUNCTION *Run;
  PDRIVER_INITIALIZE Entry;
} ZOO_HALF;

typedef struct _ZOO_SPECIMEN {
  const char *Rule;
  ZOO_HALF Mistake;
  ZOO_HALF Corrected;
  BOOLEAN Leaves; /* the mistake is to leave something for good */
} ZOO_SPECIMEN;

/* A file's table; the rows after the last specimen are zero, and end it. */
#define ZOO_MAX_SPECIMENS 64
#define ZOO_SPECIMENS                                                          \
  extern const ZOO_SPECIMEN ZooSpecimens[ZOO_MAX_SPECIMENS];                   \
  const ZOO_SPECIMEN ZooSpecimens[ZOO_MAX_SPECIMENS]

#define SPECIMEN(rule, mistake, corrected)                                     \
  { rule, {#mistake, mistake, NULL}, {#corrected, corrected, NULL}, FALSE }

/* A mistake that cannot be made without leaving something behind, which is told
 * of once more at the end, as OB-LEFT-01. */
#define SPECIMEN_LEAVES(rule, mistake, corrected)                              \
  { rule, {#mistake, mistake, NULL}, {#corrected, corrected, NULL}, TRUE }

/* A mistake that breaks no rule: the specimen shows for itself what comes of
 * it, when something goes as it rarely does (uwsk/fault.h, uwsk/event.h). */
#define SPECIMEN_OF_LUCK(mistake, corrected) SPECIMEN("", mistake, corrected)

/* Drivers by the name of their DriverEntry: each is loaded, and unloaded, which
 * has to succeed. */
#define SPECIMEN_DRIVER(rule, mistake, corrected)                              \
  { rule, {#mistake, NULL, mistake}, {#corrected, NULL, corrected}, FALSE }

/* What a driver has left running goes on when it is unloaded. Where that is the
 * mistake, its DriverEntry says here what ends it afterwards. */
VOID ZooAfterUnload(ZOO_FUNCTION *Function);

/* The specimen did not get as far as it should have: it fails. Any IRQL. */
VOID ZooFail(const char *File, int Line, const char *Text);

static __inline BOOLEAN ZooCheck(BOOLEAN Good, const char *File, int Line,
                                 const char *Text) {
  if (!Good)
    ZooFail(File, Line, Text);
  return Good;
}

#define CHECK(expression)                                                      \
  ZooCheck((expression) ? TRUE : FALSE, __FILE__, __LINE__, #expression)

/* Leaves a VOID function when it makes no sense to go on. */
#define REQUIRE(expression)                                                    \
  do {                                                                         \
    if (!CHECK(expression))                                                    \
      return;                                                                  \
  } while (0)

/* Whether AddressSanitizer watches the library, too: it ends the program at the
 * first use of a stack that is gone, before the verifier can say a word. */
#if defined(__SANITIZE_ADDRESS__)
#define ZOO_STACKS_ARE_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ZOO_STACKS_ARE_WATCHED 1
#endif
#endif

/* A function whose accesses out of bounds AddressSanitizer leaves to the
 * verifier: it would end the program at the first. */
#define ZOO_UNWATCHED                                                          \
  __attribute__((noinline, no_sanitize("address", "undefined")))

#endif
