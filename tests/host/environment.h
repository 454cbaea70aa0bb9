/*
 * Environment variables in tests, on every host.
 */
#ifndef UWSK_TESTS_HOST_ENVIRONMENT_H
#define UWSK_TESTS_HOST_ENVIRONMENT_H

#include <stdlib.h>

#ifdef _WIN32
static inline void set_variable(const char *name, const char *value) {
  _putenv_s(name, value); /* an empty value removes it */
}
#else
static inline void set_variable(const char *name, const char *value) {
  setenv(name, value, 1);
}
#endif

#endif
