/* Keys: found, made, deleted. See tree.h. */
#include "cm/tree.h"

#include <string.h>

#include "ke/ke.h"
#include "os/os.h"
#include "rtl/inner.h"

#define ROOT_NAME L"REGISTRY"

static struct os_spin lock;
static struct cm_key *root; /* NULL while the runtime is not running */

void cm__lock(void) {
  os__spin_lock(&lock);
}

void cm__unlock(void) {
  os__spin_unlock(&lock);
}

/* ---- names -------------------------------------------------------------- */

bool cm__next_name(UNICODE_STRING *path, UNICODE_STRING *name) {
  USHORT units = path->Length / sizeof(WCHAR);
  USHORT begin = 0;
  USHORT end;

  *name = (UNICODE_STRING){.Buffer = path->Buffer};
  if (units == 0) /* The buffer may be NULL, to which nothing is added. */
    return false;
  while (begin < units && path->Buffer[begin] == L'\\')
    begin++;
  for (end = begin; end < units && path->Buffer[end] != L'\\';)
    end++;
  name->Buffer = path->Buffer + begin;
  name->Length = (USHORT)((end - begin) * sizeof(WCHAR));
  name->MaximumLength = name->Length;
  path->Buffer += end;
  path->Length = (USHORT)((units - end) * sizeof(WCHAR));
  return name->Length != 0;
}

static bool is_last(UNICODE_STRING rest) {
  UNICODE_STRING name;

  return !cm__next_name(&rest, &name);
}

static NTSTATUS check_name(PCUNICODE_STRING name) {
  return name->Length > CM_MAX_KEY_NAME * sizeof(WCHAR)
             ? STATUS_INVALID_PARAMETER
             : STATUS_SUCCESS;
}

/* ---- one key ------------------------------------------------------------ */

static UNICODE_STRING copy_text(PCUNICODE_STRING from, WCHAR *to) {
  if (from->Length != 0)
    memcpy(to, from->Buffer, from->Length);
  return (UNICODE_STRING){from->Length, from->Length, to};
}

/* With the tree's reference; not in it yet. */
static struct cm_key *make_key(PCUNICODE_STRING name, PCUNICODE_STRING class) {
  static const UNICODE_STRING none;
  struct cm_key *key;
  WCHAR *text;

  if (class == NULL)
    class = &none;
  key = os__alloc(sizeof(*key) + name->Length + class->Length);
  if (key == NULL)
    return NULL;
  text = (WCHAR *)(key + 1);
  key->references = 1;
  key->name = copy_text(name, text);
  key->class = copy_text(class, text + name->Length / sizeof(WCHAR));
  return key;
}

struct cm_key *cm__reference(struct cm_key *key) {
  cm__lock();
  key->references++;
  cm__unlock();
  return key;
}

void cm__release(struct cm_key *key) {
  bool last;

  cm__lock();
  last = --key->references == 0;
  cm__unlock();
  if (last)
    os__free(key);
}

/* ---- the tree; the lock is held ----------------------------------------- */

/* The link to the first key below `parent` whose name is not before `name`. */
static struct cm_key **place_of(struct cm_key *parent, PCUNICODE_STRING name,
                                bool *found) {
  struct cm_key **link = &parent->first;
  LONG order = 1;

  while (*link != NULL &&
         (order = rtl__compare(&(*link)->name, name, TRUE)) < 0)
    link = &(*link)->next;
  *found = *link != NULL && order == 0;
  return link;
}

static void insert(struct cm_key *parent, struct cm_key *key) {
  bool found;
  struct cm_key **link = place_of(parent, &key->name, &found);

  key->next = *link;
  *link = key;
  key->parent = parent;
  key->depth = parent->depth + 1;
  parent->last_write = key->last_write = ke__system_time();
}

/* Takes a key out of the tree. Its values are the caller's to release, and so
 * is the tree's reference. */
static struct cm_value *take_out(struct cm_key *key) {
  struct cm_value *values = key->values;

  if (key->parent != NULL) {
    struct cm_key **link = &key->parent->first;

    while (*link != key)
      link = &(*link)->next;
    *link = key->next;
    key->parent->last_write = ke__system_time();
  }
  key->parent = NULL;
  key->values = NULL;
  key->deleted = true;
  return values;
}

/* Where a path begins; *rest is what is left of it. */
static NTSTATUS begin_path(struct cm_key *from, PCUNICODE_STRING path,
                           struct cm_key **start, UNICODE_STRING *rest) {
  static const UNICODE_STRING root_name = RTL_CONSTANT_STRING(ROOT_NAME);
  UNICODE_STRING name;
  bool absolute = path->Length != 0 && path->Buffer[0] == L'\\';

  *rest = *path;
  *start = from != NULL ? from : root;
  if (path->Length % sizeof(WCHAR) != 0)
    return STATUS_OBJECT_NAME_INVALID;
  if (absolute != (from == NULL))
    return STATUS_OBJECT_PATH_SYNTAX_BAD;
  if (*start == NULL)
    return STATUS_INVALID_DEVICE_STATE;
  if ((*start)->deleted)
    return STATUS_KEY_DELETED;
  if (from != NULL)
    return STATUS_SUCCESS;
  if (!cm__next_name(rest, &name))
    return STATUS_OBJECT_TYPE_MISMATCH; /* it is a directory of objects */
  if (rtl__equal(&name, &root_name, TRUE))
    return STATUS_SUCCESS;
  return is_last(*rest) ? STATUS_OBJECT_NAME_NOT_FOUND
                        : STATUS_OBJECT_PATH_NOT_FOUND;
}

/* Goes down from *key as far as there are keys. True at the end of the path;
 * false when `name` is missing below *key, *rest then is what follows it. */
static bool walk(struct cm_key **key, UNICODE_STRING *rest,
                 UNICODE_STRING *name) {
  while (cm__next_name(rest, name)) {
    bool found;
    struct cm_key **link = place_of(*key, name, &found);

    if (!found)
      return false;
    *key = *link;
  }
  return true;
}

/* ---- opened and made ---------------------------------------------------- */

NTSTATUS cm__open(struct cm_key *from, PCUNICODE_STRING path,
                  struct cm_key **key) {
  UNICODE_STRING rest, name;
  struct cm_key *at;
  NTSTATUS status;

  cm__lock();
  status = begin_path(from, path, &at, &rest);
  if (NT_SUCCESS(status) && !walk(&at, &rest, &name)) {
    status = check_name(&name);
    if (NT_SUCCESS(status))
      status = STATUS_OBJECT_NAME_NOT_FOUND;
  }
  if (NT_SUCCESS(status)) {
    at->references++;
    *key = at;
  }
  cm__unlock();
  return status;
}

/* Whether a key of that name may be made below `parent`. */
static NTSTATUS check_creation(const struct cm_key *parent,
                               PCUNICODE_STRING name, bool last,
                               const struct cm_creation *how) {
  NTSTATUS status = check_name(name);

  if (!NT_SUCCESS(status))
    return status;
  if (parent->depth >= CM_MAX_DEPTH)
    return STATUS_INVALID_PARAMETER;
  if (how->host)
    return STATUS_SUCCESS;
  if (!last)
    return STATUS_OBJECT_NAME_NOT_FOUND;
  if (how->denied)
    return STATUS_ACCESS_DENIED;
  if (how->is_volatile)
    return STATUS_SUCCESS;
  if (parent->is_volatile)
    return STATUS_CHILD_MUST_BE_VOLATILE;
  return parent->depth < 2 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

struct growth {
  struct cm_key *from;
  PCUNICODE_STRING path;
  const struct cm_creation *how;
  struct cm_key *spare; /* made for `missing`, while the lock was not held */
  UNICODE_STRING missing;
  bool last;    /* `missing` is the last name of the path */
  bool created; /* … and was put in */
};

/* One look at the tree; the lock is held. STATUS_SUCCESS: *key is there. Puts
 * the spare in if it is what is missing. STATUS_MORE_PROCESSING_REQUIRED: a
 * spare for `missing` is wanted. */
static NTSTATUS grow(struct growth *growth, struct cm_key **key) {
  UNICODE_STRING rest;
  NTSTATUS status = begin_path(growth->from, growth->path, key, &rest);

  while (NT_SUCCESS(status) && !walk(key, &rest, &growth->missing)) {
    struct cm_key *spare = growth->spare;

    growth->last = is_last(rest);
    status = check_creation(*key, &growth->missing, growth->last, growth->how);
    if (!NT_SUCCESS(status))
      break;
    if (spare == NULL || !rtl__equal(&spare->name, &growth->missing, FALSE))
      return STATUS_MORE_PROCESSING_REQUIRED;
    growth->spare = NULL;
    growth->created = growth->last;
    spare->is_volatile = growth->how->is_volatile || (*key)->is_volatile;
    insert(*key, spare);
    *key = spare;
  }
  return status;
}

NTSTATUS cm__create(struct cm_key *from, PCUNICODE_STRING path,
                    const struct cm_creation *how, struct cm_key **key,
                    bool *created) {
  struct growth growth = {.from = from, .path = path, .how = how};
  struct cm_key *at;
  NTSTATUS status;

  for (;;) {
    cm__lock();
    status = grow(&growth, &at);
    if (status == STATUS_SUCCESS)
      at->references++;
    cm__unlock();
    os__free(growth.spare); /* somebody else was faster */
    growth.spare = NULL;
    if (status != STATUS_MORE_PROCESSING_REQUIRED)
      break;
    growth.spare = make_key(&growth.missing, growth.last ? how->class : NULL);
    if (growth.spare == NULL)
      return STATUS_INSUFFICIENT_RESOURCES;
  }
  if (!NT_SUCCESS(status))
    return status;
  *created = growth.created;
  *key = at;
  return STATUS_SUCCESS;
}

/* ---- deleted ------------------------------------------------------------ */

static bool stays(const struct cm_key *key) {
  return key->depth < 2;
}

NTSTATUS cm__delete(struct cm_key *key) {
  struct cm_value *values = NULL;
  NTSTATUS status = STATUS_SUCCESS;
  bool gone = false;

  cm__lock();
  if (key->deleted) {
    /* Nothing is left to do. */
  } else if (stays(key) || key->first != NULL) {
    status = STATUS_CANNOT_DELETE;
  } else {
    values = take_out(key);
    gone = true;
  }
  cm__unlock();
  cm__release_values(values);
  if (gone)
    cm__release(key);
  return status;
}

/* Deletes one key that has none below it: some key below `top`, or itself.
 * False when it was `top`, or that had gone. */
static bool delete_leaf(struct cm_key *top) {
  struct cm_key *leaf = top;
  struct cm_value *values = NULL;
  bool gone;

  cm__lock();
  while (leaf->first != NULL)
    leaf = leaf->first;
  gone = !leaf->deleted;
  if (gone)
    values = take_out(leaf);
  cm__unlock();
  cm__release_values(values);
  if (gone)
    cm__release(leaf);
  return gone && leaf != top;
}

NTSTATUS cm__delete_all(struct cm_key *key) {
  if (stays(key))
    return STATUS_CANNOT_DELETE;
  while (delete_leaf(key)) {
  }
  return STATUS_SUCCESS;
}

bool cm__plant(void) {
  static const UNICODE_STRING name = RTL_CONSTANT_STRING(ROOT_NAME);
  struct cm_key *key = make_key(&name, NULL);

  if (key == NULL)
    return false;
  key->last_write = ke__system_time();
  cm__lock();
  root = key;
  cm__unlock();
  return true;
}

void cm__fell(void) {
  struct cm_key *key;

  cm__lock();
  key = root;
  root = NULL;
  cm__unlock();
  while (key != NULL && delete_leaf(key)) {
  }
}

/* ---- told --------------------------------------------------------------- */

NTSTATUS cm__subkey(struct cm_key *key, ULONG index, struct cm_key **below) {
  struct cm_key *at;
  NTSTATUS status = STATUS_KEY_DELETED;

  cm__lock();
  if (!key->deleted) {
    for (at = key->first; at != NULL && index > 0; at = at->next)
      index--;
    status = at != NULL ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
    if (at != NULL) {
      at->references++;
      *below = at;
    }
  }
  cm__unlock();
  return status;
}

struct cm_key *cm__ancestor(struct cm_key *key, ULONG depth) {
  cm__lock();
  while (key != NULL && key->depth != depth)
    key = key->parent;
  if (key != NULL)
    key->references++;
  cm__unlock();
  return key;
}

static void raise(ULONG *maximum, ULONG value) {
  if (*maximum < value)
    *maximum = value;
}

NTSTATUS cm__facts(struct cm_key *key, struct cm_facts *facts) {
  NTSTATUS status = STATUS_KEY_DELETED;

  memset(facts, 0, sizeof(*facts));
  cm__lock();
  if (!key->deleted) {
    facts->last_write = key->last_write;
    for (const struct cm_key *at = key->first; at != NULL; at = at->next) {
      facts->subkeys++;
      raise(&facts->max_name, at->name.Length);
      raise(&facts->max_class, at->class.Length);
    }
    for (const struct cm_value *at = key->values; at != NULL; at = at->next) {
      facts->values++;
      raise(&facts->max_value_name, at->name.Length);
      raise(&facts->max_value_data, at->size);
    }
    status = STATUS_SUCCESS;
  }
  cm__unlock();
  return status;
}

/* The length of the path in bytes; 0 when the key is deleted. */
static ULONG path_bytes(const struct cm_key *key) {
  ULONG bytes = 0;

  if (key->deleted)
    return 0;
  for (; key != NULL; key = key->parent)
    bytes += (ULONG)sizeof(WCHAR) + key->name.Length;
  return bytes;
}

static void write_path(const struct cm_key *key, WCHAR *end) {
  for (; key != NULL; key = key->parent) {
    end -= key->name.Length / sizeof(WCHAR);
    memcpy(end, key->name.Buffer, key->name.Length);
    *--end = L'\\';
  }
}

NTSTATUS cm__path(struct cm_key *key, WCHAR **path, ULONG *bytes) {
  cm__lock();
  *bytes = path_bytes(key);
  cm__unlock();
  if (*bytes == 0)
    return STATUS_KEY_DELETED;
  *path = os__alloc(*bytes);
  if (*path == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  cm__lock();
  /* It may have been deleted meanwhile, but not have moved. */
  *bytes = path_bytes(key);
  if (*bytes != 0)
    write_path(key, *path + *bytes / sizeof(WCHAR));
  cm__unlock();
  if (*bytes != 0)
    return STATUS_SUCCESS;
  os__free(*path);
  return STATUS_KEY_DELETED;
}
