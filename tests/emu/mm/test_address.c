/* Addresses and pages. Pages: ddi/wdm/nf-wdm-probeforread, -probeforwrite,
 * -mmgetsystemroutineaddress, -mmallocatepagesformdlex. */
#include "kernel_test.h"

#include "os/os.h"

static NTSTATUS probe(PVOID address, SIZE_T length, ULONG alignment,
                      bool write) {
  __try {
    if (write)
      ProbeForWrite(address, length, alignment);
    else
      ProbeForRead(address, length, alignment);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return GetExceptionCode();
  }
  return STATUS_SUCCESS;
}

static void memory_is_probed_before_it_is_used(void **state) {
  static const ULONG constant[4] = {1, 2, 3, 4};
  ULONG words[4];
  PVOID nowhere = (PVOID)(ULONG_PTR)16;
  (void)state;
  assert_int_equal(probe(words, sizeof(words), sizeof(ULONG), true),
                   STATUS_SUCCESS);
  assert_int_equal(probe((PVOID)constant, sizeof(constant), 1, false),
                   STATUS_SUCCESS);
  assert_int_equal(probe((PUCHAR)words + 1, 4, sizeof(ULONG), false),
                   STATUS_DATATYPE_MISALIGNMENT);
  assert_int_equal(probe(nowhere, 4, 1, false), STATUS_ACCESS_VIOLATION);
  assert_int_equal(probe(nowhere, 4, 1, true), STATUS_ACCESS_VIOLATION);
  assert_int_equal(probe((PUCHAR)nowhere + 1, 0, sizeof(ULONG), true),
                   STATUS_SUCCESS);
  assert_int_equal(probe(words, (SIZE_T)-1, 1, false), STATUS_ACCESS_VIOLATION);
  assert_true(MmIsAddressValid(words));
  assert_false(MmIsAddressValid(nowhere));
}

/* ---- routines by name -------------------------------------------------- */

static PVOID find(PCWSTR text) {
  UNICODE_STRING name;

  RtlInitUnicodeString(&name, text);
  return MmGetSystemRoutineAddress(&name);
}

/* As a driver that runs on old systems as well calls a newer routine. */
static void a_routine_is_found_by_its_name(void **state) {
  NTSTATUS(NTAPI * get_version)
  (PRTL_OSVERSIONINFOW) =
      (NTSTATUS(NTAPI *)(PRTL_OSVERSIONINFOW))find(L"RtlGetVersion");
  RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};
  (void)state;
  assert_int_equal(get_version(&version), STATUS_SUCCESS);
  assert_int_equal(version.dwMajorVersion, 10);
  assert_ptr_equal(find(L"KeSetEvent"), (PVOID)KeSetEvent);
  assert_ptr_equal(find(L"ExAllocatePool2"), (PVOID)ExAllocatePool2);
  assert_ptr_equal(find(L"ZwWaitForSingleObject"),
                   (PVOID)ZwWaitForSingleObject);
  assert_ptr_equal(find(L"DbgPrintEx"), (PVOID)DbgPrintEx);
}

static void what_is_no_routine_is_not_found(void **state) {
  (void)state;
  assert_null(find(L""));
  assert_null(find(L"KeSetEven"));
  assert_null(find(L"KeSetEventX"));
  assert_null(find(L"kesetevent"));
  assert_null(find(L"Zzz"));
  assert_null(find(L"uwsk_start"));
}

/* ---- pages for an MDL -------------------------------------------------- */

static void pages_have_an_address_once_they_are_mapped(void **state) {
  PHYSICAL_ADDRESS low = {.QuadPart = 0}, high = {.QuadPart = -1};
  PMDL mdl = MmAllocatePagesForMdl(low, high, low, 3 * PAGE_SIZE + 5);
  PUCHAR bytes;
  (void)state;
  assert_non_null(mdl);
  assert_int_equal(MmGetMdlByteCount(mdl), 3 * PAGE_SIZE + 5);
  assert_int_equal(mdl->MdlFlags & MDL_PAGES_LOCKED, MDL_PAGES_LOCKED);
  assert_int_equal(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA, 0);
  bytes = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
  assert_non_null(bytes);
  assert_int_equal(BYTE_OFFSET(bytes), 0);
  for (ULONG i = 0; i < MmGetMdlByteCount(mdl); i++)
    assert_int_equal(bytes[i], 0);
  MmUnmapLockedPages(bytes, mdl);
  MmFreePagesFromMdl(mdl);
  expect_report_begin();
  MmFreePagesFromMdl(mdl);
  expect_report_end(VF_MM_MDL_04);
  ExFreePool(mdl);
}

static void without_memory_there_are_no_pages(void **state) {
  PHYSICAL_ADDRESS any = {.QuadPart = 0};
  PMDL mdl;
  (void)state;
  for (unsigned nth = 1; nth <= 2; nth++) {
    os__alloc_fail_nth(nth);
    assert_null(MmAllocatePagesForMdlEx(any, any, any, PAGE_SIZE, MmCached, 0));
  }
  assert_null(MmAllocatePagesForMdlEx(any, any, any, 0, MmCached, 0));
  mdl = MmAllocatePagesForMdlEx(any, any, any, 1, MmCached,
                                MM_DONT_ZERO_ALLOCATION |
                                    MM_ALLOCATE_FULLY_REQUIRED);
  assert_non_null(mdl);
  MmFreePagesFromMdl(mdl);
  ExFreePool(mdl);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(memory_is_probed_before_it_is_used),
      KERNEL_TEST(a_routine_is_found_by_its_name),
      KERNEL_TEST(what_is_no_routine_is_not_found),
      KERNEL_TEST(pages_have_an_address_once_they_are_mapped),
      KERNEL_TEST(without_memory_there_are_no_pages),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
