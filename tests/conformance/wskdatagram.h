/*
 * wskdatagram.h: calls into datagram sockets, as wskcall.h has them for
 * connections. Kernel code.
 */
#ifndef UWSK_CONFORMANCE_WSKDATAGRAM_H
#define UWSK_CONFORMANCE_WSKDATAGRAM_H

const WSK_PROVIDER_DATAGRAM_DISPATCH *DatagramDispatchOf(PWSK_SOCKET Socket);

/* A datagram socket of TestFamily, not bound; NULL (and a failure) when that
 * failed. */
PWSK_SOCKET CreateDatagram(const WSK_CLIENT_DATAGRAM_DISPATCH *Dispatch,
                           PVOID Context);

/* … bound to loopback, where *Port is the port; Port may be NULL. */
PWSK_SOCKET OpenDatagram(USHORT *Port);
PWSK_SOCKET OpenDatagramWith(const WSK_CLIENT_DATAGRAM_DISPATCH *Dispatch,
                             PVOID Context, USHORT *Port);

PWSK_CALL GetDatagramLocal(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address);

PWSK_CALL SendTo(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                 PVOID Remote);
PWSK_CALL SendToWith(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                     PVOID Remote, ULONG Length, PCMSGHDR Control);
PWSK_CALL SendMessages(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF_LIST List,
                       PVOID Remote);

/* Where a receive puts what it tells. */
typedef struct _RECEIVED {
  TEST_ADDRESS Remote;
  ULONG ControlLength;
  ULONG Flags;
  DECLSPEC_ALIGN(16) UCHAR Control[256];
} RECEIVED, *PRECEIVED;

/* With room for control data; Received may be NULL, for none of it. */
PWSK_CALL ReceiveFrom(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                      PRECEIVED Received);

/* The data of the entry of that kind; NULL when there is none, or it is of
 * another size. */
PVOID ControlOf(PVOID Control, ULONG Length, INT Level, INT Type, SIZE_T Size);

/* An IOCTL with an address, or without (NULL). */
PWSK_CALL SetAddress(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Code,
                     PTEST_ADDRESS Address);

/* An option of a ULONG. */
PWSK_CALL SetDatagramOption(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Level,
                            ULONG Option, ULONG *Value);

/* Enables or disables WskReceiveFromEvent, without an IRP. */
NTSTATUS ControlReceiveFrom(PWSK_SOCKET Socket, ULONG Mask);

#endif
