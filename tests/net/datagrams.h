/*
 * A user of a datagram handle, for the tests of the transport.
 */
#ifndef UWSK_TEST_DATAGRAMS_H
#define UWSK_TEST_DATAGRAMS_H

#include "../loop/event.h"
#include "net/net_option.h"
#include "net/net_udp.h"

struct party {
  struct net_udp *udp;
  struct net_address at;          /* where it is bound */
  int readable, writable, closed; /* how often told */
};

/* An address of loopback with port 0. */
struct net_address loopback_of(enum net_family family);
struct net_address ipv4_of(unsigned a, unsigned b, unsigned c, unsigned d,
                           uint16_t port);

/* Verbs, run on the loop. The first opens and binds to loopback. */
void party_start(struct party *party, enum net_family family);
int party_open(struct party *party, enum net_family family);
int party_bind(struct party *party, const struct net_address *local);
void party_arm(struct party *party, unsigned events);
void party_disarm(struct party *party, unsigned events);
int party_set(struct party *party, enum net_option option, int value);
int party_get(struct party *party, enum net_option option, int *value);
int party_group(struct party *party, enum net_group_verb verb,
                const struct net_group *group);

/* Closes it and waits for that. */
void party_stop(struct party *party);
void party_start_close(struct party *party);
void party_until(const int *count, int wanted);

/* Sends text, which must succeed; receives one datagram, waiting for it. */
void party_say(struct party *from, const struct net_address *to,
               const char *text);
struct net_received party_hear(struct party *party, void *bytes, size_t room);

/* Whether nothing has come, for what has been sent would have come by now. */
bool party_hears_nothing(struct party *party);

#endif
