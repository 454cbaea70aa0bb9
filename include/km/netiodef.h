/* Names of network programming interfaces. */
#ifndef _UWSK_NETIODEF_H_
#define _UWSK_NETIODEF_H_

#include "ntdef.h"

/* Identifies one network programming interface, for instance WSK's own
 * (NPI_WSK_INTERFACE_ID in wsk.h). */
typedef GUID NPIID;
typedef CONST NPIID *PNPIID;

/* Identifies one network module, a provider or a client of an interface. */
typedef GUID NPI_MODULEID_GUID;

#endif
