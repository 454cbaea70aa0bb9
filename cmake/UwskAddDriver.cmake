# uwsk_add_driver(name SOURCES file… [LIBRARIES target…] [SUFFIX .sys] [WPP])
#
# Builds unmodified driver code as a module for uwsk-run: name.so (or name.dll),
# compiled with uwsk::km's flags and linked with the shared library, so that
# modules and uwsk-run have one runtime between them. Only DriverEntry leaves
# the module: a driver's own socket(), bind() or send() stays its own. WPP writes
# the .tmh files that the sources include (UwskWpp.cmake).

function(uwsk_add_driver name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WPP" "SUFFIX" "SOURCES;LIBRARIES")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "uwsk_add_driver(${name}): SOURCES are missing")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "uwsk_add_driver(${name}): what is "
                        "\"${arg_UNPARSED_ARGUMENTS}\"?")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE uwsk::shared ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES PREFIX "" UWSK_DRIVER_MODULE ON)
  if(arg_WPP)
    uwsk_wpp(${name})
  endif()
  if(arg_SUFFIX)
    set_target_properties(${name} PROPERTIES SUFFIX "${arg_SUFFIX}")
  elseif(NOT WIN32)
    set_target_properties(${name} PROPERTIES SUFFIX ".so")
  endif()
  if(WIN32)
    target_link_options(${name} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/driver.def")
  elseif(APPLE)
    target_link_options(${name} PRIVATE -Wl,-exported_symbol,_DriverEntry)
  else()
    target_link_options(
      ${name} PRIVATE -Wl,-Bsymbolic
      "-Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/driver.map")
  endif()
endfunction()
