/* Random bytes: libuv asks the host's generator, without a loop. */
#include <uv.h>

#include "os/os_hash.h"

bool os__random(void *bytes, size_t size) {
  return size == 0 || uv_random(NULL, NULL, bytes, size, 0, NULL) == 0;
}
