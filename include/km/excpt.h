/* __try, __except, __finally: see uwsk_seh.h. */
#ifndef UWSK_KM_EXCPT_H
#define UWSK_KM_EXCPT_H
#include <uwsk_seh.h>
#endif
