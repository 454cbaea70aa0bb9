# -DUWSK_SANITIZE=address,undefined or thread: for all targets of this build,
# driver modules included, because one process must not mix.
set(UWSK_SANITIZE_FLAGS "")
if(UWSK_SANITIZE)
  set(UWSK_SANITIZE_FLAGS -fsanitize=${UWSK_SANITIZE}
                          -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${UWSK_SANITIZE_FLAGS})
  add_link_options(-fsanitize=${UWSK_SANITIZE})
  if(UWSK_SANITIZE MATCHES "undefined")
    # These two checks of C++ want clang's C++ run time in the process, and a
    # driver module of C++ is loaded into one that was linked as C.
    add_compile_options(
      "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fno-sanitize=vptr,function>")
  endif()
endif()

# What a sanitized test needs in its environment. Leaks count; the first
# finding ends the test with a status no test uses for itself.
set(UWSK_SANITIZE_ENVIRONMENT
    "ASAN_OPTIONS=halt_on_error=1:exitcode=66:detect_leaks=1:detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=halt_on_error=1:exitcode=66:print_stacktrace=1"
    "TSAN_OPTIONS=halt_on_error=1:exitcode=66:second_deadlock_stack=1")

# The thread sanitizer of older compilers cannot live with the address space
# randomisation of newer kernels. Where that is so, tests run without it.
if(UWSK_SANITIZE MATCHES "thread" AND CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux"
   AND NOT DEFINED UWSK_SANITIZE_RUNS)
  set(probe ${PROJECT_BINARY_DIR}/sanitize_probe)
  file(WRITE ${probe}.c "int main(void) { return 0; }\n")
  execute_process(
    COMMAND ${CMAKE_C_COMPILER} -fsanitize=${UWSK_SANITIZE} ${probe}.c -o
            ${probe} COMMAND_ERROR_IS_FATAL ANY)
  set(runs YES)
  # The randomisation is a lottery: one win says little.
  foreach(attempt RANGE 20)
    execute_process(COMMAND ${probe} RESULT_VARIABLE status OUTPUT_QUIET
                    ERROR_QUIET)
    if(NOT status EQUAL 0)
      set(runs NO)
    endif()
  endforeach()
  set(UWSK_SANITIZE_RUNS ${runs} CACHE INTERNAL "")
  unset(runs)
  unset(probe)
endif()
if(DEFINED UWSK_SANITIZE_RUNS AND NOT UWSK_SANITIZE_RUNS)
  message(STATUS "Tests run without address space randomisation")
  set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
endif()
