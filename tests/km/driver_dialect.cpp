/*
 * What drivers in C++ write, compiled as a driver is: with uwsk::km and nothing
 * else. Each block names the practice it proves; DriverEntry checks the effect.
 */

/* Practice: the headers inside extern "C", as drivers of the C++ age do. */
extern "C" {
#include <NTDDK.H>
#include <Wsk.h>
}

#pragma warning(disable : 4127)
#pragma comment(lib, "netio.lib")

EXTERN_C_START
DRIVER_INITIALIZE DriverEntry;
EXTERN_C_END

/* Fails the driver with the line that did not hold. */
#define EXPECT(condition)                                                      \
  do {                                                                         \
    if (!(condition))                                                          \
      return (NTSTATUS)(0xe0000000u + __LINE__);                               \
  } while (0)

namespace dialect {
/* Practice: pool tags and wide literals as constants. */
constexpr ULONG Tag = 'ksWD';
static const WCHAR DeviceName[] = L"\\Device\\Dialect";
static_assert(sizeof(L"ab") == 6, "wide literals have sixteen bits");
C_ASSERT(sizeof(wchar_t) == sizeof(WCHAR));

static NTSTATUS CheckLiterals() {
  const ULONG tag = Tag;
  UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\??\\Dialect");

  EXPECT(reinterpret_cast<const UCHAR *>(&tag)[0] == 'D');
  EXPECT(name.Length == 22);
  EXPECT(sizeof(DeviceName) == 32 && DeviceName[tag & 7] == L'i');
  return STATUS_SUCCESS;
}

/* Practice: Interlocked functions on a plain long and on members of a class. */
class Reference {
public:
  Reference() : count_(1) {}
  long Take() {
    return InterlockedIncrement(&count_);
  }
  LONG Drop() {
    return static_cast<LONG>(InterlockedDecrement(&count_));
  }

private:
  volatile long count_;
};

static NTSTATUS CheckInterlocked() {
  Reference reference;
  LONG narrow = 1;
  LONG64 wide = 1;
  PVOID pointer = nullptr;

  EXPECT(reference.Take() == 2);
  EXPECT(reference.Drop() == 1 && reference.Drop() == 0);
  EXPECT(InterlockedExchange(&narrow, 3) == 1 && narrow == 3);
  EXPECT(InterlockedIncrement64(&wide) == 2);
  EXPECT(InterlockedExchangePointer(&pointer, &wide) == nullptr);
  EXPECT(pointer == &wide);
  return STATUS_SUCCESS;
}

/* Practice: sized keywords, __declspec, SAL before the return type. */
struct __declspec(align(32)) Aligned {
  unsigned __int64 Value;
};

_IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ static NTSTATUS
    Widen(_In_ __int32 Value, _Out_ __int64 *Result) {
  *Result = static_cast<__int64>(Value) << 32;
  return STATUS_SUCCESS;
}

static __forceinline USHORT Swap(USHORT Value) {
  return RtlUshortByteSwap(Value);
}

static NTSTATUS CheckKeywords() {
  __int64 wide = 0;

  static_assert(alignof(Aligned) == 32, "__declspec(align)");
  EXPECT(NT_SUCCESS(Widen(1, &wide)) && wide == 0x100000000LL);
  EXPECT(Swap(0x1234) == 0x3412);
  return STATUS_SUCCESS;
}

/* Practice: wrappers by template and lambda over the category's table. In C++
 * the basic table is the member Basic, on Windows too. */
static NTSTATUS WSKAPI Close(PWSK_SOCKET, PIRP) {
  return STATUS_NOT_FOUND;
}

template <typename Table> const Table *TableOf(PWSK_SOCKET Socket) {
  return static_cast<const Table *>(Socket->Dispatch);
}

static NTSTATUS CheckTables() {
  WSK_PROVIDER_STREAM_DISPATCH stream = {};
  WSK_SOCKET socket = {&stream};
  auto close = [](PWSK_SOCKET s) {
    return TableOf<WSK_PROVIDER_BASIC_DISPATCH>(s)->WskCloseSocket(s, nullptr);
  };

  stream.Basic.WskCloseSocket = Close;
  EXPECT(close(&socket) == STATUS_NOT_FOUND);
  EXPECT(TableOf<WSK_PROVIDER_STREAM_DISPATCH>(&socket)->WskBind == nullptr);
  return STATUS_SUCCESS;
}

/* Practice: a callback is a static member with the object as its context. */
class Connection {
public:
  static NTSTATUS WSKAPI Receive(_In_opt_ PVOID Context, ULONG,
                                 PWSK_DATA_INDICATION, SIZE_T Bytes,
                                 SIZE_T *Accepted) {
    static_cast<Connection *>(Context)->received_ += Bytes;
    *Accepted = Bytes;
    return STATUS_SUCCESS;
  }
  static NTSTATUS Complete(PDEVICE_OBJECT, PIRP, PVOID Context) {
    static_cast<Connection *>(Context)->received_++;
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  SIZE_T Received() const {
    return received_;
  }

private:
  SIZE_T received_ = 0;
};

static NTSTATUS CheckCallbacks() {
  Connection connection;
  SIZE_T accepted = 0;
  const WSK_CLIENT_CONNECTION_DISPATCH table = {Connection::Receive, nullptr,
                                                nullptr};
  PIO_COMPLETION_ROUTINE complete = Connection::Complete;

  EXPECT(table.WskReceiveEvent(&connection, 0, nullptr, 4, &accepted) == 0);
  EXPECT(complete(nullptr, nullptr, &connection) ==
         STATUS_MORE_PROCESSING_REQUIRED);
  EXPECT(accepted == 4 && connection.Received() == 5);
  return STATUS_SUCCESS;
}

/* Practice: addresses as values. */
static NTSTATUS CheckAddresses() {
  SOCKADDR_IN6 v6 = {};
  IN6_ADDR loopback = IN6ADDR_LOOPBACK_INIT;
  SOCKADDR_INET any = {};

  v6.sin6_family = AF_INET6;
  v6.sin6_addr = loopback;
  any.Ipv6 = v6;
  EXPECT(any.si_family == AF_INET6);
  EXPECT(IN6_IS_ADDR_LOOPBACK(&any.Ipv6.sin6_addr));
  return STATUS_SUCCESS;
}
} // namespace dialect

extern "C" _Use_decl_annotations_ NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
  using namespace dialect;
  NTSTATUS(*const checks[])
  () = {CheckLiterals, CheckInterlocked, CheckKeywords,
        CheckTables,   CheckCallbacks,   CheckAddresses};

  UNREFERENCED_PARAMETER(DriverObject);
  UNREFERENCED_PARAMETER(RegistryPath);
  for (auto check : checks) {
    NTSTATUS status = check();
    if (!NT_SUCCESS(status))
      return status;
  }
  return STATUS_SUCCESS;
}
