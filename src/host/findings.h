/*
 * What is wrong at the end of a run: everything that makes uwsk_stop return
 * something else than 0, found and put into words in one place.
 *
 * A finder looks at one kind of thing and says what it finds, one line each.
 * Whoever has another kind adds a finder to the table in findings.c.
 */
#ifndef UWSK_HOST_FINDINGS_H
#define UWSK_HOST_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "verifier/text.h"

struct host_findings {
  struct vf_text text; /* every line, with a line break behind it */
  bool final;          /* uwsk_stop looks: lines are printed, too, and what was
                          expected to be left is told as a report */
  size_t elsewhere;    /* things left that the ledger does not know */
  size_t taken;        /* things left that uwsk_stop would tell as reports */
  size_t count;        /* things that are wrong */
};

/* Adds a line, without a line break, that stands for `count` things. */
void host__found(struct host_findings *findings, size_t count,
                 const char *line);

/* At uwsk_stop: looks, prints, and keeps the text for uwsk_what_is_wrong.
 * Returns how many things are wrong. */
size_t host__conclude(size_t elsewhere);

/* What has come up since then: printed and kept as well. */
void host__found_late(size_t count, const char *line);

#endif
