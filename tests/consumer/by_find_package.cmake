# Configures, builds and tests the project against the installed copy.
if(KIND STREQUAL shared)
  set(shared ON)
else()
  set(shared OFF)
endif()
set(toolchain "")
if(TOOLCHAIN)
  set(toolchain "-DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN}")
endif()

file(REMOVE_RECURSE "${WORK}")
foreach(step IN ITEMS configure build test)
  if(step STREQUAL configure)
    set(command
        ${CMAKE_COMMAND} -S ${PROJECT} -B ${WORK} -G ${GENERATOR}
        -DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM} -DCMAKE_C_COMPILER=${CC}
        -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_C_FLAGS=${FLAGS}"
        "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
        -Duwsk_ROOT=${PREFIX} -DBUILD_SHARED_LIBS=${shared} ${toolchain})
  elseif(step STREQUAL build)
    set(command ${CMAKE_COMMAND} --build ${WORK})
  else()
    set(command ${CMAKE_CTEST_COMMAND} --test-dir ${WORK} --output-on-failure
                --no-tests=error)
  endif()
  execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
