#include <signal.h>
#include <unistd.h>

void SendTerm(void);

void SendTerm(void) {
  kill(getpid(), SIGTERM);
}
