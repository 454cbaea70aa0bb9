/*
 * The bugchecks that rules name, one row each: its name and its code, as
 * learn.microsoft.com ("Bug check code reference") lists them.
 */
#ifndef UWSK_VERIFIER_BUGCHECKS_H
#define UWSK_VERIFIER_BUGCHECKS_H

#define VF_BUGCHECKS(X)                                                        \
  X(APC_INDEX_MISMATCH, 0x1)                                                   \
  X(INVALID_PROCESS_DETACH_ATTEMPT, 0x6)                                       \
  X(IRQL_NOT_GREATER_OR_EQUAL, 0x9)                                            \
  X(IRQL_NOT_LESS_OR_EQUAL, 0xA)                                               \
  X(MAXIMUM_WAIT_OBJECTS_EXCEEDED, 0xC)                                        \
  X(SPIN_LOCK_ALREADY_OWNED, 0xF)                                              \
  X(SPIN_LOCK_NOT_OWNED, 0x10)                                                 \
  X(REFERENCE_BY_POINTER, 0x18)                                                \
  X(BAD_POOL_HEADER, 0x19)                                                     \
  X(MEMORY_MANAGEMENT, 0x1A)                                                   \
  X(NO_MORE_IRP_STACK_LOCATIONS, 0x35)                                         \
  X(TARGET_MDL_TOO_SMALL, 0x40)                                                \
  X(MULTIPLE_IRP_COMPLETE_REQUESTS, 0x44)                                      \
  X(PFN_LIST_CORRUPT, 0x4E)                                                    \
  X(PAGE_FAULT_IN_NONPAGED_AREA, 0x50)                                         \
  X(PROCESS_HAS_LOCKED_PAGES, 0x76)                                            \
  X(THREAD_TERMINATE_HELD_MUTEX, 0x8A)                                         \
  X(INVALID_KERNEL_HANDLE, 0x93)                                               \
  X(BAD_POOL_CALLER, 0xC2)                                                     \
  X(DRIVER_VERIFIER_DETECTED_VIOLATION, 0xC4)                                  \
  X(TIMER_OR_DPC_INVALID, 0xC7)                                                \
  X(IRQL_UNEXPECTED_VALUE, 0xC8)                                               \
  X(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0xC9)                                 \
  X(DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS, 0xCE)               \
  X(DRIVER_IRQL_NOT_LESS_OR_EQUAL, 0xD1)                                       \
  X(WORKER_THREAD_RETURNED_AT_BAD_IRQL, 0xE1)                                  \
  X(RESOURCE_NOT_OWNED, 0xE3)                                                  \
  X(WORKER_INVALID, 0xE4)                                                      \
  X(RESOURCE_OWNER_POINTER_INVALID, 0x132)                                     \
  X(KERNEL_SECURITY_CHECK_FAILURE, 0x139)

#endif
