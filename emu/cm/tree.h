/*
 * The tree of the registry: keys and their values.
 *
 * One lock guards all of it. It is a leaf: under it there is no allocation and
 * no callback, and little is done. Who needs a key or a value longer takes a
 * reference. Values never change: setting one puts another in its place, so
 * that who holds it can read it without the lock. Neither do the names of keys.
 *
 * A key that is deleted has left the tree and stays as long as somebody holds
 * it; whoever asks it for something gets STATUS_KEY_DELETED. A key with keys
 * below it is not deleted, so the way up from a living key is whole. All that
 * goes for the end of the runtime, too, which deletes every key: handles that
 * were left open can still be closed afterwards.
 */
#ifndef UWSK_CM_TREE_H
#define UWSK_CM_TREE_H

#include <ntddk.h>
#include <stdbool.h>

#define CM_MAX_KEY_NAME   255u   /* characters */
#define CM_MAX_VALUE_NAME 16383u /* characters */
#define CM_MAX_DEPTH      512u   /* keys below \Registry */

struct cm_value {
  struct cm_value *next;
  ULONG references;    /* the key's, and one for each that holds it */
  ULONG type;          /* REG_SZ, … */
  ULONG size;          /* of the data, in bytes */
  UCHAR *data;         /* behind the name, at a multiple of eight; zeros follow,
                          so that a string without its zero has one */
  UNICODE_STRING name; /* with a zero behind it */
};

struct cm_key {
  struct cm_key *parent; /* NULL for \Registry, and once it is deleted */
  struct cm_key *first;  /* the keys below it, by their names */
  struct cm_key *next;
  struct cm_value *values; /* in the order in which they were made */
  LONGLONG last_write;
  ULONG references; /* the tree's, and one for each that holds it */
  ULONG depth;      /* 0 for \Registry */
  bool deleted;
  bool is_volatile;
  UNICODE_STRING name;
  UNICODE_STRING class;
};

/* ---- keys (tree.c) ------------------------------------------------------ */

/* \Registry; false without memory. Stopping deletes every key. */
bool cm__plant(void);
void cm__fell(void);

/* The key at a path below `from` (NULL: the whole path from the backslash on),
 * with a reference. */
NTSTATUS cm__open(struct cm_key *from, PCUNICODE_STRING path,
                  struct cm_key **key);

struct cm_creation {
  PCUNICODE_STRING class; /* or NULL */
  bool is_volatile;
  bool denied; /* only an existing key may be opened */
  bool host;   /* makes missing keys on the way, too, wherever they are */
};

/* The same, and makes it when it is missing; *created tells. */
NTSTATUS cm__create(struct cm_key *from, PCUNICODE_STRING path,
                    const struct cm_creation *how, struct cm_key **key,
                    bool *created);

struct cm_key *cm__reference(struct cm_key *key);
void cm__release(struct cm_key *key);

/* STATUS_CANNOT_DELETE with keys below it; cm__delete_all deletes these, too.
 * \Registry and what is directly below it stay. */
NTSTATUS cm__delete(struct cm_key *key);
NTSTATUS cm__delete_all(struct cm_key *key);

/* The index-th key below it, with a reference; STATUS_NO_MORE_ENTRIES. */
NTSTATUS cm__subkey(struct cm_key *key, ULONG index, struct cm_key **below);

/* The key above it (or itself) that is so many below \Registry, with a
 * reference; NULL. */
struct cm_key *cm__ancestor(struct cm_key *key, ULONG depth);

struct cm_facts {
  LONGLONG last_write;
  ULONG subkeys, max_name, max_class; /* bytes, as all lengths here */
  ULONG values, max_value_name, max_value_data;
};

NTSTATUS cm__facts(struct cm_key *key, struct cm_facts *facts);

/* The whole path, in memory for os__free. */
NTSTATUS cm__path(struct cm_key *key, WCHAR **path, ULONG *bytes);

/* Takes the next name off the front of a path; false when there is none.
 * Backslashes that follow each other count as one. */
bool cm__next_name(UNICODE_STRING *path, UNICODE_STRING *name);

/* For value.c. */
void cm__lock(void);
void cm__unlock(void);

/* ---- values (value.c) --------------------------------------------------- */

NTSTATUS cm__set_value(struct cm_key *key, PCUNICODE_STRING name, ULONG type,
                       const void *data, ULONG size);
NTSTATUS cm__delete_value(struct cm_key *key, PCUNICODE_STRING name);

/* With a reference. STATUS_OBJECT_NAME_NOT_FOUND, STATUS_NO_MORE_ENTRIES. */
NTSTATUS cm__value(struct cm_key *key, PCUNICODE_STRING name,
                   struct cm_value **value);
NTSTATUS cm__value_at(struct cm_key *key, ULONG index, struct cm_value **value);
void cm__release_value(struct cm_value *value);

/* Frees a list of values that a deleted key had. */
void cm__release_values(struct cm_value *first);

#endif
