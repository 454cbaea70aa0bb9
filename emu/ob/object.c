/* Objects with references. See object.h. */
#include "ob/object.h"

#include "os/os.h"
#include "verifier/report.h"

/* The header in front of an object. All live ones are chained, so that a
 * pointer that is not an object is noticed without reading in front of it. */
struct object_header {
  _Alignas(16) struct object_header *next;
  struct object_header *previous;
  POBJECT_TYPE type;
  LONG references;
  LONG handles;
  bool placed; /* the memory is somebody else's */
};

_Static_assert(sizeof(struct object_header) == OB_HEADER_SIZE,
               "a placed object has room for its header");

static struct os_spin objects_lock;
static struct object_header *objects;

static struct object_header *header_of(PVOID object) {
  /* By numbers: what a driver gives us may be a handle. */
  return (struct object_header *)((ULONG_PTR)object -
                                  sizeof(struct object_header));
}

static PVOID begin(struct object_header *header, POBJECT_TYPE type,
                   bool placed) {
  header->type = type;
  header->references = 1;
  header->placed = placed;
  header->previous = NULL;
  os__spin_lock(&objects_lock);
  header->next = objects;
  if (objects != NULL)
    objects->previous = header;
  objects = header;
  os__spin_unlock(&objects_lock);
  return header + 1;
}

PVOID ob__create_object(POBJECT_TYPE type, size_t size) {
  struct object_header *header = os__alloc(sizeof(*header) + size);
  return header != NULL ? begin(header, type, false) : NULL;
}

PVOID ob__place_object(void *memory, POBJECT_TYPE type) {
  return begin(memory, type, true);
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
    vf__report_bugcheck(VF_OBJECT_01, object, 0, object, 0, 0,
                        "%s: %p is not a living object", call, object);
  return count;
}

LONG_PTR ObfReferenceObject(PVOID Object) {
  VF_ENTER("ObReferenceObject");
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
  bool placed = header->placed;
  if (header->type->Delete != NULL)
    header->type->Delete(object);
  if (!placed)
    os__free(header);
}

LONG_PTR ObfDereferenceObject(PVOID Object) {
  VF_ENTER("ObDereferenceObject");
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
  VF_ENTER("ObReferenceObjectWithTag");
  UNREFERENCED_PARAMETER(Tag);
  return ObfReferenceObject(Object);
}

LONG_PTR ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag) {
  VF_ENTER("ObDereferenceObjectWithTag");
  UNREFERENCED_PARAMETER(Tag);
  return ObfDereferenceObject(Object);
}

POBJECT_TYPE ob__type_of(PVOID object) {
  POBJECT_TYPE type = NULL;
  os__spin_lock(&objects_lock);
  if (object != NULL && is_living(header_of(object)))
    type = header_of(object)->type;
  os__spin_unlock(&objects_lock);
  return type;
}

NTSTATUS ob__reference(PVOID object, POBJECT_TYPE type) {
  if (add_reference(object, 1, "ObReferenceObject") < 0)
    return STATUS_INVALID_PARAMETER;
  if (type == NULL || header_of(object)->type == type)
    return STATUS_SUCCESS;
  ObfDereferenceObject(object);
  return STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess,
                                    POBJECT_TYPE ObjectType,
                                    KPROCESSOR_MODE AccessMode) {
  UNREFERENCED_PARAMETER(DesiredAccess);
  /* A caller from user mode has to say what it expects. */
  if (ObjectType == NULL && AccessMode != KernelMode)
    return STATUS_OBJECT_TYPE_MISMATCH;
  return ob__reference(Object, ObjectType);
}

BOOLEAN ObReferenceObjectSafe(PVOID Object) {
  os__spin_lock(&objects_lock);
  bool living = Object != NULL && is_living(header_of(Object));
  if (living)
    header_of(Object)->references++;
  os__spin_unlock(&objects_lock);
  return living;
}

NTSTATUS ObReferenceObjectByPointerWithTag(PVOID Object,
                                           ACCESS_MASK DesiredAccess,
                                           POBJECT_TYPE ObjectType,
                                           KPROCESSOR_MODE AccessMode,
                                           ULONG Tag) {
  UNREFERENCED_PARAMETER(Tag);
  return ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType,
                                    AccessMode);
}

VOID ObDereferenceObjectDeferDelete(PVOID Object) {
  ObfDereferenceObject(Object);
}

VOID ObDereferenceObjectDeferDeleteWithTag(PVOID Object, ULONG Tag) {
  ObfDereferenceObjectWithTag(Object, Tag);
}
