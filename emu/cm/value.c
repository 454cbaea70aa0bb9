/* Values of keys. See tree.h. */
#include <string.h>

#include "cm/tree.h"
#include "ke/ke.h"
#include "os/os.h"
#include "rtl/inner.h"

/* Zeros behind the data: a list of strings needs two. */
#define ZEROS (2 * sizeof(WCHAR))

/* So that the lengths of answers, which are ULONGs, cannot overflow. */
#define MAX_DATA 0x7fffffffu

static size_t round_up(size_t size) {
  return (size + 7) & ~(size_t)7;
}

static struct cm_value *make_value(PCUNICODE_STRING name, ULONG type,
                                   const void *data, ULONG size) {
  size_t front =
      round_up(sizeof(struct cm_value) + name->Length + sizeof(WCHAR));
  struct cm_value *value = os__alloc(front + size + ZEROS);

  if (value == NULL)
    return NULL;
  value->references = 1;
  value->type = type;
  value->size = size;
  value->data = (UCHAR *)value + front;
  value->name.Buffer = (WCHAR *)(value + 1);
  value->name.Length = name->Length;
  value->name.MaximumLength = (USHORT)(name->Length + sizeof(WCHAR));
  if (name->Length != 0)
    memcpy(value->name.Buffer, name->Buffer, name->Length);
  if (size != 0)
    memcpy(value->data, data, size);
  return value;
}

void cm__release_value(struct cm_value *value) {
  bool last;

  cm__lock();
  last = --value->references == 0;
  cm__unlock();
  if (last)
    os__free(value);
}

void cm__release_values(struct cm_value *first) {
  while (first != NULL) {
    struct cm_value *next = first->next;

    cm__release_value(first);
    first = next;
  }
}

/* The lock is held. */
static struct cm_value **find(struct cm_key *key, PCUNICODE_STRING name) {
  struct cm_value **link = &key->values;

  while (*link != NULL && !rtl__equal(&(*link)->name, name, TRUE))
    link = &(*link)->next;
  return link;
}

NTSTATUS cm__set_value(struct cm_key *key, PCUNICODE_STRING name, ULONG type,
                       const void *data, ULONG size) {
  struct cm_value *value, *gone;
  bool deleted;

  if (name->Length > CM_MAX_VALUE_NAME * sizeof(WCHAR) ||
      name->Length % sizeof(WCHAR) != 0)
    return STATUS_INVALID_PARAMETER;
  if (size > MAX_DATA)
    return STATUS_INSUFFICIENT_RESOURCES;
  value = make_value(name, type, data, size);
  if (value == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  cm__lock();
  deleted = key->deleted;
  gone = value;
  if (!deleted) {
    struct cm_value **link = find(key, name);

    gone = *link;
    value->next = gone != NULL ? gone->next : NULL;
    *link = value;
    key->last_write = ke__system_time();
  }
  cm__unlock();
  if (gone != NULL)
    cm__release_value(gone);
  return deleted ? STATUS_KEY_DELETED : STATUS_SUCCESS;
}

NTSTATUS cm__delete_value(struct cm_key *key, PCUNICODE_STRING name) {
  struct cm_value *gone = NULL;
  NTSTATUS status = STATUS_KEY_DELETED;

  cm__lock();
  if (!key->deleted) {
    struct cm_value **link = find(key, name);

    gone = *link;
    status = gone != NULL ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
    if (gone != NULL) {
      *link = gone->next;
      key->last_write = ke__system_time();
    }
  }
  cm__unlock();
  if (gone != NULL)
    cm__release_value(gone);
  return status;
}

/* The lock is held. */
static NTSTATUS hand_out(struct cm_value *found, NTSTATUS otherwise,
                         struct cm_value **value) {
  if (found == NULL)
    return otherwise;
  found->references++;
  *value = found;
  return STATUS_SUCCESS;
}

NTSTATUS cm__value(struct cm_key *key, PCUNICODE_STRING name,
                   struct cm_value **value) {
  NTSTATUS status = STATUS_KEY_DELETED;

  cm__lock();
  if (!key->deleted)
    status = hand_out(*find(key, name), STATUS_OBJECT_NAME_NOT_FOUND, value);
  cm__unlock();
  return status;
}

NTSTATUS cm__value_at(struct cm_key *key, ULONG index,
                      struct cm_value **value) {
  NTSTATUS status = STATUS_KEY_DELETED;

  cm__lock();
  if (!key->deleted) {
    struct cm_value *at = key->values;

    for (; at != NULL && index > 0; at = at->next)
      index--;
    status = hand_out(at, STATUS_NO_MORE_ENTRIES, value);
  }
  cm__unlock();
  return status;
}
