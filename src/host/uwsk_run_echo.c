/*
 * The echo peer of uwsk-run --echo: plain sockets, a thread per connection.
 *
 * It is a stand-in for the machine on the other side, so it shares nothing with
 * the library but the process.
 */
#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
typedef SOCKET run_socket;
#define NO_SOCKET    INVALID_SOCKET
#define close_socket closesocket
#define NO_SIGNAL    0
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int run_socket;
#define NO_SOCKET    (-1)
#define close_socket close
#ifdef MSG_NOSIGNAL
#define NO_SIGNAL MSG_NOSIGNAL
#else
#define NO_SIGNAL 0
#endif
#endif

#include <string.h>

#include "uwsk_run.h"

static bool send_all(run_socket connection, const char *bytes, size_t length) {
  while (length > 0) {
    int sent = (int)send(connection, bytes, (int)length, NO_SIGNAL);

    if (sent <= 0)
      return false;
    bytes += sent;
    length -= (size_t)sent;
  }
  return true;
}

/* Closing after the peer's end of stream ends our direction gracefully. */
static void serve(void *argument) {
  run_socket connection = (run_socket)(intptr_t)argument;
  char buffer[4096];

  for (;;) {
    int received = (int)recv(connection, buffer, sizeof buffer, 0);

    if (received <= 0 || !send_all(connection, buffer, (size_t)received))
      break;
  }
  close_socket(connection);
}

static void accept_all(void *argument) {
  run_socket listener = (run_socket)(intptr_t)argument;

  for (;;) {
    run_socket connection = accept(listener, NULL, NULL);

    if (connection == NO_SOCKET)
      continue;
    if (!run__thread(serve, (void *)(intptr_t)connection))
      close_socket(connection);
  }
}

static void start_sockets(void) {
#ifdef _WIN32
  WSADATA data;

  WSAStartup(MAKEWORD(2, 2), &data);
#endif
}

uint16_t run__echo_start(void) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  start_sockets();
  run_socket listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == NO_SOCKET)
    return 0;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, length) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
      !run__thread(accept_all, (void *)(intptr_t)listener)) {
    close_socket(listener);
    return 0;
  }
  return ntohs(address.sin_port);
}
