/*
 * Mistakes with a driver's own IRPs: their life, and their use with WSK.
 */
#include <ntddk.h>

#include <wsk.h>

#include "zoo.h"

#define ZOO_TAG 'ooZu'

/* ---- memory ---------------------------------------------------------- */

static VOID frees_an_irp_twice(VOID) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  REQUIRE(Irp != NULL);
  IoFreeIrp(Irp);
  IoFreeIrp(Irp);
}

static VOID frees_an_irp_once(VOID) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  REQUIRE(Irp != NULL);
  IoFreeIrp(Irp);
}

/* One that lies in the driver's own memory. */
static PIRP OwnPacket(USHORT Size) {
  PIRP Irp = ExAllocatePool2(POOL_FLAG_NON_PAGED, IoSizeOfIrp(2), ZOO_TAG);

  if (CHECK(Irp != NULL) && Size != 0)
    IoInitializeIrp(Irp, Size, 2);
  return Irp;
}

static VOID frees_an_irp_of_its_own_memory(VOID) {
  PIRP Irp = OwnPacket(IoSizeOfIrp(2));

  REQUIRE(Irp != NULL);
  IoFreeIrp(Irp);
  ExFreePoolWithTag(Irp, ZOO_TAG);
}

static VOID frees_the_memory_of_its_own_irp(VOID) {
  PIRP Irp = OwnPacket(IoSizeOfIrp(2));

  REQUIRE(Irp != NULL);
  ExFreePoolWithTag(Irp, ZOO_TAG);
}

/* Stack locations stand behind the IRP, and have to be reckoned in. */
static VOID forgets_the_stack_locations(VOID) {
  PIRP Irp = OwnPacket(sizeof(IRP));

  REQUIRE(Irp != NULL);
  ExFreePoolWithTag(Irp, ZOO_TAG);
}

static VOID counts_the_stack_locations(VOID) {
  PIRP Irp = OwnPacket(IoSizeOfIrp(2));

  REQUIRE(Irp != NULL);
  ExFreePoolWithTag(Irp, ZOO_TAG);
}

/* ---- a socket -------------------------------------------------------- */

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Npi;
static PWSK_SOCKET Socket;
static KEVENT Completed;

static IO_COMPLETION_ROUTINE SetCompleted;
static NTSTATUS NTAPI SetCompleted(PDEVICE_OBJECT Device, PIRP Irp,
                                   PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  UNREFERENCED_PARAMETER(Context);
  KeSetEvent(&Completed, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID Prepare(PIRP Irp) {
  KeClearEvent(&Completed);
  IoSetCompletionRoutine(Irp, SetCompleted, NULL, TRUE, TRUE, TRUE);
}

static VOID Wait(VOID) {
  KeWaitForSingleObject(&Completed, Executive, KernelMode, FALSE, NULL);
}

static const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch(VOID) {
  return Socket->Dispatch;
}

/* An IRP, and a datagram socket that is bound. */
static PIRP OpenSocket(VOID) {
  WSK_CLIENT_NPI Client = {NULL, &ClientDispatch};
  SOCKADDR_IN Loopback = {.sin_family = AF_INET};
  PIRP Irp = IoAllocateIrp(1, FALSE);

  Loopback.sin_addr.s_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
  KeInitializeEvent(&Completed, NotificationEvent, FALSE);
  CHECK(WskRegister(&Client, &Registration) == STATUS_SUCCESS);
  CHECK(WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Npi) ==
        STATUS_SUCCESS);
  Prepare(Irp);
  Npi.Dispatch->WskSocket(Npi.Client, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
                          WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL, NULL, NULL,
                          NULL, Irp);
  Wait();
  Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
  CHECK(Irp->IoStatus.Status == STATUS_SUCCESS);
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  Prepare(Irp);
  Dispatch()->WskBind(Socket, (PSOCKADDR)&Loopback, 0, Irp);
  Wait();
  CHECK(Irp->IoStatus.Status == STATUS_SUCCESS);
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  return Irp;
}

static VOID CloseSocket(PIRP Irp) {
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  Prepare(Irp);
  Dispatch()->Basic.WskCloseSocket(Socket, Irp);
  Wait();
  IoFreeIrp(Irp);
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

static SOCKADDR_STORAGE Address;

static NTSTATUS AskAddress(PIRP Irp) {
  return Dispatch()->WskGetLocalAddress(Socket, (PSOCKADDR)&Address, Irp);
}

/* ---- the completion routine ------------------------------------------ */

static VOID wants_to_know_of_success_alone(VOID) {
  PIRP Irp = OpenSocket();

  KeClearEvent(&Completed);
  IoSetCompletionRoutine(Irp, SetCompleted, NULL, TRUE, FALSE, FALSE);
  AskAddress(Irp);
  Wait();
  CloseSocket(Irp);
}

static VOID wants_to_know_of_every_end(VOID) {
  PIRP Irp = OpenSocket();

  Prepare(Irp);
  AskAddress(Irp);
  Wait();
  CloseSocket(Irp);
}

static IO_COMPLETION_ROUTINE LetGo;
static NTSTATUS NTAPI LetGo(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  SetCompleted(Device, Irp, Context);
  return STATUS_SUCCESS;
}

static VOID lets_its_own_irp_go_on(VOID) {
  PIRP Irp = OpenSocket();

  KeClearEvent(&Completed);
  IoSetCompletionRoutine(Irp, LetGo, NULL, TRUE, TRUE, TRUE);
  AskAddress(Irp);
  Wait();
  CloseSocket(Irp);
}

static VOID keeps_its_own_irp(VOID) {
  wants_to_know_of_every_end();
}

/* The next request is made where the last one ends: a chain of them never
 * leaves the stack. */
static PIRP NextIrp;

static IO_COMPLETION_ROUTINE AskAgain;
static NTSTATUS NTAPI AskAgain(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  UNREFERENCED_PARAMETER(Context);
  Prepare(NextIrp);
  AskAddress(NextIrp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID asks_again_in_a_completion_routine(VOID) {
  PIRP Irp = OpenSocket();

  NextIrp = IoAllocateIrp(1, FALSE);
  REQUIRE(NextIrp != NULL);
  KeClearEvent(&Completed);
  IoSetCompletionRoutine(Irp, AskAgain, NULL, TRUE, TRUE, TRUE);
  AskAddress(Irp);
  Wait();
  IoFreeIrp(NextIrp);
  CloseSocket(Irp);
}

static VOID asks_again_afterwards(VOID) {
  PIRP Irp = OpenSocket();

  for (ULONG i = 0; i < 2; i++) {
    IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
    Prepare(Irp);
    AskAddress(Irp);
    Wait();
  }
  CloseSocket(Irp);
}

/* ---- using it again -------------------------------------------------- */

static VOID uses_an_irp_again_as_it_is(VOID) {
  PIRP Irp = OpenSocket();

  for (ULONG i = 0; i < 2; i++) {
    Prepare(Irp);
    AskAddress(Irp);
    Wait();
  }
  CloseSocket(Irp);
}

static VOID makes_an_irp_ready_again(VOID) {
  asks_again_afterwards();
}

/* ---- while it is pending --------------------------------------------- */

static UCHAR Bytes[16];
static WSK_BUF Buffer;

/* Nothing comes: it is pending until it is cancelled. */
static VOID Receive(PIRP Irp) {
  Buffer.Mdl = IoAllocateMdl(Bytes, sizeof(Bytes), FALSE, FALSE, NULL);
  Buffer.Offset = 0;
  Buffer.Length = sizeof(Bytes);
  if (!CHECK(Buffer.Mdl != NULL))
    return;
  MmBuildMdlForNonPagedPool(Buffer.Mdl);
  Prepare(Irp);
  CHECK(Dispatch()->WskReceiveFrom(Socket, &Buffer, 0, NULL, NULL, NULL, NULL,
                                   Irp) == STATUS_PENDING);
}

static VOID CancelReceive(PIRP Irp) {
  IoCancelIrp(Irp);
  Wait();
  IoFreeMdl(Buffer.Mdl);
}

static VOID uses_an_irp_that_is_pending(VOID) {
  PIRP Irp = OpenSocket();

  Receive(Irp);
  AskAddress(Irp);
  CancelReceive(Irp);
  CloseSocket(Irp);
}

static VOID uses_another_irp_meanwhile(VOID) {
  PIRP Irp = OpenSocket();
  PIRP Other = IoAllocateIrp(1, FALSE);

  REQUIRE(Other != NULL);
  Receive(Irp);
  IoSetCompletionRoutine(Other, SetCompleted, NULL, TRUE, TRUE, TRUE);
  AskAddress(Other);
  Wait();
  KeClearEvent(&Completed);
  IoFreeIrp(Other);
  CancelReceive(Irp);
  CloseSocket(Irp);
}

static VOID frees_an_irp_that_is_pending(VOID) {
  PIRP Irp = OpenSocket();

  Receive(Irp);
  IoFreeIrp(Irp);
  CancelReceive(Irp);
  CloseSocket(Irp);
}

static VOID frees_an_irp_that_has_ended(VOID) {
  PIRP Irp = OpenSocket();

  Receive(Irp);
  CancelReceive(Irp);
  CloseSocket(Irp);
}

/* ---- what is none ---------------------------------------------------- */

static VOID sends_what_it_did_not_initialise(VOID) {
  PIRP Irp = OpenSocket();
  PIRP Other = OwnPacket(0);

  REQUIRE(Other != NULL);
  AskAddress(Other);
  ExFreePoolWithTag(Other, ZOO_TAG);
  CloseSocket(Irp);
}

static VOID sends_what_it_initialised(VOID) {
  PIRP Irp = OpenSocket();
  PIRP Other = OwnPacket(IoSizeOfIrp(2));

  REQUIRE(Other != NULL);
  Prepare(Other);
  AskAddress(Other);
  Wait();
  ExFreePoolWithTag(Other, ZOO_TAG);
  CloseSocket(Irp);
}

ZOO_SPECIMENS = {
    SPECIMEN("IO-FREE-01", frees_an_irp_twice, frees_an_irp_once),
    SPECIMEN("IRP-14", frees_an_irp_of_its_own_memory,
             frees_the_memory_of_its_own_irp),
    SPECIMEN("IO-INIT-01", forgets_the_stack_locations,
             counts_the_stack_locations),
    SPECIMEN("IO-TYPE-01", sends_what_it_did_not_initialise,
             sends_what_it_initialised),
    SPECIMEN("IRP-07", wants_to_know_of_success_alone,
             wants_to_know_of_every_end),
    SPECIMEN("IRP-08", lets_its_own_irp_go_on, keeps_its_own_irp),
    SPECIMEN("IRP-09", uses_an_irp_again_as_it_is, makes_an_irp_ready_again),
    SPECIMEN("IRP-10", uses_an_irp_that_is_pending, uses_another_irp_meanwhile),
    SPECIMEN("IRP-11", frees_an_irp_that_is_pending,
             frees_an_irp_that_has_ended),
    SPECIMEN("IRP-17", asks_again_in_a_completion_routine,
             asks_again_afterwards),
};
