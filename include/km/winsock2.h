/* Gate before the host's <winsock2.h>; see uwsk_socket_guard.h. Without an
 * include guard: the host's header has its own, and each look must stop. */
#ifdef UWSK_KM_SOCKET_TYPES
#error "uwsk: km headers and system socket headers cannot share one file"
#include "uwsk-stopped-see-the-error-above"
#else
#include_next <winsock2.h>
#endif
