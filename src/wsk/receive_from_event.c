/*
 * WskReceiveFromEvent and WskRelease.
 *
 * What the host has at once is indicated together, as a list. Its members are
 * the client's, each of them, from before the callback until it has returned
 * or, retained, until WskRelease: a client may well send from them, and release
 * them in the completion routine, before its callback returns STATUS_PENDING.
 * See events.h and datagram.h.
 */
#include "etw/trace.h"
#include "ke/ke.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/datagram.h"
#include "wsk/delivery.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

/* A client that retains more gets nothing until it releases some: the host's
 * buffer is the place for it. */
#define MAX_RETAINED 1024u

/* Refused for good, though the event goes on: older ones are dropped. */
#define MAX_STALLED 64u

/* So many in a row, then others have their turn. */
#define MAX_BURST 64u

/* What a test asks for (uwsk_set_datagrams). Read by the owner of the loop. */
#define LOAD(setting) __atomic_load_n(&(setting), __ATOMIC_RELAXED)
#define STORE(setting, value)                                                  \
  __atomic_store_n(&(setting), value, __ATOMIC_RELAXED)

static unsigned list_length = NET_BATCH;
static unsigned shape =
    WSK_HEAD_BYTES; /* the first MDL: offset << 16 | bytes */

bool wsk__set_datagrams(unsigned members, size_t bytes, size_t offset) {
  if (members < 1 || members > NET_BATCH || bytes < 1 ||
      bytes > WSK_HEAD_BYTES || offset > WSK_HEAD_BYTES - bytes)
    return false;
  STORE(list_length, members);
  STORE(shape, (unsigned)(offset << 16 | bytes));
  return true;
}

/* The blocks that the host writes to next. Only the owner of the loop has
 * callbacks called, so that one set will do. */
static struct hand {
  struct wsk_datagram *datagram;
  struct wsk_tail *tail;
} hands[NET_BATCH];

/* What one callback is told. */
struct batch {
  unsigned count;
  ULONG flags;
  struct wsk_datagram *members[NET_BATCH];
};

/* The socket has died, which the client is told once. */
static bool end_due(const struct wsk_socket *socket) {
  return socket->forced && socket->state == WSK_DEAD &&
         !socket->datagrams.end_told;
}

static bool data_due(const struct wsk_socket *socket) {
  const struct wsk_datagrams *datagrams = &socket->datagrams;
  return socket->state == WSK_BOUND && socket->receive.pending == 0 &&
         datagrams->retained_count < MAX_RETAINED &&
         (datagrams->readable ||
          (!datagrams->stalled && !IsListEmpty(&datagrams->kept)));
}

static bool receive_from_due(const struct wsk_socket *socket) {
  return socket->role == WSK_DATAGRAM && (data_due(socket) || end_due(socket));
}

/* ---- taking them from the host ----------------------------------------- */

/* Takes up to `wanted` blocks in hand; how many there are. */
static unsigned prepare(unsigned wanted) {
  unsigned count = 0;
  for (; count < wanted; count++) {
    struct hand *hand = &hands[count];
    if (hand->datagram == NULL)
      hand->datagram = wsk__datagram_take();
    if (hand->tail == NULL)
      hand->tail = wsk__tail_take();
    if (hand->datagram == NULL || hand->tail == NULL)
      break;
  }
  return count;
}

/* Makes what stands in hand a datagram of its own. */
static struct wsk_datagram *adopt(struct wsk_socket *socket, struct hand *hand,
                                  const struct net_slot *slot) {
  struct wsk_datagram *datagram = hand->datagram;
  const struct net_received *received = &slot->received;
  const struct net_buffer *head = &slot->buffers[0];
  bool truncated;
  hand->datagram = NULL;
  datagram->length = datagram->head_length = (ULONG)received->bytes;
  datagram->offset = (ULONG)((UCHAR *)head->base - datagram->head);
  datagram->flags = (received->broadcast ? MSG_BCAST : 0u) |
                    (received->multicast ? MSG_MCAST : 0u);
  wsk__address_out(&datagram->remote.any, &received->remote);
  datagram->control_length = wsk__control_info_out(
      (PCMSGHDR)(void *)datagram->control, sizeof(datagram->control),
      socket->family, &received->control, &truncated);
  if (received->bytes > head->length) {
    datagram->head_length = (ULONG)head->length;
    datagram->tail = hand->tail;
    hand->tail = NULL;
  }
  return datagram;
}

static int receive_many(struct wsk_socket *socket, struct net_slot *slots,
                        struct net_buffer (*buffers)[2], unsigned room) {
  unsigned bytes = LOAD(shape) & 0xFFFF, offset = LOAD(shape) >> 16;
  for (unsigned i = 0; i < room; i++) {
    buffers[i][0] =
        (struct net_buffer){hands[i].datagram->head + offset, bytes};
    buffers[i][1] = (struct net_buffer){hands[i].tail->bytes, WSK_TAIL_BYTES};
    slots[i].buffers = buffers[i];
    slots[i].count = 2;
  }
  return room > 0 ? net__udp_try_recv_many(socket->udp, slots, room)
                  : NET_EAGAIN;
}

/* Under the receive lane's lock: from the host to what is kept. False when the
 * host has no more for now. */
static bool refill(struct wsk_socket *socket, unsigned room) {
  struct wsk_datagrams *datagrams = &socket->datagrams;
  struct net_slot slots[NET_BATCH];
  struct net_buffer buffers[NET_BATCH][2];
  int count = receive_many(socket, slots, buffers, room);
  for (int i = 0; i < count; i++) {
    if (!wsk__datagrams_pass(datagrams, &slots[i].received.remote))
      continue;
    struct wsk_datagram *datagram = adopt(socket, &hands[i], &slots[i]);
    InsertTailList(&datagrams->kept, &datagram->link);
    datagrams->kept_count++;
    datagrams->stalled = false;
  }
  if (count < 0)
    return false;
  datagrams->batch = (unsigned)count;
  datagrams->burst += (unsigned)count;
  return (unsigned)count == room && datagrams->burst < MAX_BURST;
}

/* ---- lending ----------------------------------------------------------- */

/* Under the receive lane's lock: those that come first and are of a kind. */
static void take_batch(struct wsk_socket *socket, struct batch *batch) {
  struct wsk_datagrams *datagrams = &socket->datagrams;
  while (batch->count < LOAD(list_length) && !IsListEmpty(&datagrams->kept)) {
    struct wsk_datagram *datagram =
        CONTAINING_RECORD(datagrams->kept.Flink, struct wsk_datagram, link);
    if (batch->count > 0 && datagram->flags != batch->flags)
      break;
    RemoveEntryList(&datagram->link);
    InsertTailList(&datagrams->retained, &datagram->link);
    __atomic_store_n(&datagram->socket, socket, __ATOMIC_RELEASE);
    batch->flags = datagram->flags;
    batch->members[batch->count++] = datagram;
  }
  datagrams->kept_count -= batch->count;
  datagrams->retained_count += batch->count;
  datagrams->lending = batch->count;
}

static PFN_WSK_RECEIVE_FROM_EVENT callback_of(const struct wsk_socket *socket) {
  const WSK_CLIENT_DATAGRAM_DISPATCH *table = socket->dispatch;
  return table != NULL ? table->WskReceiveFromEvent : NULL;
}

static void lend(struct wsk_socket *socket, const struct batch *batch) {
  const void *caller = (const void *)(ULONG_PTR)callback_of(socket);
  for (unsigned i = 0; i < batch->count; i++) {
    struct wsk_datagram *datagram = batch->members[i];
    wsk__datagram_dress(datagram);
    if (i > 0)
      batch->members[i - 1]->indication.Next = &datagram->indication;
    datagram->record = (struct ob_record){.object = &datagram->indication,
                                          .call = "WskReceiveFromEvent",
                                          .caller = caller,
                                          .bytes = datagram->length,
                                          .kind = OB_DATAGRAM};
    ob__track(&datagram->record);
  }
}

/* What the host has, or what was left over. The wait for more begins here, for
 * the callback may close the socket. */
static void next_batch(struct wsk_socket *socket, struct batch *batch) {
  unsigned wanted = socket->datagrams.batch * 2;
  unsigned room = prepare(wanted < 2           ? 2
                          : wanted > NET_BATCH ? NET_BATCH
                                               : wanted);
  bool wait = false;
  batch->count = 0;
  os__spin_lock(&socket->receive.lock);
  if (data_due(socket)) {
    struct wsk_datagrams *datagrams = &socket->datagrams;
    if (datagrams->readable &&
        (datagrams->stalled || IsListEmpty(&datagrams->kept)))
      wait = !refill(socket, room);
    if (!datagrams->stalled)
      take_batch(socket, batch);
  }
  os__spin_unlock(&socket->receive.lock);
  if (wait)
    wsk__datagrams_wait(socket);
}

/* ---- and taking back --------------------------------------------------- */

/* Under the receive lane's lock. False when the client has released it. */
static bool take_back(struct wsk_socket *socket,
                      struct wsk_datagram *datagram) {
  if (ob__claim(OB_DATAGRAM, &datagram->indication) == NULL)
    return false;
  RemoveEntryList(&datagram->link);
  socket->datagrams.retained_count--;
  return true;
}

static void taken(struct wsk_socket *socket, const struct batch *batch) {
  for (unsigned i = 0; i < batch->count; i++) {
    os__spin_lock(&socket->receive.lock);
    bool ours = take_back(socket, batch->members[i]);
    os__spin_unlock(&socket->receive.lock);
    if (ours) {
      wsk__datagram_give_back(batch->members[i]);
      continue;
    }
    VF_ENTER_FROM("WskReceiveFromEvent", NULL);
    vf__report(VF_RELEASE_01,
               "datagram %p was released, and WskReceiveFromEvent did not "
               "return STATUS_PENDING",
               (void *)batch->members[i]);
  }
}

/* They come first when the event is enabled again; one that was enabled for all
 * sockets stays so, and they come with the next datagram. */
static void refused(struct wsk_socket *socket, const struct batch *batch) {
  struct wsk_datagrams *datagrams = &socket->datagrams;
  struct wsk_datagram *dropped = NULL;
  os__spin_lock(&socket->receive.lock);
  for (unsigned i = batch->count; i-- > 0;)
    if (take_back(socket, batch->members[i])) {
      InsertHeadList(&datagrams->kept, &batch->members[i]->link);
      datagrams->kept_count++;
    }
  if (socket->events.fixed & WSK_EVENT_RECEIVE_FROM)
    datagrams->stalled = true;
  else
    wsk__events_set(socket,
                    socket->events.enabled & ~(ULONG)WSK_EVENT_RECEIVE_FROM);
  while (datagrams->kept_count > MAX_STALLED) {
    PLIST_ENTRY link = RemoveHeadList(&datagrams->kept);
    datagrams->kept_count--;
    dropped = CONTAINING_RECORD(link, struct wsk_datagram, link);
    os__spin_unlock(&socket->receive.lock);
    wsk__datagram_give_back(dropped);
    os__spin_lock(&socket->receive.lock);
  }
  os__spin_unlock(&socket->receive.lock);
}

static NTSTATUS call(struct wsk_socket *socket, ULONG flags,
                     PWSK_DATAGRAM_INDICATION list) {
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskReceiveFromEvent", &socket->base, socket->context);
  NTSTATUS status = callback_of(socket)(
      socket->context, flags | wsk__dispatch_flag() | wsk__release_flag(),
      list);
  wsk__callback_end(irql, "WskReceiveFromEvent");
  return status;
}

/* True when it was that, and not a datagram, that was due. */
static bool tell_end(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool due = end_due(socket);
  socket->datagrams.end_told |= due;
  os__spin_unlock(&socket->receive.lock);
  if (due)
    (void)call(socket, 0, NULL);
  return due;
}

static void settle(struct wsk_socket *socket, const struct batch *batch,
                   NTSTATUS status) {
  switch (status) {
  case STATUS_PENDING:
    return;
  case STATUS_DATA_NOT_ACCEPTED:
    refused(socket, batch);
    return;
  case STATUS_SUCCESS:
    break;
  default:
    VF_ENTER_FROM("WskReceiveFromEvent", NULL);
    vf__report(VF_RECVEV_06, "WskReceiveFromEvent returned 0x%08X",
               (unsigned)status);
  }
  taken(socket, batch);
}

static void indicate(struct wsk_socket *socket) {
  struct batch batch = {.count = 0};
  if (tell_end(socket))
    return;
  next_batch(socket, &batch);
  if (batch.count == 0)
    return;
  lend(socket, &batch);
  NTSTATUS status = call(socket, batch.flags, &batch.members[0]->indication);
  settle(socket, &batch, status);
  os__spin_lock(&socket->receive.lock);
  socket->datagrams.lending = 0;
  os__spin_unlock(&socket->receive.lock);
}

static bool has_callback(const struct wsk_socket *socket) {
  return callback_of(socket) != NULL;
}

const struct wsk_event_source wsk__receive_from_source = {
    .event = WSK_EVENT_RECEIVE_FROM,
    .name = "WskReceiveFromEvent",
    .has_callback = has_callback,
    .due = receive_from_due,
    .indicate = indicate,
};

void wsk__datagrams_stop(void) {
  for (unsigned i = 0; i < NET_BATCH; i++) {
    os__free(hands[i].datagram);
    os__free(hands[i].tail);
    hands[i] = (struct hand){NULL, NULL};
  }
  wsk__datagram_blocks_stop();
}

/* ---- WskRelease -------------------------------------------------------- */

/* Whose it is: a socket's, or nobody's (NULL), whose memory still has to go. */
static struct wsk_socket *owner_of(struct wsk_datagram *datagram) {
  return __atomic_load_n(&datagram->socket, __ATOMIC_ACQUIRE);
}

/* Under the receive lane's lock, so that the socket does not go meanwhile and
 * leave it behind. */
static struct wsk_datagram *claim_locked(struct wsk_socket *socket,
                                         PWSK_DATAGRAM_INDICATION indication,
                                         bool *makes_room) {
  struct ob_record *record = ob__find(OB_DATAGRAM, indication);
  if (record == NULL)
    return NULL;
  struct wsk_datagram *datagram =
      CONTAINING_RECORD(record, struct wsk_datagram, record);
  struct wsk_socket *owner = owner_of(datagram);
  if ((owner != NULL && owner != socket) ||
      ob__claim(OB_DATAGRAM, indication) == NULL)
    return NULL;
  if (owner == NULL) {
    wsk__datagram_leave_orphans(datagram);
  } else {
    RemoveEntryList(&datagram->link);
    *makes_room |= socket->datagrams.retained_count-- == MAX_RETAINED;
  }
  return datagram;
}

/* Takes one that the client has from the client; NULL when it is none. */
static struct wsk_datagram *claim(struct wsk_socket *socket,
                                  PWSK_DATAGRAM_INDICATION indication,
                                  bool *makes_room) {
  os__spin_lock(&socket->receive.lock);
  struct wsk_datagram *datagram = claim_locked(socket, indication, makes_room);
  os__spin_unlock(&socket->receive.lock);
  return datagram;
}

/* Members are released one by one: clients link them into lists of their own.
 */
static NTSTATUS release_list(struct wsk_socket *socket,
                             PWSK_DATAGRAM_INDICATION first, bool *makes_room) {
  PWSK_DATAGRAM_INDICATION next;
  for (PWSK_DATAGRAM_INDICATION member = first; member != NULL; member = next) {
    struct wsk_datagram *datagram = claim(socket, member, makes_room);
    if (datagram == NULL)
      return STATUS_INVALID_PARAMETER;
    next = member->Next;
    wsk__datagram_give_back(datagram);
  }
  return first != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS release(PWSK_SOCKET handle, PWSK_DATAGRAM_INDICATION first) {
  struct wsk_socket *socket = (struct wsk_socket *)(void *)handle;
  bool makes_room = false;
  ke__check_irql(DISPATCH_LEVEL, "WskRelease");
  if (socket == NULL)
    return STATUS_INVALID_HANDLE;
  enum wsk_state state = wsk__socket_state(socket);
  if (state == WSK_FREE || state == WSK_CLOSING) {
    vf__report_on(VF_CLOSE_06, handle,
                  "WskRelease on socket %p, which was closed", (void *)handle);
    (void)release_list(socket, first, &makes_room);
    return STATUS_FILE_CLOSED;
  }
  NTSTATUS status = release_list(socket, first, &makes_room);
  if (first != NULL && !NT_SUCCESS(status))
    vf__report_on(VF_RELEASE_02, first,
                  "WskRelease on socket %p with a list of which it has not "
                  "retained all, or no longer",
                  (void *)handle);
  if (makes_room)
    wsk__events_wanted(socket);
  return status;
}

NTSTATUS WSKAPI wsk__release_datagrams(
    PWSK_SOCKET Socket, PWSK_DATAGRAM_INDICATION DatagramIndication) {
  ETW_CALL("WskRelease", Socket, NULL, "list %p", (void *)DatagramIndication);
  NTSTATUS status = release(Socket, DatagramIndication);
  ETW_RETURN("WskRelease", NULL, status);
  return status;
}
