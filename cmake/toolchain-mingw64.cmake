# 64-bit Windows with MinGW, tests run by Wine. cmake/build-mingw-deps.sh makes
# the libraries this expects in .deps/mingw64; it is run here when they are
# missing.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(triplet x86_64-w64-mingw32)
# Debian has a compiler per thread model; this one knows std::thread.
find_program(UWSK_MINGW_CC NAMES ${triplet}-gcc-posix ${triplet}-gcc REQUIRED)
find_program(UWSK_MINGW_CXX NAMES ${triplet}-g++-posix ${triplet}-g++ REQUIRED)
set(CMAKE_C_COMPILER ${UWSK_MINGW_CC})
set(CMAKE_CXX_COMPILER ${UWSK_MINGW_CXX})
set(CMAKE_RC_COMPILER ${triplet}-windres)
unset(triplet)

get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
set(UWSK_MINGW_DEPS "${root}/.deps/mingw64")
if(NOT EXISTS "${UWSK_MINGW_DEPS}/.complete")
  execute_process(COMMAND "${root}/cmake/build-mingw-deps.sh"
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()

set(CMAKE_FIND_ROOT_PATH "${UWSK_MINGW_DEPS}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
# Packages are also found where the caller says (an installed uwsk).
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(ENV{PKG_CONFIG_LIBDIR} "${UWSK_MINGW_DEPS}/lib/pkgconfig")
set(ENV{PKG_CONFIG_PATH} "")

# No program needs a DLL of the compiler beside it.
foreach(kind IN ITEMS EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-static-libgcc -static-libstdc++ -static")
endforeach()

set(CMAKE_CROSSCOMPILING_EMULATOR "${root}/cmake/run-wine.sh")
unset(root)
