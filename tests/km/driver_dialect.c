/*
 * What drivers write that is not ISO C, compiled as a driver is: with uwsk::km
 * and nothing else. Each block names the practice it proves. Where compiling is
 * not enough of a proof, DriverEntry checks the effect and returns a failure.
 */

/* Practice: names of headers in other spellings than the files'. */
#include <NTDDK.H>
#include <Ntddk.h>
#include <Wsk.h>

/* Practice: pragmas of Microsoft's compiler, among declarations. */
#pragma warning(push)
#pragma warning(disable : 4201 4214)
#pragma warning(pop)
#pragma comment(lib, "netio.lib")
#pragma prefast(disable : 28118, "reasons are given elsewhere")

DRIVER_INITIALIZE DriverEntry;
static NTSTATUS DialectPaged(_In_ ULONG Value);

#ifdef ALLOC_PRAGMA
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, DialectPaged)
#endif

/* Fails the driver with the line that did not hold. */
#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition))                                                          \
      return (NTSTATUS)(0xe0000000u + __LINE__);                               \
  } while (0)

/* Practice: pool tags in quotes. In memory the last letter comes first, so
 * that a debugger shows 'ksWD' as "DWsk". */
#define DIALECT_TAG 'ksWD'

static NTSTATUS CheckPoolTags(void) {
  ULONG tag = DIALECT_TAG;
  const UCHAR *bytes = (const UCHAR *)&tag;

  C_ASSERT('abcd' == 0x61626364);
  EXPECT(bytes[0] == 'D' && bytes[1] == 'W');
  EXPECT(bytes[2] == 's' && bytes[3] == 'k');
  return STATUS_SUCCESS;
}

/* Practice: L"" literals as PCWSTR and in constant strings: sixteen bits. */
static const WCHAR DialectDevice[] = L"\\Device\\Dialect";

static NTSTATUS CheckWideLiterals(void) {
  UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\??\\Dialect");
  PCWSTR text = L"a\x20ac";
  PCWSTR device = DialectDevice;

  C_ASSERT(sizeof(L"ab") == 6);
  C_ASSERT(sizeof(wchar_t) == 2);
  EXPECT(sizeof(DialectDevice) == 16 * sizeof(WCHAR));
  EXPECT(device[7] == L'\\' && device[15] == 0);
  EXPECT(name.Length == 22 && name.MaximumLength == 24);
  EXPECT(((const UCHAR *)text)[2] == 0xac && ((const UCHAR *)text)[3] == 0x20);
  return STATUS_SUCCESS;
}

/* Practice: a plain long, on Linux 64 bits wide, where LONG is meant. */
static NTSTATUS CheckInterlockedOnLong(void) {
  long references = 1;
  volatile long guarded = 0;
  LONG narrow = 7;
  static volatile unsigned long flags;

  EXPECT(InterlockedIncrement(&references) == 2);
  EXPECT(InterlockedDecrement(&references) == 1 && references == 1);
  EXPECT(InterlockedExchange(&guarded, 5) == 0);
  EXPECT(InterlockedCompareExchange(&guarded, -1, 5) == 5 && guarded == -1);
  EXPECT(InterlockedExchangeAdd(&guarded, -1) == -1 && guarded == -2);
  EXPECT(InterlockedIncrement(&narrow) == 8);
  InterlockedOr((volatile LONG *)&flags, 4);
  EXPECT(flags == 4);
  return STATUS_SUCCESS;
}

/* Practice: structures of a wire format between a pair of headers. */
#include <PSHPACK1.H>
typedef struct _DIALECT_FRAME {
  UCHAR Kind;
  ULONG Length;
} DIALECT_FRAME;
#include <POPPACK.H>
typedef struct _DIALECT_UNPACKED {
  UCHAR Kind;
  ULONG Length;
} DIALECT_UNPACKED;
C_ASSERT(sizeof(DIALECT_FRAME) == 5);
C_ASSERT(sizeof(DIALECT_UNPACKED) == 8);

/* Practice: a macro for messages, now and then without further arguments, and
 * the function's address. */
#define DIALECT_LOG(text, ...) DbgPrint((text), __VA_ARGS__)
#define DIALECT_LOG_EX(text, ...)                                              \
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, text, __VA_ARGS__)

static NTSTATUS CheckMessages(void) {
  ULONG (*print)(PCSTR Format, ...) = DbgPrint;

  EXPECT(DIALECT_LOG("dialect\n") == STATUS_SUCCESS);
  EXPECT(DIALECT_LOG("dialect %d of %d\n", 1, 2) == STATUS_SUCCESS);
  EXPECT(DIALECT_LOG_EX("dialect\n") == STATUS_SUCCESS);
  EXPECT(DIALECT_LOG_EX("dialect %d\n", 1) == STATUS_SUCCESS);
  EXPECT(print("dialect\n") == STATUS_SUCCESS);
  return STATUS_SUCCESS;
}

/* Practice: names of C's integers declared by the driver itself. */
typedef signed __int8 int8_t;
typedef __int64 int64_t;
typedef unsigned __int64 uint64_t;

/* Practice: handles of the driver's own, and completion routines that answer by
 * the enumeration's names. */
DECLARE_HANDLE(DIALECT_HANDLE);
static IO_COMPLETION_ROUTINE DialectStop;
static NTSTATUS DialectStop(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  UNREFERENCED_PARAMETER(Context);
  return StopCompletion;
}

static NTSTATUS CheckNames(void) {
  DIALECT_HANDLE handle = NULL;
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID,
                                        WSK_EVENT_ACCEPT};

  C_ASSERT(sizeof(int64_t) == 8 && sizeof(uint64_t) == 8);
  C_ASSERT(sizeof(int8_t) == 1 && sizeof(uintptr_t) == sizeof(handle));
  EXPECT(DialectStop(NULL, NULL, handle) == STATUS_MORE_PROCESSING_REQUIRED);
  EXPECT(control.NpiId == &NPI_WSK_INTERFACE_ID);
  return STATUS_SUCCESS;
}

/* Practice: __declspec in front of objects, types and functions. */
__declspec(align(64)) static UCHAR DialectLine[64];
struct __declspec(align(32)) _DIALECT_ALIGNED {
  UCHAR Byte;
};
typedef DECLSPEC_ALIGN(16) struct _DIALECT_SLOT { PVOID Pointer; } DIALECT_SLOT;
__declspec(selectany) ULONG DialectOnce = 3;
DECLSPEC_NOINLINE static ULONG DialectNoInline(void) {
  return DialectOnce;
}
extern __declspec(noreturn) void DialectNeverCalled(void);

static NTSTATUS CheckDeclspec(void) {
  C_ASSERT(__alignof(struct _DIALECT_ALIGNED) == 32);
  C_ASSERT(__alignof(DIALECT_SLOT) == 16);
  EXPECT(((ULONG_PTR)DialectLine & 63) == 0);
  EXPECT(DialectNoInline() == 3);
  return STATUS_SUCCESS;
}

/* Practice: sized integers, inlining and calling conventions by keyword. */
static __forceinline __int64 DialectWiden(__int32 Value) {
  return (__int64)Value << 32;
}

FORCEINLINE unsigned __int64 DialectSpread(unsigned __int8 Value) {
  return (unsigned __int64)Value * 0x0101010101010101ULL;
}

static __inline short __cdecl DialectShort(__int16 Value) {
  return Value;
}

typedef int(__stdcall *DIALECT_STDCALL)(int);
static int __stdcall DialectStdcall(int Value) {
  return Value + 1;
}

static NTSTATUS CheckKeywords(void) {
  DIALECT_STDCALL call = DialectStdcall;

  EXPECT(DialectWiden(1) == 0x100000000LL);
  EXPECT(DialectSpread(0x11) == 0x1111111111111111ULL);
  EXPECT(DialectShort(-2) == -2);
  EXPECT(call(1) == 2);
  EXPECT(__FUNCTION__[0] == 'C');
  return STATUS_SUCCESS;
}

/* Practice: a struct named by its tag as an anonymous member. */
typedef struct _DIALECT_BASE {
  LIST_ENTRY Link;
  ULONG Kind;
} DIALECT_BASE;

typedef struct _DIALECT_DERIVED {
  struct _DIALECT_BASE;
  union {
    struct {
      USHORT Low;
      USHORT High;
    };
    ULONG Whole;
  };
} DIALECT_DERIVED, *PDIALECT_DERIVED;

/* Practice: the same by the typedef's name. */
typedef struct _DIALECT_OTHER {
  DIALECT_BASE;
  ULONG More;
} DIALECT_OTHER;

static NTSTATUS CheckAnonymousMembers(void) {
  DIALECT_DERIVED derived = {0};
  DIALECT_OTHER other = {0};
  PLIST_ENTRY link = &derived.Link;

  derived.Kind = 9;
  derived.Whole = 0x00020001;
  other.Kind = 10;
  EXPECT(((DIALECT_BASE *)&derived)->Kind == 9);
  EXPECT(derived.Low == 1 && derived.High == 2);
  EXPECT(CONTAINING_RECORD(link, DIALECT_DERIVED, Link) == &derived);
  EXPECT(((DIALECT_BASE *)&other)->Kind == 10);
  return STATUS_SUCCESS;
}

/* Practice: SAL before the return type, on every parameter, on members, and
 * the older spellings. */
typedef struct _DIALECT_BUFFER {
  ULONG Size;
  _Field_size_bytes_(Size) PUCHAR Bytes;
} DIALECT_BUFFER;

_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_
    _Success_(return >= 0) static NTSTATUS
    DialectSal(_In_reads_bytes_opt_(Size) const void *Buffer, _In_ SIZE_T Size,
               _Inout_opt_ PULONG Total,
               _Outptr_result_maybenull_ PVOID *Result);

_Use_decl_annotations_ static NTSTATUS
DialectSal(const void *Buffer, SIZE_T Size, PULONG Total, PVOID *Result) {
  _Analysis_assume_(Size != 0);
  *Result = (PVOID)Buffer;
  if (Total != NULL)
    *Total += (ULONG)Size;
  return STATUS_SUCCESS;
}

static NTSTATUS DialectOldSal(IN ULONG Value, OUT PULONG Result,
                              IN OPTIONAL PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  *Result = Value;
  return STATUS_SUCCESS;
}

static VOID DialectOlderSal(__in ULONG Value, __out PULONG Result,
                            __in_opt PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  *Result = Value;
}

__drv_maxIRQL(PASSIVE_LEVEL) static VOID
    DialectFrees(_Pre_notnull_ __drv_freesMem(Mem) PVOID Memory) {
  UNREFERENCED_PARAMETER(Memory);
}

static NTSTATUS CheckSal(void) {
  DIALECT_BUFFER buffer = {1, NULL};
  ULONG total = 1;
  PVOID result = NULL;

  EXPECT(DialectSal(&buffer, sizeof buffer, &total, &result) == 0);
  EXPECT(result == &buffer && total == 1 + sizeof buffer);
  EXPECT(DialectOldSal(5, &total, NULL) == 0 && total == 5);
  DialectOlderSal(6, &total, NULL);
  EXPECT(total == 6);
  DialectFrees(&buffer);
  return STATUS_SUCCESS;
}

/* Practice: callbacks whose parameters are not spelt as the role's are. MSVC
 * takes them with a warning; so must we. */
static NTSTATUS DialectComplete(PVOID Device, PIRP Irp, PKEVENT Event) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Event);
  return Irp == NULL ? STATUS_MORE_PROCESSING_REQUIRED : STATUS_SUCCESS;
}

static VOID DialectThread(PDIALECT_DERIVED Context) {
  Context->Kind++;
}

static NTSTATUS WSKAPI DialectReceive(PDIALECT_DERIVED Context, ULONG Flags,
                                      PWSK_DATA_INDICATION Data, SIZE_T Bytes,
                                      PSIZE_T Accepted) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Data);
  *Accepted = Bytes;
  return STATUS_SUCCESS;
}

static NTSTATUS CheckCallbacks(void) {
  PIO_COMPLETION_ROUTINE complete = DialectComplete;
  PKSTART_ROUTINE thread = DialectThread;
  WSK_CLIENT_CONNECTION_DISPATCH dispatch = {DialectReceive, NULL, NULL};
  DIALECT_DERIVED context = {0};
  SIZE_T accepted = 0;

  EXPECT(complete(NULL, NULL, NULL) == STATUS_MORE_PROCESSING_REQUIRED);
  thread(&context);
  EXPECT(context.Kind == 1);
  EXPECT(dispatch.WskReceiveEvent(&context, 0, NULL, 4, &accepted) == 0);
  EXPECT(accepted == 4);
  return STATUS_SUCCESS;
}

/* Practice: the basic table's members by both names, and by a cast. */
static NTSTATUS WSKAPI DialectClose(PWSK_SOCKET Socket, PIRP Irp) {
  UNREFERENCED_PARAMETER(Socket);
  UNREFERENCED_PARAMETER(Irp);
  return STATUS_SUCCESS;
}

static NTSTATUS CheckDispatchTables(void) {
  WSK_PROVIDER_CONNECTION_DISPATCH table = {.WskCloseSocket = DialectClose};
  WSK_SOCKET socket = {&table};
  PWSK_SOCKET s = &socket;

  EXPECT(table.Basic.WskCloseSocket == DialectClose);
  EXPECT(((PWSK_PROVIDER_CONNECTION_DISPATCH)s->Dispatch)
             ->WskCloseSocket(s, NULL) == STATUS_SUCCESS);
  EXPECT(((PWSK_PROVIDER_BASIC_DISPATCH)s->Dispatch)->WskCloseSocket(s, NULL) ==
         STATUS_SUCCESS);
  return STATUS_SUCCESS;
}

/* Practice: addresses filled in by member and by initialiser. */
static NTSTATUS CheckAddresses(void) {
  SOCKADDR_IN v4 = {AF_INET, 0, {{{127, 0, 0, 1}}}, {0}};
  SOCKADDR_IN6 v6 = {0};
  IN6_ADDR any = IN6ADDR_ANY_INIT;
  SOCKADDR_INET both;
  SOCKADDR_STORAGE room = {0};

  v4.sin_port = RtlUshortByteSwap(80);
  EXPECT(v4.sin_addr.s_addr == RtlUlongByteSwap(INADDR_LOOPBACK));
  EXPECT(((const UCHAR *)&v4.sin_port)[1] == 80);
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = any;
  v6.sin6_scope_id = 0;
  both.Ipv6 = v6;
  EXPECT(both.si_family == AF_INET6);
  *(PSOCKADDR_IN)&room = v4;
  EXPECT(((PSOCKADDR)&room)->sa_family == AF_INET && room.ss_family == AF_INET);
  return STATUS_SUCCESS;
}

#pragma code_seg("PAGE")
static NTSTATUS DialectPaged(_In_ ULONG Value) {
  return Value == 1 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
#pragma code_seg()

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath) {
  NTSTATUS status;

  UNREFERENCED_PARAMETER(DriverObject);
  UNREFERENCED_PARAMETER(RegistryPath);
  status = DialectPaged(1);
#define RUN(check)                                                             \
  if (NT_SUCCESS(status))                                                      \
  status = check()
  RUN(CheckPoolTags);
  RUN(CheckWideLiterals);
  RUN(CheckInterlockedOnLong);
  RUN(CheckMessages);
  RUN(CheckNames);
  RUN(CheckDeclspec);
  RUN(CheckKeywords);
  RUN(CheckAnonymousMembers);
  RUN(CheckSal);
  RUN(CheckCallbacks);
  RUN(CheckDispatchTables);
  RUN(CheckAddresses);
  return status;
}
