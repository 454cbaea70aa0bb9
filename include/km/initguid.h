/* From here on DEFINE_GUID defines its GUID instead of declaring it. */
#ifndef INITGUID
#define INITGUID
#endif

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <initguid.h>
#else

#include <guiddef.h>

#endif
