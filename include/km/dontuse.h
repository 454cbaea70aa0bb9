/* dontuse.h: the WDK's warns of functions that are better not used. Here that
 * is left to the compiler. */
#ifndef UWSK_KM_DONTUSE_H
#define UWSK_KM_DONTUSE_H

#endif
