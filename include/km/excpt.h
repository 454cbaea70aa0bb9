/* __try, __except, __finally: see uwsk_seh.h. */
/* A file of the host's <windows.h> that finds this on its way gets the system's. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <excpt.h>
#else

#ifndef UWSK_KM_EXCPT_H
#define UWSK_KM_EXCPT_H
#include <uwsk_seh.h>
#endif

#endif /* not <windows.h> */
