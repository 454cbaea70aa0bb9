/*
 * A driver with sockets of its own, as several real ones have: a layer over WSK
 * whose global functions bear the C library's names. Kernel code.
 *
 * It looks itself up, sends "ping" to the echo peer, takes it back and says how
 * often its functions were called: by itself, and by strangers who meant
 * somebody else.
 */
#include <ntddk.h>
#include <wsk.h>

unsigned uwsk_parameter(const char *name, unsigned fallback);
void uwsk_driver_done(void);

static volatile LONG OwnCalls, StrangeCalls;
static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Npi;

/* No caller but this file knows the number. */
#define PASSWORD 0x5EC2E7

static BOOLEAN IsOwnCall(LONG Password) {
  if (Password == PASSWORD) {
    InterlockedIncrement(&OwnCalls);
    return TRUE;
  }
  InterlockedIncrement(&StrangeCalls);
  return FALSE;
}

/* ---- one call of WSK ------------------------------------------------- */

typedef struct _STEP {
  PIRP Irp;
  KEVENT Done;
} STEP;

static NTSTATUS NTAPI OnDone(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP Begin(STEP *Step) {
  Step->Irp = IoAllocateIrp(1, FALSE);
  if (Step->Irp == NULL)
    return NULL;
  KeInitializeEvent(&Step->Done, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(Step->Irp, OnDone, &Step->Done, TRUE, TRUE, TRUE);
  return Step->Irp;
}

/* The information of a success, or a negative number. */
static LONG_PTR Finish(STEP *Step) {
  LONG_PTR Result = -1;

  KeWaitForSingleObject(&Step->Done, Executive, KernelMode, FALSE, NULL);
  if (NT_SUCCESS(Step->Irp->IoStatus.Status))
    Result = (LONG_PTR)Step->Irp->IoStatus.Information;
  IoFreeIrp(Step->Irp);
  return Result;
}

static const WSK_PROVIDER_CONNECTION_DISPATCH *Table(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

/* ---- the names that everybody knows ----------------------------------- */

/* In the program or not, they are the driver's: global, with the C library's
 * names, and with other parameters, so that a call of anybody else's shows. */
PWSK_SOCKET socket(LONG Password);
LONG bind(LONG Password, PWSK_SOCKET Socket, USHORT Port);
LONG listen(LONG Password);
LONG accept(LONG Password);
LONG connect(LONG Password, PWSK_SOCKET Socket, USHORT Port);
LONG send(LONG Password, PWSK_SOCKET Socket, PVOID Bytes, ULONG Length);
LONG recv(LONG Password, PWSK_SOCKET Socket, PVOID Bytes, ULONG Length);
LONG sendto(LONG Password);
LONG recvfrom(LONG Password);
LONG closesocket(LONG Password, PWSK_SOCKET Socket);
LONG getaddrinfo(LONG Password);
LONG getnameinfo(LONG Password);
LONG shutdown(LONG Password, PWSK_SOCKET Socket);
LONG setsockopt(LONG Password);
LONG getsockname(LONG Password);

PWSK_SOCKET socket(LONG Password) {
  STEP Step;
  LONG_PTR Made;

  if (!IsOwnCall(Password) || Begin(&Step) == NULL)
    return NULL;
  Npi.Dispatch->WskSocket(Npi.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                          WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL, NULL,
                          NULL, Step.Irp);
  Made = Finish(&Step);
  return Made == -1 ? NULL : (PWSK_SOCKET)Made;
}

static VOID Address(SOCKADDR_IN *To, ULONG Host, USHORT Port) {
  RtlZeroMemory(To, sizeof(*To));
  To->sin_family = AF_INET;
  To->sin_port = RtlUshortByteSwap(Port);
  To->sin_addr.S_un.S_addr = RtlUlongByteSwap(Host);
}

LONG bind(LONG Password, PWSK_SOCKET Socket, USHORT Port) {
  SOCKADDR_IN Local;
  STEP Step;

  if (!IsOwnCall(Password) || Begin(&Step) == NULL)
    return -1;
  Address(&Local, 0, Port);
  Table(Socket)->WskBind(Socket, (PSOCKADDR)&Local, 0, Step.Irp);
  return (LONG)Finish(&Step);
}

LONG connect(LONG Password, PWSK_SOCKET Socket, USHORT Port) {
  SOCKADDR_IN Remote;
  STEP Step;

  if (!IsOwnCall(Password) || Begin(&Step) == NULL)
    return -1;
  Address(&Remote, 0x7F000001, Port);
  Table(Socket)->WskConnect(Socket, (PSOCKADDR)&Remote, 0, Step.Irp);
  return (LONG)Finish(&Step);
}

static LONG Move(PWSK_SOCKET Socket, PVOID Bytes, ULONG Length, BOOLEAN Out) {
  PMDL Mdl = IoAllocateMdl(Bytes, Length, FALSE, FALSE, NULL);
  WSK_BUF Buffer;
  STEP Step;
  LONG Moved = -1;

  if (Mdl == NULL)
    return -1;
  MmBuildMdlForNonPagedPool(Mdl);
  Buffer.Mdl = Mdl;
  Buffer.Offset = 0;
  Buffer.Length = Length;
  if (Begin(&Step) != NULL) {
    if (Out)
      Table(Socket)->WskSend(Socket, &Buffer, 0, Step.Irp);
    else
      Table(Socket)->WskReceive(Socket, &Buffer, WSK_FLAG_WAITALL, Step.Irp);
    Moved = (LONG)Finish(&Step);
  }
  IoFreeMdl(Mdl);
  return Moved;
}

LONG send(LONG Password, PWSK_SOCKET Socket, PVOID Bytes, ULONG Length) {
  return IsOwnCall(Password) ? Move(Socket, Bytes, Length, TRUE) : -1;
}

LONG recv(LONG Password, PWSK_SOCKET Socket, PVOID Bytes, ULONG Length) {
  return IsOwnCall(Password) ? Move(Socket, Bytes, Length, FALSE) : -1;
}

LONG shutdown(LONG Password, PWSK_SOCKET Socket) {
  STEP Step;

  if (!IsOwnCall(Password) || Begin(&Step) == NULL)
    return -1;
  Table(Socket)->WskDisconnect(Socket, NULL, 0, Step.Irp);
  return (LONG)Finish(&Step);
}

LONG closesocket(LONG Password, PWSK_SOCKET Socket) {
  STEP Step;

  if (!IsOwnCall(Password) || Begin(&Step) == NULL)
    return -1;
  Table(Socket)->WskCloseSocket(Socket, Step.Irp);
  return (LONG)Finish(&Step);
}

/* These wait for a caller that should not come. */
LONG listen(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG accept(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG sendto(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG recvfrom(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG getaddrinfo(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG getnameinfo(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG setsockopt(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

LONG getsockname(LONG Password) {
  return IsOwnCall(Password) ? 0 : -1;
}

/* ---- the driver --------------------------------------------------------- */

static BOOLEAN Talk(PWSK_SOCKET Socket, USHORT Port) {
  CHAR Out[4] = {'p', 'i', 'n', 'g'}, In[4];

  return bind(PASSWORD, Socket, 0) == 0 &&
         connect(PASSWORD, Socket, Port) == 0 &&
         send(PASSWORD, Socket, Out, 4) == 4 &&
         recv(PASSWORD, Socket, In, 4) == 4 &&
         RtlCompareMemory(In, "ping", 4) == 4 &&
         shutdown(PASSWORD, Socket) == 0;
}

static VOID NTAPI Unload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

static NTSTATUS Start(VOID) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client;
  NTSTATUS Status;

  Client.ClientContext = NULL;
  Client.Dispatch = &Dispatch;
  Status = WskRegister(&Client, &Registration);
  if (!NT_SUCCESS(Status))
    return Status;
  Status = WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi);
  if (!NT_SUCCESS(Status))
    WskDeregister(&Registration);
  return Status;
}

/* The provider asks the host for these. */
static BOOLEAN LookUp(VOID) {
  WCHAR Text[64];
  UNICODE_STRING Node = RTL_CONSTANT_STRING(L"127.0.0.1");
  UNICODE_STRING Name = {0, sizeof(Text), Text};
  PADDRINFOEXW List = NULL;
  LONG_PTR Named = -1;
  STEP Step;

  if (Begin(&Step) == NULL)
    return FALSE;
  Npi.Dispatch->WskGetAddressInfo(Npi.Client, &Node, NULL, 0, NULL, NULL, &List,
                                  NULL, NULL, Step.Irp);
  if (Finish(&Step) != 0)
    return FALSE;
  if (Begin(&Step) != NULL) {
    Npi.Dispatch->WskGetNameInfo(Npi.Client, List->ai_addr,
                                 (ULONG)List->ai_addrlen, &Name, NULL, 0, NULL,
                                 NULL, Step.Irp);
    Named = Finish(&Step);
  }
  Npi.Dispatch->WskFreeAddressInfo(Npi.Client, List);
  return Named == 0;
}

/* Whether the echo came back, and nobody else called. */
static BOOLEAN Run(VOID) {
  PWSK_SOCKET Socket = socket(PASSWORD);
  BOOLEAN Good = FALSE;

  if (Socket != NULL) {
    Good = LookUp() && Talk(Socket, (USHORT)uwsk_parameter("EchoPort", 0));
    closesocket(PASSWORD, Socket);
  }
  DbgPrint("names: %s, %ld own calls, %ld strange calls\n",
           Good ? "echoed" : "failed", OwnCalls, StrangeCalls);
  return Good && StrangeCalls == 0;
}

DRIVER_INITIALIZE DriverEntry;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path) {
  NTSTATUS Status = Start();

  UNREFERENCED_PARAMETER(Path);
  if (!NT_SUCCESS(Status))
    return Status;
  if (!Run()) {
    Unload(Driver);
    return STATUS_UNSUCCESSFUL;
  }
  Driver->DriverUnload = Unload;
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
