/*
 * uwsk/extension.h: WSK extension interfaces of a test's own.
 *
 * Windows defines no extension interface in public, so by itself uwsk answers
 * SIO_WSK_REGISTER_EXTENSION with STATUS_NOT_SUPPORTED. A test of code that
 * uses one (or offers to) adds it here.
 */
#ifndef UWSK_EXTENSION_H
#define UWSK_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _GUID;
struct _WSK_SOCKET;

/* What one socket of a client and the extension have of each other: the members
 * of WSK_EXTENSION_CONTROL_IN and WSK_EXTENSION_CONTROL_OUT. */
struct uwsk_extension_pair {
  void *client_context;          /* goes to the client's callbacks */
  const void *client_dispatch;   /* the client's callbacks */
  void *provider_context;        /* comes with the client's calls */
  const void *provider_dispatch; /* the extension's functions */
};

/* Set `size` with UWSK_EXTENSION_INIT. */
struct uwsk_extension {
  size_t size;                /* sizeof(struct uwsk_extension) */
  const struct _GUID *npi_id; /* its NPIID, which is copied */
  void *user;                 /* comes with each of the following */

  /* A client registers for the extension on a socket. Sets the provider's two
   * members of *pair and returns STATUS_SUCCESS, or returns another status,
   * which the client gets. On the client's thread, at its IRQL. */
  uwsk_ntstatus (*attach)(void *user, struct _WSK_SOCKET *socket,
                          struct uwsk_extension_pair *pair);

  /* The socket has been closed, and the IRP of the close is about to complete:
   * the client's callbacks are not to be called any more. May be NULL. At IRQL
   * <= DISPATCH_LEVEL; must not wait. */
  void (*detach)(void *user, struct _WSK_SOCKET *socket,
                 const struct uwsk_extension_pair *pair);
};

#define UWSK_EXTENSION_INIT                                                    \
  { sizeof(struct uwsk_extension), NULL, NULL, NULL, NULL }

/*
 * Adds an extension. uwsk_stop forgets it; there is no other way to remove one.
 * Any thread, any IRQL.
 *
 * False when there is no memory, a member that must be there is not, `size` is
 * not known, or an extension of this NPIID has been added before.
 */
bool uwsk_add_extension(const struct uwsk_extension *extension);

#ifdef __cplusplus
}
#endif

#endif
