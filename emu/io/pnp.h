/*
 * Device interfaces (interface.c) and those who want to hear of them
 * (notify.c).
 *
 * An interface is referenced by the list of interfaces while it is registered,
 * and by each event that tells of it. Events are told in the order in which
 * they came, by a work item, so that nobody is called inside the call that
 * enables an interface: as on Windows. They are for those who were registered
 * when they came; who registers later may ask for what is there already.
 */
#ifndef UWSK_IO_PNP_H
#define UWSK_IO_PNP_H

#include <ntddk.h>
#include <stdbool.h>

struct pnp_interface;

/* Something to tell; holds a reference to the interface. */
struct pnp_event {
  struct pnp_event *next;
  struct pnp_interface *of;
  unsigned long long before; /* told to registrations up to this number */
  bool arrival;
  bool embedded; /* in the interface: not freed by itself */
};

struct pnp_interface {
  struct pnp_interface *next;
  unsigned long long number; /* in the order of registration */
  LONG references;
  GUID class;
  PDEVICE_OBJECT device; /* NULL: the host's */
  ULONG instance;        /* of the device, the same for all of its interfaces */
  bool enabled;
  struct pnp_event last; /* for when the device goes */
  UNICODE_STRING link;
  WCHAR text[];
};

/* ---- interface.c ------------------------------------------------------- */

/* The enabled interface of the class that comes next after `number`, with a
 * reference; NULL. */
struct pnp_interface *io__next_interface(const GUID *class,
                                         unsigned long long number);
void io__release_interface(struct pnp_interface *interface);

/* For uwsk_announce_interface and its counterpart. */
NTSTATUS io__announce_interface(const GUID *class, const char *instance);
NTSTATUS io__withdraw_interface(const GUID *class, const char *instance);

void io__forget_interfaces(void);

/* ---- notify.c ---------------------------------------------------------- */

/* Takes over the event and its reference. Any IRQL <= DISPATCH_LEVEL; may be
 * called with a lock held. */
void io__tell(struct pnp_event *event);

void io__forget_notifications(void);

#endif
