/*
 * The ledger of what is alive: records hashed by the object's address.
 *
 * Hashing serves two purposes. A free routine can ask whether an address is a
 * live object of ours without reading memory in front of it; and threads that
 * make and free objects rarely meet at the same lock.
 */
#include "ob/track.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "verifier/watch.h"

#define BUCKETS 4096

/* How many lines ob__tell_left tells before it only counts. */
#define LINES_TOLD 100

struct bucket {
  struct os_spin lock;
  enum ob_kind gone_kind;
  struct ob_record *first;
  const void *gone; /* the object that went away last */
};

static struct bucket buckets[BUCKETS];
static size_t alive[OB_KIND_COUNT];
static unsigned long long last_number;

/* Records for objects in the client's memory: recycled, never given back while
 * the process runs, so that locking pages over and over allocates nothing. */
static struct os_spin spare_lock;
static struct ob_record *spare;

static const char *const kind_names[] = {
#define X(kind, text) text,
    OB_KINDS(X)
#undef X
};

static struct bucket *bucket_of(const void *object) {
  uint64_t mixed = (uint64_t)(uintptr_t)object * UINT64_C(0x9E3779B97F4A7C15);

  return &buckets[mixed >> (64 - 12)];
}

_Static_assert(BUCKETS == 1 << 12, "bucket_of takes the top twelve bits");

static struct ob_record *look_up(struct bucket *bucket, enum ob_kind kind,
                                 const void *object) {
  struct ob_record *record = bucket->first;

  while (record != NULL && (record->object != object || record->kind != kind))
    record = record->next;
  return record;
}

/* The caller holds the bucket's lock and the record is in it. */
static void unlink_record(struct bucket *bucket, struct ob_record *record) {
  if (record->previous != NULL)
    record->previous->next = record->next;
  else
    bucket->first = record->next;
  if (record->next != NULL)
    record->next->previous = record->previous;
  record->number = 0;
  bucket->gone = record->object;
  bucket->gone_kind = record->kind;
  __atomic_fetch_sub(&alive[record->kind], 1, __ATOMIC_RELAXED);
}

static void remember_made(const struct ob_record *record) {
  if (VF_WATCHES(VF_WATCH_OBJECTS))
    vf__remember(record->object,
                 &(struct uwsk_event){.kind = UWSK_EVENT_MADE,
                                      .what = record->call,
                                      .thing = kind_names[record->kind],
                                      .caller = record->caller});
}

static void remember_gone(enum ob_kind kind, const void *object) {
  struct uwsk_event event = {.kind = UWSK_EVENT_GONE,
                             .thing = kind_names[kind]};

  if (!VF_WATCHES(VF_WATCH_OBJECTS))
    return;
  event.what = vf__call_around(VF_FRAME(), &event.caller);
  vf__remember(object, &event);
}

void ob__track(struct ob_record *record) {
  struct bucket *bucket = bucket_of(record->object);

  remember_made(record);
  record->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&alive[record->kind], 1, __ATOMIC_RELAXED);
  os__spin_lock(&bucket->lock);
  record->previous = NULL;
  record->next = bucket->first;
  if (bucket->first != NULL)
    bucket->first->previous = record;
  bucket->first = record;
  os__spin_unlock(&bucket->lock);
}

void ob__untrack(struct ob_record *record) {
  struct bucket *bucket = bucket_of(record->object);

  os__spin_lock(&bucket->lock);
  bool there = record->number != 0; /* 0 after ob__forget_all */
  if (there)
    unlink_record(bucket, record);
  os__spin_unlock(&bucket->lock);
  if (there)
    remember_gone(record->kind, record->object);
}

struct ob_record *ob__find(enum ob_kind kind, const void *object) {
  struct bucket *bucket = bucket_of(object);
  struct ob_record *record;

  os__spin_lock(&bucket->lock);
  record = look_up(bucket, kind, object);
  os__spin_unlock(&bucket->lock);
  return record;
}

struct ob_record *ob__claim(enum ob_kind kind, const void *object) {
  struct bucket *bucket = bucket_of(object);
  struct ob_record *record;

  os__spin_lock(&bucket->lock);
  record = look_up(bucket, kind, object);
  if (record != NULL)
    unlink_record(bucket, record);
  os__spin_unlock(&bucket->lock);
  if (record != NULL)
    remember_gone(kind, object);
  return record;
}

bool ob__was_alive(enum ob_kind kind, const void *object) {
  struct bucket *bucket = bucket_of(object);
  bool gone;

  os__spin_lock(&bucket->lock);
  gone = object != NULL && bucket->gone == object && bucket->gone_kind == kind;
  os__spin_unlock(&bucket->lock);
  return gone;
}

static struct ob_record *take_spare(void) {
  struct ob_record *record;

  os__spin_lock(&spare_lock);
  record = spare;
  if (record != NULL)
    spare = record->next;
  os__spin_unlock(&spare_lock);
  return record != NULL ? record : os__alloc(sizeof(*record));
}

static void put_spare(struct ob_record *record) {
  os__spin_lock(&spare_lock);
  record->next = spare;
  spare = record;
  os__spin_unlock(&spare_lock);
}

bool ob__track_foreign(enum ob_kind kind, const void *object, const char *call,
                       const void *caller, size_t bytes) {
  struct ob_record *record = take_spare();

  if (record == NULL)
    return false;
  *record = (struct ob_record){.object = object,
                               .call = call,
                               .caller = caller,
                               .bytes = bytes,
                               .kind = kind,
                               .foreign = true};
  ob__track(record);
  return true;
}

bool ob__untrack_foreign(enum ob_kind kind, const void *object) {
  struct ob_record *record = ob__claim(kind, object);

  if (record == NULL)
    return false;
  put_spare(record);
  return true;
}

bool ob__is_tracked_foreign(enum ob_kind kind, const void *object) {
  return ob__find(kind, object) != NULL;
}

size_t ob__count(enum ob_kind kind) {
  size_t sum = 0;

  if (kind != OB_KIND_COUNT)
    return __atomic_load_n(&alive[kind], __ATOMIC_RELAXED);
  for (int i = 0; i < OB_KIND_COUNT; i++)
    sum += __atomic_load_n(&alive[i], __ATOMIC_RELAXED);
  return sum;
}

void ob__visit(enum ob_kind kind,
               void (*visit)(const struct ob_record *record, void *context),
               void *context) {
  for (size_t i = 0; i < BUCKETS; i++) {
    if (!os__spin_try_lock(&buckets[i].lock))
      continue;
    for (const struct ob_record *r = buckets[i].first; r; r = r->next)
      if (r->kind == kind)
        visit(r, context);
    os__spin_unlock(&buckets[i].lock);
  }
}

/* Copies the record entered next after `number`; false at the end. The copy is
 * printed, not the record: its object may go away meanwhile. */
static bool next_after(unsigned long long number, struct ob_record *copy) {
  unsigned long long best = 0;

  for (size_t i = 0; i < BUCKETS; i++) {
    os__spin_lock(&buckets[i].lock);
    for (const struct ob_record *r = buckets[i].first; r; r = r->next)
      if (r->number > number && (best == 0 || r->number < best)) {
        best = r->number;
        *copy = *r;
      }
    os__spin_unlock(&buckets[i].lock);
  }
  return best != 0;
}

/* A tag's bytes in memory order, as debuggers show it; what cannot be printed
 * becomes a dot. */
static void describe_tag(unsigned tag, char text[5]) {
  for (int i = 0; i < 4; i++) {
    unsigned char c = (unsigned char)(tag >> (8 * i));

    text[i] = c >= 0x20 && c < 0x7F ? (char)c : '.';
  }
  text[4] = '\0';
}

static int describe_extra(const struct ob_record *record, char *buffer,
                          size_t size) {
  char tag[5];
  size_t used = 0;

  buffer[0] = '\0';
  if (record->detail != NULL)
    used += (size_t)snprintf(buffer, size, ", %s", record->detail);
  if (record->bytes != 0 && used < size)
    used += (size_t)snprintf(buffer + used, size - used, ", %llu bytes",
                             (unsigned long long)record->bytes);
  if (record->tag != 0 && used < size) {
    describe_tag(record->tag, tag);
    used += (size_t)snprintf(buffer + used, size - used, ", tag '%s'", tag);
  }
  return (int)used;
}

static void describe_record(const struct ob_record *record, const char *what,
                            char *line, size_t size) {
  char where[256];
  char extra[128];

  os__describe_code(record->caller, where, sizeof(where));
  describe_extra(record, extra, sizeof(extra));
  snprintf(line, size, "%s: %s %p%s, by %s called from %s", what,
           kind_names[record->kind], record->object, extra, record->call,
           where);
}

void ob__remember_callers(void) {
  struct ob_record copy;
  unsigned long long number = 0;
  size_t count = 0;

  while (count++ < LINES_TOLD && next_after(number, &copy)) {
    os__remember_code(copy.caller);
    number = copy.number;
  }
}

size_t ob__tell_left(ob_tell tell, void *context) {
  struct ob_record copy;
  unsigned long long number = 0;
  size_t count = ob__count(OB_KIND_COUNT);
  size_t told = 0;
  char line[512];

  while (told < LINES_TOLD && next_after(number, &copy)) {
    describe_record(&copy, "left behind", line, sizeof(line));
    tell(context, copy.object, 1, line);
    number = copy.number;
    told++;
  }
  if (count > told) {
    snprintf(line, sizeof(line), "left behind: %llu more",
             (unsigned long long)(count - told));
    tell(context, NULL, count - told, line);
  }
  return count;
}

static void print_line(void *context, const void *object, size_t count,
                       const char *line) {
  char text[600];
  int length = snprintf(text, sizeof(text), "uwsk: %s\n", line);

  (void)context, (void)object, (void)count;
  os__stderr(text, (size_t)length);
}

size_t ob__print_left(void) {
  return ob__tell_left(print_line, NULL);
}

void ob__print_alive(enum ob_kind kind, const char *what) {
  struct ob_record copy;
  unsigned long long number = 0;
  size_t printed = 0;
  char line[512];

  for (; printed < LINES_TOLD && next_after(number, &copy);
       number = copy.number)
    if (copy.kind == kind) {
      describe_record(&copy, what, line, sizeof(line));
      print_line(NULL, copy.object, 1, line);
      printed++;
    }
}

/* Foreign records are ours and go back to the spares; the others lie in objects
 * that are still there and only learn that they are out. */
static void forget_bucket(struct bucket *bucket) {
  os__spin_lock(&bucket->lock);
  while (bucket->first != NULL) {
    struct ob_record *record = bucket->first;

    unlink_record(bucket, record);
    if (record->foreign)
      put_spare(record);
  }
  bucket->gone = NULL;
  os__spin_unlock(&bucket->lock);
}

void ob__forget_all(void) {
  for (size_t i = 0; i < BUCKETS; i++)
    forget_bucket(&buckets[i]);
}
