/* The annotations for drivers; all of them stand in sal.h. */
/* A file of the host's <windows.h> that finds this on its way gets the system's. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <driverspecs.h>
#else

#ifndef UWSK_KM_DRIVERSPECS_H
#define UWSK_KM_DRIVERSPECS_H
#include <sal.h>
#endif

#endif /* not <windows.h> */
