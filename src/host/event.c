/* uwsk/event.h. */
#include "uwsk/event.h"

#include "wsk/delivery.h"
#include "wsk/socket.h"

bool uwsk_set_indications(size_t bytes, unsigned members) {
  return wsk__set_indications(bytes, members);
}

void uwsk_set_entire_message(bool told) {
  wsk__set_entire_message(told);
}

bool uwsk_set_indication_mdls(size_t bytes, size_t offset) {
  return wsk__set_indication_mdls(bytes, offset);
}

void uwsk_limit_receives(size_t bytes, uint64_t seed) {
  wsk__limit_receives(bytes, seed);
}

void uwsk_set_release_asap(bool always) {
  wsk__set_release_asap(always);
}

void uwsk_set_at_dispatch_told(bool told) {
  wsk__set_at_dispatch_told(told);
}

void uwsk_set_ideal_send_backlog(void *socket, size_t bytes) {
  wsk__set_ideal_backlog(socket, bytes);
}

bool uwsk_set_datagrams(unsigned members, size_t bytes, size_t offset) {
  return wsk__set_datagrams(members, bytes, offset);
}
