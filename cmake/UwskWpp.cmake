# uwsk_wpp(target [SCAN file…])
#
# Software tracing with WPP: writes the .tmh files that the target's sources
# include, with the trace functions of their `begin_wpp config` blocks. Read are
# the sources, what they include in quotes beside themselves, and SCAN. CMake
# runs again when one of them changes.
#
#   cmake -DOUT=folder "-DSCAN=file;…" -P UwskWpp.cmake
#
# does the same for other build systems: put folder and the package's wpp folder
# on the include path.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  cmake_minimum_required(VERSION 3.25)
endif()

# The text of a file, with what CMake's lists would stumble over put away.
function(uwsk_wpp_read file result)
  file(READ "${file}" text)
  string(REPLACE "\r" "" text "${text}")
  string(REPLACE ";" " " text "${text}")
  string(REPLACE "[" "<uwsk-open>" text "${text}")
  string(REPLACE "]" "<uwsk-close>" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# The files themselves and those they include in quotes, which are found beside.
function(uwsk_wpp_closure result)
  set(pending ${ARGN})
  set(found "")
  while(pending)
    list(POP_FRONT pending file)
    cmake_path(NORMAL_PATH file)
    if(file IN_LIST found OR NOT EXISTS "${file}" OR IS_DIRECTORY "${file}")
      continue()
    endif()
    list(APPEND found "${file}")
    uwsk_wpp_read("${file}" text)
    string(REGEX MATCHALL "#[ \t]*include[ \t]*\"[^\"\n]+\"" lines "${text}")
    cmake_path(GET file PARENT_PATH folder)
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^[^\"]*\"([^\"]+)\"$" "\\1" name "${line}")
      string(REPLACE "\\" "/" name "${name}")
      list(APPEND pending "${folder}/${name}")
    endforeach()
  endwhile()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The lines of all configuration blocks, without the comment's marks.
function(uwsk_wpp_blocks text result)
  set(lines "")
  while(TRUE)
    string(FIND "${text}" "begin_wpp config" begin)
    if(begin EQUAL -1)
      break()
    endif()
    string(SUBSTRING "${text}" ${begin} -1 text)
    string(FIND "${text}" "end_wpp" end)
    string(SUBSTRING "${text}" 0 ${end} block)
    string(SUBSTRING "${text}" 16 -1 text)
    string(REPLACE "\n" ";" block "${block}")
    foreach(line IN LISTS block)
      string(REGEX REPLACE "^[ \t/*]+" "" line "${line}")
      string(STRIP "${line}" line)
      list(APPEND lines "${line}")
    endforeach()
  endwhile()
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

# USEPREFIX and USESUFFIX: a literal, and arguments behind it.
function(uwsk_wpp_affix line)
  if(line MATCHES "^(USEPREFIX|USESUFFIX)[ \t]*\\([ \t]*([A-Za-z0-9_]+)[ \t]*,[ \t]*(\"[^\"]*\")[ \t]*(,.*)?\\)[^)]*$")
    set(${CMAKE_MATCH_1}_${CMAKE_MATCH_2} "${CMAKE_MATCH_3}" PARENT_SCOPE)
    set(${CMAKE_MATCH_1}_ARGS_${CMAKE_MATCH_2} "${CMAKE_MATCH_4}" PARENT_SCOPE)
  endif()
endfunction()

# The default of a condition that the driver does not define itself.
function(uwsk_wpp_condition names result)
  list(JOIN names "_" joined)
  list(JOIN names ", " parameters)
  set(tests "")
  foreach(name IN LISTS names)
    if(name STREQUAL "LEVEL")
      list(APPEND tests "uwsk_wpp_control.Level >= (LEVEL)")
    elseif(name MATCHES "^FLAGS?$")
      list(APPEND tests "UWSK_WPP_FLAG(WPP_BIT_##${name})")
    endif()
  endforeach()
  if(NOT tests)
    set(tests "uwsk_wpp_control.Level != 0")
  endif()
  list(JOIN tests " && " tests)
  set(${result}
      "#ifndef WPP_${joined}_ENABLED
#define WPP_${joined}_ENABLED(${parameters}) (${tests})
#endif
" PARENT_SCOPE)
endfunction()

# One trace function: FUNC name{CONDITION=value, …}(CONDITION, …, MSG, …).
function(uwsk_wpp_function name static parameters result)
  string(REPLACE " " "" static "${static}")
  string(REPLACE "," ";" static "${static}")
  string(REGEX REPLACE "[ \t]" "" parameters "${parameters}")
  set(call "${name}")
  set(wrapper "")
  if(parameters MATCHES "^\\((.*)\\)$")
    # name((MSG, ...)): the arguments come in brackets of their own.
    set(parameters "${CMAKE_MATCH_1}")
    set(call "UWSK_WPP_${name}")
    set(wrapper "#undef ${name}\n#define ${name}(arguments) ${call} arguments\n")
  endif()
  string(REPLACE "," ";" parameters "${parameters}")
  set(names "")
  set(values "")
  foreach(pair IN LISTS static)
    string(REGEX REPLACE "=.*" "" left "${pair}")
    string(REGEX REPLACE "^[^=]*=" "" right "${pair}")
    list(APPEND names "${left}")
    list(APPEND values "${right}")
  endforeach()
  set(message "")
  set(arguments "")
  set(declared "")
  foreach(parameter IN LISTS parameters)
    if(parameter STREQUAL "...")
      set(arguments ", ##__VA_ARGS__")
    elseif(parameter STREQUAL "MSG")
      set(message "MSG")
    else()
      list(APPEND names "${parameter}")
      list(APPEND values "${parameter}")
    endif()
    list(APPEND declared "${parameter}")
  endforeach()
  list(JOIN declared ", " declared)
  list(FIND names LEVEL at)
  set(level 0)
  list(LENGTH names count)
  if(NOT at EQUAL -1 AND count GREATER 1)
    list(GET values ${at} level)
  endif()
  if(count EQUAL 0)
    set(default "")
    set(condition "uwsk_wpp_control.Level != 0")
  else()
    uwsk_wpp_condition("${names}" default)
    list(JOIN names "_" joined)
    list(JOIN values ", " values)
    set(condition "WPP_${joined}_ENABLED(${values})")
  endif()
  set(text "${USEPREFIX_${name}} ${message} ${USESUFFIX_${name}}")
  string(STRIP "${text}" text)
  if(text STREQUAL "")
    set(text "\"\"")
  endif()
  set(${result}
      "${default}#undef ${call}
#define ${call}(${declared}) \\
  UWSK_WPP_SAY(${condition}, ${level}, ${text}${USEPREFIX_ARGS_${name}}${arguments}${USESUFFIX_ARGS_${name}})
${wrapper}"
      PARENT_SCOPE)
endfunction()

# Writes folder/uwsk_wpp_functions.h and a .tmh file for each that is included.
function(uwsk_wpp_write folder)
  set(lines "")
  set(headers "")
  foreach(file IN LISTS ARGN)
    uwsk_wpp_read("${file}" text)
    uwsk_wpp_blocks("${text}" more)
    list(APPEND lines ${more})
    string(REGEX MATCHALL "#[ \t]*include[ \t]*[\"<][^\">\n]+[.]tmh[\">]" more
                          "${text}")
    list(APPEND headers ${more})
  endforeach()
  foreach(line IN LISTS lines)
    uwsk_wpp_affix("${line}")
  endforeach()
  uwsk_wpp_function(DoTraceMessage "" "LEVEL, MSG, ..." functions)
  foreach(line IN LISTS lines)
    if(line MATCHES "^FUNC[ \t]+([A-Za-z0-9_]+)[ \t]*({([^}]*)})?[ \t]*\\((.*)\\)")
      uwsk_wpp_function("${CMAKE_MATCH_1}" "${CMAKE_MATCH_3}"
                        "${CMAKE_MATCH_4}" function)
      string(APPEND functions "\n${function}")
    endif()
  endforeach()
  string(REPLACE "<uwsk-open>" "[" functions "${functions}")
  string(REPLACE "<uwsk-close>" "]" functions "${functions}")
  file(CONFIGURE OUTPUT "${folder}/uwsk_wpp_functions.h"
       CONTENT "/* Written by uwsk_wpp(): the trace functions of a driver. */
#ifndef UWSK_WPP_FUNCTIONS_H
#define UWSK_WPP_FUNCTIONS_H

#include <uwsk_wpp.h>

@functions@
#endif
" @ONLY)
  list(REMOVE_DUPLICATES headers)
  foreach(line IN LISTS headers)
    string(REGEX REPLACE "^[^\"<]*[\"<](.*)[\">]$" "\\1" name "${line}")
    file(CONFIGURE OUTPUT "${folder}/${name}"
         CONTENT "/* Written by uwsk_wpp(). */\n#include <uwsk_wpp_functions.h>\n"
         @ONLY)
  endforeach()
endfunction()

function(uwsk_wpp target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SCAN")
  get_target_property(sources ${target} SOURCES)
  get_target_property(here ${target} SOURCE_DIR)
  set(files "")
  foreach(source IN LISTS sources arg_SCAN)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${here}")
    list(APPEND files "${source}")
  endforeach()
  uwsk_wpp_closure(files ${files})
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_wpp")
  uwsk_wpp_write("${folder}" ${files})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE uwsk::wpp)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(files "")
  foreach(file IN LISTS SCAN)
    cmake_path(ABSOLUTE_PATH file)
    list(APPEND files "${file}")
  endforeach()
  cmake_path(ABSOLUTE_PATH OUT)
  uwsk_wpp_closure(files ${files})
  uwsk_wpp_write("${OUT}" ${files})
endif()
