# Finds nettle, which computes the hashes of <bcrypt.h> but on Windows, and offers
# it as uwsk::nettle, if it is there. Tree and installed package use this file.
if(NOT TARGET uwsk::nettle AND NOT WIN32)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(UWSK_NETTLE QUIET IMPORTED_TARGET "nettle>=3.4")
  endif()
  if(TARGET PkgConfig::UWSK_NETTLE)
    add_library(uwsk::nettle INTERFACE IMPORTED)
    target_link_libraries(uwsk::nettle INTERFACE PkgConfig::UWSK_NETTLE)
  endif()
endif()
