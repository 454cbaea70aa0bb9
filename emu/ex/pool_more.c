/* Pool under other names: quotas and priorities, which there are none of. */
#include <ntddk.h>

#include <stdbool.h>

#include "ex/ex.h"
#include "ob/track.h"

/* ---- quotas ------------------------------------------------------------ */

/* They raise unless they are told not to, the other way round than others. */
static POOL_TYPE with_quota(POOL_TYPE type) {
  bool fails = (type & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE) != 0;

  type &= ~(POOL_TYPE)POOL_QUOTA_FAIL_INSTEAD_OF_RAISE;
  return fails ? type : (POOL_TYPE)(type | POOL_RAISE_IF_ALLOCATION_FAILURE);
}

PVOID ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                 ULONG Tag) {
  return ex__allocate_pool(with_quota(PoolType), NumberOfBytes, Tag,
                           "ExAllocatePoolWithQuotaTag", OB_CALLER());
}

PVOID ExAllocatePoolQuotaUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                       ULONG Tag) {
  return ex__allocate_pool(with_quota(PoolType), NumberOfBytes, Tag,
                           "ExAllocatePoolQuotaUninitialized", OB_CALLER());
}

PVOID ExAllocatePoolQuotaZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                              ULONG Tag) {
  return ex__allocate_pool(
      (POOL_TYPE)(with_quota(PoolType) | POOL_ZERO_ALLOCATION), NumberOfBytes,
      Tag, "ExAllocatePoolQuotaZero", OB_CALLER());
}

/* ---- priorities -------------------------------------------------------- */

PVOID ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                    ULONG Tag, EX_POOL_PRIORITY Priority) {
  UNREFERENCED_PARAMETER(Priority);
  return ex__allocate_pool(PoolType, NumberOfBytes, Tag,
                           "ExAllocatePoolWithTagPriority", OB_CALLER());
}

PVOID ExAllocatePoolPriorityUninitialized(POOL_TYPE PoolType,
                                          SIZE_T NumberOfBytes, ULONG Tag,
                                          EX_POOL_PRIORITY Priority) {
  UNREFERENCED_PARAMETER(Priority);
  return ex__allocate_pool(PoolType, NumberOfBytes, Tag,
                           "ExAllocatePoolPriorityUninitialized", OB_CALLER());
}

PVOID ExAllocatePoolPriorityZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                 ULONG Tag, EX_POOL_PRIORITY Priority) {
  UNREFERENCED_PARAMETER(Priority);
  return ex__allocate_pool((POOL_TYPE)(PoolType | POOL_ZERO_ALLOCATION),
                           NumberOfBytes, Tag, "ExAllocatePoolPriorityZero",
                           OB_CALLER());
}

/* ---- extended parameters ----------------------------------------------- */

static bool is_known(const POOL_EXTENDED_PARAMETER *parameter) {
  return parameter->Reserved == 0 &&
         (parameter->Type == PoolExtendedParameterPriority ||
          parameter->Type == PoolExtendedParameterNumaNode);
}

static bool are_known(const POOL_EXTENDED_PARAMETER *parameters, ULONG count) {
  if (parameters == NULL)
    return count == 0;
  for (ULONG i = 0; i < count; i++)
    if (!is_known(&parameters[i]) && !parameters[i].Optional)
      return false;
  return true;
}

PVOID ExAllocatePool3(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag,
                      PCPOOL_EXTENDED_PARAMETER ExtendedParameters,
                      ULONG Count) {
  /* A tag of 0 makes the allocation fail as any other wrong parameter. */
  ULONG tag = are_known(ExtendedParameters, Count) ? Tag : 0;

  return ex__allocate_pool2(Flags, NumberOfBytes, tag, "ExAllocatePool3",
                            OB_CALLER());
}

VOID ExFreePool2(PVOID P, ULONG Tag,
                 PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG Count) {
  UNREFERENCED_PARAMETER(ExtendedParameters);
  UNREFERENCED_PARAMETER(Count);
  ExFreePoolWithTag(P, Tag);
}
