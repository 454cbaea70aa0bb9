# cmake -DCOMMAND=program -DARGUMENTS=list -DEXPECTED=regexes [-DSTATUS=number]
#       [-DUNEXPECTED=regex] [-DEMULATOR=list] -P expect.cmake
#
# Runs a program and checks its exit code (0 unless told) and that what it
# prints on its two outputs together matches every regex. ctest's own
# PASS_REGULAR_EXPRESSION would ignore the exit code. Under Wine exit codes other
# than 0 all count as 1.
if(NOT DEFINED STATUS)
  set(STATUS 0)
endif()
execute_process(
  COMMAND ${EMULATOR} ${COMMAND} ${ARGUMENTS}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
string(REPLACE "\r\n" "\n" output "${output}")
message("${output}")
if(EMULATOR MATCHES "wine" AND NOT STATUS EQUAL 0)
  set(STATUS 1)
endif()
if(NOT status STREQUAL STATUS)
  message(FATAL_ERROR "ended with ${status}, not ${STATUS}")
endif()
foreach(expected IN LISTS EXPECTED)
  if(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "did not print what matches: ${expected}")
  endif()
endforeach()
if(DEFINED UNEXPECTED AND output MATCHES "${UNEXPECTED}")
  message(FATAL_ERROR "printed what matches: ${UNEXPECTED}")
endif()
