# -DUWSK_SANITIZE=address,undefined or thread: for all targets of this build,
# driver modules included, because one process must not mix.
set(UWSK_SANITIZE_FLAGS "")
if(UWSK_SANITIZE)
  set(UWSK_SANITIZE_FLAGS -fsanitize=${UWSK_SANITIZE}
                          -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${UWSK_SANITIZE_FLAGS})
  add_link_options(-fsanitize=${UWSK_SANITIZE})
endif()

# What a sanitized test needs in its environment. Leaks count; the first
# finding ends the test with a status no test uses for itself.
set(UWSK_SANITIZE_ENVIRONMENT
    "ASAN_OPTIONS=halt_on_error=1:exitcode=66:detect_leaks=1:detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=halt_on_error=1:exitcode=66:print_stacktrace=1"
    "TSAN_OPTIONS=halt_on_error=1:exitcode=66:second_deadlock_stack=1")
