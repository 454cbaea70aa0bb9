/* Kernel code finds these types in ntdef.h; some files ask for them here. */
#ifndef UWSK_KM_WINDEF_H
#define UWSK_KM_WINDEF_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <windef.h>
#else

#define _WINDEF_

#define CDECL __cdecl

#include <ntdef.h>

#define MAKEWORD(low, high)                                                    \
  ((WORD)(((BYTE)(low)) | ((WORD)((BYTE)(high))) << 8))
#define MAKELONG(low, high)                                                    \
  ((LONG)(((WORD)(low)) | ((DWORD)((WORD)(high))) << 16))
#define LOWORD(value) ((WORD)(((DWORD_PTR)(value)) & 0xffff))
#define HIWORD(value) ((WORD)((((DWORD_PTR)(value)) >> 16) & 0xffff))
#define LOBYTE(value) ((BYTE)(((DWORD_PTR)(value)) & 0xff))
#define HIBYTE(value) ((BYTE)((((DWORD_PTR)(value)) >> 8) & 0xff))

#endif
#endif
