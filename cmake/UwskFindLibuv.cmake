# Finds libuv and offers it as uwsk::libuv. The tree and the installed package
# both use this file: pkg-config knows libuv on every Unix, vcpkg and a plain
# CMake build of libuv know it as a package.
if(NOT TARGET uwsk::libuv)
  add_library(uwsk::libuv INTERFACE IMPORTED)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(UWSK_LIBUV QUIET IMPORTED_TARGET "libuv>=1.44")
  endif()
  if(TARGET PkgConfig::UWSK_LIBUV)
    target_link_libraries(uwsk::libuv INTERFACE PkgConfig::UWSK_LIBUV)
  else()
    find_package(libuv CONFIG QUIET)
    if(TARGET libuv::uv_a)
      target_link_libraries(uwsk::libuv INTERFACE libuv::uv_a)
    elseif(TARGET libuv::uv)
      target_link_libraries(uwsk::libuv INTERFACE libuv::uv)
    elseif(TARGET uv_a)
      target_link_libraries(uwsk::libuv INTERFACE uv_a)
    else()
      message(FATAL_ERROR
              "libuv 1.44 or newer was not found. cmake/setup.sh installs it "
              "through this machine's package manager.")
    endif()
  endif()
  if(WIN32)
    # A static libuv names these only in its pkg-config file's private part.
    target_link_libraries(uwsk::libuv
      INTERFACE psapi user32 advapi32 iphlpapi userenv ws2_32 dbghelp ole32
                shell32)
  endif()
endif()
