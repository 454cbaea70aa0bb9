/* See message.h. */
#include "message.h"

MESSAGE *MessageAllocate(SIZE_T Length) {
  MESSAGE *Message = ExAllocatePoolWithTag(
      NonPagedPoolNx, FIELD_OFFSET(MESSAGE, Data) + Length, 'gseM');

  if (Message == NULL)
    return NULL;
  Message->Irp = IoAllocateIrp(1, FALSE);
  Message->Buffer.Offset = 0;
  Message->Buffer.Length = Length;
  Message->Buffer.Mdl =
      IoAllocateMdl(Message->Data, (ULONG)Length, FALSE, FALSE, NULL);
  if (Message->Irp == NULL || Message->Buffer.Mdl == NULL) {
    MessageFree(Message);
    return NULL;
  }
  MmBuildMdlForNonPagedPool(Message->Buffer.Mdl);
  return Message;
}

/* An indication is a list of buffers, each a chain of MDLs of which the first
 * may begin late. */
MESSAGE *MessageCopy(PWSK_DATA_INDICATION List, SIZE_T Length) {
  MESSAGE *Message = MessageAllocate(Length);
  PUCHAR To = Message != NULL ? Message->Data : NULL;

  for (; Message != NULL && List != NULL; List = List->Next) {
    SIZE_T Offset = List->Buffer.Offset, Left = List->Buffer.Length, Piece;

    for (PMDL Mdl = List->Buffer.Mdl; Left > 0; Mdl = Mdl->Next, Offset = 0) {
      PUCHAR From = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);

      if (From == NULL) {
        MessageFree(Message);
        return NULL;
      }
      Piece = min(Left, MmGetMdlByteCount(Mdl) - Offset);
      RtlCopyMemory(To, From + Offset, Piece);
      To += Piece;
      Left -= Piece;
    }
  }
  return Message;
}

VOID MessageFree(MESSAGE *Message) {
  if (Message->Irp != NULL)
    IoFreeIrp(Message->Irp);
  if (Message->Buffer.Mdl != NULL)
    IoFreeMdl(Message->Buffer.Mdl);
  ExFreePool(Message);
}
