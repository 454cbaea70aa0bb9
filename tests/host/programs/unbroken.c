/* A program whose wait hangs on when the world has given way. */
#include <ntddk.h>

#include "uwsk/hang.h"

static enum uwsk_hang_answer Break(const struct uwsk_hang *Hang,
                                   void *Context) {
  UNREFERENCED_PARAMETER(Hang);
  UNREFERENCED_PARAMETER(Context);
  return UWSK_HANG_BREAK;
}

int main(void) {
  struct uwsk_options Options = UWSK_OPTIONS_INIT;
  KEVENT Never;

  Options.hang_limit_ms = 50;
  uwsk_on_hang(Break, NULL);
  if (uwsk_start(&Options) != 0)
    return 1;
  KeInitializeEvent(&Never, NotificationEvent, FALSE);
  KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
  return 0;
}
