/* WskRelease: lists of data that a client has kept. */
#include "etw/trace.h"
#include "ke/ke.h"
#include "verifier/report.h"
#include "wsk/data_block.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

/* Whether it is a part of the list, but not its head. */
static bool is_inside(const struct wsk_block *list,
                      const WSK_DATA_INDICATION *part) {
  for (list = list->next; list != NULL; list = list->next)
    if (&list->indication == part)
      return true;
  return false;
}

/* The list of which it is the head, or a part; NULL when it is neither. */
static struct wsk_block **find(struct wsk_data *data,
                               const WSK_DATA_INDICATION *part) {
  for (struct wsk_block **link = &data->retained; *link != NULL;
       link = &(*link)->next_head)
    if (&(*link)->indication == part || is_inside(*link, part))
      return link;
  return NULL;
}

enum answer { UNKNOWN, PARTIAL, RELEASED };

/* A list that the callback is still looking at goes when it has returned. */
static enum answer release_indicated(struct wsk_data *data,
                                     const WSK_DATA_INDICATION *list) {
  if (data->indicated == NULL || data->released)
    return UNKNOWN;
  if (&data->indicated->indication == list) {
    data->released = true;
    return RELEASED;
  }
  return is_inside(data->indicated, list) ? PARTIAL : UNKNOWN;
}

/* Under the receive lane's lock. *over is what can be given back. */
static enum answer release(struct wsk_data *data,
                           const WSK_DATA_INDICATION *list,
                           struct wsk_block **over) {
  struct wsk_block **link = find(data, list);
  if (link == NULL)
    return release_indicated(data, list);
  if (&(*link)->indication != list)
    return PARTIAL;
  *over = *link;
  *link = (*link)->next_head;
  return RELEASED;
}

/* Reading may have rested for this. */
static void read_again(struct wsk_socket *socket) {
  if (wsk__socket_request_scan(socket))
    loop__submit(&socket->scan_op);
}

/* A socket that is gone has no lists; those that its client has kept longer
 * stand in the pool. */
static enum answer release_list(struct wsk_socket *socket,
                                const WSK_DATA_INDICATION *list, bool *closed) {
  struct wsk_block *over = NULL;
  os__spin_lock(&socket->receive.lock);
  enum answer answer = release(&socket->data, list, &over);
  bool again = wsk__data_uncount(&socket->data, over);
  *closed = socket->state == WSK_FREE || socket->state == WSK_CLOSING;
  os__spin_unlock(&socket->receive.lock);
  wsk__block_give(over);
  if (again)
    read_again(socket);
  return answer;
}

static NTSTATUS release_from(struct wsk_socket *socket,
                             const WSK_DATA_INDICATION *list) {
  bool closed;
  enum answer answer = release_list(socket, list, &closed);
  if (closed) {
    vf__report_on(VF_CLOSE_06, socket,
                  "WskRelease on socket %p, which was closed", (void *)socket);
    if (answer == UNKNOWN)
      (void)wsk__block_give_abandoned(list);
    return STATUS_FILE_CLOSED;
  }
  if (answer == PARTIAL)
    vf__report(VF_RELEASE_03, "WskRelease with %p, which is not a list's head",
               (const void *)list);
  if (answer == UNKNOWN)
    vf__report_on(VF_RELEASE_02, list,
                  "WskRelease on socket %p with %p, which it has not retained, "
                  "or no longer",
                  (void *)socket, (const void *)list);
  return answer == RELEASED ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS WSKAPI wsk__release_data(PWSK_SOCKET Socket,
                                  PWSK_DATA_INDICATION DataIndication) {
  struct wsk_socket *socket = (struct wsk_socket *)(void *)Socket;
  ETW_CALL("WskRelease", Socket, NULL, "list %#llx",
           (unsigned long long)(ULONG_PTR)DataIndication);
  ke__check_irql(DISPATCH_LEVEL, "WskRelease");
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  if (socket == NULL)
    status = STATUS_INVALID_HANDLE;
  else if (DataIndication != NULL)
    status = release_from(socket, DataIndication);
  ETW_RETURN("WskRelease", NULL, status);
  return status;
}
