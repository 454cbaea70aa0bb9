/*
 * A file that is gone when it is closed. tmpfile() of Windows looks for a name
 * that is free and then opens it, so that two processes may find the same one
 * and the second fails: it looks for another.
 */
#ifndef UWSK_TEST_TEMPORARY_FILE_H
#define UWSK_TEST_TEMPORARY_FILE_H

#include <stdio.h>

#define TEMPORARY_FILE_TRIES 20

static inline FILE *temporary_file(void) {
  FILE *file = NULL;

  for (int i = 0; i < TEMPORARY_FILE_TRIES && file == NULL; i++)
    file = tmpfile();
  return file;
}

#endif
