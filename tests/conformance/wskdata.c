/* Addresses and buffers of the tests. Kernel code. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TEST_TAG 'dseT'

/* ---- addresses ------------------------------------------------------- */

static PTEST_ADDRESS NewAddress(PTEST_ADDRESS Address, USHORT Port) {
  RtlZeroMemory(Address, sizeof(*Address));
  Address->Any.sa_family = TestFamily;
  /* The port lies at the same place in both. */
  Address->V4.sin_port = RtlUshortByteSwap(Port);
  return Address;
}

PTEST_ADDRESS Wildcard(PTEST_ADDRESS Address, USHORT Port) {
  return NewAddress(Address, Port);
}

PTEST_ADDRESS Loopback(PTEST_ADDRESS Address, USHORT Port) {
  NewAddress(Address, Port);
  if (TEST_IPV6)
    Address->V6.sin6_addr.u.Byte[15] = 1;
  else
    Address->V4.sin_addr.S_un.S_addr = RtlUlongByteSwap(0x7F000001);
  return Address;
}

PTEST_ADDRESS Foreign(PTEST_ADDRESS Address, USHORT Port) {
  NewAddress(Address, Port);
  if (TEST_IPV6) {
    Address->V6.sin6_addr.u.Byte[0] = 0x20;
    Address->V6.sin6_addr.u.Byte[1] = 0x01;
    Address->V6.sin6_addr.u.Byte[2] = 0x0D;
    Address->V6.sin6_addr.u.Byte[3] = 0xB8;
    Address->V6.sin6_addr.u.Byte[15] = 1;
  } else {
    Address->V4.sin_addr.S_un.S_addr = RtlUlongByteSwap(0xC0000201);
  }
  return Address;
}

USHORT PortOf(const TEST_ADDRESS *Address) {
  return RtlUshortByteSwap(Address->V4.sin_port);
}

static BOOLEAN SameHost(const TEST_ADDRESS *One, const TEST_ADDRESS *Other) {
  if (One->Any.sa_family != TestFamily)
    return FALSE;
  if (TEST_IPV6)
    return RtlCompareMemory(&One->V6.sin6_addr, &Other->V6.sin6_addr, 16) == 16;
  return One->V4.sin_addr.S_un.S_addr == Other->V4.sin_addr.S_un.S_addr;
}

BOOLEAN IsLoopback(const TEST_ADDRESS *Address) {
  TEST_ADDRESS Expected;

  return SameHost(Address, Loopback(&Expected, 0));
}

BOOLEAN IsWildcard(const TEST_ADDRESS *Address) {
  TEST_ADDRESS Expected;

  return SameHost(Address, Wildcard(&Expected, 0));
}

/* ---- buffers --------------------------------------------------------- */

/* Between the pieces, and at both ends. */
#define GAP        24
#define GAP_BYTE   0xEE
#define FRESH_BYTE 0xDD

static PTEST_BUFFER Buffers;

static PVOID Allocate(SIZE_T Size) {
  PVOID Memory;

  host_spare(1);
  Memory = ExAllocatePoolWithTag(NonPagedPool, Size, TEST_TAG);
  host_spare(0);
  if (Memory == NULL)
    ConformanceGiveUp("no memory for the test itself");
  return Memory;
}

static VOID AddPiece(PTEST_BUFFER Buffer, PUCHAR Bytes, ULONG Length,
                     PMDL *Link) {
  PMDL Mdl;

  host_spare(1);
  Mdl = IoAllocateMdl(Bytes, Length, FALSE, FALSE, NULL);
  host_spare(0);
  if (Mdl == NULL)
    ConformanceGiveUp("no memory for the test itself");
  MmBuildMdlForNonPagedPool(Mdl);
  *Link = Mdl;
  RtlFillMemory(Bytes, Length, FRESH_BYTE);
  Buffer->Pieces[Buffer->Count] = Bytes;
  Buffer->Lengths[Buffer->Count] = Length;
  Buffer->Count++;
  Buffer->Wsk.Length += Length;
}

PTEST_BUFFER NewChain(const ULONG *Lengths, ULONG Count) {
  PTEST_BUFFER Buffer = Allocate(sizeof(*Buffer));
  SIZE_T Size = GAP;
  PMDL *Link = &Buffer->Wsk.Mdl;
  PUCHAR Bytes;
  ULONG i;

  RtlZeroMemory(Buffer, sizeof(*Buffer));
  for (i = 0; i < Count; i++)
    Size += Lengths[i] + GAP;
  Buffer->Memory = Allocate(Size);
  RtlFillMemory(Buffer->Memory, Size, GAP_BYTE);
  Bytes = Buffer->Memory + GAP;
  for (i = 0; i < Count; i++) {
    AddPiece(Buffer, Bytes, Lengths[i], Link);
    Link = &(*Link)->Next;
    Bytes += Lengths[i] + GAP;
  }
  Buffer->Next = Buffers;
  Buffers = Buffer;
  return Buffer;
}

PTEST_BUFFER NewBuffer(ULONG Length) {
  return NewChain(&Length, 1);
}

VOID FreeBuffers(VOID) {
  PTEST_BUFFER Buffer;
  PMDL Mdl, NextMdl;

  while ((Buffer = Buffers) != NULL) {
    Buffers = Buffer->Next;
    for (Mdl = Buffer->Wsk.Mdl; Mdl != NULL; Mdl = NextMdl) {
      NextMdl = Mdl->Next;
      IoFreeMdl(Mdl);
    }
    ExFreePoolWithTag(Buffer->Memory, TEST_TAG);
    ExFreePoolWithTag(Buffer, TEST_TAG);
  }
}

/* The address of a position of the chain, and how many bytes follow there. */
static PUCHAR At(PTEST_BUFFER Buffer, SIZE_T Position, SIZE_T *Room) {
  ULONG i;

  for (i = 0; i < Buffer->Count; i++) {
    if (Position < Buffer->Lengths[i]) {
      *Room = Buffer->Lengths[i] - Position;
      return Buffer->Pieces[i] + Position;
    }
    Position -= Buffer->Lengths[i];
  }
  *Room = 0;
  return NULL;
}

VOID WriteBuffer(PTEST_BUFFER Buffer, SIZE_T Position, const VOID *Bytes,
                 SIZE_T Length) {
  const UCHAR *From = Bytes;
  SIZE_T i, Room;

  for (i = 0; i < Length; i++)
    *At(Buffer, Position + i, &Room) = From[i];
}

BOOLEAN BufferIs(PTEST_BUFFER Buffer, SIZE_T Position, const VOID *Bytes,
                 SIZE_T Length) {
  const UCHAR *From = Bytes;
  SIZE_T i, Room;

  for (i = 0; i < Length; i++)
    if (*At(Buffer, Position + i, &Room) != From[i])
      return FALSE;
  return TRUE;
}

VOID WritePattern(PTEST_BUFFER Buffer, SIZE_T Position, SIZE_T Start,
                  SIZE_T Length) {
  SIZE_T i = 0, Room, j;
  PUCHAR To;

  while (i < Length && (To = At(Buffer, Position + i, &Room)) != NULL)
    for (j = 0; j < Room && i < Length; j++, i++)
      To[j] = peer_pattern(Start + i);
}

BOOLEAN BufferIsPattern(PTEST_BUFFER Buffer, SIZE_T Position, SIZE_T Start,
                        SIZE_T Length) {
  SIZE_T i = 0, Room, j;
  PUCHAR From;

  while (i < Length && (From = At(Buffer, Position + i, &Room)) != NULL)
    for (j = 0; j < Room && i < Length; j++, i++)
      if (From[j] != peer_pattern(Start + i))
        return FALSE;
  return i == Length;
}

static BOOLEAN IsFilledWith(PUCHAR Bytes, SIZE_T Length, UCHAR Byte) {
  SIZE_T i;

  for (i = 0; i < Length; i++)
    if (Bytes[i] != Byte)
      return FALSE;
  return TRUE;
}

BOOLEAN BufferUntouchedFrom(PTEST_BUFFER Buffer, SIZE_T Position) {
  SIZE_T Room;
  PUCHAR Bytes;
  ULONG i;

  while ((Bytes = At(Buffer, Position, &Room)) != NULL) {
    if (!IsFilledWith(Bytes, Room, FRESH_BYTE))
      return FALSE;
    Position += Room;
  }
  for (i = 0; i < Buffer->Count; i++)
    if (!IsFilledWith(Buffer->Pieces[i] - GAP, GAP, GAP_BYTE) ||
        !IsFilledWith(Buffer->Pieces[i] + Buffer->Lengths[i], GAP, GAP_BYTE))
      return FALSE;
  return TRUE;
}

PTEST_BUFFER BufferOf(const VOID *Bytes, ULONG Length) {
  PTEST_BUFFER Buffer = NewBuffer(Length);

  WriteBuffer(Buffer, 0, Bytes, Length);
  return Buffer;
}

PTEST_BUFFER BufferOfPattern(SIZE_T Start, ULONG Length) {
  PTEST_BUFFER Buffer = NewBuffer(Length);

  WritePattern(Buffer, 0, Start, Length);
  return Buffer;
}
