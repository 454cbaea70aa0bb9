# The installed copy: headers, both libraries, uwsk-run, and what lets others
# find them (find_package(uwsk), pkg-config).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/uwsk)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/uwsk
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# Beside them and not in include itself: <sys/socket.h> and <netdb.h> of this
# directory refuse to be mixed with driver code.
set(alias_rule PATTERN "alias" EXCLUDE)
if(UWSK_KM_CASE_SENSITIVE)
  set(alias_rule "")
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/km/
        DESTINATION ${UWSK_KM_INSTALL_DIR} ${alias_rule})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/wpp/
        DESTINATION ${UWSK_WPP_INSTALL_DIR})

set(programs "")
if(TARGET uwsk-run)
  set(programs uwsk-run)
endif()
install(
  TARGETS uwsk_km uwsk_wpp_headers uwsk_static uwsk_shared ${programs}
  EXPORT uwsk-targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT uwsk-targets NAMESPACE uwsk:: DESTINATION ${package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/uwsk-config.cmake.in
  ${PROJECT_BINARY_DIR}/uwsk-config.cmake INSTALL_DESTINATION ${package_dir}
  PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/uwsk-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/uwsk-config.cmake
        ${PROJECT_BINARY_DIR}/uwsk-config-version.cmake
        ${PROJECT_SOURCE_DIR}/cmake/UwskAddDriver.cmake
        ${PROJECT_SOURCE_DIR}/cmake/UwskWpp.cmake
        ${PROJECT_SOURCE_DIR}/cmake/UwskFindLibuv.cmake
        ${PROJECT_SOURCE_DIR}/cmake/UwskFindNettle.cmake
        ${PROJECT_SOURCE_DIR}/cmake/driver.map
        ${PROJECT_SOURCE_DIR}/cmake/driver.def
  DESTINATION ${package_dir})

# uwsk.pc knows one list of flags for all compilers and both languages.
list(JOIN UWSK_KM_FLAGS " " pc_flags)
list(JOIN UWSK_KM_QUIET_FLAGS " " pc_quiet)
set(pc_c ${UWSK_KM_QUIET_FLAGS_C})
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  string(APPEND pc_flags " ${UWSK_KM_FLAGS_CLANG}")
  list(JOIN UWSK_KM_QUIET_FLAGS_CLANG " " pc_quiet_clang)
  string(APPEND pc_quiet " ${pc_quiet_clang}")
  list(APPEND pc_c ${UWSK_KM_QUIET_FLAGS_CLANG_C})
endif()
list(JOIN pc_c " " pc_c)
set(pc_alias "")
if(UWSK_KM_CASE_SENSITIVE)
  set(pc_alias "-I\${kmdir}/alias")
endif()
set(pc_requires libuv)
if(UWSK_NEEDS_NETTLE)
  string(APPEND pc_requires " nettle")
endif()
if(NOT UWSK_WITH_BCRYPT)
  string(APPEND pc_flags " -DUWSK_NO_BCRYPT")
endif()
set(pc_system "-lpthread")
set(pc_driver "-shared -Wl,-Bsymbolic -Wl,--version-script=\${cmakedir}/driver.map")
if(WIN32)
  set(pc_driver "-shared \${cmakedir}/driver.def")
elseif(CMAKE_DL_LIBS)
  string(APPEND pc_system " -l${CMAKE_DL_LIBS}")
endif()
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
           BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE pc_libdir)
configure_file(${PROJECT_SOURCE_DIR}/cmake/uwsk.pc.in
               ${PROJECT_BINARY_DIR}/uwsk.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/uwsk.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
