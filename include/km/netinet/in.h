/* Gate before the host's <netinet/in.h>; uwsk_socket_guard.h says why. No include
 * guard: the host's header has its own, and a second look must stop too. */
#ifdef UWSK_KM_SOCKET_TYPES
#error                                                                         \
    "uwsk: <netinet/in.h> was included after a km header. One file cannot have both: keep driver code and host socket code in separate files."
#include "uwsk-stopped-see-the-error-above"
#else
#include_next <netinet/in.h>
#endif
