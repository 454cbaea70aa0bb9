/*
 * What Microsoft's compiler takes, in C and in C++: written as drivers write
 * it, and compiled with uwsk::km and nothing else. driver_msvc.c and .cpp are
 * this file and what one of the languages has alone.
 */
#include <ntddk.h>
#include <wsk.h>

#include <intrin.h>

/* Fails the driver with the line that did not hold. */
#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition))                                                          \
      return (NTSTATUS)(0xe0000000u + __LINE__);                               \
  } while (0)

/* Practice: pragmas inside macros, and pragmas of all kinds among the rest. */
#define MSVC_QUIET __pragma(warning(push)) __pragma(warning(suppress : 4127))
#define MSVC_ONCE(statement)                                                   \
  do {                                                                         \
    statement;                                                                 \
    __pragma(warning(push)) __pragma(warning(disable : 4127))                  \
  } while (0) __pragma(warning(pop))
_Pragma("warning(disable : 4201)")
#pragma alloc_text(PAGE, MsvcLater)
#pragma code_seg(push, msvc, "PAGE")
#pragma data_seg("PAGED")
#pragma data_seg()
#pragma code_seg(pop, msvc)
#pragma intrinsic(memcpy)
#pragma function(memset)
#pragma optimize("", off)
#pragma optimize("", on)
#pragma region Names
#pragma endregion
#pragma inline_depth(4)
#pragma section("PAGEX", read)
#pragma strict_gs_check(on)
#pragma comment(linker, "/INTEGRITYCHECK")
#pragma warning(error : 4127)
#pragma detect_mismatch("a", "b")
    MSVC_QUIET

    static ULONG MsvcLater(ULONG Value) {
  MSVC_ONCE(Value++);
  return Value;
}

/* Practice: packing by a pragma in a macro takes effect. */
__pragma(pack(push, 1)) typedef struct _MSVC_PACKED {
  UCHAR Kind;
  ULONG Length;
} MSVC_PACKED;
__pragma(pack(pop)) C_ASSERT(sizeof(MSVC_PACKED) == 5);

/* Practice: bit fields of several types; a new type begins anew. */
typedef struct _MSVC_BITS {
  ULONG64 Wide : 40;
  UCHAR Narrow : 3;
  UCHAR More : 5;
} MSVC_BITS;
C_ASSERT(sizeof(MSVC_BITS) == 16);
typedef union _MSVC_FLAGS {
  struct {
    ULONG Low : 4;
    ULONG High : 28;
  } DUMMYSTRUCTNAME;
  ULONG All;
} MSVC_FLAGS;
C_ASSERT(sizeof(MSVC_FLAGS) == 4);

/* Practice: __declspec with and without an argument, and by their macros. */
__declspec(deprecated("use the other")) void MsvcOld(void);
__declspec(deprecated) void MsvcOlder(void);
__declspec(nothrow) __declspec(noinline) ULONG MsvcNoThrow(void);
__declspec(restrict) void *MsvcRestrict(size_t Size);
__declspec(guard(nocf)) void MsvcUnguarded(void);
__declspec(code_seg("PAGE")) void MsvcSegment(void);
__declspec(safebuffers) void MsvcSafe(void);
__declspec(allocate("PAGEX")) static ULONG MsvcAllocated = 5;
__declspec(align(32)) static ULONG MsvcAligned;
extern __declspec(dllimport) ULONG MsvcImported;
DECLSPEC_DEPRECATED void MsvcOldest(void);
DECLSPEC_RESTRICT void *MsvcRestrictToo(size_t Size);
typedef struct DECLSPEC_ALIGN(16) _MSVC_SLOT {
  UCHAR Byte;
} MSVC_SLOT;
C_ASSERT(__alignof(MSVC_SLOT) == 16 && _alignof(ULONG64) == 8);

/* Practice: words that say nothing. */
_Use_decl_annotations_ static NOTHING ULONG MsvcWords(ULONG Value) {
  NT_ANALYSIS_ASSUME(Value < 4);
  _Analysis_assume_(Value != 5);
  __analysis_assume(Value != 5);
  __annotation(L"a", L"b");
  __noop(Value);
  switch (Value) {
  case 1:
    return 2;
  case 2:
    return 3;
  default:
    __assume(0);
  }
}

/* Practice: annotations in every position. */
_IRQL_requires_max_(DISPATCH_LEVEL)
    _IRQL_requires_min_(PASSIVE_LEVEL) _IRQL_requires_same_
    _Kernel_clear_do_init_(yes)
_Check_return_ _Ret_maybenull_ _Post_writable_byte_size_(Size)
    __drv_allocatesMem(Mem) PVOID MsvcAllocate(_In_ SIZE_T Size);
_IRQL_raises_(DISPATCH_LEVEL) _IRQL_saves_global_(OldIrql, Irql)
    _Acquires_lock_(Lock) _Requires_lock_not_held_(Lock) VOID
    MsvcAcquire(_Out_ _At_(*Irql, _IRQL_saves_) PKIRQL Irql,
                _Inout_ __drv_aliasesMem PVOID Lock,
                _In_ __drv_strictTypeMatch(__drv_typeConst) ULONG Type,
                _In_ _When_(Type == 0, _In_range_(0, 4)) ULONG Count);
_Function_class_(IO_COMPLETION_ROUTINE) _Success_(return == 0) NTSTATUS
    MsvcClass(_In_opt_ PDEVICE_OBJECT Device, _In_ PIRP Irp,
              _In_reads_opt_(_Inexpressible_("varies")) PVOID Context);
_Dispatch_type_(IRP_MJ_CREATE) DRIVER_DISPATCH MsvcDispatch;
typedef _Struct_size_bytes_(Size) struct _MSVC_SAL {
  ULONG Size;
  _Field_range_(0, 10) ULONG Range;
  _Guarded_by_(Lock) ULONG Guarded;
  _Interlocked_ volatile LONG Counter;
  _Field_size_(Range) _Points_to_data_ PUCHAR Data;
} MSVC_SAL;

/* Practice: the function's name, narrow and wide, in a message. */
static PCWSTR MsvcName(void) {
  return __FUNCTIONW__;
}

static NTSTATUS CheckNames(void) {
  static const WCHAR Expected[] = L"MsvcName";
  PCWSTR Name = MsvcName();

  EXPECT(RtlCompareMemory(Name, Expected, sizeof(Expected)) ==
         sizeof(Expected));
  EXPECT(MsvcName() == Name);
  EXPECT(__FUNCTION__[0] == 'C');
  return STATUS_SUCCESS;
}

/* Practice: room on the stack, sized integers, sizes of arrays. */
static NTSTATUS CheckWords(void) {
  SIZE_T Count = 5;
  PUCHAR Room = (PUCHAR)_alloca(Count);
  static const UCHAR Array[] = {1, 2, 3};
  unsigned __int8 Byte = 255;
  signed __int16 Short = -1;

  RtlFillMemory(Room, Count, 7);
  EXPECT(Room[4] == 7 && MsvcWords(1) == 2 && MsvcLater(1) == 2);
  EXPECT(_countof(Array) == 3 && ARRAYSIZE(Array) == RTL_NUMBER_OF(Array));
  EXPECT((UCHAR)(Byte + 1) == 0 && Short == -1);
  EXPECT(MsvcAllocated == 5 && ((ULONG_PTR)&MsvcAligned & 31) == 0);
  EXPECT(sizeof(__int8) == 1 && sizeof(__int64) == 8);
  EXPECT('abcd' == 0x61626364 && 'ab' == 0x6162 && L'x' == 120);
  EXPECT(sizeof(L"a"
                L"b") == 6 &&
         sizeof(TEXT("ab")) == 3 * sizeof(TCHAR));
  return STATUS_SUCCESS;
}

/* Practice: intrinsics and barriers. */
static NTSTATUS CheckIntrinsics(void) {
  ULONG Index = 0;

  __nop();
  _ReadWriteBarrier();
  MemoryBarrier();
  YieldProcessor();
  EXPECT(_BitScanForward(&Index, 8) && Index == 3);
  EXPECT(_byteswap_ulong(0x11223344) == 0x44332211);
  EXPECT(_ReturnAddress() != NULL);
  if (Index == 4)
    RtlFailFast(FAST_FAIL_CORRUPT_LIST_ENTRY);
  if (Index == 5)
    __fastfail(FAST_FAIL_INVALID_ARG);
  NT_VERIFY(Index == 3);
  EXPECT(NT_VERIFY(Index == 3));
  return STATUS_SUCCESS;
}

static NTSTATUS CheckAll(void) {
  NTSTATUS Status = CheckNames();

  if (NT_SUCCESS(Status))
    Status = CheckWords();
  if (NT_SUCCESS(Status))
    Status = CheckIntrinsics();
  return Status;
}
