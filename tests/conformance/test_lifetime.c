/* Memory that a client must leave alone while others use it. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TEST_TAG 'efiL'

static NTSTATUS RegisterWith(const WSK_CLIENT_DISPATCH *Dispatch,
                             PWSK_REGISTRATION Registration) {
  WSK_CLIENT_NPI Client;
  NTSTATUS Status;

  Client.ClientContext = NULL;
  Client.Dispatch = Dispatch;
  host_spare(1);
  Status = WskRegister(&Client, Registration);
  host_spare(0);
  return Status;
}

static PVOID NewBlock(SIZE_T Size) {
  PVOID Block;

  host_spare(1);
  Block = ExAllocatePoolWithTag(NonPagedPool, Size, TEST_TAG);
  host_spare(0);
  return Block;
}

static PMDL NewMdl(PVOID Bytes, ULONG Length) {
  PMDL Mdl;

  host_spare(1);
  Mdl = IoAllocateMdl(Bytes, Length, FALSE, FALSE, NULL);
  host_spare(0);
  return Mdl;
}

/* Defends against a registration that writes into freed pool when it ends. */
static VOID a_registered_block_cannot_be_freed(VOID) {
  PWSK_REGISTRATION Block = NewBlock(sizeof(*Block));

  REQUIRE(Block != NULL);
  REQUIRE(RegisterWith(&TestClientDispatch, Block) == STATUS_SUCCESS);
  host_expect_reports();
  ExFreePoolWithTag(Block, TEST_TAG);
  CHECK_EQUAL(1, host_reports("REGISTER-04"));
  WskDeregister(Block);
  ExFreePoolWithTag(Block, TEST_TAG);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against a watch that outlives what it watches. */
static VOID a_deregistered_block_may_be_freed(VOID) {
  PWSK_REGISTRATION Block = NewBlock(sizeof(*Block));

  REQUIRE(Block != NULL);
  REQUIRE(RegisterWith(&TestClientDispatch, Block) == STATUS_SUCCESS);
  WskDeregister(Block);
  ExFreePoolWithTag(Block, TEST_TAG);
}

/* Defends against a block that its client clears while it is registered. */
static VOID a_registered_block_may_not_be_written_to(VOID) {
  WSK_REGISTRATION Block, Good;
  WSK_PROVIDER_NPI Npi;

  REQUIRE(RegisterWith(&TestClientDispatch, &Block) == STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Block, WSK_NO_WAIT, &Npi));
  CHECK_EQUAL(0, host_all_reports());
  Good = Block;
  RtlZeroMemory(&Block, sizeof(Block));
  host_expect_reports();
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Block, WSK_NO_WAIT, &Npi));
  CHECK_EQUAL(1, host_reports("REGISTER-05"));
  Block = Good;
  WskReleaseProviderNPI(&Block);
  WskReleaseProviderNPI(&Block);
  WskDeregister(&Block);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against a table whose end nobody notices. */
static VOID a_table_in_use_cannot_be_freed(VOID) {
  WSK_CLIENT_DISPATCH *Table = NewBlock(sizeof(*Table));
  WSK_REGISTRATION Registration;

  REQUIRE(Table != NULL);
  *Table = TestClientDispatch;
  REQUIRE(RegisterWith(Table, &Registration) == STATUS_SUCCESS);
  host_expect_reports();
  ExFreePoolWithTag(Table, TEST_TAG);
  CHECK_EQUAL(1, host_reports("REGISTER-06"));
  WskDeregister(&Registration);
  ExFreePoolWithTag(Table, TEST_TAG);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against a version that changes after it was looked at. */
static VOID a_table_in_use_may_not_change(VOID) {
  WSK_CLIENT_DISPATCH Table = TestClientDispatch;
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  REQUIRE(RegisterWith(&Table, &Registration) == STATUS_SUCCESS);
  host_expect_reports();
  Table.Reserved = 1;
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK_EQUAL(1, host_reports("REGISTER-06"));
  WskReleaseProviderNPI(&Registration);
  Table.Reserved = 0;
  WskDeregister(&Registration);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against reading what stands in the block now as if it were ours. */
static VOID an_overwritten_block_is_not_captured(VOID) {
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  REQUIRE(RegisterWith(&TestClientDispatch, &Registration) == STATUS_SUCCESS);
  WskDeregister(&Registration);
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK_EQUAL(0, host_all_reports());
  host_expect_reports();
  RtlFillMemory(&Registration, sizeof(Registration), 0xDD);
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK_EQUAL(1, host_reports("CAPTURE-08"));
}

/* Defends against data that arrives in a buffer which is another's by then. */
static VOID an_mdl_in_use_cannot_be_freed(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PUCHAR Bytes;
  PMDL Mdl;
  PWSK_CALL Call = NewCall();
  WSK_BUF Buffer;

  REQUIRE(Socket != NULL);
  Bytes = NewBlock(16);
  Mdl = NewMdl(Bytes, 16);
  REQUIRE(Bytes != NULL && Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  Buffer.Mdl = Mdl;
  Buffer.Offset = 0;
  Buffer.Length = 16;
  Receive(Call, Socket, &Buffer, 0);
  host_expect_reports();
  IoFreeMdl(Mdl);
  CHECK_EQUAL(1, host_reports("SEND-03"));
  peer_send(Peer, "here", 4);
  CHECK_PENDED(Call, STATUS_SUCCESS, 4);
  IoFreeMdl(Mdl);
  ExFreePoolWithTag(Bytes, TEST_TAG);
  CHECK_EQUAL(1, host_all_reports());
}

/* Defends against pages that go while the transport writes to them. */
static VOID pages_in_use_are_not_unlocked_unnoticed(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  UCHAR Bytes[16];
  PMDL Mdl;
  PWSK_CALL Call = NewCall();
  WSK_BUF Buffer;

  REQUIRE(Socket != NULL);
  Mdl = NewMdl(Bytes, 16);
  REQUIRE(Mdl != NULL);
  host_spare(1);
  MmProbeAndLockPages(Mdl, KernelMode, IoWriteAccess);
  host_spare(0);
  Buffer.Mdl = Mdl;
  Buffer.Offset = 0;
  Buffer.Length = 16;
  Receive(Call, Socket, &Buffer, 0);
  host_expect_reports();
  MmUnlockPages(Mdl);
  CHECK_EQUAL(1, host_reports("SEND-03"));
  CancelCall(Call);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  IoFreeMdl(Mdl);
  CHECK_EQUAL(1, host_all_reports());
}

/* An MDL may serve several requests, and each uses it until its own end. */
static VOID an_mdl_is_in_use_until_its_last_request_ends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  UCHAR Bytes[16];
  PMDL Mdl;
  PWSK_CALL First = NewCall(), Second = NewCall();
  WSK_BUF Buffer;

  REQUIRE(Socket != NULL);
  Mdl = NewMdl(Bytes, 16);
  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  Buffer.Mdl = Mdl;
  Buffer.Offset = 0;
  Buffer.Length = 16;
  Receive(First, Socket, &Buffer, 0);
  Receive(Second, Socket, &Buffer, 0);
  CancelCall(First);
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  host_expect_reports();
  IoFreeMdl(Mdl);
  CHECK_EQUAL(1, host_reports("SEND-03"));
  CancelCall(Second);
  CHECK_PENDED(Second, STATUS_CANCELLED, 0);
  IoFreeMdl(Mdl);
  CHECK_EQUAL(1, host_all_reports());
}

/* The buffer of an address may go as soon as the call has returned: it never
 * pends. An accepted socket's needs the room of its listener's family. */
static VOID an_address_is_there_when_the_call_returns(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  SIZE_T Size = TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
  PSOCKADDR Address;

  REQUIRE(Socket != NULL);
  Address = NewBlock(Size);
  REQUIRE(Address != NULL);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(TestFamily, Address->sa_family);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(TestFamily, Address->sa_family);
  ExFreePoolWithTag(Address, TEST_TAG);
}

CONFORMANCE_GROUP(lifetime) = {
    TEST_BARE(a_registered_block_cannot_be_freed, "REGISTER-04"),
    TEST_BARE(a_deregistered_block_may_be_freed, "REGISTER-04"),
    TEST_BARE(a_registered_block_may_not_be_written_to, "REGISTER-05"),
    TEST_BARE(a_table_in_use_cannot_be_freed, "REGISTER-06"),
    TEST_BARE(a_table_in_use_may_not_change, "REGISTER-06"),
    TEST_BARE(an_overwritten_block_is_not_captured, "CAPTURE-08"),
    TEST(an_mdl_in_use_cannot_be_freed, "SEND-03"),
    TEST(pages_in_use_are_not_unlocked_unnoticed, "SEND-03"),
    TEST(an_mdl_is_in_use_until_its_last_request_ends, "SEND-03"),
    TEST(an_address_is_there_when_the_call_returns, "GETLOCAL-05"),
};
