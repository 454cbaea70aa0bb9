# Whether <bcrypt.h> is part of this build: UWSK_WITH_BCRYPT. A hash is not ours to
# compute: it takes nettle, or Windows. Without, the header stops with an #error.
include(UwskFindNettle)
set(UWSK_WITH_BCRYPT ON)
if(UWSK_BCRYPT STREQUAL "AUTO")
  if(NOT WIN32 AND NOT TARGET uwsk::nettle)
    message(STATUS "uwsk: without <bcrypt.h>, since nettle was not found")
    set(UWSK_WITH_BCRYPT OFF)
  endif()
elseif(NOT UWSK_BCRYPT)
  set(UWSK_WITH_BCRYPT OFF)
elseif(NOT WIN32 AND NOT TARGET uwsk::nettle)
  message(FATAL_ERROR "UWSK_BCRYPT is ON, and nettle 3.4 or newer was not found. "
                      "cmake/setup.sh installs it.")
endif()

# What computes them, for who links the library.
set(UWSK_HASHES "")
set(UWSK_NEEDS_NETTLE OFF)
if(UWSK_WITH_BCRYPT AND NOT WIN32)
  set(UWSK_NEEDS_NETTLE ON)
  set(UWSK_HASHES uwsk::nettle)
endif()
