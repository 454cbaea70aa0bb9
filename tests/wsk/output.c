/* See output.h. */
#include "output.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int kept, pipe_ends[2];
static char seen[4096];
static size_t length;

static void require(bool holds) {
  if (!holds)
    abort();
}

void output_begin(void) {
  length = 0;
  kept = dup(STDERR_FILENO);
  require(kept >= 0 && pipe(pipe_ends) == 0);
  require(dup2(pipe_ends[1], STDERR_FILENO) >= 0);
}

void output_end(void) {
  require(dup2(kept, STDERR_FILENO) >= 0);
  close(kept);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

void output_wait(const char *wanted) {
  while (strstr(seen, wanted) == NULL) {
    ssize_t got = read(pipe_ends[0], seen + length, sizeof(seen) - 1 - length);
    require(got > 0);
    length += (size_t)got;
    seen[length] = '\0';
  }
}
