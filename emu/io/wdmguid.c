/* The GUIDs that drivers have from Wdmguid.lib. */
#include <initguid.h>
#include <wdmguid.h>
