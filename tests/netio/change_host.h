/*
 * Changes to the network of this process, which private_network() has made. All
 * answer 0, or -1.
 */
#ifndef UWSK_TEST_CHANGE_HOST_H
#define UWSK_TEST_CHANGE_HOST_H

#include <stdbool.h>

int private_network(void);

/* 10.99.0.1/24 on the loopback interface, which brings routes with it. */
int change_address(bool add);

/* 198.51.100.0/24 by the loopback interface, metric 7. */
int change_route(bool add);

/* An interface called uwsk0; -1 where the kernel has none to make. */
int change_link(bool add);

int change_mtu(int mtu); /* of the loopback interface */

#endif
