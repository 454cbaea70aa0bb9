/*
 * How processors are related: the same plain machine on every host, so that a
 * test sees the same everywhere. Each processor is a core, with first and
 * second level caches of its own; one third level cache, one package and one
 * node of memory have all of them.
 */
#include "ke/ke.h"

#define KIB       1024u
#define LINE_SIZE 64

typedef SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX entry;

/* Where the next entry goes: counted in any case, written while there is room.
 */
struct cursor {
  PUCHAR buffer;
  ULONG room;
  ULONG used;
  KAFFINITY wanted; /* entries that concern one of these */
};

static ULONG size_of(LOGICAL_PROCESSOR_RELATIONSHIP relationship) {
  ULONG head = FIELD_OFFSET(entry, Processor);

  switch (relationship) {
  case RelationNumaNode:
    return head + sizeof(NUMA_NODE_RELATIONSHIP);
  case RelationCache:
    return head + sizeof(CACHE_RELATIONSHIP);
  case RelationGroup:
    return head + sizeof(GROUP_RELATIONSHIP);
  default:
    return head + sizeof(PROCESSOR_RELATIONSHIP);
  }
}

static void add(struct cursor *cursor, entry *from) {
  from->Size = size_of(from->Relationship);
  if (cursor->room - cursor->used >= from->Size && cursor->room >= cursor->used)
    RtlCopyMemory(cursor->buffer + cursor->used, from, from->Size);
  cursor->used += from->Size;
}

static void add_processors(struct cursor *cursor,
                           LOGICAL_PROCESSOR_RELATIONSHIP relationship,
                           KAFFINITY mask) {
  entry made = {.Relationship = relationship};

  if ((mask & cursor->wanted) == 0)
    return;
  made.Processor.GroupCount = 1;
  made.Processor.GroupMask[0].Mask = mask;
  add(cursor, &made);
}

static void add_cores(struct cursor *cursor) {
  for (ULONG i = 0; i < KeQueryActiveProcessorCount(NULL); i++)
    add_processors(cursor, RelationProcessorCore, (KAFFINITY)1 << i);
}

static void add_package(struct cursor *cursor) {
  add_processors(cursor, RelationProcessorPackage, ke__processors());
}

static void add_node(struct cursor *cursor) {
  entry made = {.Relationship = RelationNumaNode};

  made.NumaNode.GroupCount = 1;
  made.NumaNode.GroupMask.Mask = ke__processors();
  add(cursor, &made);
}

/* ---- caches ------------------------------------------------------------ */

static const struct cache {
  UCHAR level;
  UCHAR ways;
  ULONG size;
  PROCESSOR_CACHE_TYPE type;
} own_caches[] = {
    {1, 8, 32 * KIB, CacheData},
    {1, 8, 32 * KIB, CacheInstruction},
    {2, 8, 256 * KIB, CacheUnified},
};
static const struct cache shared_cache = {3, 16, 8192 * KIB, CacheUnified};

static void add_cache(struct cursor *cursor, const struct cache *cache,
                      KAFFINITY mask) {
  entry made = {.Relationship = RelationCache};

  if ((mask & cursor->wanted) == 0)
    return;
  made.Cache.Level = cache->level;
  made.Cache.Associativity = cache->ways;
  made.Cache.LineSize = LINE_SIZE;
  made.Cache.CacheSize = cache->size;
  made.Cache.Type = cache->type;
  made.Cache.GroupCount = 1;
  made.Cache.GroupMask.Mask = mask;
  add(cursor, &made);
}

static void add_caches(struct cursor *cursor) {
  for (ULONG i = 0; i < KeQueryActiveProcessorCount(NULL); i++)
    for (unsigned c = 0; c < RTL_NUMBER_OF(own_caches); c++)
      add_cache(cursor, &own_caches[c], (KAFFINITY)1 << i);
  add_cache(cursor, &shared_cache, ke__processors());
}

static void add_group(struct cursor *cursor) {
  entry made = {.Relationship = RelationGroup};
  UCHAR count = (UCHAR)KeQueryActiveProcessorCount(NULL);

  made.Group.MaximumGroupCount = 1;
  made.Group.ActiveGroupCount = 1;
  made.Group.GroupInfo[0].MaximumProcessorCount = count;
  made.Group.GroupInfo[0].ActiveProcessorCount = count;
  made.Group.GroupInfo[0].ActiveProcessorMask = ke__processors();
  add(cursor, &made);
}

/* ---- the call ---------------------------------------------------------- */

static const struct {
  LOGICAL_PROCESSOR_RELATIONSHIP relationship;
  void (*add)(struct cursor *cursor);
} relationships[] = {
    {RelationProcessorCore, add_cores}, {RelationNumaNode, add_node},
    {RelationCache, add_caches},        {RelationProcessorPackage, add_package},
    {RelationGroup, add_group},
};

static bool add_all(struct cursor *cursor,
                    LOGICAL_PROCESSOR_RELATIONSHIP wanted) {
  bool known = false;

  for (unsigned i = 0; i < RTL_NUMBER_OF(relationships); i++)
    if (wanted == RelationAll || wanted == relationships[i].relationship) {
      relationships[i].add(cursor);
      known = true;
    }
  return known;
}

NTSTATUS KeQueryLogicalProcessorRelationship(
    PPROCESSOR_NUMBER ProcessorNumber,
    LOGICAL_PROCESSOR_RELATIONSHIP RelationshipType,
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Information, PULONG Length) {
  struct cursor cursor = {.wanted = ke__processors()};
  ULONG index;

  ke__require_irql(DISPATCH_LEVEL, "KeQueryLogicalProcessorRelationship");
  if (ProcessorNumber != NULL) {
    index = KeGetProcessorIndexFromNumber(ProcessorNumber);
    if (index == INVALID_PROCESSOR_INDEX)
      return STATUS_INVALID_PARAMETER;
    cursor.wanted = (KAFFINITY)1 << index;
  }
  if (!add_all(&cursor, RelationshipType))
    return STATUS_INVALID_PARAMETER;
  if (Information == NULL || *Length < cursor.used) {
    *Length = cursor.used;
    return STATUS_INFO_LENGTH_MISMATCH;
  }
  cursor.buffer = (PUCHAR)Information;
  cursor.room = *Length;
  cursor.used = 0;
  add_all(&cursor, RelationshipType);
  *Length = cursor.used;
  return STATUS_SUCCESS;
}
