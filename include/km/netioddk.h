/*
 * Types of the network module registrar (NMR), through which Windows' kernel
 * networking modules find each other. WSK clients meet them only in types:
 * WskRegister speaks to the registrar for them. The registrar's own functions
 * are not part of uwsk.
 */
#ifndef _UWSK_NETIODDK_H_
#define _UWSK_NETIODDK_H_

#include "netiodef.h"
#include "ntdef.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a network module is identified. Windows page:
 * ns-netioddk-_npi_moduleid. */
typedef enum _NPI_MODULEID_TYPE { MIT_GUID = 1, MIT_IF_LUID } NPI_MODULEID_TYPE;

typedef struct _NPI_MODULEID {
  USHORT Length;
  NPI_MODULEID_TYPE Type;
  union {
    GUID Guid;
    LUID IfLuid;
  };
} NPI_MODULEID, *PNPI_MODULEID;
typedef CONST NPI_MODULEID *PCNPI_MODULEID;

/* What a module registers of itself. Windows page:
 * ns-netioddk-_npi_registration_instance. */
typedef struct _NPI_REGISTRATION_INSTANCE {
  USHORT Version;
  USHORT Size;
  PNPIID NpiId;
  PNPI_MODULEID ModuleId;
  ULONG Number;
  CONST VOID *NpiSpecificCharacteristics;
} NPI_REGISTRATION_INSTANCE, *PNPI_REGISTRATION_INSTANCE;
typedef CONST NPI_REGISTRATION_INSTANCE *PCNPI_REGISTRATION_INSTANCE;

#ifdef __cplusplus
}
#endif

#endif
