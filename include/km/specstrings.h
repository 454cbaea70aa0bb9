/* The older names of the annotations; all of them stand in sal.h. */
#ifndef UWSK_KM_SPECSTRINGS_H
#define UWSK_KM_SPECSTRINGS_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <specstrings.h>
#else

#include <sal.h>

#endif
#endif
