/* Extension interfaces. See extension.h and include/uwsk/extension.h. */
#include "uwsk/extension.h"

#include "os/os.h"
#include "wsk/extension.h"
#include "wsk/socket.h"

struct extension {
  struct extension *next;
  struct uwsk_extension is;
  NPIID id;
};

/* Added at the head; nothing is taken out before the runtime stops. */
static struct os_spin extensions_lock;
static struct extension *extensions;

struct wsk_attachment {
  struct wsk_attachment *next;
  const struct extension *extension;
  struct uwsk_extension_pair pair;
};

/* ---- extensions ---------------------------------------------------------- */

static bool same_id(const NPIID *a, const NPIID *b) {
  return RtlEqualMemory(a, b, sizeof(*a));
}

/* Under the lock. */
static struct extension *look_up(const NPIID *id) {
  struct extension *extension = extensions;
  while (extension != NULL && !same_id(&extension->id, id))
    extension = extension->next;
  return extension;
}

static const struct extension *find_extension(const NPIID *id) {
  os__spin_lock(&extensions_lock);
  const struct extension *extension = look_up(id);
  os__spin_unlock(&extensions_lock);
  return extension;
}

bool uwsk_add_extension(const struct uwsk_extension *given) {
  if (given == NULL || given->size != sizeof(*given) || given->npi_id == NULL ||
      given->attach == NULL)
    return false;
  struct extension *extension = os__alloc(sizeof(*extension));
  if (extension == NULL)
    return false;
  extension->is = *given;
  extension->id = *given->npi_id;
  os__spin_lock(&extensions_lock);
  bool added = look_up(&extension->id) == NULL;
  if (added) {
    extension->next = extensions;
    extensions = extension;
  }
  os__spin_unlock(&extensions_lock);
  if (!added)
    os__free(extension);
  return added;
}

/* ---- registrations ------------------------------------------------------- */

/* Under the lanes' locks. */
static bool has(const struct wsk_socket *socket,
                const struct extension *extension) {
  const struct wsk_attachment *attachment = socket->attachments;
  while (attachment != NULL && attachment->extension != extension)
    attachment = attachment->next;
  return attachment != NULL;
}

static bool is_registered(struct wsk_socket *socket,
                          const struct extension *extension) {
  wsk__socket_lock(socket);
  bool registered = has(socket, extension);
  wsk__socket_unlock(socket);
  return registered;
}

static void detach(struct wsk_socket *socket,
                   struct wsk_attachment *attachment) {
  const struct uwsk_extension *extension = &attachment->extension->is;
  if (extension->detach != NULL)
    extension->detach(extension->user, &socket->base, &attachment->pair);
  os__free(attachment);
}

/* False when another thread has registered the socket meanwhile, or begun to
 * close it. */
static bool enter(struct wsk_socket *socket,
                  struct wsk_attachment *attachment) {
  wsk__socket_lock(socket);
  bool entered = socket->state != WSK_FREE && socket->state != WSK_CLOSING &&
                 !has(socket, attachment->extension);
  if (entered) {
    attachment->next = socket->attachments;
    socket->attachments = attachment;
  }
  wsk__socket_unlock(socket);
  return entered;
}

static NTSTATUS attach(struct wsk_socket *socket,
                       struct wsk_attachment *attachment) {
  const struct uwsk_extension *extension = &attachment->extension->is;
  NTSTATUS status =
      extension->attach(extension->user, &socket->base, &attachment->pair);
  if (!NT_SUCCESS(status)) {
    os__free(attachment);
    return status;
  }
  if (enter(socket, attachment))
    return STATUS_SUCCESS;
  detach(socket, attachment);
  return STATUS_ALREADY_REGISTERED;
}

static NTSTATUS register_extension(struct wsk_socket *socket,
                                   const WSK_EXTENSION_CONTROL_IN *in,
                                   void *out) {
  if (in->NpiId == NULL)
    return STATUS_INVALID_PARAMETER;
  const struct extension *extension = find_extension(in->NpiId);
  if (extension == NULL)
    return STATUS_NOT_SUPPORTED;
  if (is_registered(socket, extension))
    return STATUS_ALREADY_REGISTERED;
  struct wsk_attachment *attachment = os__alloc(sizeof(*attachment));
  if (attachment == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  attachment->extension = extension;
  attachment->pair.client_context = in->ClientContext;
  attachment->pair.client_dispatch = in->ClientDispatch;
  NTSTATUS status = attach(socket, attachment);
  if (NT_SUCCESS(status)) {
    WSK_EXTENSION_CONTROL_OUT given = {attachment->pair.provider_context,
                                       attachment->pair.provider_dispatch};
    RtlCopyMemory(out, &given, sizeof(given));
  }
  return status;
}

NTSTATUS wsk__register_extension(const struct wsk_control *control) {
  NTSTATUS status =
      register_extension(control->socket, control->input, control->output);
  return wsk__control_answer(
      control, status,
      NT_SUCCESS(status) ? sizeof(WSK_EXTENSION_CONTROL_OUT) : 0);
}

/* ---- the end ------------------------------------------------------------- */

static struct wsk_attachment *take_all(struct wsk_socket *socket) {
  wsk__socket_lock(socket);
  struct wsk_attachment *all = socket->attachments;
  socket->attachments = NULL;
  wsk__socket_unlock(socket);
  return all;
}

void wsk__extension_end(struct wsk_socket *socket) {
  struct wsk_attachment *next = take_all(socket);
  while (next != NULL) {
    struct wsk_attachment *attachment = next;
    next = attachment->next;
    detach(socket, attachment);
  }
}

static void forget(struct wsk_socket *socket, void *context) {
  struct wsk_attachment *next = take_all(socket);
  UNREFERENCED_PARAMETER(context);
  while (next != NULL) {
    struct wsk_attachment *attachment = next;
    next = attachment->next;
    os__free(attachment);
  }
}

void wsk__extension_stop(void) {
  wsk__socket_for_each(forget, NULL);
  while (extensions != NULL) {
    struct extension *extension = extensions;
    extensions = extension->next;
    os__free(extension);
  }
}
