/* One table from the transport's errors to NTSTATUS. */
#include "wsk/status.h"

#include "net/net.h"

/* The codes are those that Windows' own transport gives for the same event, as
 * far as they are known; docs/wsk-behaviour.md marks the others. */
#define STATUS_MAP(X)                                                          \
  X(NET_OK, STATUS_SUCCESS)                                                    \
  X(NET_EACCES, STATUS_ACCESS_DENIED)                                          \
  X(NET_EPERM, STATUS_ACCESS_DENIED)                                           \
  X(NET_EADDRINUSE, STATUS_ADDRESS_ALREADY_ASSOCIATED)                         \
  X(NET_EADDRNOTAVAIL, STATUS_INVALID_ADDRESS_COMPONENT)                       \
  X(NET_EAFNOSUPPORT, STATUS_NOT_SUPPORTED)                                    \
  X(NET_EPROTONOSUPPORT, STATUS_NOT_SUPPORTED)                                 \
  X(NET_ENOTSUP, STATUS_NOT_SUPPORTED)                                         \
  X(NET_ENOPROTOOPT, STATUS_NOT_SUPPORTED)                                     \
  X(NET_ECANCELED, STATUS_CANCELLED)                                           \
  X(NET_ECONNABORTED, STATUS_CONNECTION_ABORTED)                               \
  X(NET_ECONNREFUSED, STATUS_CONNECTION_REFUSED)                               \
  X(NET_ECONNRESET, STATUS_CONNECTION_RESET)                                   \
  X(NET_EPIPE, STATUS_CONNECTION_RESET)                                        \
  X(NET_EHOSTDOWN, STATUS_HOST_UNREACHABLE)                                    \
  X(NET_EHOSTUNREACH, STATUS_HOST_UNREACHABLE)                                 \
  X(NET_ENETDOWN, STATUS_NETWORK_UNREACHABLE)                                  \
  X(NET_ENETUNREACH, STATUS_NETWORK_UNREACHABLE)                               \
  X(NET_ETIMEDOUT, STATUS_IO_TIMEOUT)                                          \
  X(NET_EMFILE, STATUS_INSUFFICIENT_RESOURCES)                                 \
  X(NET_ENFILE, STATUS_INSUFFICIENT_RESOURCES)                                 \
  X(NET_ENOBUFS, STATUS_INSUFFICIENT_RESOURCES)                                \
  X(NET_ENOMEM, STATUS_INSUFFICIENT_RESOURCES)                                 \
  X(NET_EINVAL, STATUS_INVALID_PARAMETER)                                      \
  X(NET_EMSGSIZE, STATUS_INVALID_BUFFER_SIZE)                                  \
  X(NET_EISCONN, STATUS_INVALID_DEVICE_STATE)                                  \
  X(NET_EALREADY, STATUS_INVALID_DEVICE_STATE)                                 \
  X(NET_ENOTCONN, STATUS_INVALID_DEVICE_STATE)                                 \
  X(NET_ESHUTDOWN, STATUS_INVALID_DEVICE_STATE)                                \
  X(NET_ENODEV, STATUS_NOT_FOUND)                                              \
  X(NET_ENOENT, STATUS_NOT_FOUND)                                              \
  X(NET_EAI_ADDRFAMILY, STATUS_NOT_FOUND)                                      \
  X(NET_EAI_AGAIN, STATUS_NOT_FOUND)                                           \
  X(NET_EAI_FAIL, STATUS_NOT_FOUND)                                            \
  X(NET_EAI_NODATA, STATUS_NOT_FOUND)                                          \
  X(NET_EAI_NONAME, STATUS_NOT_FOUND)                                          \
  X(NET_EAI_SERVICE, STATUS_NOT_FOUND)                                         \
  X(NET_EAI_FAMILY, STATUS_NOT_SUPPORTED)                                      \
  X(NET_EAI_PROTOCOL, STATUS_NOT_SUPPORTED)                                    \
  X(NET_EAI_SOCKTYPE, STATUS_NOT_SUPPORTED)                                    \
  X(NET_EAI_BADFLAGS, STATUS_INVALID_PARAMETER)                                \
  X(NET_EAI_BADHINTS, STATUS_INVALID_PARAMETER)                                \
  X(NET_EAI_CANCELED, STATUS_CANCELLED)                                        \
  X(NET_EAI_MEMORY, STATUS_INSUFFICIENT_RESOURCES)

NTSTATUS wsk__status(int error) {
  switch (error) {
#define X(net, status)                                                         \
  case net:                                                                    \
    return status;
    STATUS_MAP(X)
#undef X
  default:
    return STATUS_UNSUCCESSFUL;
  }
}
