/* Objects with references. See object.h. */
#include "ob/object.h"

#include "os/os.h"
#include "verifier/report.h"

/* The header in front of an object. All live ones are chained, so that a
 * pointer that is not an object is noticed without reading in front of it. */
struct object_header {
  _Alignas(16) struct object_header *next, *previous;
  POBJECT_TYPE type;
  LONG references;
  LONG handles;
};

/* A type that drivers name though no handle of uwsk is of it yet. */
static struct _OBJECT_TYPE event_type = {.Name = "Event", .Waitable = TRUE};
static POBJECT_TYPE event_type_pointer = &event_type;
POBJECT_TYPE *ExEventObjectType = &event_type_pointer;

static struct os_spin objects_lock;
static struct object_header *objects;

static struct object_header *header_of(PVOID object) {
  return (struct object_header *)object - 1;
}

PVOID ob__create_object(POBJECT_TYPE type, size_t size) {
  struct object_header *header = os__alloc(sizeof(*header) + size);
  if (header == NULL)
    return NULL;
  header->type = type;
  header->references = 1;
  os__spin_lock(&objects_lock);
  header->next = objects;
  if (objects != NULL)
    objects->previous = header;
  objects = header;
  os__spin_unlock(&objects_lock);
  return header + 1;
}

static bool is_living(const struct object_header *wanted) {
  for (struct object_header *h = objects; h != NULL; h = h->next)
    if (h == wanted)
      return true;
  return false;
}

static void unchain(struct object_header *header) {
  if (header->previous != NULL)
    header->previous->next = header->next;
  else
    objects = header->next;
  if (header->next != NULL)
    header->next->previous = header->previous;
}

/* Adds `change` to the count; the new count, or -1 for what is no object. An
 * object whose count reaches zero has left the chain. */
static LONG add_reference(PVOID object, LONG change, const char *call) {
  LONG count = -1;
  os__spin_lock(&objects_lock);
  if (object != NULL && is_living(header_of(object))) {
    count = header_of(object)->references += change;
    if (count == 0)
      unchain(header_of(object));
  }
  os__spin_unlock(&objects_lock);
  if (count < 0)
    vf__report(VF_OBJECT_01, "%s: %p is not a living object", call, object);
  return count;
}

LONG_PTR ObfReferenceObject(PVOID Object) {
  return add_reference(Object, 1, "ObReferenceObject");
}

PVOID ob__dispatcher_of(PVOID object) {
  POBJECT_TYPE type = header_of(object)->type;
  if (type->WaitFor != NULL)
    return type->WaitFor(object);
  return type->Waitable ? object : NULL;
}

void ob__delete_object(PVOID object) {
  struct object_header *header = header_of(object);
  if (header->type->Delete != NULL)
    header->type->Delete(object);
  os__free(header);
}

LONG_PTR ObfDereferenceObject(PVOID Object) {
  LONG count = add_reference(Object, -1, "ObDereferenceObject");
  if (count == 0) {
    POBJECT_TYPE type = header_of(Object)->type;
    if (type->Defer == NULL || !type->Defer(Object))
      ob__delete_object(Object);
  }
  return count;
}

void ob__add_handle(PVOID object) {
  __atomic_add_fetch(&header_of(object)->handles, 1, __ATOMIC_RELAXED);
}

void ob__remove_handle(PVOID object) {
  struct object_header *header = header_of(object);
  if (__atomic_sub_fetch(&header->handles, 1, __ATOMIC_ACQ_REL) == 0 &&
      header->type->Close != NULL)
    header->type->Close(object);
}

LONG_PTR ObfReferenceObjectWithTag(PVOID Object, ULONG Tag) {
  UNREFERENCED_PARAMETER(Tag);
  return ObfReferenceObject(Object);
}

LONG_PTR ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag) {
  UNREFERENCED_PARAMETER(Tag);
  return ObfDereferenceObject(Object);
}

NTSTATUS ob__reference(PVOID object, POBJECT_TYPE type) {
  if (add_reference(object, 1, "ObReferenceObject") < 0)
    return STATUS_INVALID_PARAMETER;
  if (type == NULL || header_of(object)->type == type)
    return STATUS_SUCCESS;
  ObfDereferenceObject(object);
  return STATUS_OBJECT_TYPE_MISMATCH;
}
