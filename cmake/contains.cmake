# cmake -DWHOLE=file -DPART=file -P contains.cmake: is one file in the other?
file(READ "${WHOLE}" whole)
file(READ "${PART}" part)
string(FIND "${whole}" "${part}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${WHOLE} does not contain ${PART} as it is")
endif()
