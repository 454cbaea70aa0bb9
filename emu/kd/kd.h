/*
 * Debug output: what DbgPrint and its kin say, and where it goes.
 *
 * A call is written to standard error whole, with one write, at most 512 bytes
 * of it as on Windows; a longer text ends with a line feed there. Wide text is
 * written as UTF-8, floating point is not understood (both documented of
 * DbgPrint).
 *
 * Filters are Windows' own: each component has a mask, level n below 32 stands
 * for bit n, a greater level is the bits themselves, and the system-wide mask
 * counts for every component. It is 1 at first, so errors (level 0) pass and
 * nothing else does; UWSK_DBGPRINT_MASK=0xf in the environment opens it. One
 * thing differs: the component of plain DbgPrint is open, for who runs a driver
 * here wants to read what it prints.
 */
#ifndef UWSK_KD_KD_H
#define UWSK_KD_KD_H

#include <stddef.h>
#include <stdint.h>

/* Sends debug output to `sink` instead of standard error, one call for each;
 * NULL restores that. The sink may be called on any thread, at any IRQL. */
void kd__set_sink(void (*sink)(const char *text, size_t length, void *context),
                  void *context);

/* The system-wide mask; returns the one before. */
uint32_t kd__set_mask(uint32_t mask);

/* Failed assertions (RtlAssert) and breakpoints hit so far. */
size_t kd__assertions(void);
size_t kd__breakpoints(void);

#endif
