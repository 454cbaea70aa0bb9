/*
 * cxx_client: a WSK client in C++17 that says hello to a TCP echo server. What
 * is acquired belongs to an object, whose destructor gives it back.
 */
#include <new> // The C++ library's headers come first.

#include <ntddk.h>
#include <wsk.h>

extern "C" {
DRIVER_INITIALIZE DriverEntry;
unsigned uwsk_parameter(const char *name, unsigned fallback);
void uwsk_driver_done(void);
}

namespace {

constexpr ULONG Tag = 'xxCW';

/* Objects in pool: new (POOL_FLAG_NON_PAGED, Tag) T is NULL without memory. */
struct Pooled {
  static void *operator new(size_t Size, POOL_FLAGS Flags, ULONG Tag) noexcept {
    return ExAllocatePool2(Flags, Size, Tag);
  }
  static void operator delete(void *Memory, POOL_FLAGS, ULONG) noexcept {
    ExFreePoolWithTag(Memory, Tag); // for a constructor that throws
  }
  static void operator delete(void *Memory, size_t) noexcept {
    ExFreePoolWithTag(Memory, Tag);
  }
};

/* One call after the other, each waited for. */
class Call {
public:
  Call() : Irp_(IoAllocateIrp(1, FALSE)) {
    KeInitializeEvent(&Done_, SynchronizationEvent, FALSE);
  }
  ~Call() {
    if (Irp_)
      IoFreeIrp(Irp_);
  }
  Call(const Call &) = delete;

  explicit operator bool() const {
    return Irp_ != nullptr;
  }
  PIRP Irp() {
    IoReuseIrp(Irp_, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(
        Irp_,
        [](PDEVICE_OBJECT, PIRP, PVOID Done) -> NTSTATUS {
          KeSetEvent(static_cast<PKEVENT>(Done), IO_NO_INCREMENT, FALSE);
          return STATUS_MORE_PROCESSING_REQUIRED;
        },
        &Done_, TRUE, TRUE, TRUE);
    return Irp_;
  }
  NTSTATUS Wait() {
    KeWaitForSingleObject(&Done_, Executive, KernelMode, FALSE, nullptr);
    return Irp_->IoStatus.Status;
  }
  ULONG_PTR Information() const {
    return Irp_->IoStatus.Information;
  }

private:
  PIRP Irp_;
  KEVENT Done_;
};

template <SIZE_T Size> class Buffer : public Pooled {
public:
  Buffer() : Mdl_(IoAllocateMdl(Data, Size, FALSE, FALSE, nullptr)) {
    if (Mdl_)
      MmBuildMdlForNonPagedPool(Mdl_);
  }
  ~Buffer() {
    if (Mdl_)
      IoFreeMdl(Mdl_);
  }
  explicit operator bool() const {
    return Mdl_ != nullptr;
  }
  WSK_BUF operator()(SIZE_T Length) const {
    return {Mdl_, 0, Length};
  }
  CHAR Data[Size];

private:
  PMDL Mdl_;
};

/* A registration, and the provider while it is captured. */
class Client : public Pooled {
public:
  Client() {
    WSK_CLIENT_NPI Npi = {nullptr, &Dispatch};
    Status_ = WskRegister(&Npi, &Registration_);
    if (!NT_SUCCESS(Status_))
      return;
    Status_ = WskCaptureProviderNPI(&Registration_, WSK_NO_WAIT, &Provider);
    if (!NT_SUCCESS(Status_))
      WskDeregister(&Registration_);
  }
  ~Client() {
    if (!NT_SUCCESS(Status_))
      return;
    WskReleaseProviderNPI(&Registration_);
    WskDeregister(&Registration_);
  }
  NTSTATUS Status() const {
    return Status_;
  }
  WSK_PROVIDER_NPI Provider;

private:
  static constexpr WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   nullptr};
  WSK_REGISTRATION Registration_;
  NTSTATUS Status_;
};

class Socket {
public:
  Socket(Client &Of, Call &By, SOCKADDR_IN Remote) : Call_(By) {
    SOCKADDR_IN Local = {AF_INET, 0, {}, {}};
    Of.Provider.Dispatch->WskSocketConnect(
        Of.Provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&Local,
        (PSOCKADDR)&Remote, 0, nullptr, nullptr, nullptr, nullptr, nullptr,
        Call_.Irp());
    Status = Call_.Wait();
    Socket_ = reinterpret_cast<PWSK_SOCKET>(Call_.Information());
  }
  ~Socket() {
    if (Socket_)
      (*this)(&WSK_PROVIDER_BASIC_DISPATCH::WskCloseSocket);
  }

  /* Any function of any category's table, and what it takes before its IRP. */
  template <typename Table, typename Function, typename... Arguments>
  NTSTATUS operator()(Function Table::*Member, Arguments... Given) {
    auto Calls = static_cast<const Table *>(Socket_->Dispatch);
    (Calls->*Member)(Socket_, Given..., Call_.Irp());
    return Call_.Wait();
  }
  NTSTATUS Status;

private:
  PWSK_SOCKET Socket_;
  Call &Call_;
};

NTSTATUS Talk(Client &Wsk) {
  using Table = WSK_PROVIDER_CONNECTION_DISPATCH;
  static const char Text[] = "Hello in C++";
  SOCKADDR_IN Remote = {AF_INET, 0, {}, {}};
  Call Call;
  auto Message = new (POOL_FLAG_NON_PAGED, Tag) Buffer<sizeof(Text)>;
  NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

  Remote.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Remote.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  if (Call && Message && *Message) {
    WSK_BUF All = (*Message)(sizeof(Text));
    Socket Peer(Wsk, Call, Remote);
    RtlCopyMemory(Message->Data, Text, sizeof(Text));
    Status = Peer.Status;
    if (NT_SUCCESS(Status))
      Status = Peer(&Table::WskSend, &All, 0);
    if (NT_SUCCESS(Status))
      Status = Peer(&Table::WskReceive, &All, WSK_FLAG_WAITALL);
    if (NT_SUCCESS(Status))
      Status = Peer(&Table::WskDisconnect, nullptr, 0);
  }
  if (NT_SUCCESS(Status))
    DbgPrint("cxx_client: \"%s\" came back\n", Message->Data);
  delete Message;
  return Status;
}

} // namespace

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING) {
  auto Wsk = new (POOL_FLAG_NON_PAGED, Tag) Client;
  NTSTATUS Status = Wsk ? Wsk->Status() : STATUS_INSUFFICIENT_RESOURCES;

  if (NT_SUCCESS(Status))
    Status = Talk(*Wsk);
  DbgPrint("cxx_client: finished with status 0x%08X\n", Status);
  delete Wsk;
  Driver->DriverUnload = [](PDRIVER_OBJECT) {};
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
