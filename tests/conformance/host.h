/*
 * host.h: what only a simulated kernel can do on demand. Plain C.
 *
 * On Windows a test that uses these is left out, or the runner answers as well
 * as it can (host_run_for sleeps, host_can answers no).
 */
#ifndef UWSK_CONFORMANCE_HOST_H
#define UWSK_CONFORMANCE_HOST_H

#include <stddef.h>

/* As early in the boot, when no provider has come up yet (0), or later (1). */
void host_provider_ready(int ready);

/* Says that the list of transports has changed. */
void host_change_transports(void);

/* Adds a WSK extension interface of this NPIID, a GUID; 0 when there is no
 * memory, or it is there. It is gone when the test ends. */
struct _GUID;
int host_add_extension(const struct _GUID *id);

/* What has become of it. The test may set `refusal`, with which it then answers
 * whoever registers. */
struct host_extension {
  int attached, detached;
  const void *socket; /* of the last of either */
  void *client_context;
  const void *client_dispatch;
  void *provider_context;
  const void *provider_dispatch;
  int refusal;
};
struct host_extension *host_extension(void);

/* Memory that the test itself needs: is left alone under torture (--torture),
 * while this says so. */
void host_spare(int spare);

/* Whether the test runs under torture. */
int host_is_tortured(void);

/* A socket that has been accepted and is open still, or NULL: under torture a
 * test may leave before it has closed them. */
void *host_accepted(void);

/* As long as that, or, under torture, where much does not come, a little. */
unsigned host_patience(unsigned milliseconds);

/* The nth allocation from now on fails once; 0 disarms. */
void host_fail_allocation(unsigned nth);
/* Whether it has. */
int host_allocation_failed(void);
unsigned long long host_allocations(void);

/* From now on to the end of the test the verifier's reports are expected: they
 * are counted and not printed. Without this call a report fails the test. */
void host_expect_reports(void);
/* Puts the rule, one of those that are ignored in most tests (host.c), into
 * force to the end of the test. */
void host_heed(const char *rule);
/* Reports of the rule with this id since the test began, and of all. */
unsigned host_reports(const char *rule);
unsigned host_all_reports(void);

/* Lets I/O go on until done(context) is not 0, or the time is over. Returns the
 * last answer. */
int host_run_until(int (*done)(void *context), void *context,
                   unsigned milliseconds);

/* Lets I/O go on for a little while: for "and still nothing happened". It
 * proves no positive, so no test depends on how long it is. */
void host_run_a_while(void);

/* This machine's addresses of one family have changed. */
void host_change_addresses(int ipv6);

/* How WskReceiveEvent is shown data: in pieces of so many bytes, so many in a
 * list; 65536 and 1 at the start of each test. */
void host_set_indications(unsigned bytes, unsigned members);
/* The same of datagrams: members of a list, bytes of the first MDL, Offset. */
void host_set_datagrams(unsigned members, unsigned bytes, unsigned offset);

/* Whether WSK_FLAG_ENTIRE_MESSAGE is ever set; it is at the start of a test. */
void host_set_entire_message(int told);

/* The ideal send backlog of a connection changes. */
void host_set_ideal_backlog(void *socket, size_t bytes);

/* Takes all file descriptors of the process, and gives them back. 0 where the
 * host has no such limit. */
int host_take_descriptors(void);
void host_give_descriptors(void);

/* Kills a socket of the client's, as Windows may; 0 when there is none. */
int host_kill_socket(void *socket);

/* Whether I/O moves only inside waits. */
int host_is_stepped(void);

/* Whether the host is Windows, or says it is. */
int host_is_windows(void);

/* Whether two sockets may listen or receive at addresses that overlap: on
 * Wine's host they need an option that Wine does not set. */
int host_shares_listeners(void);

/* Whether a reset that no read waits for may read as the orderly end of the
 * stream: Wine's server meets it first, and keeps it. */
int host_loses_resets(void);

/* Whether the host takes the source of a multicast group for the interface, and
 * the interface for the source: Wine hands on the request as it is, and its
 * host has the two in another order. */
int host_swaps_sources(void);

#endif
