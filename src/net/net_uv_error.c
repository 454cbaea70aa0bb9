/*
 * libuv's errors, whose numbers differ from host to host, and ours.
 */
#include "net/net_uv.h"

int net__from_uv(int uv_error) {
  switch (uv_error) {
#define X(name)                                                                \
  case UV_##name:                                                              \
    return NET_##name;
    NET_ERRORS(X)
#undef X
  default:
    return uv_error >= 0 ? NET_OK : NET_UNKNOWN;
  }
}

const char *net__error_name(int error) {
  switch (error) {
  case NET_OK:
    return "OK";
#define X(name)                                                                \
  case NET_##name:                                                             \
    return #name;
    NET_ERRORS(X)
#undef X
  default:
    return "UNKNOWN";
  }
}
