/*
 * See client.h.
 */
#include "client.h"

struct os_mutex client_lock;

__attribute__((constructor)) static void init_lock(void) {
  os__mutex_init(&client_lock);
}

/* ---- what it is told --------------------------------------------------- */

static void note(struct client *client, char mark, int *place, int error) {
  os__mutex_lock(&client_lock);
  if (place != NULL)
    *place = error;
  if (client->logged < sizeof(client->log) - 1)
    client->log[client->logged++] = mark;
  os__mutex_unlock(&client_lock);
}

static void on_connected(void *user, int error) {
  struct client *client = user;
  note(client, 'C', &client->connect_error, error);
}

static void on_written(void *user, int error) {
  struct client *client = user;
  note(client, 'W', &client->write_error, error);
}

static void on_finished(void *user, int error) {
  struct client *client = user;
  note(client, 'F', &client->finish_error, error);
}

static void on_arrived(void *user) {
  note(user, 'A', NULL, 0);
}

static void on_closed(void *user) {
  note(user, 'X', NULL, 0);
}

static void on_provide(void *user, struct net_buffer *buffer) {
  struct client *client = user;
  os__mutex_lock(&client_lock);
  client->asked++;
  size_t length =
      client->room < client->portion ? client->room : client->portion;
  client->unpaired += client->outstanding != 0;
  client->outstanding = length;
  client->refused += length == 0;
  buffer->base = client->bytes + client->got % CLIENT_ROOM;
  buffer->length = length;
  os__mutex_unlock(&client_lock);
}

static void on_received(void *user, int64_t result) {
  struct client *client = user;
  os__mutex_lock(&client_lock);
  client->unpaired += client->outstanding == 0 && result >= 0;
  client->outstanding = 0;
  client->empty += result == 0;
  if (result > 0) {
    client->got += (size_t)result;
    client->room -= (size_t)result;
    if (client->again_in_received)
      client->room = client->portion;
  }
  os__mutex_unlock(&client_lock);
  if (result < 0) {
    client->read_error = result;
    note(client, 'E', NULL, 0);
  }
}

static void on_starved(void *user) {
  struct client *client = user;
  os__mutex_lock(&client_lock);
  client->starved++;
  os__mutex_unlock(&client_lock);
}

static const struct net_tcp_events events = {.connected = on_connected,
                                             .provide = on_provide,
                                             .received = on_received,
                                             .starved = on_starved,
                                             .written = on_written,
                                             .finished = on_finished,
                                             .arrived = on_arrived,
                                             .closed = on_closed};

/* ---- verbs ------------------------------------------------------------- */

struct verb {
  struct client *client;
  struct client *other;
  enum net_family family;
  const struct net_address *address;
  const struct net_buffer *buffers;
  unsigned count;
  bool reset;
  int answer;
};

static void do_open(void *argument) {
  struct verb *verb = argument;
  verb->answer =
      net__tcp_open(&verb->client->tcp, verb->family, &events, verb->client);
}

static void do_bind(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_bind(verb->client->tcp, verb->address);
}

static void do_connect(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_connect(verb->client->tcp, verb->address);
}

static void do_listen(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_listen(verb->client->tcp, (int)verb->count);
}

static void do_accept(void *argument) {
  struct verb *verb = argument;
  struct client *listener = verb->client;
  bool there = net__tcp_has_arrived(listener->tcp);
  verb->answer =
      net__tcp_accept(listener->tcp, &verb->other->tcp, &events, verb->other);
  assert_true(there == (verb->answer != NET_EAGAIN));
}

static void do_write(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_write(verb->client->tcp, verb->buffers, verb->count);
}

static void do_finish(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_finish(verb->client->tcp);
}

static void do_read(void *argument) {
  struct verb *verb = argument;
  verb->answer = net__tcp_read_start(verb->client->tcp);
}

static void do_stop(void *argument) {
  struct verb *verb = argument;
  net__tcp_read_stop(verb->client->tcp);
}

static void do_close(void *argument) {
  struct verb *verb = argument;
  net__tcp_close(verb->client->tcp, verb->reset);
}

static void clear(struct client *client) {
  memset(client, 0, sizeof(*client));
  client->peer = client->listener = (uv_os_sock_t)-1;
}

int client_listen(struct client *client, int backlog) {
  struct verb verb = {.client = client, .count = (unsigned)backlog};
  run_on_loop(do_listen, &verb);
  return verb.answer;
}

int client_accept(struct client *listener, struct client *accepted) {
  struct verb verb = {.client = listener, .other = accepted};
  clear(accepted);
  run_on_loop(do_accept, &verb);
  return verb.answer;
}

int client_open(struct client *client, enum net_family family) {
  struct verb verb = {.client = client, .family = family};
  clear(client);
  run_on_loop(do_open, &verb);
  return verb.answer;
}

int client_bind(struct client *client, const struct net_address *local) {
  struct verb verb = {.client = client, .address = local};
  run_on_loop(do_bind, &verb);
  return verb.answer;
}

int client_connect_to(struct client *client, const struct net_address *remote) {
  struct verb verb = {.client = client, .address = remote};
  run_on_loop(do_connect, &verb);
  return verb.answer;
}

int client_write(struct client *client, const struct net_buffer *buffers,
                 unsigned count) {
  struct verb verb = {.client = client, .buffers = buffers, .count = count};
  run_on_loop(do_write, &verb);
  return verb.answer;
}

int client_finish(struct client *client) {
  struct verb verb = {.client = client};
  run_on_loop(do_finish, &verb);
  return verb.answer;
}

int client_read(struct client *client, size_t room, size_t portion) {
  struct verb verb = {.client = client};
  os__mutex_lock(&client_lock);
  client->room = room;
  client->portion = portion;
  os__mutex_unlock(&client_lock);
  run_on_loop(do_read, &verb);
  return verb.answer;
}

void client_stop(struct client *client) {
  struct verb verb = {.client = client};
  run_on_loop(do_stop, &verb);
}

void client_start_close(struct client *client, bool reset) {
  struct verb verb = {.client = client, .reset = reset};
  run_on_loop(do_close, &verb);
}

/* ---- waiting ----------------------------------------------------------- */

bool client_has(struct client *client, char mark) {
  os__mutex_lock(&client_lock);
  bool has = memchr(client->log, mark, client->logged) != NULL;
  os__mutex_unlock(&client_lock);
  return has;
}

struct expectation {
  struct client *client;
  char mark;
  size_t bytes;
};

static bool is_met(void *context) {
  struct expectation *expected = context;
  if (expected->mark != 0)
    return client_has(expected->client, expected->mark);
  os__mutex_lock(&client_lock);
  bool met = expected->client->got >= expected->bytes;
  os__mutex_unlock(&client_lock);
  return met;
}

void client_until(struct client *client, char mark) {
  struct expectation expected = {.client = client, .mark = mark};
  assert_true(loop__run_until(is_met, &expected, LOOP_FOREVER));
}

void client_until_got(struct client *client, size_t bytes) {
  struct expectation expected = {.client = client, .bytes = bytes};
  assert_true(loop__run_until(is_met, &expected, LOOP_FOREVER));
}

/* ---- whole connections ------------------------------------------------- */

void client_connect(struct client *client, enum net_family family) {
  struct net_address address;
  uv_os_sock_t listener = peer_listen(family, &address);
  assert_int_equal(client_open(client, family), NET_OK);
  client->listener = listener;
  assert_int_equal(client_connect_to(client, &address), NET_OK);
  client_until(client, 'C');
  assert_int_equal(client->connect_error, NET_OK);
  client->peer = peer_accept(listener);
}

void client_drop_peer(struct client *client) {
  if (client->peer != (uv_os_sock_t)-1)
    peer_close(client->peer);
  if (client->listener != (uv_os_sock_t)-1)
    peer_close(client->listener);
  client->peer = client->listener = (uv_os_sock_t)-1;
}

void client_close(struct client *client, bool reset) {
  client_start_close(client, reset);
  client_until(client, 'X');
  client_drop_peer(client);
  assert_int_equal(client->unpaired, 0);
}
