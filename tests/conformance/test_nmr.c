/* The network module registrar, and WSK as one of its providers. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* ---- a client of WSK ----------------------------------------------------- */

typedef struct _MODULE {
  HANDLE Registration, Binding;
  WSK_PROVIDER_NPI Npi;
  const WSK_CLIENT_DISPATCH *Dispatch;
  ULONG Attached, Detached, CleanedUp;
  NTSTATUS AttachStatus; /* what NmrClientAttachProvider answered */
  NTSTATUS Answer;       /* of ClientDetachProvider */
  USHORT Lowest, Highest;
} MODULE, *PMODULE;

static NTSTATUS NTAPI AttachProvider(HANDLE Binding, PVOID Context,
                                     PNPI_REGISTRATION_INSTANCE Provider) {
  const WSK_PROVIDER_CHARACTERISTICS *Versions =
      Provider->NpiSpecificCharacteristics;
  PMODULE Module = Context;
  CONST VOID *Dispatch = NULL;
  PVOID Client = NULL;

  Module->Attached++;
  Module->Binding = Binding;
  Module->Lowest = Versions->LowestVersion;
  Module->Highest = Versions->HighestVersion;
  CHECK_EQUAL(PASSIVE_LEVEL, KeGetCurrentIrql());
  Module->AttachStatus = NmrClientAttachProvider(
      Binding, Module, Module->Dispatch, &Client, &Dispatch);
  Module->Npi.Client = Client;
  Module->Npi.Dispatch = Dispatch;
  return Module->AttachStatus;
}

static NTSTATUS NTAPI DetachProvider(PVOID Context) {
  PMODULE Module = Context;

  Module->Detached++;
  return Module->Answer;
}

static VOID NTAPI CleanUp(PVOID Context) {
  PMODULE Module = Context;

  Module->CleanedUp++;
}

static const NPI_MODULEID ModuleId = {
    sizeof(ModuleId),
    MIT_GUID,
    {{0x0f5f1d04,
      0x43c5,
      0x4c07,
      {0xa2, 0x90, 0x3b, 0x8d, 0x55, 0x6e, 0x12, 0x01}}}};

static const NPI_CLIENT_CHARACTERISTICS Client = {
    0,
    sizeof(Client),
    AttachProvider,
    DetachProvider,
    CleanUp,
    {0, sizeof(NPI_REGISTRATION_INSTANCE), &NPI_WSK_INTERFACE_ID, &ModuleId, 0,
     NULL}};

/* What registering does without memory is a test of its own. */
static NTSTATUS Register(PMODULE Module) {
  NTSTATUS Status;

  RtlZeroMemory(Module, sizeof(*Module));
  Module->Dispatch = &TestClientDispatch;
  host_spare(1);
  Status = NmrRegisterClient(&Client, Module, &Module->Registration);
  host_spare(0);
  return Status;
}

static VOID Deregister(PMODULE Module) {
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module->Registration));
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Module->Registration));
}

/* A bound socket of the module's. */
static PWSK_SOCKET OpenSocketOf(PMODULE Module) {
  WSK_PROVIDER_NPI Saved = TestNpi;
  PWSK_SOCKET Socket;

  TestNpi = Module->Npi;
  host_spare(1);
  Socket = OpenSocket();
  host_spare(0);
  TestNpi = Saved;
  return Socket;
}

/* Defends against tables that differ by the way they were got. */
static VOID a_client_module_attaches_to_wsk(VOID) {
  MODULE Module;
  PWSK_SOCKET Socket;

  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  CHECK_EQUAL(1, Module.Attached);
  CHECK_STATUS(STATUS_SUCCESS, Module.AttachStatus);
  CHECK(Module.Npi.Dispatch == TestNpi.Dispatch);
  CHECK(Module.Npi.Client != NULL && Module.Npi.Client != TestNpi.Client);
  CHECK_EQUAL(MAKE_WSK_VERSION(1, 0), Module.Lowest);
  CHECK_EQUAL(MAKE_WSK_VERSION(1, 0), Module.Highest);
  Socket = OpenSocketOf(&Module);
  REQUIRE(Socket != NULL);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  Deregister(&Module);
  CHECK_EQUAL(1, Module.Detached);
  CHECK_EQUAL(1, Module.CleanedUp);
}

/* Defends against two clients that are taken for one. */
static VOID client_modules_do_not_disturb_each_other(VOID) {
  MODULE One, Other;
  PWSK_SOCKET Socket;

  REQUIRE(Register(&One) == STATUS_SUCCESS);
  REQUIRE(Register(&Other) == STATUS_SUCCESS);
  CHECK(One.Npi.Client != Other.Npi.Client && One.Binding != Other.Binding);
  Deregister(&One);
  CHECK_EQUAL(0, Other.Detached);
  Socket = OpenSocketOf(&Other);
  REQUIRE(Socket != NULL);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  Deregister(&Other);
}

/* Defends against a client that is unloaded while its sockets call it. */
static VOID detaching_waits_for_open_sockets(VOID) {
  MODULE Module;
  PWSK_SOCKET Socket;

  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  Socket = OpenSocketOf(&Module);
  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module.Registration));
  CHECK_EQUAL(1, Module.Detached);
  host_run_a_while();
  CHECK_EQUAL(0, Module.CleanedUp);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Module.Registration));
  CHECK_EQUAL(1, Module.CleanedUp);
}

static VOID WaitNow(PVOID Registration) {
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Registration));
}

/* Defends against a registrar that does not listen to the client. */
static VOID a_client_may_detach_later(VOID) {
  MODULE Module;
  TEST_THREAD Thread;

  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  Module.Answer = STATUS_PENDING;
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module.Registration));
  StartThread(&Thread, WaitNow, Module.Registration);
  CHECK(!ThreadEnds(&Thread, TEST_MOMENT));
  CHECK_EQUAL(0, Module.CleanedUp);
  NmrClientDetachProviderComplete(Module.Binding);
  JoinThread(&Thread);
  CHECK_EQUAL(1, Module.CleanedUp);
}

/* Defends against a wait for an IRP that nothing completes. */
static VOID detaching_cancels_what_waits_for_a_change(VOID) {
  MODULE Module;
  PWSK_CALL Call = NewCall();

  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  Call->Returned = Module.Npi.Dispatch->WskControlClient(
      Module.Npi.Client, WSK_TRANSPORT_LIST_CHANGE, 0, NULL, 0, NULL, NULL,
      PrepareCall(Call));
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module.Registration));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Module.Registration));
}

/* Defends against a version that nobody asked for. */
static VOID another_version_is_not_attached(VOID) {
  static const WSK_CLIENT_DISPATCH Future = {MAKE_WSK_VERSION(2, 0), 0, NULL};
  MODULE Module;

  RtlZeroMemory(&Module, sizeof(Module));
  Module.Dispatch = &Future;
  REQUIRE(NmrRegisterClient(&Client, &Module, &Module.Registration) ==
          STATUS_SUCCESS);
  CHECK_STATUS(STATUS_NOINTERFACE, Module.AttachStatus);
  CHECK(Module.Npi.Client == NULL);
  Deregister(&Module);
  CHECK_EQUAL(0, Module.Detached);
  CHECK_EQUAL(0, Module.CleanedUp);
}

/* Defends against a client that comes too early and is forgotten. */
static VOID a_client_is_attached_when_the_provider_comes(VOID) {
  MODULE Module;

  host_provider_ready(0);
  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  CHECK_EQUAL(0, Module.Attached);
  host_provider_ready(1);
  CHECK_EQUAL(1, Module.Attached);
  CHECK(Module.Npi.Dispatch == TestNpi.Dispatch);
  Deregister(&Module);
  CHECK_EQUAL(1, Module.CleanedUp);
}

/* Defends against handles that are followed wherever they lead. */
static VOID handles_of_nothing_are_refused(VOID) {
  NPI_CLIENT_CHARACTERISTICS Bad = Client;
  MODULE Module;
  PVOID Context;
  CONST VOID *Dispatch;

  CHECK_STATUS(STATUS_INVALID_PARAMETER, NmrDeregisterClient(&Module));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrWaitForClientDeregisterComplete(NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrClientAttachProvider(&Module, NULL, &TestClientDispatch,
                                       &Context, &Dispatch));
  Bad.ClientAttachProvider = NULL;
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrRegisterClient(&Bad, NULL, &Module.Registration));
  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrWaitForClientDeregisterComplete(Module.Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrDeregisterProvider(Module.Registration));
  /* It is attached already. */
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrClientAttachProvider(Module.Binding, NULL,
                                       &TestClientDispatch, &Context,
                                       &Dispatch));
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module.Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrDeregisterClient(Module.Registration));
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Module.Registration));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               NmrWaitForClientDeregisterComplete(Module.Registration));
}

/* Defends against calls into a provider that may be unloaded. */
static VOID calls_after_detaching_are_reported(VOID) {
  MODULE Module;
  PWSK_SOCKET Socket;
  SIZE_T Size = 0;

  REQUIRE(Register(&Module) == STATUS_SUCCESS);
  Socket = OpenSocketOf(&Module);
  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
               Module.Npi.Dispatch->WskControlClient(
                   Module.Npi.Client, WSK_TRANSPORT_LIST_QUERY, 0, NULL, 0,
                   NULL, &Size, NULL));
  host_expect_reports();
  /* It detaches at once; the socket holds the rest up. */
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Module.Registration));
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
               Module.Npi.Dispatch->WskControlClient(
                   Module.Npi.Client, WSK_TRANSPORT_LIST_QUERY, 0, NULL, 0,
                   NULL, &Size, NULL));
  CHECK_EQUAL(1, host_reports("NMR-02"));
  NmrClientDetachProviderComplete(Module.Binding);
  CHECK_EQUAL(2, host_reports("NMR-02"));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForClientDeregisterComplete(Module.Registration));
  CHECK_EQUAL(1, Module.CleanedUp);
  CHECK_EQUAL(2, host_all_reports());
}

/* Defends against half a registration. */
static VOID registering_may_find_no_memory(VOID) {
  MODULE Module;
  NTSTATUS Status;
  unsigned n = 0;
  BOOLEAN Failed;

  do {
    host_fail_allocation(++n);
    Status = Register(&Module);
    Failed = host_allocation_failed() != 0;
    host_fail_allocation(0);
    if (Status == STATUS_SUCCESS) {
      CHECK_STATUS(Failed ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS,
                   Module.AttachStatus);
      Deregister(&Module);
    } else {
      CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, Status);
      CHECK_EQUAL(0, Module.Attached);
    }
  } while (Failed);
  CHECK_EQUAL(4, n); /* the module, the binding, the client; then none */
}

/* A provider that goes and comes again may ask a client anew while the client
 * is still being asked for the one before. */
typedef struct _COUNTS {
  LONG Attached, Detached, CleanedUp;
} COUNTS, *PCOUNTS;

static NTSTATUS NTAPI CountAttach(HANDLE Binding, PVOID Context,
                                  PNPI_REGISTRATION_INSTANCE Provider) {
  PCOUNTS Counts = Context;
  CONST VOID *Dispatch = NULL;
  PVOID Npi = NULL;
  NTSTATUS Status = NmrClientAttachProvider(
      Binding, Context, &TestClientDispatch, &Npi, &Dispatch);

  UNREFERENCED_PARAMETER(Provider);
  if (Status == STATUS_SUCCESS)
    InterlockedIncrement(&Counts->Attached);
  return Status;
}

static NTSTATUS NTAPI CountDetach(PVOID Context) {
  InterlockedIncrement(&((PCOUNTS)Context)->Detached);
  return STATUS_SUCCESS;
}

static VOID NTAPI CountCleanUp(PVOID Context) {
  InterlockedIncrement(&((PCOUNTS)Context)->CleanedUp);
}

static const NPI_CLIENT_CHARACTERISTICS CountingClient = {
    0,
    sizeof(CountingClient),
    CountAttach,
    CountDetach,
    CountCleanUp,
    {0, sizeof(NPI_REGISTRATION_INSTANCE), &NPI_WSK_INTERFACE_ID, &ModuleId, 0,
     NULL}};

static VOID ComeAndGo(PVOID Context) {
  PCOUNTS Counts = Context;
  HANDLE Registration;
  ULONG i;

  RtlZeroMemory(Counts, sizeof(*Counts));
  for (i = 0; i < 50; i++) {
    CHECK_STATUS(STATUS_SUCCESS,
                 NmrRegisterClient(&CountingClient, Counts, &Registration));
    CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(Registration));
    CHECK_STATUS(STATUS_SUCCESS,
                 NmrWaitForClientDeregisterComplete(Registration));
    CHECK_EQUAL(Counts->Attached, Counts->Detached);
    CHECK_EQUAL(Counts->Attached, Counts->CleanedUp);
  }
}

/* Defends against lists that two threads change at once, and against a provider
 * that comes while a client goes. */
static VOID modules_come_and_go_at_once(VOID) {
  COUNTS One, Other;
  TEST_THREAD Threads[2];
  ULONG i;

  StartThread(&Threads[0], ComeAndGo, &One);
  StartThread(&Threads[1], ComeAndGo, &Other);
  for (i = 0; i < 50; i++)
    host_provider_ready(i % 2);
  JoinThread(&Threads[0]);
  JoinThread(&Threads[1]);
  host_provider_ready(1);
}

/* ---- a provider of the test's own ---------------------------------------- */

static const NPIID OwnInterface = {
    0x9be3c7f1,
    0x2a44,
    0x4e1c,
    {0x93, 0x05, 0x6d, 0x0a, 0x17, 0xc2, 0x5b, 0xee}};

typedef struct _PAIR {
  ULONG Steps;
  ULONG ClientAttached, ClientDetached, ClientCleaned;
  ULONG ProviderAttached, ProviderDetached, ProviderCleaned;
  HANDLE Binding;
  NTSTATUS ProviderAnswer; /* of ProviderDetachClient */
  BOOLEAN CompletesInside; /* in that, and in ClientDetachProvider */
  PVOID ProviderContext;
  CONST VOID *ProviderDispatch;
} PAIR, *PPAIR;

static PAIR Pair;

static NTSTATUS NTAPI OwnAttachProvider(HANDLE Binding, PVOID Context,
                                        PNPI_REGISTRATION_INSTANCE Provider) {
  CHECK(Context == &Pair);
  CHECK(RtlEqualMemory(Provider->NpiId, &OwnInterface, sizeof(NPIID)));
  Pair.ClientAttached = ++Pair.Steps;
  Pair.Binding = Binding;
  return NmrClientAttachProvider(Binding, &Pair.ClientAttached, "client",
                                 &Pair.ProviderContext, &Pair.ProviderDispatch);
}

static NTSTATUS NTAPI OwnDetachProvider(PVOID Context) {
  CHECK(Context == &Pair.ClientAttached);
  Pair.ClientDetached = ++Pair.Steps;
  if (Pair.CompletesInside)
    NmrClientDetachProviderComplete(Pair.Binding);
  return STATUS_SUCCESS;
}

static VOID NTAPI OwnClientCleanUp(PVOID Context) {
  CHECK(Context == &Pair.ClientAttached);
  Pair.ClientCleaned = ++Pair.Steps;
}

static NTSTATUS NTAPI OwnAttachClient(HANDLE Binding, PVOID Context,
                                      PNPI_REGISTRATION_INSTANCE Instance,
                                      PVOID ClientContext, CONST VOID *Dispatch,
                                      PVOID *ProviderContext,
                                      CONST VOID **ProviderDispatch) {
  UNREFERENCED_PARAMETER(Instance);
  CHECK(Binding == Pair.Binding && Context == &Pair.Steps);
  CHECK(ClientContext == &Pair.ClientAttached);
  CHECK(RtlEqualMemory(Dispatch, "client", 7));
  Pair.ProviderAttached = ++Pair.Steps;
  *ProviderContext = &Pair.ProviderAttached;
  *ProviderDispatch = "provider";
  return STATUS_SUCCESS;
}

static NTSTATUS NTAPI OwnDetachClient(PVOID Context) {
  CHECK(Context == &Pair.ProviderAttached);
  Pair.ProviderDetached = ++Pair.Steps;
  if (Pair.CompletesInside)
    NmrProviderDetachClientComplete(Pair.Binding);
  return Pair.ProviderAnswer;
}

static VOID NTAPI OwnProviderCleanUp(PVOID Context) {
  CHECK(Context == &Pair.ProviderAttached);
  Pair.ProviderCleaned = ++Pair.Steps;
}

static const NPI_CLIENT_CHARACTERISTICS OwnClient = {
    0,
    sizeof(OwnClient),
    OwnAttachProvider,
    OwnDetachProvider,
    OwnClientCleanUp,
    {0, sizeof(NPI_REGISTRATION_INSTANCE), &OwnInterface, &ModuleId, 0, NULL}};

static const NPI_PROVIDER_CHARACTERISTICS OwnProvider = {
    0,
    sizeof(OwnProvider),
    OwnAttachClient,
    OwnDetachClient,
    OwnProviderCleanUp,
    {0, sizeof(NPI_REGISTRATION_INSTANCE), &OwnInterface, &ModuleId, 0, NULL}};

/* Defends against sides that are told in the wrong order, or twice. */
static VOID a_provider_may_be_the_tests_own(VOID) {
  HANDLE AsClient, AsProvider;

  RtlZeroMemory(&Pair, sizeof(Pair));
  host_spare(1);
  REQUIRE(NmrRegisterClient(&OwnClient, &Pair, &AsClient) == STATUS_SUCCESS);
  CHECK_EQUAL(0, Pair.Steps);
  REQUIRE(NmrRegisterProvider(&OwnProvider, &Pair.Steps, &AsProvider) ==
          STATUS_SUCCESS);
  host_spare(0);
  CHECK_EQUAL(1, Pair.ClientAttached);
  CHECK_EQUAL(2, Pair.ProviderAttached);
  CHECK(Pair.ProviderContext == &Pair.ProviderAttached);
  CHECK(RtlEqualMemory(Pair.ProviderDispatch, "provider", 9));
  Pair.ProviderAnswer = STATUS_PENDING;
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterProvider(AsProvider));
  CHECK_EQUAL(3, Pair.ProviderDetached);
  CHECK_EQUAL(4, Pair.ClientDetached);
  CHECK_EQUAL(4, Pair.Steps);
  /* The client's going changes nothing: both have been told. */
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(AsClient));
  CHECK_EQUAL(4, Pair.Steps);
  NmrProviderDetachClientComplete(Pair.Binding);
  CHECK_EQUAL(5, Pair.ClientCleaned);
  CHECK_EQUAL(6, Pair.ProviderCleaned);
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForProviderDeregisterComplete(AsProvider));
  CHECK_STATUS(STATUS_SUCCESS, NmrWaitForClientDeregisterComplete(AsClient));
  CHECK_EQUAL(6, Pair.Steps);
}

/* The provider completes before it returns STATUS_PENDING, which is right; the
 * client completes and says that it had been done at once. Defends against a
 * binding that goes twice. */
static VOID a_detachment_ends_once(VOID) {
  HANDLE AsClient, AsProvider;

  RtlZeroMemory(&Pair, sizeof(Pair));
  host_spare(1);
  REQUIRE(NmrRegisterProvider(&OwnProvider, &Pair.Steps, &AsProvider) ==
          STATUS_SUCCESS);
  REQUIRE(NmrRegisterClient(&OwnClient, &Pair, &AsClient) == STATUS_SUCCESS);
  host_spare(0);
  Pair.CompletesInside = TRUE;
  Pair.ProviderAnswer = STATUS_PENDING;
  host_expect_reports();
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterProvider(AsProvider));
  CHECK_EQUAL(3, Pair.ProviderDetached);
  CHECK_EQUAL(4, Pair.ClientDetached);
  CHECK_EQUAL(5, Pair.ClientCleaned);
  CHECK_EQUAL(6, Pair.ProviderCleaned);
  CHECK_EQUAL(1, host_reports("NMR-02"));
  CHECK_EQUAL(1, host_all_reports());
  NmrClientDetachProviderComplete(Pair.Binding);
  CHECK_EQUAL(2, host_reports("NMR-02"));
  CHECK_STATUS(STATUS_SUCCESS,
               NmrWaitForProviderDeregisterComplete(AsProvider));
  CHECK_STATUS(STATUS_PENDING, NmrDeregisterClient(AsClient));
  CHECK_STATUS(STATUS_SUCCESS, NmrWaitForClientDeregisterComplete(AsClient));
  CHECK_EQUAL(6, Pair.Steps);
}

CONFORMANCE_GROUP(nmr) = {
    TEST(a_client_module_attaches_to_wsk, "NMR-01"),
    TEST(client_modules_do_not_disturb_each_other, "NMR-01"),
    TEST(detaching_waits_for_open_sockets, "NMR-03"),
    TEST_ONCE(a_client_may_detach_later, "NMR-02"),
    TEST_ONCE(detaching_cancels_what_waits_for_a_change, "DEREG-05"),
    TEST_ONCE(another_version_is_not_attached, "NMR-01"),
    TEST_ONCE(a_client_is_attached_when_the_provider_comes, "NMR-01"),
    TEST_ONCE(handles_of_nothing_are_refused, "NMR-01"),
    TEST(calls_after_detaching_are_reported, "NMR-02"),
    TEST_ONCE(registering_may_find_no_memory, "NMR-01"),
    TEST_ONCE(modules_come_and_go_at_once, "NMR-01"),
    TEST_ONCE(a_provider_may_be_the_tests_own, "NMR-01"),
    TEST_ONCE(a_detachment_ends_once, "NMR-02"),
};
