/*
 * Faults: the rules that a test arms (uwsk/fault.h), and what to ask them.
 *
 * Whoever can be made to fail asks at the point where it would succeed; a
 * question costs one predictable branch while no rule is armed. A rule that
 * fits counts as struck when its verdict is handed out.
 *
 * The rules are one array under a spin lock, in the order they were armed.
 */
#ifndef UWSK_FAULT_FAULT_H
#define UWSK_FAULT_FAULT_H

#include <stdbool.h>

#include "uwsk/fault.h"

struct fault_verdict {
  enum uwsk_action action; /* never UWSK_COMPLETE_MIXED: that is drawn */
  uwsk_ntstatus status;
};

extern int fault__armed; /* how many rules there are; atomic */

struct fault_verdict fault__look(enum uwsk_point point,
                                 const struct _WSK_SOCKET *socket);

/* What is to become of a call on `socket` (or NULL). */
static inline struct fault_verdict
fault__ask(enum uwsk_point point, const struct _WSK_SOCKET *socket) {
  if (__builtin_expect(__atomic_load_n(&fault__armed, __ATOMIC_ACQUIRE) == 0,
                       1))
    return (struct fault_verdict){UWSK_PASS, 0};
  return fault__look(point, socket);
}

/* Whether an allocation is to find no memory. */
static inline bool fault__fails(enum uwsk_point point) {
  return fault__ask(point, NULL).action == UWSK_FAIL;
}

/* So many bytes have been sent or received on a socket. */
void fault__count_bytes(const struct _WSK_SOCKET *socket, uint64_t bytes);

static inline void fault__moved(const struct _WSK_SOCKET *socket,
                                uint64_t bytes) {
  if (__builtin_expect(__atomic_load_n(&fault__armed, __ATOMIC_ACQUIRE) != 0,
                       0))
    fault__count_bytes(socket, bytes);
}

/* The parts of uwsk_torture, for a runner of its own: forgets the stacks;
 * begins a run; ends it, and says whether an allocation has failed in it;
 * prints where.
 */
void fault__torture_forget(void);
void fault__torture_begin(void);
bool fault__torture_end(void);
void fault__torture_tell(int answer);
unsigned fault__torture_count(void); /* stacks that have failed */

/* Allocations of the calling thread are left alone, while it says so. */
void fault__torture_spare(bool spare);

/* Pseudo-random numbers (splitmix64): add the step to a state of any value, and
 * mix that. The same seed gives the same numbers. */
#define FAULT_RANDOM_STEP 0x9e3779b97f4a7c15u
uint64_t fault__mix(uint64_t state);

/* No rule strikes from now on; they stay to be told of. Returns how many never
 * struck. */
unsigned fault__stop(void);

/* Tells one line, without a line break, for each rule that has never struck;
 * returns how many. */
size_t fault__tell_unfired(void (*tell)(void *context, size_t count,
                                        const char *line),
                           void *context);

/* Forgets the rules. */
void fault__forget(void);

#endif
