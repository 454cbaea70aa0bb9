# The library, static and shared from the same objects, and uwsk-run.
#
# Two worlds: the floor (src/os, src/loop, src/net) sees libuv and the host's
# headers, everything else sees the km headers. They are compiled apart, with
# different flags, and never share a file.

set(rooms "${PROJECT_SOURCE_DIR}")
file(GLOB_RECURSE UWSK_FLOOR_SOURCES CONFIGURE_DEPENDS
  ${rooms}/src/os/*.c ${rooms}/src/loop/*.c ${rooms}/src/net/*.c
  ${rooms}/src/peer/*.c)
file(GLOB_RECURSE UWSK_NT_SOURCES CONFIGURE_DEPENDS
  ${rooms}/emu/*.c ${rooms}/emu/*.cpp ${rooms}/src/wsk/*.c
  ${rooms}/src/netio/*.c
  ${rooms}/src/verifier/*.c ${rooms}/src/fault/*.c ${rooms}/src/host/*.c)
file(GLOB UWSK_RUN_SOURCES CONFIGURE_DEPENDS ${rooms}/src/host/uwsk_run*.c)
if(UWSK_RUN_SOURCES)
  list(REMOVE_ITEM UWSK_NT_SOURCES ${UWSK_RUN_SOURCES})
endif()
unset(rooms)
if(NOT UWSK_WITH_BCRYPT)
  list(FILTER UWSK_NT_SOURCES EXCLUDE REGEX "/emu/bcrypt/")
endif()
if(WIN32 OR NOT UWSK_WITH_BCRYPT)
  list(FILTER UWSK_FLOOR_SOURCES EXCLUDE REGEX "/os_hash_nettle.c$")
endif()
if(NOT WIN32 OR NOT UWSK_WITH_BCRYPT)
  list(FILTER UWSK_FLOOR_SOURCES EXCLUDE REGEX "/os_hash_windows.c$")
endif()

# A room may still be empty while the house is being built.
set(empty "${PROJECT_BINARY_DIR}/empty.c")
file(CONFIGURE OUTPUT "${empty}" CONTENT "extern int uwsk_empty_room;\n")
if(NOT UWSK_FLOOR_SOURCES)
  set(UWSK_FLOOR_SOURCES "${empty}")
endif()
if(NOT UWSK_NT_SOURCES)
  set(UWSK_NT_SOURCES "${empty}")
endif()
unset(empty)

set(UWSK_WARNINGS -Wall -Wextra)
# For files that see the host's own headers: all it has, of Windows what is used
# (the rest takes longer to read than the file itself).
set(UWSK_HOST_DEFINITIONS
    $<$<PLATFORM_ID:Linux>:_GNU_SOURCE>
    $<$<PLATFORM_ID:Windows>:_WIN32_WINNT=0x0602>
    $<$<PLATFORM_ID:Windows>:WIN32_LEAN_AND_MEAN>)

# Nothing of the floor is public but peers, which tests script.
add_library(uwsk_floor OBJECT ${UWSK_FLOOR_SOURCES})
target_include_directories(uwsk_floor PUBLIC ${PROJECT_SOURCE_DIR}/src
                                      PRIVATE ${PROJECT_SOURCE_DIR}/include)
target_compile_options(uwsk_floor PRIVATE ${UWSK_WARNINGS} -fexceptions)
target_compile_definitions(uwsk_floor PRIVATE ${UWSK_HOST_DEFINITIONS})
target_link_libraries(uwsk_floor PUBLIC uwsk::libuv Threads::Threads
                                        ${CMAKE_DL_LIBS} ${UWSK_HASHES})
set_target_properties(uwsk_floor PROPERTIES POSITION_INDEPENDENT_CODE ON
                                            C_VISIBILITY_PRESET hidden)
set(public ${UWSK_FLOOR_SOURCES})
list(FILTER public INCLUDE REGEX "/src/peer/")
set_source_files_properties(${public} PROPERTIES COMPILE_OPTIONS
                                                 -fvisibility=default)
unset(public)

# The NT side exports what drivers and tests call; the linker hides the rest.
add_library(uwsk_nt OBJECT ${UWSK_NT_SOURCES})
target_include_directories(
  uwsk_nt
  PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/emu
          ${PROJECT_SOURCE_DIR}/include)
target_compile_options(uwsk_nt PRIVATE ${UWSK_WARNINGS})
target_link_libraries(uwsk_nt PRIVATE uwsk_km)
set_target_properties(uwsk_nt PROPERTIES POSITION_INDEPENDENT_CODE ON
                                         UWSK_OWN_CODE ON)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(uwsk_nt PRIVATE -fno-semantic-interposition)
endif()

# Sequenced lists change 16 bytes at once.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set_source_files_properties(${PROJECT_SOURCE_DIR}/emu/ex/slist.c
                              PROPERTIES COMPILE_OPTIONS -mcx16)
endif()

foreach(kind IN ITEMS static shared)
  string(TOUPPER ${kind} KIND)
  add_library(uwsk_${kind} ${KIND} $<TARGET_OBJECTS:uwsk_floor>
                                   $<TARGET_OBJECTS:uwsk_nt>)
  add_library(uwsk::${kind} ALIAS uwsk_${kind})
  target_include_directories(
    uwsk_${kind} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(
    uwsk_${kind}
    PUBLIC uwsk_km
    PRIVATE uwsk::libuv Threads::Threads ${CMAKE_DL_LIBS} ${UWSK_HASHES})
  set_target_properties(
    uwsk_${kind} PROPERTIES OUTPUT_NAME uwsk EXPORT_NAME ${kind}
                            LINKER_LANGUAGE C)
endforeach()
set_target_properties(uwsk_shared PROPERTIES VERSION ${PROJECT_VERSION}
                                             SOVERSION 0)
include(UwskExports)

if(BUILD_SHARED_LIBS)
  add_library(uwsk::uwsk ALIAS uwsk_shared)
else()
  add_library(uwsk::uwsk ALIAS uwsk_static)
endif()

# One process, one runtime: uwsk-run and every driver module use the shared
# library. The program itself is a host like any other and sees no km header.
if(UWSK_RUN_SOURCES)
  add_executable(uwsk-run ${UWSK_RUN_SOURCES})
  add_executable(uwsk::uwsk-run ALIAS uwsk-run)
  target_compile_options(uwsk-run PRIVATE ${UWSK_WARNINGS})
  target_compile_definitions(uwsk-run PRIVATE ${UWSK_HOST_DEFINITIONS})
  target_include_directories(uwsk-run PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(uwsk-run PRIVATE $<LINK_ONLY:uwsk_shared>
                                         Threads::Threads ${CMAKE_DL_LIBS})
  if(WIN32)
    target_link_libraries(uwsk-run PRIVATE ws2_32)
  endif()
  if(NOT WIN32 AND NOT APPLE)
    set_target_properties(
      uwsk-run PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  endif()
endif()
