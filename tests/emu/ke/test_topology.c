/* How processors are related. Page:
 * ddi/wdm/nf-wdm-kequerylogicalprocessorrelationship. */
#include "kernel_test.h"

#include <stdlib.h>

typedef SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX entry;

static ULONG count(void) {
  return KeQueryActiveProcessorCount(NULL);
}

static ULONG size_needed(PPROCESSOR_NUMBER number,
                         LOGICAL_PROCESSOR_RELATIONSHIP relationship) {
  ULONG length = 0;

  assert_int_equal(
      KeQueryLogicalProcessorRelationship(number, relationship, NULL, &length),
      STATUS_INFO_LENGTH_MISMATCH);
  return length;
}

/* The layout that user mode documents for these structures on x64. */
static void the_structures_are_those_of_windows(void **state) {
  (void)state;
  assert_int_equal(sizeof(entry), 80);
  assert_int_equal(sizeof(PROCESSOR_RELATIONSHIP), 40);
  assert_int_equal(sizeof(NUMA_NODE_RELATIONSHIP), 40);
  assert_int_equal(sizeof(CACHE_RELATIONSHIP), 48);
  assert_int_equal(sizeof(GROUP_RELATIONSHIP), 72);
  assert_int_equal(FIELD_OFFSET(entry, Cache), 8);
}

/* As a driver walks through it: by Size, not by sizeof. */
static void all_relationships_add_up(void **state) {
  ULONG length = size_needed(NULL, RelationAll), used = 0;
  ULONG cores = 0, nodes = 0, packages = 0, groups = 0, caches = 0;
  KAFFINITY seen = 0;
  PUCHAR buffer = malloc(length);
  (void)state;
  assert_int_equal(KeQueryLogicalProcessorRelationship(NULL, RelationAll,
                                                       (PVOID)buffer, &length),
                   STATUS_SUCCESS);
  while (used < length) {
    entry *at = (entry *)(PVOID)(buffer + used);

    used += at->Size;
    cores += at->Relationship == RelationProcessorCore;
    nodes += at->Relationship == RelationNumaNode;
    packages += at->Relationship == RelationProcessorPackage;
    groups += at->Relationship == RelationGroup;
    caches += at->Relationship == RelationCache;
    if (at->Relationship == RelationProcessorCore)
      seen |= at->Processor.GroupMask[0].Mask;
    if (at->Relationship == RelationGroup)
      assert_int_equal(at->Group.GroupInfo[0].ActiveProcessorCount, count());
  }
  free(buffer);
  assert_int_equal(used, length);
  assert_int_equal(cores, count());
  assert_int_equal(seen, KeQueryActiveProcessors());
  assert_int_equal(nodes, 1);
  assert_int_equal(packages, 1);
  assert_int_equal(groups, 1);
  assert_int_equal(caches, 3 * count() + 1);
}

/* As a driver asks for the node of a processor: with one structure. */
static void one_processor_has_one_core_and_one_node(void **state) {
  PROCESSOR_NUMBER number;
  entry answer;
  ULONG length = sizeof(answer);
  (void)state;
  KeGetProcessorNumberFromIndex(count() - 1, &number);
  assert_int_equal(KeQueryLogicalProcessorRelationship(
                       &number, RelationNumaNode, &answer, &length),
                   STATUS_SUCCESS);
  assert_int_equal(length, answer.Size);
  assert_int_equal(answer.NumaNode.NodeNumber, 0);
  assert_int_equal(answer.NumaNode.GroupMask.Mask, KeQueryActiveProcessors());
  length = sizeof(answer);
  assert_int_equal(KeQueryLogicalProcessorRelationship(
                       &number, RelationProcessorCore, &answer, &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.Processor.GroupMask[0].Mask,
                   (KAFFINITY)1 << (count() - 1));
  assert_int_equal(size_needed(&number, RelationCache),
                   4 * (8 + sizeof(CACHE_RELATIONSHIP)));
}

static void a_buffer_that_is_too_small_is_left_alone(void **state) {
  entry answer = {.Size = 77};
  ULONG length = size_needed(NULL, RelationGroup) - 1;
  (void)state;
  assert_int_equal(KeQueryLogicalProcessorRelationship(NULL, RelationGroup,
                                                       &answer, &length),
                   STATUS_INFO_LENGTH_MISMATCH);
  assert_int_equal(length, 80);
  assert_int_equal(answer.Size, 77);
}

static void what_is_not_there_is_refused(void **state) {
  PROCESSOR_NUMBER number = {.Group = 1};
  ULONG length = 0;
  (void)state;
  assert_int_equal(
      KeQueryLogicalProcessorRelationship(&number, RelationAll, NULL, &length),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(KeQueryLogicalProcessorRelationship(
                       NULL, (LOGICAL_PROCESSOR_RELATIONSHIP)99, NULL, &length),
                   STATUS_INVALID_PARAMETER);
}

static void there_is_one_group_and_one_node(void **state) {
  GROUP_AFFINITY affinity;
  USHORT groups;
  (void)state;
  assert_int_equal(KeQueryActiveGroupCount(), 1);
  assert_int_equal(KeQueryMaximumGroupCount(), 1);
  assert_int_equal(KeQueryGroupAffinity(0), KeQueryActiveProcessors());
  assert_int_equal(KeQueryGroupAffinity(1), 0);
  assert_int_equal(KeQueryMaximumProcessorCount(), count());
  assert_int_equal(KeGetCurrentNodeNumber(), 0);
  assert_int_equal(KeQueryHighestNodeNumber(), 0);
  KeQueryNodeActiveAffinity(0, &affinity, &groups);
  assert_int_equal(affinity.Mask, KeQueryActiveProcessors());
  assert_int_equal(groups, 1);
  KeQueryNodeActiveAffinity(1, &affinity, &groups);
  assert_int_equal(affinity.Mask, 0);
  assert_int_equal(groups, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(the_structures_are_those_of_windows),
      KERNEL_TEST(all_relationships_add_up),
      KERNEL_TEST(one_processor_has_one_core_and_one_node),
      KERNEL_TEST(a_buffer_that_is_too_small_is_left_alone),
      KERNEL_TEST(what_is_not_there_is_refused),
      KERNEL_TEST(there_is_one_group_and_one_node),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
