/* SIO_WSK_REGISTER_EXTENSION. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"

static const NPIID Known = {0x3f1dc2b0,
                            0x5d0e,
                            0x4a52,
                            {0x9a, 0x11, 0x71, 0x2c, 0x40, 0xd3, 0x08, 0x6f}};

static int ClientContext, ClientDispatch;

static NTSTATUS RegisterAs(PWSK_SOCKET Socket, const NPIID *Id,
                           WSK_EXTENSION_CONTROL_OUT *Out) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  WSK_EXTENSION_CONTROL_IN In = {Id, &ClientContext, &ClientDispatch};

  return Dispatch->WskControlSocket(Socket, WskIoctl,
                                    SIO_WSK_REGISTER_EXTENSION, 0, sizeof(In),
                                    &In, sizeof(*Out), Out, NULL, NULL);
}

/* Defends against a provider that invents what Windows does not have. */
static VOID an_unknown_extension_is_not_supported(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_SOCKET Listener = SocketOf(CreateSocket(
      NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET));
  WSK_EXTENSION_CONTROL_OUT Out = {&Out, &Out};

  REQUIRE(Socket != NULL && Listener != NULL);
  CHECK_STATUS(STATUS_NOT_SUPPORTED, RegisterAs(Socket, &Known, &Out));
  CHECK_STATUS(STATUS_NOT_SUPPORTED, RegisterAs(Listener, &Known, &Out));
  CHECK_STATUS(STATUS_NOT_SUPPORTED,
               RegisterAs(Socket, &NPI_WSK_INTERFACE_ID, &Out));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, RegisterAs(Socket, NULL, &Out));
  CHECK(Out.ProviderContext == &Out && Out.ProviderDispatch == &Out);
}

/* Defends against contexts that are mixed up, or kept for all sockets. */
static VOID a_registration_is_of_one_socket(VOID) {
  PWSK_SOCKET One = OpenSocket(), Other = OpenSocket();
  WSK_EXTENSION_CONTROL_OUT Out = {NULL, NULL}, Second = {NULL, NULL};

  REQUIRE(One != NULL && Other != NULL);
  REQUIRE(host_add_extension(&Known));
  CHECK(!host_add_extension(&Known));
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(One, &Known, &Out));
  CHECK_EQUAL(1, host_extension()->attached);
  CHECK(host_extension()->socket == One);
  CHECK(host_extension()->client_context == &ClientContext);
  CHECK(host_extension()->client_dispatch == &ClientDispatch);
  CHECK(Out.ProviderContext == host_extension()->provider_context);
  CHECK(Out.ProviderDispatch == host_extension()->provider_dispatch);
  CHECK_STATUS(STATUS_ALREADY_REGISTERED, RegisterAs(One, &Known, &Second));
  CHECK_EQUAL(1, host_extension()->attached);
  CHECK(Second.ProviderContext == NULL);
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(Other, &Known, &Second));
  CHECK_EQUAL(2, host_extension()->attached);
  CHECK(Second.ProviderContext != Out.ProviderContext);
}

/* Defends against callbacks of a socket that is no more. */
static VOID closing_a_socket_ends_its_registrations(VOID) {
  PWSK_SOCKET One = OpenSocket(), Other = OpenSocket();
  WSK_EXTENSION_CONTROL_OUT Out;

  REQUIRE(One != NULL && Other != NULL);
  REQUIRE(host_add_extension(&Known));
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(One, &Known, &Out));
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(Other, &Known, &Out));
  CHECK_EQUAL(0, host_extension()->detached);
  CHECK_PENDED(Close(NewCall(), One), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_extension()->detached);
  CHECK(host_extension()->socket == One);
  CHECK_PENDED(Close(NewCall(), Other), STATUS_SUCCESS, 0);
  CHECK_EQUAL(2, host_extension()->detached);
}

/* Defends against a registration that stays although it was refused. */
static VOID an_extension_may_refuse(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  WSK_EXTENSION_CONTROL_OUT Out = {&Out, &Out};

  REQUIRE(Socket != NULL);
  REQUIRE(host_add_extension(&Known));
  host_extension()->refusal = STATUS_DEVICE_BUSY;
  CHECK_STATUS(STATUS_DEVICE_BUSY, RegisterAs(Socket, &Known, &Out));
  CHECK(Out.ProviderContext == &Out);
  host_extension()->refusal = STATUS_SUCCESS;
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(Socket, &Known, &Out));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_extension()->detached);
}

/* Defends against an extension that believes in a registration that failed. */
static VOID registering_may_find_no_memory(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  WSK_EXTENSION_CONTROL_OUT Out;

  REQUIRE(Socket != NULL);
  host_fail_allocation(1);
  CHECK(!host_add_extension(&Known));
  REQUIRE(host_add_extension(&Known));
  host_fail_allocation(1);
  CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, RegisterAs(Socket, &Known, &Out));
  CHECK(host_allocation_failed());
  CHECK_EQUAL(0, host_extension()->attached);
  CHECK_STATUS(STATUS_SUCCESS, RegisterAs(Socket, &Known, &Out));
}

CONFORMANCE_GROUP(extension) = {
    TEST(an_unknown_extension_is_not_supported, "EXT-01 EXT-02 EXT-03"),
    TEST(a_registration_is_of_one_socket, "EXT-04 EXT-05"),
    TEST(closing_a_socket_ends_its_registrations, "EXT-05"),
    TEST(an_extension_may_refuse, "EXT-02"),
    TEST(registering_may_find_no_memory, "EXT-01"),
};
