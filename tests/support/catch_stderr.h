/*
 * What is printed to standard error between two calls, as text.
 */
#ifndef UWSK_TEST_CATCH_STDERR_H
#define UWSK_TEST_CATCH_STDERR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "temporary_file.h"

static char caught[262144];
static FILE *caught_file;
static int caught_saved;

static inline void catch_stderr(void) {
  fflush(stderr);
  caught_file = temporary_file();
  assert_non_null(caught_file);
  caught_saved = dup(2);
  dup2(fileno(caught_file), 2);
}

static inline void release_stderr(void) {
  size_t length;

  dup2(caught_saved, 2);
  close(caught_saved);
  rewind(caught_file);
  length = fread(caught, 1, sizeof(caught) - 1, caught_file);
  caught[length] = '\0';
  fclose(caught_file);
}

#endif
