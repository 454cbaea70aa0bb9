/* The annotations for locks; all of them stand in sal.h. */
#ifndef UWSK_KM_CONCURRENCYSAL_H
#define UWSK_KM_CONCURRENCYSAL_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <concurrencysal.h>
#else

#include <sal.h>

#endif
#endif
