/* Memory of datagram sockets: recycled, so that a steady state allocates
 * nothing. See datagram.h. */
#include "wsk/datagram.h"

#include "os/os.h"
#include "wsk/socket.h"

/* So many of a kind are kept for the next time; others go back to the host. */
#define SPARE_BLOCKS   1024u
#define SPARE_TAILS    64u
#define SPARE_REQUESTS 1024u

#define FREED_BYTE 0xDD /* as of freed pool */

static struct os_spin spare_lock;
static LIST_ENTRY spare_blocks = {&spare_blocks, &spare_blocks};
static struct wsk_tail *spare_tails;
static struct wsk_request *spare_requests;
static unsigned block_count, tail_count, request_count;

static struct os_spin orphans_lock;
static LIST_ENTRY orphans = {&orphans, &orphans};

/* ---- requests ---------------------------------------------------------- */

/* Sends and receives have no file object: the pointer is free. */
static PFILE_OBJECT *slot_of(PIRP irp) {
  return &IoGetCurrentIrpStackLocation(irp)->FileObject;
}

struct wsk_request *wsk__request_of(PIRP irp) {
  return (struct wsk_request *)(void *)*slot_of(irp);
}

bool wsk__request_attach(PIRP irp) {
  os__spin_lock(&spare_lock);
  struct wsk_request *request = spare_requests;
  if (request != NULL) {
    spare_requests = request->next;
    request_count--;
  }
  os__spin_unlock(&spare_lock);
  if (request == NULL)
    request = os__alloc(sizeof(*request));
  if (request == NULL)
    return false;
  *slot_of(irp) = (PFILE_OBJECT)(void *)request;
  wsk__args(irp)->requests = TRUE;
  return true;
}

void wsk__request_give_back(PIRP irp) {
  struct wsk_request *request = wsk__request_of(irp);
  if (wsk__args(irp)->kind == WSK_OP_RECEIVE_FROM)
    wsk__reception_give_back(&request->reception);
  *slot_of(irp) = NULL;
  wsk__args(irp)->requests = FALSE;
  os__spin_lock(&spare_lock);
  bool keep = request_count < SPARE_REQUESTS;
  if (keep) {
    request->next = spare_requests;
    spare_requests = request;
    request_count++;
  }
  os__spin_unlock(&spare_lock);
  if (!keep)
    os__free(request);
}

/* ---- tails ------------------------------------------------------------- */

struct wsk_tail *wsk__tail_take(void) {
  os__spin_lock(&spare_lock);
  struct wsk_tail *tail = spare_tails;
  if (tail != NULL) {
    spare_tails = tail->next_free;
    tail_count--;
  }
  os__spin_unlock(&spare_lock);
  if (tail != NULL)
    return tail;
  tail = os__alloc(sizeof(*tail));
  if (tail != NULL) {
    MmInitializeMdl(&tail->bytes_mdl, tail->bytes, sizeof(tail->bytes));
    MmBuildMdlForNonPagedPool(&tail->bytes_mdl);
  }
  return tail;
}

void wsk__tail_give_back(struct wsk_tail *tail) {
  os__spin_lock(&spare_lock);
  bool keep = tail_count < SPARE_TAILS;
  if (keep) {
    tail->next_free = spare_tails;
    spare_tails = tail;
    tail_count++;
  }
  os__spin_unlock(&spare_lock);
  if (!keep)
    os__free(tail);
}

/* ---- datagrams --------------------------------------------------------- */

struct wsk_datagram *wsk__datagram_take(void) {
  struct wsk_datagram *datagram = NULL;
  os__spin_lock(&spare_lock);
  if (!IsListEmpty(&spare_blocks)) {
    datagram = CONTAINING_RECORD(RemoveHeadList(&spare_blocks),
                                 struct wsk_datagram, link);
    block_count--;
  }
  os__spin_unlock(&spare_lock);
  if (datagram != NULL)
    return datagram;
  datagram = os__alloc(sizeof(*datagram));
  if (datagram != NULL) {
    MmInitializeMdl(&datagram->head_mdl, datagram->head,
                    sizeof(datagram->head));
    MmBuildMdlForNonPagedPool(&datagram->head_mdl);
  }
  return datagram;
}

/* A client that reads on sees that it should not. */
static void spoil(struct wsk_datagram *datagram) {
  RtlFillMemory(&datagram->indication, sizeof(datagram->indication),
                FREED_BYTE);
  RtlFillMemory(&datagram->remote, sizeof(datagram->remote), FREED_BYTE);
  RtlFillMemory(datagram->control, datagram->control_length, FREED_BYTE);
  RtlFillMemory(datagram->head + datagram->offset, datagram->head_length,
                FREED_BYTE);
}

void wsk__datagram_give_back(struct wsk_datagram *datagram) {
  if (datagram->tail != NULL)
    wsk__tail_give_back(datagram->tail);
  datagram->tail = NULL;
  spoil(datagram);
  datagram->length = datagram->head_length = datagram->control_length = 0;
  os__spin_lock(&spare_lock);
  bool keep = block_count < SPARE_BLOCKS;
  if (keep) {
    InsertHeadList(&spare_blocks, &datagram->link);
    block_count++;
  }
  os__spin_unlock(&spare_lock);
  if (!keep)
    os__free(datagram);
}

static void dress_mdls(struct wsk_datagram *datagram) {
  datagram->head_mdl.ByteCount = datagram->offset + datagram->head_length;
  datagram->head_mdl.Next = NULL;
  if (datagram->tail != NULL) {
    datagram->head_mdl.Next = &datagram->tail->bytes_mdl;
    datagram->tail->bytes_mdl.ByteCount =
        datagram->length - datagram->head_length;
    datagram->tail->bytes_mdl.Next = NULL;
  }
}

void wsk__datagram_dress(struct wsk_datagram *datagram) {
  WSK_DATAGRAM_INDICATION *indication = &datagram->indication;
  ULONG control = datagram->control_length;
  dress_mdls(datagram);
  indication->Next = NULL;
  indication->Buffer.Mdl = &datagram->head_mdl;
  indication->Buffer.Offset = datagram->offset;
  indication->Buffer.Length = datagram->length;
  indication->ControlInfo =
      control != 0 ? (PCMSGHDR)(void *)datagram->control : NULL;
  indication->ControlInfoLength = control;
  indication->RemoteAddress = &datagram->remote.any;
}

/* ---- the end ----------------------------------------------------------- */

void wsk__datagram_orphan(PLIST_ENTRY retained) {
  os__spin_lock(&orphans_lock);
  while (!IsListEmpty(retained)) {
    PLIST_ENTRY link = RemoveHeadList(retained);
    __atomic_store_n(
        &CONTAINING_RECORD(link, struct wsk_datagram, link)->socket, NULL,
        __ATOMIC_RELEASE);
    InsertTailList(&orphans, link);
  }
  os__spin_unlock(&orphans_lock);
}

void wsk__datagram_leave_orphans(struct wsk_datagram *datagram) {
  os__spin_lock(&orphans_lock);
  RemoveEntryList(&datagram->link);
  os__spin_unlock(&orphans_lock);
}

static void free_list(PLIST_ENTRY list) {
  while (!IsListEmpty(list)) {
    struct wsk_datagram *datagram =
        CONTAINING_RECORD(RemoveHeadList(list), struct wsk_datagram, link);
    os__free(datagram->tail);
    os__free(datagram);
  }
}

void wsk__datagram_blocks_stop(void) {
  free_list(&orphans);
  free_list(&spare_blocks);
  while (spare_tails != NULL) {
    struct wsk_tail *tail = spare_tails;
    spare_tails = tail->next_free;
    os__free(tail);
  }
  while (spare_requests != NULL) {
    struct wsk_request *request = spare_requests;
    spare_requests = request->next;
    os__free(request);
  }
  block_count = tail_count = request_count = 0;
}
