/* WskSendEx and WskReceiveEx: members of newer tables, for control data that a
 * stream does not have. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static PWSK_CALL SendEx(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                        ULONG Length, PCMSGHDR Control) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned =
      DispatchOf(Socket)->WskSendEx(Socket, Buffer, 0, Length, Control, Irp);
  return Call;
}

static PWSK_CALL ReceiveEx(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                           PULONG Length, PCMSGHDR Control, PULONG Flags) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = DispatchOf(Socket)->WskReceiveEx(Socket, Buffer, 0, Length,
                                                    Control, Flags, Irp);
  return Call;
}

/* Defends against members of the table that are not there, or do less. */
static VOID without_control_data_they_send_and_receive(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(16);
  UCHAR Room[64];
  ULONG Length = sizeof(Room);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SendEx(NewCall(), Socket, &BufferOf("hello", 5)->Wsk, 0, NULL),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
  peer_send(Peer, "world", 5);
  CHECK_COMPLETED(
      ReceiveEx(NewCall(), Socket, &Buffer->Wsk, &Length, (PCMSGHDR)Room, NULL),
      STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "world", 5));
  CHECK_EQUAL(0, Length);
  peer_send(Peer, "again", 5);
  CHECK_COMPLETED(ReceiveEx(NewCall(), Socket, &Buffer->Wsk, NULL, NULL, NULL),
                  STATUS_SUCCESS, 5);
}

/* Defends against control data that is dropped without a word. */
static VOID control_data_is_refused(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(16);
  CMSGHDR Control = {sizeof(CMSGHDR), IPPROTO_IP, IP_PKTINFO};
  ULONG Flags = 0;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(SendEx(NewCall(), Socket, &BufferOf("hello", 5)->Wsk,
                       sizeof(Control), &Control),
                STATUS_NOT_SUPPORTED, 0);
  CHECK_AT_ONCE(ReceiveEx(NewCall(), Socket, &Buffer->Wsk, NULL, NULL, &Flags),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_STATUS(
      STATUS_INVALID_PARAMETER,
      DispatchOf(Socket)->WskSendEx(Socket, &Buffer->Wsk, 0, 0, NULL, NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               DispatchOf(Socket)->WskReceiveEx(Socket, &Buffer->Wsk, 0, NULL,
                                                NULL, NULL, NULL));
  CHECK_EQUAL(0, peer_unread(Peer));
}

CONFORMANCE_GROUP(send_ex) = {
    TEST(without_control_data_they_send_and_receive,
         "SEND-01 RECV-01 TYPES-04"),
    TEST(control_data_is_refused, "TYPES-04"),
};
