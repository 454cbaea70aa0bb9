/*
 * Mistakes with WSK as a whole: registration, capture, what belongs to a client
 * and not to a socket.
 */
#include <ntddk.h>
#include <wsk.h>

#include "wskkit.h"
#include "zoo.h"

#define ZOO_TAG 'ooZw'

/* ---- registration ---------------------------------------------------- */

static NTSTATUS Register(PWSK_REGISTRATION Registration) {
  WSK_CLIENT_NPI Client = {NULL, &KitDispatch};

  return WskRegister(&Client, Registration);
}

static VOID registers_a_block_twice(VOID) {
  WSK_REGISTRATION registration;

  REQUIRE(Register(&registration) == STATUS_SUCCESS);
  CHECK(!NT_SUCCESS(Register(&registration)));
  WskDeregister(&registration);
}

static VOID registers_two_blocks(VOID) {
  WSK_REGISTRATION one, other;

  REQUIRE(Register(&one) == STATUS_SUCCESS);
  CHECK(Register(&other) == STATUS_SUCCESS);
  WskDeregister(&other);
  WskDeregister(&one);
}

/* The error path of a start that failed runs the whole cleanup. */
static VOID deregisters_what_was_not_registered(VOID) {
  WSK_REGISTRATION registration = {0};

  WskDeregister(&registration);
}

static VOID deregisters_what_was_registered(VOID) {
  WSK_REGISTRATION registration;

  if (NT_SUCCESS(Register(&registration)))
    WskDeregister(&registration);
}

static VOID RegisterInPool(BOOLEAN FreedTooEarly) {
  PWSK_REGISTRATION registration =
      ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(WSK_REGISTRATION), ZOO_TAG);

  REQUIRE(registration != NULL && Register(registration) == STATUS_SUCCESS);
  if (FreedTooEarly)
    ExFreePoolWithTag(registration, ZOO_TAG);
  WskDeregister(registration);
  ExFreePoolWithTag(registration, ZOO_TAG);
}

static VOID frees_a_block_that_is_registered(VOID) {
  RegisterInPool(TRUE);
}

static VOID frees_a_block_that_was_registered(VOID) {
  RegisterInPool(FALSE);
}

static VOID writes_to_a_registration(VOID) {
  WSK_REGISTRATION registration, saved;

  REQUIRE(Register(&registration) == STATUS_SUCCESS);
  saved = registration;
  RtlZeroMemory(&registration, sizeof(registration));
  WskDeregister(&registration);
  UNREFERENCED_PARAMETER(saved);
}

static VOID leaves_a_registration_alone(VOID) {
  deregisters_what_was_registered();
}

static VOID RegisterWith(WSK_CLIENT_DISPATCH *Table, USHORT Version) {
  WSK_CLIENT_NPI Client = {NULL, Table};
  WSK_REGISTRATION registration;

  Table->Version = MAKE_WSK_VERSION(1, 0);
  Table->WskClientEvent = NULL;
  if (WskRegister(&Client, &registration) != STATUS_SUCCESS)
    return;
  Table->Version = Version;
  WskDeregister(&registration);
}

static VOID changes_its_client_table(VOID) {
  WSK_CLIENT_DISPATCH table = {0, 0, NULL};

  RegisterWith(&table, MAKE_WSK_VERSION(0, 9));
}

static VOID keeps_its_client_table(VOID) {
  WSK_CLIENT_DISPATCH table = {0, 0, NULL};

  RegisterWith(&table, MAKE_WSK_VERSION(1, 0));
}

static VOID sets_a_reserved_field(VOID) {
  WSK_CLIENT_DISPATCH table = {0, 1, NULL};

  RegisterWith(&table, MAKE_WSK_VERSION(1, 0));
}

/* ---- capture --------------------------------------------------------- */

static VOID captures_a_block_of_zeros(VOID) {
  WSK_REGISTRATION registration = {0};
  WSK_PROVIDER_NPI npi;

  CHECK(!NT_SUCCESS(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &npi)));
}

static VOID captures_what_it_has_registered(VOID) {
  if (KitOpen())
    KitClose();
}

static VOID releases_what_was_not_captured(VOID) {
  WSK_REGISTRATION registration;

  REQUIRE(Register(&registration) == STATUS_SUCCESS);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static VOID ReleaseThenCall(BOOLEAN TooEarly) {
  PWSK_SOCKET socket;
  USHORT port;

  REQUIRE(KitOpen());
  socket = KitBound(WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL, &port);
  if (TooEarly)
    WskReleaseProviderNPI(&KitRegistration);
  if (socket != NULL)
    KitEndSocket(socket);
  socket = KitBound(WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL, &port);
  if (socket != NULL)
    KitEndSocket(socket);
  if (!TooEarly)
    WskReleaseProviderNPI(&KitRegistration);
  WskDeregister(&KitRegistration);
}

static VOID makes_a_socket_after_the_release(VOID) {
  ReleaseThenCall(TRUE);
}

static VOID releases_after_its_last_call(VOID) {
  ReleaseThenCall(FALSE);
}

static VOID Unload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  KitClose();
}

static NTSTATUS Load(PDRIVER_OBJECT Driver, ULONG Timeout) {
  WSK_CLIENT_NPI Client = {NULL, &KitDispatch};
  NTSTATUS Status = WskRegister(&Client, &KitRegistration);

  if (!NT_SUCCESS(Status))
    return Status;
  Status = WskCaptureProviderNPI(&KitRegistration, Timeout, &KitNpi);
  if (!NT_SUCCESS(Status)) {
    WskDeregister(&KitRegistration);
    return Status;
  }
  Driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
}

static NTSTATUS waits_in_driver_entry_without_limit(PDRIVER_OBJECT Driver,
                                                    PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Load(Driver, WSK_INFINITE_WAIT);
}

static NTSTATUS waits_in_driver_entry_for_a_moment(PDRIVER_OBJECT Driver,
                                                   PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Load(Driver, 1000);
}

/* ---- names ----------------------------------------------------------- */

static PADDRINFOEXW LookUp(VOID) {
  UNICODE_STRING node = RTL_CONSTANT_STRING(L"127.0.0.1");
  PADDRINFOEXW list = NULL;
  KIT_CALL call;
  PIRP irp = KitStart(&call);

  KitNpi.Dispatch->WskGetAddressInfo(KitNpi.Client, &node, NULL, 0, NULL, NULL,
                                     &list, NULL, NULL, irp);
  CHECK(KitEnd(&call) == STATUS_SUCCESS);
  return list;
}

static VOID LookUpAndFree(ULONG Times) {
  PADDRINFOEXW list;

  REQUIRE(KitOpen());
  list = LookUp();
  while (list != NULL && Times-- > 0)
    KitNpi.Dispatch->WskFreeAddressInfo(KitNpi.Client, list);
  KitClose();
}

static VOID frees_a_list_of_addresses(VOID) {
  LookUpAndFree(1);
}

static VOID forgets_a_list_of_addresses(VOID) {
  LookUpAndFree(0);
}

static VOID frees_a_list_of_addresses_twice(VOID) {
  LookUpAndFree(2);
}

static VOID NameOf(ULONG Length) {
  WCHAR text[64];
  UNICODE_STRING node = {0, sizeof(text), text};
  SOCKADDR_STORAGE address = {0};
  KIT_CALL call;
  PIRP irp;

  REQUIRE(KitOpen());
  KitLoopback((PSOCKADDR_IN)&address, 0);
  irp = KitStart(&call);
  KitNpi.Dispatch->WskGetNameInfo(KitNpi.Client, (PSOCKADDR)&address, Length,
                                  &node, NULL, NI_NUMERICHOST, NULL, NULL, irp);
  KitEnd(&call);
  KitClose();
}

static VOID says_that_an_address_is_huge(VOID) {
  NameOf(sizeof(SOCKADDR_STORAGE) + 1);
}

static VOID says_how_long_an_address_is(VOID) {
  NameOf(sizeof(SOCKADDR_IN));
}

/* ---- WskControlClient ------------------------------------------------ */

static NTSTATUS Control(ULONG Code, SIZE_T Size, PVOID Input) {
  return KitNpi.Dispatch->WskControlClient(KitNpi.Client, Code, Size, Input, 0,
                                           NULL, NULL, NULL);
}

static VOID gives_a_size_without_a_buffer(VOID) {
  REQUIRE(KitOpen());
  CHECK(!NT_SUCCESS(Control(WSK_TDI_BEHAVIOR, sizeof(ULONG), NULL)));
  KitClose();
}

static VOID SayHowToUseTdi(BOOLEAN SocketFirst, BOOLEAN Irp, ULONG Code) {
  ULONG flags = WSK_TDI_BEHAVIOR_BYPASS_TDI;
  WSK_TDI_MAP_INFO map = {0};
  BOOLEAN behaves = Code == WSK_TDI_BEHAVIOR;
  SIZE_T size = behaves ? sizeof(flags) : sizeof(map);
  PVOID input = behaves ? (PVOID)&flags : (PVOID)&map;
  PWSK_SOCKET socket = NULL;
  KIT_CALL call;
  PIRP irp;

  REQUIRE(KitOpen());
  if (SocketFirst)
    socket = KitSocket(WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL);
  if (Irp) {
    irp = KitStart(&call);
    KitNpi.Dispatch->WskControlClient(KitNpi.Client, Code, size, input, 0, NULL,
                                      NULL, irp);
    KitEnd(&call);
  } else {
    Control(Code, size, input);
  }
  if (socket != NULL)
    KitEndSocket(socket);
  KitClose();
}

static VOID gives_an_irp_for_what_never_pends(VOID) {
  SayHowToUseTdi(FALSE, TRUE, WSK_TDI_BEHAVIOR);
}

static VOID says_how_to_use_tdi_too_late(VOID) {
  SayHowToUseTdi(TRUE, FALSE, WSK_TDI_BEHAVIOR);
}

static VOID says_how_to_use_tdi(VOID) {
  SayHowToUseTdi(FALSE, FALSE, WSK_TDI_BEHAVIOR);
}

static VOID maps_tdi_devices_too_late(VOID) {
  SayHowToUseTdi(TRUE, FALSE, WSK_TDI_DEVICENAME_MAPPING);
}

static VOID maps_tdi_devices_first(VOID) {
  SayHowToUseTdi(FALSE, FALSE, WSK_TDI_DEVICENAME_MAPPING);
}

static NTSTATUS EnableEverywhere(ULONG Events) {
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, Events};

  return Control(WSK_SET_STATIC_EVENT_CALLBACKS, sizeof(control), &control);
}

static NTSTATUS TakeDatagrams(PVOID Context, ULONG Flags,
                              PWSK_DATAGRAM_INDICATION Datagrams) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Datagrams);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_DATAGRAM_DISPATCH Datagrams = {TakeDatagrams};

static VOID EnableStatically(BOOLEAN SocketFirst, const VOID *Dispatch) {
  PWSK_SOCKET socket = NULL;

  REQUIRE(KitOpen());
  if (SocketFirst)
    socket = KitSocket(WSK_FLAG_DATAGRAM_SOCKET, NULL, Dispatch);
  EnableEverywhere(WSK_EVENT_RECEIVE_FROM);
  if (!SocketFirst)
    socket = KitSocket(WSK_FLAG_DATAGRAM_SOCKET, NULL, Dispatch);
  if (socket != NULL)
    KitEndSocket(socket);
  KitClose();
}

static VOID enables_static_events_too_late(VOID) {
  EnableStatically(TRUE, &Datagrams);
}

static VOID enables_static_events_without_functions(VOID) {
  EnableStatically(FALSE, NULL);
}

static VOID enables_static_events_first(VOID) {
  EnableStatically(FALSE, &Datagrams);
}

/* ---- making sockets -------------------------------------------------- */

static VOID MakeBasic(PVOID Context) {
  PWSK_SOCKET socket;

  REQUIRE(KitOpen());
  socket = KitSocket(WSK_FLAG_BASIC_SOCKET, Context, NULL);
  if (socket != NULL)
    KitEndSocket(socket);
  KitClose();
}

static VOID gives_a_basic_socket_a_context(VOID) {
  MakeBasic(&KitNpi);
}

static VOID gives_a_basic_socket_nothing(VOID) {
  MakeBasic(NULL);
}

static VOID MakeWith(PSECURITY_DESCRIPTOR Descriptor, NTSTATUS Expected) {
  KIT_CALL call;
  PIRP irp;

  REQUIRE(KitOpen());
  irp = KitStart(&call);
  KitNpi.Dispatch->WskSocket(KitNpi.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                             WSK_FLAG_LISTEN_SOCKET, NULL, NULL, NULL, NULL,
                             Descriptor, irp);
  CHECK(KitEnd(&call) == Expected);
  if (NT_SUCCESS(call.Status))
    KitEndSocket((PWSK_SOCKET)call.Information);
  KitClose();
}

static VOID gives_a_descriptor_of_its_own(VOID) {
  SECURITY_DESCRIPTOR descriptor;

  REQUIRE(RtlCreateSecurityDescriptor(
              &descriptor, SECURITY_DESCRIPTOR_REVISION) == STATUS_SUCCESS);
  MakeWith(&descriptor, STATUS_INVALID_PARAMETER);
}

static VOID gives_no_descriptor(VOID) {
  MakeWith(NULL, STATUS_SUCCESS);
}

static PSECURITY_DESCRIPTOR Cache(VOID) {
  SECURITY_DESCRIPTOR descriptor;
  PSECURITY_DESCRIPTOR given = &descriptor, cached = NULL;

  RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  CHECK(KitNpi.Dispatch->WskControlClient(
            KitNpi.Client, WSK_CACHE_SD, sizeof(given), (PVOID)&given,
            sizeof(cached), (PVOID)&cached, NULL, NULL) == STATUS_SUCCESS);
  return cached;
}

static VOID CacheAndRelease(ULONG Times) {
  PSECURITY_DESCRIPTOR cached;

  REQUIRE(KitOpen());
  cached = Cache();
  while (cached != NULL && Times-- > 0)
    Control(WSK_RELEASE_SD, sizeof(cached), (PVOID)&cached);
  KitClose();
}

static VOID releases_a_cached_descriptor(VOID) {
  CacheAndRelease(1);
}

static VOID forgets_a_cached_descriptor(VOID) {
  CacheAndRelease(0);
}

static VOID releases_a_cached_descriptor_twice(VOID) {
  CacheAndRelease(2);
}

ZOO_SPECIMENS = {
    SPECIMEN("REGISTER-02", registers_a_block_twice, registers_two_blocks),
    SPECIMEN("REGISTER-03", deregisters_what_was_not_registered,
             deregisters_what_was_registered),
    SPECIMEN("REGISTER-04", frees_a_block_that_is_registered,
             frees_a_block_that_was_registered),
    SPECIMEN("REGISTER-05", writes_to_a_registration,
             leaves_a_registration_alone),
    SPECIMEN("REGISTER-06", changes_its_client_table, keeps_its_client_table),
    SPECIMEN("REGISTER-07", sets_a_reserved_field, keeps_its_client_table),
    SPECIMEN("CAPTURE-08", captures_a_block_of_zeros,
             captures_what_it_has_registered),
    SPECIMEN("RELNPI-01", releases_what_was_not_captured,
             captures_what_it_has_registered),
    SPECIMEN("RELNPI-02", makes_a_socket_after_the_release,
             releases_after_its_last_call),
    SPECIMEN_DRIVER("CAPTURE-10", waits_in_driver_entry_without_limit,
                    waits_in_driver_entry_for_a_moment),
    SPECIMEN_LEAVES("ADDRINFO-09", forgets_a_list_of_addresses,
                    frees_a_list_of_addresses),
    SPECIMEN("FREEADDR-01", frees_a_list_of_addresses_twice,
             frees_a_list_of_addresses),
    SPECIMEN("NAMEINFO-09", says_that_an_address_is_huge,
             says_how_long_an_address_is),
    SPECIMEN("CTRLCLIENT-03", gives_a_size_without_a_buffer,
             says_how_to_use_tdi),
    SPECIMEN("CTRLCLIENT-05", gives_an_irp_for_what_never_pends,
             says_how_to_use_tdi),
    SPECIMEN("TDI-02", says_how_to_use_tdi_too_late, says_how_to_use_tdi),
    SPECIMEN("TDI-01", maps_tdi_devices_too_late, maps_tdi_devices_first),
    SPECIMEN("STATICEV-02", enables_static_events_too_late,
             enables_static_events_first),
    SPECIMEN("STATICEV-06", enables_static_events_without_functions,
             enables_static_events_first),
    SPECIMEN("SOCKET-10", gives_a_basic_socket_a_context,
             gives_a_basic_socket_nothing),
    SPECIMEN("SOCKET-13", gives_a_descriptor_of_its_own, gives_no_descriptor),
    SPECIMEN_LEAVES("SD-02", forgets_a_cached_descriptor,
                    releases_a_cached_descriptor),
    SPECIMEN("SD-03", releases_a_cached_descriptor_twice,
             releases_a_cached_descriptor),
};
