/*
 * A user of the transport that remembers all it is told. Its callbacks come on
 * whatever thread drives, so everything is under one lock.
 */
#ifndef UWSK_TEST_CLIENT_H
#define UWSK_TEST_CLIENT_H

#include "../loop/event.h"
#include "net/net.h"
#include "peer.h"

#define CLIENT_ROOM 65536

struct client {
  struct net_tcp *tcp;
  uv_os_sock_t peer;
  uv_os_sock_t listener;

  /* How often, and with what: 'C'onnected, 'W'ritten, 'F'inished, 'E'nd of
   * reading, 'A'rrived (a connection), 'X' closed, in the order of `log`. */
  char log[32];
  unsigned logged;
  int connect_error, write_error, finish_error;
  int64_t read_error;

  /* Reading: `room` bytes may still come, at most `portion` at once. */
  size_t room, portion, got;
  int asked, refused, empty, starved;
  size_t outstanding; /* provided and not back */
  int unpaired;
  char bytes[CLIENT_ROOM];

  bool again_in_received; /* room for a portion whenever one has come */
};

extern struct os_mutex client_lock;

/* Opens on the loop; the error. */
int client_open(struct client *client, enum net_family family);

/* Opens, connects to a listener of its own, accepts. */
void client_connect(struct client *client, enum net_family family);

/* Closes what is open and waits for it. */
void client_close(struct client *client, bool reset);
void client_drop_peer(struct client *client);

/* Verbs, run on the loop. client_accept makes `accepted` the user of what it
 * takes from `listener`. */
int client_listen(struct client *client, int backlog);
int client_accept(struct client *listener, struct client *accepted);
int client_bind(struct client *client, const struct net_address *local);
int client_connect_to(struct client *client, const struct net_address *remote);
int client_write(struct client *client, const struct net_buffer *buffers,
                 unsigned count);
int client_finish(struct client *client);
int client_read(struct client *client, size_t room, size_t portion);
void client_stop(struct client *client);
void client_start_close(struct client *client, bool reset);

/* Drives until the log holds `mark`, or this many bytes have come. */
void client_until(struct client *client, char mark);
void client_until_got(struct client *client, size_t bytes);
bool client_has(struct client *client, char mark);

#endif
