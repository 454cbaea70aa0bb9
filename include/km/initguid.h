/* From here on DEFINE_GUID defines its GUID instead of declaring it. */
#ifndef INITGUID
#define INITGUID
#endif
#include <guiddef.h>
