# Builds the driver and its test by hand, with what pkg-config says.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(ENV{PKG_CONFIG_PATH} "${PREFIX}/${LIBDIR}/pkgconfig:$ENV{PKG_CONFIG_PATH}")

function(ask variable)
  execute_process(
    COMMAND ${PKG_CONFIG} ${ARGN} uwsk OUTPUT_VARIABLE answer
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(answer UNIX_COMMAND "${answer}")
  set(${variable} "${answer}" PARENT_SCOPE)
endfunction()

function(run)
  list(JOIN ARGV " " line)
  message("${line}")
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY "${WORK}"
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

ask(cflags --cflags)
ask(cflags_c --variable=cflags_c)
ask(driver_cflags --variable=driver_cflags)
ask(driver_ldflags --variable=driver_ldflags)
ask(libs --libs)
ask(static_libs --static --libs)
separate_arguments(flags UNIX_COMMAND "${FLAGS}")
set(rpath -Wl,-rpath,${PREFIX}/${LIBDIR})

# A module for uwsk-run. No warning is expected, so none is let pass.
run(${CC} ${flags} -Wall -Werror ${cflags} ${cflags_c} ${driver_cflags}
    ${PROJECT}/parcel.c -o parcel.so ${driver_ldflags} ${libs})
run(${PREFIX}/bin/uwsk-run --for 0 ./parcel.so)

# One with software tracing, whose .tmh files the package writes.
ask(wppdir --variable=wppdir)
ask(cmakedir --variable=cmakedir)
run(${CMAKE_COMMAND} -DOUT=tmh -DSCAN=${PROJECT}/traced.c -P
    ${cmakedir}/UwskWpp.cmake)
run(${CC} ${flags} -Wall -Werror ${cflags} ${cflags_c} ${driver_cflags} -Itmh
    -I${wppdir} ${PROJECT}/traced.c -o traced.so ${driver_ldflags} ${libs})
run(${PREFIX}/bin/uwsk-run --for 0 ./traced.so)

# The same driver in a test, with the shared and with the static library.
run(${CC} ${flags} -Wall -Werror ${cflags} ${cflags_c} -c ${PROJECT}/parcel.c)
run(${CXX} ${flags} -Wall -Werror ${cflags} -c ${PROJECT}/parcel_test.cpp)
run(${CXX} ${flags} parcel.o parcel_test.o -o shared_test ${rpath} ${libs})
run(./shared_test)
list(TRANSFORM static_libs REPLACE "^-luwsk$"
     "${PREFIX}/${LIBDIR}/libuwsk.a")
run(${CXX} ${flags} parcel.o parcel_test.o -o static_test ${static_libs})
run(./static_test)
