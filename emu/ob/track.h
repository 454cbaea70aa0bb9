/*
 * The ledger of what is alive.
 *
 * Every object the kernel hands out is entered here with the call that made it,
 * and struck out when it goes; stopping the runtime prints what is left. The
 * record lives in the object's own allocation where there is one, so that the
 * ledger costs a few writes under a short lock and allocates nothing; for
 * objects in the client's memory (an MDL of the client's whose pages are
 * locked) use ob__track_foreign, which keeps its records on a free list.
 */
#ifndef UWSK_OB_TRACK_H
#define UWSK_OB_TRACK_H

#include <stdbool.h>
#include <stddef.h>

/* kind, what a human calls it */
#define OB_KINDS(X)                                                            \
  X(OB_IRP, "IRP")                                                             \
  X(OB_MDL, "MDL")                                                             \
  X(OB_LOCKED_PAGES, "locked pages")                                           \
  X(OB_POOL, "pool block")                                                     \
  X(OB_DEVICE, "device object")                                                \
  X(OB_DELETED_DEVICE, "deleted device object that is still referenced")       \
  X(OB_DRIVER, "driver object")                                                \
  X(OB_FILE, "file object")                                                    \
  X(OB_THREAD, "system thread")                                                \
  X(OB_HANDLE, "handle")                                                       \
  X(OB_SOCKET, "WSK socket")                                                   \
  X(OB_REGISTRATION, "WSK registration")                                       \
  X(OB_CAPTURE, "WSK provider capture")                                        \
  X(OB_ADDRESS_LIST, "address list")                                           \
  X(OB_CACHED_SD, "cached security descriptor")                                \
  X(OB_NMR_MODULE, "NMR registration")                                         \
  X(OB_TIMER, "timer")                                                         \
  X(OB_WORK_ITEM, "work item")                                                 \
  X(OB_LOOKASIDE, "lookaside list")                                            \
  X(OB_DATAGRAM, "retained datagram")                                          \
  X(OB_MIB_TABLE, "MIB table")                                                 \
  X(OB_NOTIFICATION, "change notification")                                    \
  X(OB_CNG_ALGORITHM, "algorithm provider")                                    \
  X(OB_CNG_HASH, "hash object")                                                \
  X(OB_TRACING, "trace provider")                                              \
  X(OB_CALLBACK, "callback registration")                                      \
  X(OB_PNP_NOTIFICATION, "registration for PnP notification")

enum ob_kind {
#define X(kind, text) kind,
  OB_KINDS(X)
#undef X
      OB_KIND_COUNT
};

struct ob_record {
  struct ob_record *next, *previous;
  const void *object;
  const char *call;   /* "IoAllocateIrp" */
  const void *caller; /* the code that called it */
  size_t bytes;       /* 0 when size means nothing */
  unsigned tag;       /* pool tag, or 0 */
  enum ob_kind kind;
  const char *detail; /* a literal, such as the socket category; or NULL */
  /* The ledger's own. */
  unsigned long long number; /* order of entry, 0 when struck out */
  bool foreign;              /* made by ob__track_foreign */
};

/* The return address of the public function this is used in. */
#define OB_CALLER() __builtin_return_address(0)

/* Fill in object, call, caller, kind (and bytes, tag, detail), then enter it.
 */
void ob__track(struct ob_record *record);
void ob__untrack(struct ob_record *record);

/* Finds the record of an object by its address, without looking at the object:
 * the address may be anything a client hands in. NULL when it is not alive. */
struct ob_record *ob__find(enum ob_kind kind, const void *object);

/* Finds it and strikes it out in one step, so that of two threads that free the
 * same object one gets NULL. */
struct ob_record *ob__claim(enum ob_kind kind, const void *object);

/* Whether an object of that kind went away at this address not long ago: tells
 * a double free from an address that never was ours. A hint for messages. */
bool ob__was_alive(enum ob_kind kind, const void *object);

/* The same for objects whose memory is not ours. False when out of memory
 * (nothing entered) and, for untrack, when the object is not in the ledger. */
bool ob__track_foreign(enum ob_kind kind, const void *object, const char *call,
                       const void *caller, size_t bytes);
bool ob__untrack_foreign(enum ob_kind kind, const void *object);
bool ob__is_tracked_foreign(enum ob_kind kind, const void *object);

/* How many are alive, of one kind or (OB_KIND_COUNT) of all. */
size_t ob__count(enum ob_kind kind);

/* Visits those of one kind, in no order, each with a lock held that keeps it
 * from going away: `visit` takes no lock, and no longer than it has to. What
 * stands behind a lock that cannot be had is left out. */
void ob__visit(enum ob_kind kind,
               void (*visit)(const struct ob_record *record, void *context),
               void *context);

/* Keeps the names of those who made what is alive, as far as it is printed:
 * their code is about to go. */
void ob__remember_callers(void);

/* Tells one line for each that is alive ("left behind: IRP …"), and after a
 * hundred of them one, with a NULL object, for the others. Returns how many
 * there were. */
typedef void (*ob_tell)(void *context, const void *object, size_t count,
                        const char *line);
size_t ob__tell_left(ob_tell tell, void *context);

/* The same, to standard error. */
size_t ob__print_left(void);

/* Prints one line, that begins with `what`, for each of a kind that is alive.
 */
void ob__print_alive(enum ob_kind kind, const char *what);

/* Forgets every record without touching the objects: after ob__tell_left, so
 * that the next run of the runtime starts clean. */
void ob__forget_all(void);

#endif
