/*
 * What the loop does with handles that are left open when it is shut down.
 */
#include "net/net_uv_udp.h"

#include "loop/loop_uv.h"

static void abandon(uv_handle_t *handle) {
  if (handle->type == UV_POLL)
    net__udp_abandon(handle);
  else
    net__tcp_abandon(handle);
}

void net__register_abandon(void) {
  loop__on_abandon(abandon);
}
