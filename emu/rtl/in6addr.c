/* The well-known addresses that ws2ipdef.h declares. The C library has an
 * in6addr_any and an in6addr_loopback too, of the same sixteen bytes, so it
 * does not matter which of the two a program ends up with. */
#include "ws2ipdef.h"

CONST IN_ADDR in4addr_any = IN4ADDR_ANY_INIT;
CONST IN_ADDR in4addr_loopback = IN4ADDR_LOOPBACK_INIT;
CONST IN_ADDR in4addr_broadcast = IN4ADDR_BROADCAST_INIT;
CONST IN_ADDR in4addr_linklocalprefix = IN4ADDR_LINKLOCALPREFIX_INIT;
CONST IN_ADDR in4addr_multicastprefix = IN4ADDR_MULTICASTPREFIX_INIT;

CONST IN6_ADDR in6addr_any = IN6ADDR_ANY_INIT;
CONST IN6_ADDR in6addr_loopback = IN6ADDR_LOOPBACK_INIT;
CONST IN6_ADDR in6addr_allnodesonnode = IN6ADDR_ALLNODESONNODE_INIT;
CONST IN6_ADDR in6addr_allnodesonlink = IN6ADDR_ALLNODESONLINK_INIT;
CONST IN6_ADDR in6addr_allroutersonlink = IN6ADDR_ALLROUTERSONLINK_INIT;
CONST IN6_ADDR in6addr_linklocalprefix = IN6ADDR_LINKLOCALPREFIX_INIT;
CONST IN6_ADDR in6addr_multicastprefix = IN6ADDR_MULTICASTPREFIX_INIT;
CONST IN6_ADDR in6addr_v4mappedprefix = IN6ADDR_V4MAPPEDPREFIX_INIT;
