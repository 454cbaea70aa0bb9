/* WskReceiveEvent: data that nobody has asked for. See receive_event.h. */
#include "wsk/receive_event.h"

#include "etw/trace.h"
#include "fault/fault.h"
#include "mm/mdl_walk.h"
#include "verifier/report.h"
#include "wsk/data_block.h"
#include "wsk/delivery.h"
#include "wsk/socket.h"

/* ---- the client's function --------------------------------------------- */

static PFN_WSK_RECEIVE_EVENT callback_of(const struct wsk_socket *socket) {
  const WSK_CLIENT_CONNECTION_DISPATCH *table =
      wsk__connection_callbacks(socket);
  return table != NULL ? table->WskReceiveEvent : NULL;
}

static bool has_callback(const struct wsk_socket *socket) {
  return callback_of(socket) != NULL;
}

static SIZE_T length_of(const struct wsk_block *block) {
  return block->end - block->start;
}

/* ---- lists (under the receive lane's lock) ----------------------------- */

static void append_ready(struct wsk_data *data, struct wsk_block *block) {
  if (data->ready == NULL)
    data->ready_end = &data->ready;
  *data->ready_end = block;
  data->ready_end = &block->next;
  data->bytes += length_of(block);
}

/* A list that comes before everything that is ready. */
static void prepend_ready(struct wsk_data *data, struct wsk_block *list) {
  struct wsk_block *rest = data->ready;
  data->ready = NULL;
  data->bytes = 0;
  for (struct wsk_block *next; list != NULL; list = next) {
    next = list->next;
    list->next = NULL;
    append_ready(data, list);
    if (next == NULL && rest != NULL) {
      next = rest;
      rest = NULL;
    }
  }
}

static struct wsk_block *take_first(struct wsk_data *data) {
  struct wsk_block *block = data->ready;
  data->ready = block->next;
  block->next = NULL;
  return block;
}

static unsigned count(const struct wsk_block *list) {
  unsigned blocks = 0;
  for (; list != NULL; list = list->next)
    blocks++;
  return blocks;
}

bool wsk__data_uncount(struct wsk_data *data, const struct wsk_block *list) {
  bool was_full = data->full;
  data->blocks -= count(list);
  data->full = false;
  return was_full && list != NULL;
}

/* ---- reading ----------------------------------------------------------- */

static bool is_live(const struct wsk_socket *socket) {
  return socket->state == WSK_CONNECTED && !socket->silent &&
         (socket->events.enabled & WSK_EVENT_RECEIVE) != 0 &&
         has_callback(socket);
}

static bool is_wanted(struct wsk_socket *socket) {
  struct wsk_data *data = &socket->data;
  if (!is_live(socket) || data->paused || data->starved)
    return false;
  data->full = data->blocks >= WSK_BLOCKS_MAX;
  return !data->full;
}

bool wsk__data_is_wanted(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool wanted = is_wanted(socket);
  os__spin_unlock(&socket->receive.lock);
  return wanted;
}

static bool begin_reading(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool wanted = !socket->receive.begun && is_wanted(socket);
  if (wanted) {
    socket->data.blocks++;
    socket->data.reading = true;
  }
  os__spin_unlock(&socket->receive.lock);
  return wanted;
}

static void end_reading(struct wsk_socket *socket, struct wsk_block *block) {
  struct wsk_data *data = &socket->data;
  os__spin_lock(&socket->receive.lock);
  data->reading = false;
  bool empty = block == NULL || block->end == block->start;
  if (!empty)
    append_ready(data, block);
  else
    data->blocks--;
  data->starved = block == NULL;
  data->unread = data->unread && empty;
  os__spin_unlock(&socket->receive.lock);
}

void wsk__data_provide(struct wsk_socket *socket, struct net_buffer *buffer) {
  if (!wsk__event_may_be_enabled(socket, WSK_EVENT_RECEIVE) ||
      !begin_reading(socket))
    return;
  struct wsk_block *block = wsk__block_take(socket);
  if (block == NULL) {
    end_reading(socket, NULL);
    return;
  }
  socket->data.room = block;
  block->start = WSK_DELIVERY(mdl_offset);
  block->room =
      min(WSK_DELIVERY(bytes), (unsigned)sizeof(block->bytes) - block->start);
  *buffer = (struct net_buffer){block->bytes + block->start, block->room};
}

/* A list may be made of several reads; its last one brings less than there was
 * room for. */
static bool has_enough(struct wsk_socket *socket) {
  if (WSK_DELIVERY(members) == 1)
    return true;
  os__spin_lock(&socket->receive.lock);
  bool enough = count(socket->data.ready) >= WSK_DELIVERY(members) ||
                socket->data.blocks >= WSK_BLOCKS_MAX;
  os__spin_unlock(&socket->receive.lock);
  return enough;
}

bool wsk__data_received(struct wsk_socket *socket, int64_t result) {
  struct wsk_block *block = socket->data.room;
  if (block == NULL)
    return false;
  socket->data.room = NULL;
  bool full = result >= (int64_t)block->room;
  block->full = full;
  block->end = block->start + (result > 0 ? (ULONG)result : 0);
  end_reading(socket, block);
  if (result <= 0)
    wsk__block_give(block);
  if (!full || has_enough(socket))
    wsk__events_pump(socket);
  return true;
}

/* ---- WskReceive -------------------------------------------------------- */

bool wsk__data_is_idle(const struct wsk_socket *socket) {
  const struct wsk_data *data = &socket->data;
  return (socket->events.enabled & WSK_EVENT_RECEIVE) == 0 &&
         data->ready == NULL && data->indicated == NULL && !data->reading &&
         !data->unread;
}

bool wsk__data_is_indicated(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool indicated = socket->data.indicated != NULL;
  os__spin_unlock(&socket->receive.lock);
  return indicated;
}

void wsk__data_resume(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->data.paused = false;
  socket->data.resumed = true;
  os__spin_unlock(&socket->receive.lock);
}

/* Moves bytes of one block to the receive. */
static void move(struct wsk_data *data, struct wsk_block *block, PIRP irp,
                 bool drain) {
  const struct wsk_args *args = wsk__args(irp);
  SIZE_T bytes = length_of(block);
  if (!drain) {
    bytes = min(bytes, args->length - wsk__op(irp)->done);
    bytes = mm__copy_to_chain(args->mdl, args->offset, wsk__op(irp)->done,
                              block->bytes + block->start, bytes);
    wsk__op(irp)->done += bytes;
  }
  block->start += (ULONG)bytes;
  data->bytes -= bytes;
}

bool wsk__data_take(struct wsk_socket *socket, PIRP irp, bool drain,
                    struct wsk_block **emptied) {
  struct wsk_data *data = &socket->data;
  struct wsk_block *empty = NULL;
  os__spin_lock(&socket->receive.lock);
  bool any = data->ready != NULL;
  while (data->ready != NULL &&
         (drain || wsk__op(irp)->done < wsk__args(irp)->length)) {
    move(data, data->ready, irp, drain);
    if (length_of(data->ready) > 0)
      break;
    struct wsk_block *block = take_first(data);
    block->next = empty;
    empty = block;
  }
  wsk__data_uncount(data, empty);
  os__spin_unlock(&socket->receive.lock);
  *emptied = empty;
  return any;
}

SIZE_T wsk__receive_kept(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  SIZE_T bytes = socket->data.bytes;
  os__spin_unlock(&socket->receive.lock);
  return bytes;
}

/* ---- the callback ------------------------------------------------------ */

static bool data_due(const struct wsk_socket *socket) {
  return is_live(socket) && !socket->data.paused &&
         socket->data.ready != NULL && socket->receive.pending == 0;
}

/* The socket has died although nobody asked. */
static bool death_due(const struct wsk_socket *socket) {
  return socket->forced && socket->state == WSK_DEAD &&
         !socket->data.death_told && wsk__socket_role(socket) == WSK_CONNECTION;
}

static bool receive_due(const struct wsk_socket *socket) {
  return data_due(socket) || death_due(socket);
}

/* What is to be indicated now; NULL when that has changed meanwhile. */
static struct wsk_block *take_ready(struct wsk_socket *socket, ULONG *flags) {
  struct wsk_data *data = &socket->data;
  struct wsk_block *list = NULL;
  os__spin_lock(&socket->receive.lock);
  if (data_due(socket)) {
    list = data->ready;
    data->ready = NULL;
    data->bytes = 0;
    data->indicated = list;
    data->released = data->resumed = false;
  }
  if (data->blocks >= WSK_BLOCKS_MAX / 2)
    *flags |= WSK_FLAG_RELEASE_ASAP;
  os__spin_unlock(&socket->receive.lock);
  return list;
}

/* The block as a test wants it seen: in two MDLs. */
static void split(struct wsk_block *block, ULONG bytes) {
  ULONG cut = block->start + bytes;
  MmInitializeMdl(&block->mdl, block->bytes, cut);
  MmBuildMdlForNonPagedPool(&block->mdl);
  MmInitializeMdl(&block->rest, block->bytes + cut, block->end - cut);
  MmBuildMdlForNonPagedPool(&block->rest);
  block->mdl.Next = &block->rest;
}

/* The host had no more than this: as if the sender had pushed it. */
static bool is_message(const struct wsk_block *last) {
  return !last->full && !WSK_DELIVERY(hides_messages);
}

/* Fills in what the client sees; how many bytes there are. */
static SIZE_T show(struct wsk_block *list, ULONG *flags) {
  SIZE_T bytes = 0;
  unsigned first_mdl = WSK_DELIVERY(mdl_bytes);
  for (struct wsk_block *block = list; block != NULL; block = block->next) {
    if (first_mdl != 0 && first_mdl < length_of(block))
      split(block, first_mdl);
    block->indication.Next =
        block->next != NULL ? &block->next->indication : NULL;
    block->indication.Buffer =
        (WSK_BUF){&block->mdl, block->start, length_of(block)};
    bytes += length_of(block);
    if (block->next == NULL && is_message(block))
      *flags |= WSK_FLAG_ENTIRE_MESSAGE;
  }
  return bytes;
}

static NTSTATUS call(struct wsk_socket *socket, struct wsk_block *list,
                     ULONG flags, SIZE_T bytes, SIZE_T *accepted) {
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskReceiveEvent", &socket->base, socket->context);
  NTSTATUS status = callback_of(socket)(socket->context, flags,
                                        list != NULL ? &list->indication : NULL,
                                        bytes, accepted);
  wsk__callback_end(irql, "WskReceiveEvent");
  return status;
}

/* How many of the bytes the client has taken; all of them when it keeps the
 * list. */
static SIZE_T bytes_taken(NTSTATUS status, SIZE_T bytes, SIZE_T accepted) {
  switch (status) {
  case STATUS_SUCCESS:
    if (accepted <= bytes)
      return accepted;
    VF_ENTER_FROM("WskReceiveEvent", NULL);
    vf__report(VF_RECVEV_08,
               "WskReceiveEvent accepted %llu bytes of the %llu indicated",
               (unsigned long long)accepted, (unsigned long long)bytes);
    return bytes;
  case STATUS_PENDING:
    return bytes;
  case STATUS_DATA_NOT_ACCEPTED:
    return 0;
  default:
    VF_ENTER_FROM("WskReceiveEvent", NULL);
    vf__report(VF_RECVEV_06, "WskReceiveEvent returned status %#x",
               (unsigned)status);
    return 0;
  }
}

/* Cuts so many bytes off the front of *list; the blocks that became empty. */
static struct wsk_block *cut(struct wsk_block **list, SIZE_T bytes) {
  struct wsk_block *taken = NULL, **end = &taken;
  while (*list != NULL && length_of(*list) <= bytes) {
    struct wsk_block *block = *list;
    bytes -= length_of(block);
    *list = block->next;
    block->next = NULL;
    *end = block;
    end = &block->next;
  }
  if (*list != NULL)
    (*list)->start += (ULONG)bytes;
  return taken;
}

/* What the client's answer means for the list; what can be given back. */
static struct wsk_block *settle(struct wsk_socket *socket,
                                struct wsk_block *list, bool keeps,
                                SIZE_T taken) {
  struct wsk_data *data = &socket->data;
  struct wsk_block *over = NULL;
  os__spin_lock(&socket->receive.lock);
  bool wrong = data->released && !keeps;
  data->indicated = NULL;
  if (keeps && !data->released) {
    list->next_head = data->retained;
    data->retained = list;
  } else if (keeps) {
    over = list;
  } else {
    over = cut(&list, taken);
    data->paused = list != NULL && !data->resumed;
    prepend_ready(data, list);
  }
  (void)wsk__data_uncount(data, over);
  os__spin_unlock(&socket->receive.lock);
  if (wrong) {
    VF_ENTER_FROM("WskReceiveEvent", NULL);
    vf__report(VF_RELEASE_01,
               "WskReceiveEvent released a list that it did not retain");
  }
  return over;
}

static void spoil(struct wsk_block *list) {
  for (; list != NULL; list = list->next)
    wsk__block_spoil(list);
}

/* Once, and whatever it answers. */
static void tell_of_death(struct wsk_socket *socket) {
  SIZE_T accepted = 0;
  os__spin_lock(&socket->receive.lock);
  bool due = death_due(socket);
  socket->data.death_told = socket->data.death_told || due;
  os__spin_unlock(&socket->receive.lock);
  if (due)
    (void)call(socket, NULL, wsk__dispatch_flag(), 0, &accepted);
}

static void indicate(struct wsk_socket *socket) {
  ULONG flags = wsk__dispatch_flag() | wsk__release_flag();
  struct wsk_block *list = take_ready(socket, &flags);
  if (list == NULL) {
    tell_of_death(socket);
    return;
  }
  SIZE_T bytes = show(list, &flags), accepted = bytes;
  NTSTATUS status = call(socket, list, flags, bytes, &accepted);
  bool keeps = status == STATUS_PENDING;
  if (!keeps)
    spoil(list);
  SIZE_T taken = bytes_taken(status, bytes, accepted);
  fault__moved(&socket->base, taken);
  wsk__block_give(settle(socket, list, keeps, taken));
}

const struct wsk_event_source wsk__receive_source = {
    .event = WSK_EVENT_RECEIVE,
    .name = "WskReceiveEvent",
    .has_callback = has_callback,
    .due = receive_due,
    .indicate = indicate,
};

/* ---- the end ----------------------------------------------------------- */

static void report_retained(struct wsk_socket *socket) {
  vf__report_on(VF_CLOSE_09, socket,
                "socket %p is closed while its client retains data",
                (void *)socket);
}

void wsk__data_check_close(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool retains = socket->data.retained != NULL;
  socket->data.told_client = retains;
  os__spin_unlock(&socket->receive.lock);
  if (retains)
    report_retained(socket);
}

void wsk__data_drop(struct wsk_socket *socket) {
  struct wsk_data *data = &socket->data;
  os__spin_lock(&socket->receive.lock);
  struct wsk_block *ready = data->ready, *retained = data->retained;
  bool told = data->told_client;
  RtlZeroMemory(data, sizeof(*data));
  os__spin_unlock(&socket->receive.lock);
  if (retained != NULL && !told)
    report_retained(socket);
  wsk__block_forget(socket);
  wsk__block_give(ready);
  while (retained != NULL) {
    struct wsk_block *next = retained->next_head;
    wsk__block_abandon(retained);
    retained = next;
  }
}

void wsk__data_scan(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->data.starved = false;
  os__spin_unlock(&socket->receive.lock);
}

void wsk__data_stop(void) {
  wsk__block_stop();
  wsk__delivery_stop();
}
