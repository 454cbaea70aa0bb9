/* Apart from the driver: a file cannot see the host's headers and NT's. */
#include <signal.h>
#include <unistd.h>

void SendSignal(unsigned Number);

void SendSignal(unsigned Number) {
  kill(getpid(), (int)Number);
}
