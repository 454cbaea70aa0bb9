/* Macros and inline functions of the headers, as drivers write them. Pages:
 * ddi/wdm/nf-wdm-<name>, ddi/ntdef/nf-ntdef-<name>. */
#include "kernel_test.h"

#include <string.h>

#include <in6addr.h>
#include <inaddr.h>
#include <ip2string.h>
#include <mstcpip.h>
#include <wsk.h>

/* ---- strings without text ---------------------------------------------- */

static void empty_strings_have_room(void **state) {
  DECLARE_UNICODE_STRING_SIZE(declared, 8);
  UNICODE_STRING wide;
  ANSI_STRING narrow;
  WCHAR room[4];
  CHAR bytes[4];
  (void)state;
  assert_int_equal(declared.Length, 0);
  assert_int_equal(declared.MaximumLength, 8 * sizeof(WCHAR));
  assert_int_equal(RtlAppendUnicodeToString(&declared, L"12345678"),
                   STATUS_SUCCESS);
  assert_int_equal(RtlAppendUnicodeToString(&declared, L"9"),
                   STATUS_BUFFER_TOO_SMALL);
  RtlInitEmptyUnicodeString(&wide, room, sizeof(room));
  assert_int_equal(wide.Length, 0);
  assert_int_equal(wide.MaximumLength, sizeof(room));
  assert_ptr_equal(wide.Buffer, room);
  RtlInitEmptyAnsiString(&narrow, bytes, sizeof(bytes));
  assert_int_equal(narrow.Length, 0);
  assert_int_equal(narrow.MaximumLength, sizeof(bytes));
  assert_ptr_equal(narrow.Buffer, bytes);
}

/* ---- numbers ----------------------------------------------------------- */

static void products_are_wider_than_their_factors(void **state) {
  (void)state;
  assert_true(Int32x32To64(-100000, 100000) == -10000000000ll);
  assert_true(UInt32x32To64(0xFFFFFFFF, 0xFFFFFFFF) == 0xFFFFFFFE00000001ull);
  assert_true(RtlConvertLongToLargeInteger(-7).QuadPart == -7);
  assert_true(RtlConvertUlongToLargeInteger(0xFFFFFFFF).QuadPart ==
              0xFFFFFFFFll);
}

struct record {
  ULONG number;
  UCHAR bytes[10];
};

static VOID WINAPI set_to_seven(PULONG number) {
  *number = 7;
}

static void sizes_and_conventions_are_known_to_the_compiler(void **state) {
  LOOKASIDE_ALIGN UCHAR aligned[3];
  ULONG number = 0;
  (void)state;
  assert_int_equal(FIELD_SIZE(struct record, bytes), 10);
  assert_int_equal((ULONG_PTR)aligned % SYSTEM_CACHE_ALIGNMENT_SIZE, 0);
  assert_int_equal(WSA_CMSGHDR_ALIGN(1), 8);
  assert_int_equal(WSA_CMSGHDR_ALIGN(16), 16);
  set_to_seven(&number);
  assert_int_equal(number, 7);
}

static void memory_is_moved_over_itself(void **state) {
  UCHAR bytes[] = {1, 2, 3, 4, 5};
  const UCHAR expected[] = {1, 1, 2, 3, 4};
  (void)state;
  RtlMoveMemory(bytes + 1, bytes, 4);
  assert_memory_equal(bytes, expected, sizeof(bytes));
}

/* ---- lists ------------------------------------------------------------- */

static void entries_come_out_at_the_head(void **state) {
  LIST_ENTRY head, first, second;
  (void)state;
  InitializeListHead(&head);
  InsertTailList(&head, &first);
  InsertTailList(&head, &second);
  assert_ptr_equal(RemoveHeadList(&head), &first);
  assert_true(RemoveEntryList(&second)); /* empty now */
  assert_ptr_equal(RemoveHeadList(&head), &head);
}

/* ---- memory that threads share ----------------------------------------- */

static void weak_reads_and_writes_have_their_types(void **state) {
  BOOLEAN flag = TRUE;
  PVOID pointer = NULL;
  LONG number = 0;
  SHORT small = 5;
  LONG64 wide = 4;
  (void)state;
  WriteNoFence(&number, 9);
  WritePointerNoFence(&pointer, &flag);
  assert_int_equal(ReadNoFence(&number), 9);
  assert_ptr_equal(pointer, &flag);
  assert_true(ReadBooleanNoFence(&flag));
  assert_int_equal(InterlockedCompareExchange16(&small, 6, 5), 5);
  assert_int_equal(InterlockedCompareExchange16(&small, 7, 5), 6);
  assert_true(InterlockedOr64(&wide, 1ll << 40) == 4);
  assert_true(InterlockedDecrement64(&wide) == (1ll << 40) + 3);
  assert_true(InterlockedCompareExchangeNoFence64(&wide, 0, wide) != 0);
  assert_int_equal(InterlockedBitTestAndSet64(&wide, 63), 0);
  assert_int_equal(InterlockedBitTestAndSet64(&wide, 63), 1);
  assert_true(wide == INT64_MIN);
}

/* ---- initialization ---------------------------------------------------- */

static RTL_RUN_ONCE once = RTL_RUN_ONCE_INIT;

static void a_static_run_once_is_ready(void **state) {
  (void)state;
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0, NULL), STATUS_PENDING);
  assert_int_equal(RtlRunOnceComplete(&once, 0, NULL), STATUS_SUCCESS);
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0, NULL), STATUS_SUCCESS);
}

static void addresses_are_initialised(void **state) {
  const IN_ADDR any = IN4ADDR_ANY_INIT, loopback = IN4ADDR_LOOPBACK_INIT;
  (void)state;
  assert_int_equal(any.s_addr, 0);
  assert_int_equal(RtlUlongByteSwap(loopback.s_addr), 0x7F000001);
}

/* ---- addresses as text, by the names without a letter ------------------- */

static void addresses_are_read_and_written_in_bytes(void **state) {
  CHAR text[64];
  ULONG size = sizeof(text), scope;
  PCSTR end;
  USHORT port;
  IN_ADDR four;
  IN6_ADDR six;
  (void)state;
  assert_int_equal(RtlIpv4StringToAddress("10.0.0.1 ", TRUE, &end, &four),
                   STATUS_SUCCESS);
  assert_int_equal(*end, ' ');
  assert_int_equal(RtlIpv4StringToAddressEx("10.0.0.1:80", TRUE, &four, &port),
                   STATUS_SUCCESS);
  assert_int_equal(RtlUshortByteSwap(port), 80);
  assert_int_equal(RtlIpv4AddressToStringEx(&four, port, text, &size),
                   STATUS_SUCCESS);
  assert_string_equal(text, "10.0.0.1:80");
  assert_int_equal(
      RtlIpv6StringToAddressEx("[fe80::1%3]:80", &six, &scope, &port),
      STATUS_SUCCESS);
  assert_int_equal(scope, 3);
  size = sizeof(text);
  assert_int_equal(RtlIpv6AddressToStringEx(&six, scope, port, text, &size),
                   STATUS_SUCCESS);
  assert_string_equal(text, "[fe80::1%3]:80");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(empty_strings_have_room),
      KERNEL_TEST(products_are_wider_than_their_factors),
      KERNEL_TEST(sizes_and_conventions_are_known_to_the_compiler),
      KERNEL_TEST(memory_is_moved_over_itself),
      KERNEL_TEST(entries_come_out_at_the_head),
      KERNEL_TEST(weak_reads_and_writes_have_their_types),
      KERNEL_TEST(a_static_run_once_is_ready),
      KERNEL_TEST(addresses_are_initialised),
      KERNEL_TEST(addresses_are_read_and_written_in_bytes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
