/* The pool of data blocks. See data_block.h. */
#include "wsk/data_block.h"

#include "os/os.h"
#include "wsk/socket.h"

/* What Windows' own verifier writes over memory that was freed. */
#define SPOILED       0xDD
#define SPOILED_BYTES 256u

static struct os_spin lock;      /* guards all of this */
static struct wsk_block reserve; /* there is always one to come back */
static struct wsk_block *unused = &reserve; /* the one used last comes first */
static struct wsk_block *made = &reserve;   /* every block there is */
static LIST_ENTRY waiting = {&waiting, &waiting}; /* sockets: block_link */

/* ---- taking ------------------------------------------------------------ */

static struct wsk_block *pop(void) {
  struct wsk_block *block = unused;
  if (block != NULL)
    unused = block->next;
  return block;
}

static struct wsk_block *take_unused(void) {
  os__spin_lock(&lock);
  struct wsk_block *block = pop();
  os__spin_unlock(&lock);
  return block;
}

static struct wsk_block *make(void) {
  struct wsk_block *block = os__alloc(sizeof(*block));
  if (block == NULL)
    return NULL;
  os__spin_lock(&lock);
  block->next_made = made;
  made = block;
  os__spin_unlock(&lock);
  return block;
}

/* One may have come back meanwhile. */
static struct wsk_block *take_or_wait(struct wsk_socket *socket) {
  os__spin_lock(&lock);
  struct wsk_block *block = pop();
  if (block == NULL && socket != NULL && IsListEmpty(&socket->block_link))
    InsertTailList(&waiting, &socket->block_link);
  os__spin_unlock(&lock);
  return block;
}

/* The client had its hands on the MDL, too. */
static void prepare(struct wsk_block *block) {
  block->next = block->next_head = NULL;
  block->start = block->end = block->room = 0;
  block->full = false;
  MmInitializeMdl(&block->mdl, block->bytes, sizeof(block->bytes));
  MmBuildMdlForNonPagedPool(&block->mdl);
}

struct wsk_block *wsk__block_take(struct wsk_socket *socket) {
  struct wsk_block *block = take_unused();
  if (block == NULL)
    block = make();
  if (block == NULL)
    block = take_or_wait(socket);
  if (block != NULL)
    prepare(block);
  return block;
}

/* ---- giving back ------------------------------------------------------- */

void wsk__block_spoil(struct wsk_block *block) {
  RtlFillMemory(&block->indication, sizeof(block->indication), SPOILED);
}

static void spoil_all(struct wsk_block *block) {
  ULONG shown = min(block->end, SPOILED_BYTES);
  wsk__block_spoil(block);
  RtlFillMemory(&block->mdl, sizeof(block->mdl), SPOILED);
  RtlFillMemory(&block->rest, sizeof(block->rest), SPOILED);
  RtlFillMemory(block->bytes, shown, SPOILED);
}

/* Under the lock: the first socket that waits, which is to be scanned. The scan
 * that was asked for keeps its block from going back to the host. */
static struct wsk_socket *next_waiting(void) {
  if (IsListEmpty(&waiting))
    return NULL;
  struct wsk_socket *socket = CONTAINING_RECORD(RemoveHeadList(&waiting),
                                                struct wsk_socket, block_link);
  InitializeListHead(&socket->block_link);
  return wsk__socket_request_scan(socket) ? socket : NULL;
}

static unsigned count_waiting(void) {
  unsigned count = 0;
  for (PLIST_ENTRY link = waiting.Flink; link != &waiting; link = link->Flink)
    count++;
  return count;
}

/* All of them, for the first may have no use for a block any more. Those who
 * find none wait again, behind them. */
static void wake(unsigned count) {
  for (; count > 0; count--) {
    os__spin_lock(&lock);
    struct wsk_socket *socket = next_waiting();
    os__spin_unlock(&lock);
    if (socket != NULL)
      loop__submit(&socket->scan_op);
  }
}

static void give_one(struct wsk_block *block) {
  spoil_all(block);
  os__spin_lock(&lock);
  block->abandoned = false;
  block->next = unused;
  unused = block;
  unsigned count = count_waiting();
  os__spin_unlock(&lock);
  wake(count);
}

void wsk__block_give(struct wsk_block *list) {
  while (list != NULL) {
    struct wsk_block *block = list;
    list = block->next;
    give_one(block);
  }
}

void wsk__block_forget(struct wsk_socket *socket) {
  os__spin_lock(&lock);
  RemoveEntryList(&socket->block_link);
  InitializeListHead(&socket->block_link);
  os__spin_unlock(&lock);
}

/* ---- lists that outlive their socket ----------------------------------- */

void wsk__block_abandon(struct wsk_block *list) {
  os__spin_lock(&lock);
  list->abandoned = true;
  os__spin_unlock(&lock);
}

bool wsk__block_give_abandoned(const WSK_DATA_INDICATION *list) {
  os__spin_lock(&lock);
  struct wsk_block *block = made;
  while (block != NULL && (!block->abandoned || &block->indication != list))
    block = block->next_made;
  if (block != NULL)
    block->abandoned = false;
  os__spin_unlock(&lock);
  wsk__block_give(block);
  return block != NULL;
}

void wsk__block_stop(void) {
  while (made != NULL) {
    struct wsk_block *block = made;
    made = block->next_made;
    if (block != &reserve)
      os__free(block);
  }
  RtlZeroMemory(&reserve, sizeof(reserve));
  made = unused = &reserve;
  InitializeListHead(&waiting);
}
