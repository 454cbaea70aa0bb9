/* __try, __except, __finally: see uwsk_seh.h. */
#ifndef UWSK_KM_EXCPT_H
#define UWSK_KM_EXCPT_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <excpt.h>
#else

#include <uwsk_seh.h>

#endif
#endif
