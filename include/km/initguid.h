/* From here on DEFINE_GUID defines its GUID instead of declaring it. */
/* A file of the host's <windows.h> that finds this on its way gets the system's. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <initguid.h>
#else

#ifndef INITGUID
#define INITGUID
#endif
#include <guiddef.h>

#endif /* not <windows.h> */
