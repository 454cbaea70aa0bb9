/* Modules and bindings, for the files of emu/nmr alone. */
#ifndef UWSK_NMR_BINDING_H
#define UWSK_NMR_BINDING_H

#include "nmr/nmr.h"
#include "os/os.h"

enum nmr_state { NMR_PLANNED, NMR_ATTACHING, NMR_ATTACHED, NMR_DETACHING };

struct nmr_side {
  struct nmr_module *module;
  PVOID context; /* the side's own */
  bool told;     /* that it has to let go */
  bool asking;   /* … by a call that has not returned */
  bool done;     /* it has said that it has let go, perhaps within that call */
  bool left;
  bool forgotten; /* attached, then said that it had not: no clean-up */
};

struct nmr_binding {
  LIST_ENTRY link; /* among all bindings */
  enum nmr_state state;
  bool agreed; /* both sides have, while it is ATTACHING */
  bool doomed; /* to be detached as soon as it is attached */
  struct nmr_side client, provider;
};

/* One lock for all modules and bindings. */
extern struct os_spin nmr__lock;
extern LIST_ENTRY nmr__modules, nmr__bindings;

/* Plans bindings of a new module with all it fits to: false without memory, and
 * then there is none. */
bool nmr__plan(struct nmr_module *module);

/* Attaches what was planned for it. */
void nmr__attach_all(struct nmr_module *module);

/* Detaches all that the module has. */
void nmr__detach_all(struct nmr_module *module);

#endif
