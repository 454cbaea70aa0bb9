# How the tree's own tests are built and registered.

find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(UWSK_CMOCKA QUIET IMPORTED_TARGET cmocka)
endif()
if(NOT TARGET PkgConfig::UWSK_CMOCKA)
  find_package(cmocka CONFIG QUIET)
endif()
add_library(uwsk_cmocka INTERFACE)
if(TARGET PkgConfig::UWSK_CMOCKA)
  target_link_libraries(uwsk_cmocka INTERFACE PkgConfig::UWSK_CMOCKA)
elseif(TARGET cmocka::cmocka)
  target_link_libraries(uwsk_cmocka INTERFACE cmocka::cmocka)
else()
  message(FATAL_ERROR "cmocka was not found. cmake/setup.sh installs it.")
endif()

# uwsk_register_test(test-name target [LABELS label…] [ARGUMENTS argument…]
#                    [TIMEOUT seconds])
# Registers test-name.auto and test-name.stepped. @MODE@ in an argument is the
# mode.
function(uwsk_register_test name target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT" "LABELS;ARGUMENTS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  foreach(mode IN ITEMS auto stepped)
    string(REPLACE "@MODE@" ${mode} arguments "${arg_ARGUMENTS}")
    add_test(NAME ${name}.${mode} COMMAND ${target} ${arguments})
    set_tests_properties(
      ${name}.${mode}
      PROPERTIES TIMEOUT ${arg_TIMEOUT}
                 LABELS "${arg_LABELS};${mode}"
                 ENVIRONMENT "UWSK_LOOP=${mode};${UWSK_SANITIZE_ENVIRONMENT}")
  endforeach()
endfunction()

# uwsk_add_test(target FLOOR|NT SOURCES file…)
# Builds a test program of one of the two worlds.
function(uwsk_add_test target world)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SOURCES")
  foreach(source IN LISTS arg_SOURCES)
    cmake_path(ABSOLUTE_PATH source)
    if(NOT EXISTS ${source})
      # The tests of this program then fail, and nobody else's.
      message(WARNING "${target} is left out: there is no ${source}")
      return()
    endif()
  endforeach()
  add_executable(${target} ${arg_SOURCES})
  target_compile_options(${target} PRIVATE -Wall -Wextra)
  if(world STREQUAL FLOOR)
    # The floor stands without the executive; so do its tests.
    target_link_libraries(${target} PRIVATE uwsk_floor uwsk_cmocka)
    target_compile_definitions(${target} PRIVATE ${UWSK_HOST_DEFINITIONS})
  else()
    target_include_directories(
      ${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/emu)
    target_link_libraries(${target} PRIVATE uwsk_static uwsk_cmocka)
  endif()
  target_include_directories(${target}
                             PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)
endfunction()

# uwsk_test_room(emu/ke FLOOR|NT): every test_*.c or .cpp of tests/emu/ke.
# tests/emu/ke/test_wait.c is the program test_emu_ke_wait and the tests
# emu.ke.wait.auto and emu.ke.wait.stepped.
function(uwsk_test_room room world)
  set(here "${PROJECT_SOURCE_DIR}/tests")
  if(EXISTS "${here}/${room}/CMakeLists.txt")
    add_subdirectory(${room})
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${here}/${room}/*.c ${here}/${room}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "/test_[^/]*$")
  list(FILTER sources EXCLUDE REGEX "/test_[^/]*$")
  if(world STREQUAL NT)
    file(GLOB support CONFIGURE_DEPENDS ${here}/support/*.c)
    list(APPEND sources ${support})
  endif()
  string(REPLACE "/" "_" prefix ${room})
  string(REPLACE "/" "." dotted ${room})
  foreach(test IN LISTS tests)
    get_filename_component(stem ${test} NAME_WE)
    string(REGEX REPLACE "^test_" "" stem ${stem})
    set(target test_${prefix}_${stem})
    if(TARGET ${target})
      # wait.c and wait.cpp side by side
      string(APPEND target _cpp)
      string(APPEND stem _cpp)
    endif()
    uwsk_add_test(${target} ${world} SOURCES ${test} ${sources})
    uwsk_register_test(${dotted}.${stem} ${target} LABELS ${dotted})
  endforeach()
endfunction()
