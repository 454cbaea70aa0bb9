/*
 * The floor under the executive: memory, locks, threads, clock, symbol names.
 *
 * Plain C. No NT type, no libuv type, no system header: files of emu/ and
 * src/wsk/ include this next to <ntddk.h>, and on Windows <windows.h> must
 * never meet that. The implementation stands on libuv (os_*.c).
 *
 * Invariants: os__alloc'ed memory is zeroed and 16-byte aligned; a mutex is
 * never held over client code.
 */
#ifndef UWSK_OS_H
#define UWSK_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory ------------------------------------------------------------ */

/* Zeroed memory, or NULL when the host has none or a fault was armed. */
void *os__alloc(size_t size);
void os__free(void *block);

/* Zeroed memory that is never freed and outside the count and the fault: for
 * the one record per host thread, whose maker has no way to fail. Ends the
 * process when the host has none. The caller keeps it reachable for ever. */
void *os__alloc_permanent(size_t size);

/* Zeroed memory outside the count and the fault, or NULL: for what stands on
 * the test's side. os__free frees it. */
void *os__alloc_uncounted(size_t size);

/* How many os__alloc calls were made so far (failed ones included). */
uint64_t os__alloc_count(void);

/* Makes the nth allocation from now (1 = the next) fail, once; 0 disarms.
 * os__alloc_fault_fired() tells whether an armed one has failed since. */
void os__alloc_fail_nth(uint64_t nth);
bool os__alloc_fault_fired(void);

/* While `fails` is set, each allocation asks it, on its own thread, and fails
 * when it says true. It must not allocate. NULL takes it back. */
void os__alloc_ask(bool (*fails)(void));

/* Whether all of these bytes can be read (and written, if `write`). Touches
 * nothing; the address may be anything. */
bool os__probe(const void *start, size_t size, bool write);

/* ---- locks ------------------------------------------------------------- */

/* Not recursive. Storage is opaque so that no host header is needed; a
 * zero-filled mutex is not ready, call os__mutex_init. */
struct os_mutex {
  _Alignas(16) unsigned char storage[64];
};

void os__mutex_init(struct os_mutex *mutex);
void os__mutex_destroy(struct os_mutex *mutex);
void os__mutex_lock(struct os_mutex *mutex);
void os__mutex_unlock(struct os_mutex *mutex);

/* A tiny lock that needs no set-up (zero is unlocked) and no tear-down: for
 * structures that NT lets a client forget, and for our own short leaf sections.
 * Spins a little, then yields the processor. Not recursive. */
struct os_spin {
  int word;
};

void os__spin_lock(struct os_spin *spin);
void os__spin_unlock(struct os_spin *spin);

/* False when it cannot be had for a long while: for those who must not hang on
 * somebody who does. */
bool os__spin_try_lock(struct os_spin *spin);

/* Gives the processor away once; for spin loops. */
void os__yield(void);

/* ---- threads ----------------------------------------------------------- */

struct os_thread {
  _Alignas(16) unsigned char storage[16];
};

/* Starts a thread; 0, or -1 when the host refuses. */
int os__thread_start(struct os_thread *thread, void (*entry)(void *),
                     void *argument);
void os__thread_join(struct os_thread *thread);

/* A small number for the calling thread, as the trace prints it: 1, 2, 3, … */
unsigned os__thread_number(void);

/* Calls hook(value) when the calling thread ends, on that thread. One value per
 * thread and hook: the latest call counts. There are few hooks in the process,
 * and no order among them. */
void os__at_thread_exit(void (*hook)(void *), void *value);

/* The host's own number of the calling thread, for os__bind_thread. */
uint64_t os__thread_id(void);

/* ---- processors -------------------------------------------------------- */

/* How many there are for this process, and on which of them (0 …) the caller
 * is. */

/* The lowest address of the calling thread's stack, and the one behind its
 * highest. */
void os__stack_bounds(uintptr_t *low, uintptr_t *high);

/* How many processors there are, and on which of them (0 …) the caller is. */
unsigned os__processor_count(void);
unsigned os__processor_number(void);

/* Confines a thread to the processors whose bits are set, from its next
 * instruction on when it is the caller. False when the host cannot do that, or
 * has no such thread. */
bool os__bind_thread(uint64_t thread_id, uint64_t mask);
/* Ends the process at once: nothing is run, flushed or freed any more. */
_Noreturn void os__end_process(int status);

/* ---- clock ------------------------------------------------------------- */

/* Nanoseconds since an arbitrary start; monotonic. */
uint64_t os__now_ns(void);

/* 100 ns units since 1601-01-01 UTC, as KeQuerySystemTime counts. */
int64_t os__system_time_100ns(void);

/* ---- what a human reads ------------------------------------------------ */

/* "module!symbol+0x12" (or as much of it as the host knows) of a code address.
 */
void os__describe_code(const void *address, char *buffer, size_t size);

/* The return addresses that led here, the innermost first; how many. What the
 * host cannot tell is left out: there may be but one. */
unsigned os__backtrace(void **frames, unsigned room);

/* Keeps what os__describe_code says of an address now, for when the module it
 * is in has gone; and forgets all that was kept. */
void os__remember_code(const void *address);
void os__forget_code(void);

/* Writes to standard error, whole (one write). */
void os__stderr(const char *text, size_t length);

/* Ends the process where it stands, for a debugger or a core file to show. */
_Noreturn void os__abort(void);

/* Value of an environment variable, or NULL. */
const char *os__getenv(const char *name);

#endif
