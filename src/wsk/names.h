/*
 * Names: what the rest of the provider needs to know of WskGetAddressInfo and
 * its siblings.
 */
#ifndef UWSK_WSK_NAMES_H
#define UWSK_WSK_NAMES_H

struct wsk_client;

/* The client deregisters: the lists it has not freed are reported, and belong
 * to nobody from now on. */
void wsk__names_client_gone(struct wsk_client *client);

/* Forgets what pends and frees the lists that were left behind. */
void wsk__names_stop(void);

#endif
