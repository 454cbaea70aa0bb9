# Writes DEF: what the objects listed in the file OBJECTS show, but for names of
# the library's rooms (PREFIXES, with | between them).
file(STRINGS "${OBJECTS}" objects)
execute_process(COMMAND ${NM} -P -g --defined-only ${objects}
                OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
set(names "")
foreach(symbol IN LISTS symbols)
  # "name kind value size"; kinds of code, then of data. What the compiler makes
  # for itself has a dot or "emutls" in it.
  if(symbol MATCHES "^((${PREFIXES})__|__emutls)")
    continue()
  elseif(symbol MATCHES "^([A-Za-z0-9_]+) T ")
    list(APPEND names "  ${CMAKE_MATCH_1}")
  elseif(symbol MATCHES "^([A-Za-z0-9_]+) [BCDR] ")
    list(APPEND names "  ${CMAKE_MATCH_1} DATA")
  endif()
endforeach()
list(REMOVE_DUPLICATES names)
list(SORT names)
list(JOIN names "\n" names)
file(WRITE "${DEF}" "EXPORTS\n${names}\n")
