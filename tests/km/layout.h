/*
 * Every row of tests/spec/nt-layouts-x64.tsv, asserted. layout.c and layout.cpp
 * are this file as C and as C++. Sizes, alignments and offsets are decided by
 * the compiler; a bit-field has no offset to ask for, so the program sets each
 * one and looks which bytes changed.
 *
 * It defends against a member added, lost, reordered or of another width: the
 * driver is compiled against our headers, so nothing else would notice until
 * it walks an IRP by hand.
 */
#include <netioapi.h>
#include <ntifs.h>
#include <wsk.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
#define CHECK           static_assert
#define ALIGNMENT(type) alignof(type)
#else
#define CHECK           _Static_assert
#define ALIGNMENT(type) _Alignof(type)
#endif

#define SIZE(type, n) CHECK(sizeof(type) == (n), "sizeof " #type " is " #n);
#define ALIGN(type, n)                                                         \
  CHECK(ALIGNMENT(type) == (n), "alignof " #type " is " #n);
#define OFFSET(type, member, n)                                                \
  CHECK(offsetof(type, member) == (n), #type "." #member " is at " #n);
#define BITS(type, member, first, end)
#include "layout_rows.inc"
#ifdef UWSK_MOVED_MEMBER
/* For the test that this file does notice: Length is at 0x10. */
OFFSET(WSK_BUF, Length, 0x8)
#endif
#undef SIZE
#undef ALIGN
#undef OFFSET
#undef BITS

static int checked;
static int failed;

/* Says whether the bytes that differ from zero all lie in [first, end). */
static void check_bits(const char *name, const void *object, size_t size,
                       size_t first, size_t end) {
  const unsigned char *bytes = (const unsigned char *)object;
  int any = 0, astray = 0;

  for (size_t i = 0; i < size; i++) {
    if (bytes[i] == 0)
      continue;
    any = 1;
    if (i < first || i >= end)
      astray = 1;
  }
  checked++;
  if (any && !astray)
    return;
  failed++;
  printf("%s is not in bytes %zu to %zu\n", name, first, end - 1);
}

int main(void) {
#define SIZE(type, n)
#define ALIGN(type, n)
#define OFFSET(type, member, n)
#define BITS(type, member, first, end)                                         \
  {                                                                            \
    type object;                                                               \
    memset((void *)&object, 0, sizeof object);                                 \
    object.member--;                                                           \
    check_bits(#type "." #member, &object, sizeof object, first, end);         \
  }
#include "layout_rows.inc"
  printf("%d bit-fields, %d astray\n", checked, failed);
  return failed != 0 || checked == 0;
}
