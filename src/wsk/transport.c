/* The list of transports, and who waits for it to change. See transport.h. */
#include "wsk/transport.h"

#include <stdbool.h>

#include "io/io.h"
#include "os/os.h"
#include "uwsk/uwsk.h"
#include "wsk/client.h"
#include "wsk/op.h"

/* ---- the list ------------------------------------------------------------ */

/* Modules of the network stack, as netiodef.h of Windows names them. */
#define MODULE(number)                                                         \
  {                                                                            \
    0xeb004a00 + (number), 0x9b1a, 0x11d4, {                                   \
      0x91, 0x23, 0x00, 0x50, 0x04, 0x77, 0x59, 0xbc                           \
    }                                                                          \
  }
#define UDP_MODULE MODULE(0x02)
#define TCP_MODULE MODULE(0x03)
#define VERSION    MAKE_WSK_VERSION(1, 0)

static const WSK_TRANSPORT transports[] = {
    {VERSION, SOCK_STREAM, IPPROTO_TCP, AF_INET, TCP_MODULE},
    {VERSION, SOCK_STREAM, IPPROTO_TCP, AF_INET6, TCP_MODULE},
    {VERSION, SOCK_DGRAM, IPPROTO_UDP, AF_INET, UDP_MODULE},
    {VERSION, SOCK_DGRAM, IPPROTO_UDP, AF_INET6, UDP_MODULE},
};

const WSK_TRANSPORT *wsk__transport_list(SIZE_T *size) {
  *size = sizeof(transports);
  return transports;
}

/* ---- who waits ----------------------------------------------------------- */

/* IRPs by their ListEntry. Whoever takes one out completes it. */
static struct os_spin waiting_lock;
static LIST_ENTRY waiting = {&waiting, &waiting};

/* An IRP that is in no list stands alone. */
static bool take_out(PIRP irp) {
  PLIST_ENTRY link = &irp->Tail.Overlay.ListEntry;
  os__spin_lock(&waiting_lock);
  bool taken = link->Flink != link;
  RemoveEntryList(link);
  InitializeListHead(link);
  os__spin_unlock(&waiting_lock);
  return taken;
}

static void complete(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_client *client = wsk__op(irp)->client;
  io__complete(irp, irp->IoStatus.Status, 0);
  wsk__client_leave(client);
}

static void start_completing(struct loop_op *op) {
  op->run = complete;
  loop__complete(op);
}

static void finish(PIRP irp, NTSTATUS status) {
  irp->IoStatus.Status = status;
  wsk__op(irp)->loop.run = start_completing;
  loop__submit(&wsk__op(irp)->loop);
}

/* The cancel lock is held on entry. Nobody else completes the IRP: whoever
 * wants to has to take the routine away first. */
static VOID cancel_waiting(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  (void)take_out(irp);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  finish(irp, STATUS_CANCELLED);
}

/* The next IRP that waits, of one client or of all, for the caller to finish;
 * NULL. One whose cancel routine is on its way is left to that. */
static PIRP take_next(const struct wsk_client *client) {
  PIRP found = NULL;
  os__spin_lock(&waiting_lock);
  for (PLIST_ENTRY link = waiting.Flink; link != &waiting && found == NULL;
       link = link->Flink) {
    PIRP irp = wsk__irp_of_link(link);
    if ((client == NULL || wsk__op(irp)->client == client) &&
        IoSetCancelRoutine(irp, NULL) != NULL) {
      found = irp;
      RemoveEntryList(link);
    }
  }
  os__spin_unlock(&waiting_lock);
  return found;
}

NTSTATUS wsk__transport_wait(struct wsk_client *client, PIRP irp) {
  wsk__client_add(client);
  wsk__op(irp)->client = client;
  IoMarkIrpPending(irp);
  os__spin_lock(&waiting_lock);
  InsertTailList(&waiting, &irp->Tail.Overlay.ListEntry);
  (void)IoSetCancelRoutine(irp, cancel_waiting);
  /* Cancelled before, or by a thread that looks for the routine just now. */
  bool ends = (wsk__op_is_cancelled(irp) || wsk__client_is_going(client)) &&
              IoSetCancelRoutine(irp, NULL) != NULL;
  if (ends)
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
  os__spin_unlock(&waiting_lock);
  if (ends)
    finish(irp, STATUS_CANCELLED);
  return STATUS_PENDING;
}

void wsk__transport_client_gone(struct wsk_client *client) {
  PIRP irp;
  while ((irp = take_next(client)) != NULL)
    finish(irp, STATUS_CANCELLED);
}

/* Those that a completion routine queues anew wait for the next change. */
void uwsk_transport_list_changed(void) {
  LIST_ENTRY ended;
  PIRP irp;
  InitializeListHead(&ended);
  while ((irp = take_next(NULL)) != NULL)
    InsertTailList(&ended, &irp->Tail.Overlay.ListEntry);
  while (!IsListEmpty(&ended))
    finish(wsk__irp_of_link(RemoveHeadList(&ended)), STATUS_SUCCESS);
}

void wsk__transport_stop(void) {
  InitializeListHead(&waiting);
}
