/*
 * The verifier's rules, one row each:
 *
 *   symbol    VF_<symbol> in the code
 *   id        what a report and a test call it
 *   what      the rule, as a duty of the client
 *   bugcheck  what Windows would have done
 *   page      where to read
 */
#ifndef UWSK_VERIFIER_RULES_H
#define UWSK_VERIFIER_RULES_H

#define VF_RULES(X)                                                            \
  X(IRQL_01, "KE-IRQL-01",                                                     \
    "a routine that may wait or is paged is called at PASSIVE_LEVEL",          \
    "IRQL_NOT_LESS_OR_EQUAL (0xA)",                                            \
    "learn.microsoft.com: managing hardware priorities")                       \
  X(IRQL_02, "KE-IRQL-02",                                                     \
    "the IRQL is raised upward and lowered downward only",                     \
    "IRQL_NOT_GREATER_OR_EQUAL (0x9)",                                         \
    "learn.microsoft.com: KeRaiseIrql, KeLowerIrql")                           \
  X(WAIT_01, "KE-WAIT-01",                                                     \
    "nothing waits inside a completion routine or event callback",             \
    "hangs, or IRQL_NOT_LESS_OR_EQUAL (0xA)",                                  \
    "learn.microsoft.com: KeWaitForSingleObject")

#endif
