/*
 * Mistakes of a client that attaches to WSK by the network module registrar
 * itself, without WskRegister.
 */
#include <ntddk.h>
#include <wsk.h>

#include <netioddk.h>

#include "wskkit.h"
#include "zoo.h"

static NTSTATUS NTAPI Attach(HANDLE Binding, PVOID Context,
                             PNPI_REGISTRATION_INSTANCE Provider) {
  CONST VOID *Dispatch = NULL;
  PVOID Client = NULL;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Provider);
  Status = NmrClientAttachProvider(Binding, Context, &KitDispatch, &Client,
                                   &Dispatch);
  KitNpi.Client = Client;
  KitNpi.Dispatch = Dispatch;
  return Status;
}

static NTSTATUS NTAPI Detach(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  return STATUS_SUCCESS;
}

static VOID NTAPI CleanUp(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
}

static const NPI_MODULEID ModuleId = {
    sizeof(ModuleId),
    MIT_GUID,
    {{0x5b1e7a60,
      0x2f0d,
      0x4a6e,
      {0x8c, 0x11, 0x70, 0x0f, 0x3a, 0x5d, 0x92, 0x44}}}};

static const NPI_CLIENT_CHARACTERISTICS Client = {
    0,
    sizeof(Client),
    Attach,
    Detach,
    CleanUp,
    {0, sizeof(NPI_REGISTRATION_INSTANCE), &NPI_WSK_INTERFACE_ID, &ModuleId, 0,
     NULL}};

/* What WSK knows of transports: that there is a list of some size. */
static VOID AskForTransports(VOID) {
  SIZE_T size = 0;

  CHECK(KitNpi.Dispatch->WskControlClient(
            KitNpi.Client, WSK_TRANSPORT_LIST_QUERY, 0, NULL, 0, NULL, &size,
            NULL) == STATUS_BUFFER_OVERFLOW);
}

/* The socket keeps WSK from being done with the client before it is closed. */
static VOID AskAndDetach(BOOLEAN DetachesFirst) {
  HANDLE registration;
  PWSK_SOCKET socket;

  REQUIRE(NmrRegisterClient(&Client, NULL, &registration) == STATUS_SUCCESS);
  socket = KitSocket(WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL);
  if (!DetachesFirst)
    AskForTransports();
  CHECK(NmrDeregisterClient(registration) == STATUS_PENDING);
  if (DetachesFirst)
    AskForTransports();
  CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  CHECK(NmrWaitForClientDeregisterComplete(registration) == STATUS_SUCCESS);
}

static VOID asks_after_it_has_detached(VOID) {
  AskAndDetach(TRUE);
}

static VOID asks_before_it_detaches(VOID) {
  AskAndDetach(FALSE);
}

ZOO_SPECIMENS = {
    SPECIMEN("NMR-02", asks_after_it_has_detached, asks_before_it_detaches),
};
