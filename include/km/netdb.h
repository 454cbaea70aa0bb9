/* Gate before the host's <netdb.h>; uwsk_socket_guard.h says why. No include
 * guard: the host's header has its own, and a second look must stop too. */
#ifdef UWSK_KM_SOCKET_TYPES
#error                                                                         \
    "uwsk: <netdb.h> was included after a km header. One file cannot have both: keep driver code and host socket code in separate files."
#include "uwsk-stopped-see-the-error-above"
#else
#include_next <netdb.h>
#endif
