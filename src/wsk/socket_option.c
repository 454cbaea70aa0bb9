/* Options of the transport. See socket_option.h. */
#include "wsk/socket_option.h"

#include "wsk/socket.h"
#include "wsk/status.h"

_Static_assert(WSK_OPTIONS <= 64, "known has a bit for every option");

/* Windows' defaults, where the host's may be others. */
static const struct {
  int option;
  LONG value;
} defaults[] = {
    {NET_OPT_KEEPALIVE, 0},         {NET_OPT_NODELAY, 0},
    {NET_OPT_BROADCAST, 0},         {NET_OPT_V6ONLY, 1},
    {NET_OPT_RECV_LOCAL, 0},        {NET_OPT_RECV_HOPS, 0},
    {NET_OPT_RECV_ECN, 0},          {NET_OPT_RECV_TRAFFIC_CLASS, 0},
    {NET_OPT_MULTICAST_HOPS, 1},    {NET_OPT_MULTICAST_LOOP, 1},
    {NET_OPT_MULTICAST_IF, 0},      {NET_OPT_MULTICAST_IF_ADDRESS, 0},
    {NET_OPT_UNICAST_IF, 0},        {NET_OPT_FASTOPEN, 0},
    {NET_OPT_TIMESTAMPS, 0},        {NET_OPT_URGENT_RFC1122, 0},
    {NET_OPT_HEADER_INCLUDED, 0},   {NET_OPT_NO_CHECKSUM, 0},
    {WSK_OPT_PORT_SCALABILITY, 0},  {WSK_OPT_RANDOMIZE_PORT, 0},
    {WSK_OPT_REUSE_UNICASTPORT, 0}, {WSK_OPT_RECEIVE_BROADCAST, 1},
    {WSK_OPT_BSD_URGENT, 1},        {WSK_OPT_TYPE_OF_SERVICE, 0},
};

static bool has_default(int option, LONG *value) {
  for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
    if (defaults[i].option == option) {
      *value = defaults[i].value;
      return true;
    }
  return false;
}

/* ---- what is remembered ------------------------------------------------- */

static bool is_known(const struct wsk_option_values *values, int option) {
  return (values->known & (1ull << option)) != 0;
}

static void remember(struct wsk_option_values *values, int option, LONG value) {
  values->known |= 1ull << option;
  values->values[option] = value;
}

LONG wsk__option(const struct wsk_socket *socket, int option, LONG fallback) {
  const struct wsk_option_values *own = &socket->options.own;
  return is_known(own, option) ? own->values[option] : fallback;
}

/* Whether the code is IPv4's and the socket IPv6's. */
static bool is_of_ipv4(const struct wsk_socket *socket,
                       const struct wsk_code *code) {
  return socket->family == NET_IPV6 && (code->flags & WSK_CODE_IPV4) != 0;
}

static bool speaks_ipv4(const struct wsk_socket *socket) {
  return wsk__option(socket, NET_OPT_V6ONLY, 1) == 0;
}

/* ---- values as the client writes them, and as the transport does -------- */

static LONG swap(LONG value) {
  return (LONG)RtlUlongByteSwap((ULONG)value);
}

static LONG to_transport(const struct wsk_code *code, LONG value) {
  if (code->flags & WSK_CODE_SWITCH)
    return value != 0;
  if (code->flags & WSK_CODE_NETWORK_ORDER)
    return swap(value);
  if (code->flags & WSK_CODE_SECONDS)
    return value < 0 || value > MAXLONG / 1000 ? -1 : value * 1000;
  return value;
}

static LONG from_transport(const struct wsk_code *code, LONG value) {
  if (code->flags & WSK_CODE_NETWORK_ORDER)
    return swap(value);
  if (code->flags & WSK_CODE_SECONDS)
    return value < 0 ? value : (value + 999) / 1000;
  return value;
}

/* ---- setting ------------------------------------------------------------ */

/* IP_MULTICAST_IF takes an address, or an index that looks like an address of
 * network 0. */
static int set_on_host(struct wsk_socket *socket, int option, LONG value) {
  if (option == NET_OPT_MULTICAST_IF_ADDRESS && (value & 0xff) == 0) {
    option = NET_OPT_MULTICAST_IF;
    value = swap(value);
  }
  if (socket->udp != NULL)
    return net__udp_set_option(socket->udp, (enum net_option)option, value);
  return net__tcp_set_option(socket->tcp, (enum net_option)option, value);
}

/* WSK_FLAG_NODELAY sets the same of the host, and must know what it is now. */
static void note_delay(struct wsk_socket *socket, LONG value) {
  os__spin_lock(&socket->send.lock);
  socket->undelayed = value != 0;
  os__spin_unlock(&socket->send.lock);
}

/* Hosts take a negative size for the smallest there is, and -1 hops or traffic
 * class for their default. */
static bool is_sane(int option, LONG value) {
  switch (option) {
  case NET_OPT_RCVBUF:
  case NET_OPT_SNDBUF:
    return value >= 0;
  case NET_OPT_UNICAST_HOPS:
  case NET_OPT_MULTICAST_HOPS:
  case NET_OPT_TRAFFIC_CLASS:
    return value >= 0 && value <= 255;
  default:
    return true;
  }
}

NTSTATUS wsk__option_apply(struct wsk_socket *socket, int option, LONG value) {
  int error = NET_OK;
  if (!is_sane(option, value))
    return STATUS_INVALID_PARAMETER;
  if (option < NET_OPTIONS && !socket->unsupported) {
    if (!wsk__socket_is_open(socket))
      return wsk__control_no_handle(socket);
    error = set_on_host(socket, option, value);
  }
  if (error != NET_OK)
    return wsk__status(error);
  remember(&socket->options.own, option, value);
  if (option == NET_OPT_NODELAY)
    note_delay(socket, value);
  return STATUS_SUCCESS;
}

static NTSTATUS set(struct wsk_socket *socket, const struct wsk_code *code,
                    LONG value) {
  if (!is_of_ipv4(socket, code))
    return wsk__option_apply(socket, code->detail, value);
  if (!speaks_ipv4(socket))
    return STATUS_NOT_SUPPORTED;
  remember(&socket->options.of_ipv4, code->detail, value);
  return STATUS_SUCCESS;
}

static void start_set(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  const struct wsk_args *args = wsk__args(irp);
  NTSTATUS status = set(wsk__op(irp)->socket, args->code,
                        to_transport(args->code, args->value));
  wsk__op_finish(irp, status, 0);
}

/* How much of a buffer of `size` bytes the value takes: a BOOLEAN is the lowest
 * byte of a LONG that is 0 or 1. */
static SIZE_T room(SIZE_T size) {
  return min(size, sizeof(LONG));
}

/* Clients have their values on the stack, and return before we are through. */
NTSTATUS wsk__set_option(const struct wsk_control *control) {
  LONG value = 0;
  RtlCopyMemory(&value, control->input, room(control->input_size));
  wsk__args(control->irp)->value = value;
  return wsk__control_submit(control, start_set);
}

/* ---- getting ------------------------------------------------------------ */

static NTSTATUS get_of_host(struct wsk_socket *socket, int option,
                            LONG *value) {
  if (!wsk__socket_is_open(socket))
    return wsk__control_no_handle(socket);
  int found = 0, error;
  if (socket->udp != NULL)
    error = net__udp_get_option(socket->udp, (enum net_option)option, &found);
  else
    error = net__tcp_get_option(socket->tcp, (enum net_option)option, &found);
  *value = found;
  return wsk__status(error);
}

static NTSTATUS get(struct wsk_socket *socket, const struct wsk_code *code,
                    LONG *value) {
  const struct wsk_option_values *values = is_of_ipv4(socket, code)
                                               ? &socket->options.of_ipv4
                                               : &socket->options.own;
  if (is_of_ipv4(socket, code) && !speaks_ipv4(socket))
    return STATUS_NOT_SUPPORTED;
  *value = values->values[code->detail];
  if (is_known(values, code->detail) || has_default(code->detail, value))
    return STATUS_SUCCESS;
  return get_of_host(socket, code->detail, value);
}

static void start_get(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  const struct wsk_args *args = wsk__args(irp);
  LONG value = 0;
  NTSTATUS status = get(wsk__op(irp)->socket, args->code, &value);
  SIZE_T written = NT_SUCCESS(status) ? (SIZE_T)args->room : 0;
  value = from_transport(args->code, value);
  RtlCopyMemory(args->output, &value, written);
  wsk__op_finish(irp, status, written);
}

NTSTATUS wsk__get_option(const struct wsk_control *control) {
  wsk__args(control->irp)->room = (LONG)room(control->output_size);
  return wsk__control_submit(control, start_get);
}

/* ---- one socket's options for another ----------------------------------- */

int wsk__options_renew(struct wsk_socket *socket) {
  const struct wsk_option_values *own = &socket->options.own;
  int error = NET_OK;
  for (int option = 0; option < NET_OPTIONS && error == NET_OK; option++)
    if (is_known(own, option))
      error = set_on_host(socket, option, own->values[option]);
  return error;
}

/* Those that say how to bind mean nothing to a connection. */
static bool is_inherited(int option) {
  return option != NET_OPT_REUSE && option != NET_OPT_EXCLUSIVE &&
         option != NET_OPT_V6ONLY && option != WSK_OPT_PORT_SCALABILITY &&
         option != WSK_OPT_RANDOMIZE_PORT &&
         option != WSK_OPT_REUSE_UNICASTPORT;
}

/* A host that gives an accepted socket some of these by itself gives it the
 * same. What it refuses now it has not refused the listener: that is no reason
 * to lose the connection. */
void wsk__options_inherit(struct wsk_socket *accepted,
                          const struct wsk_socket *listener) {
  const struct wsk_option_values *own = &listener->options.own;
  if (own->known == 0)
    return;
  accepted->options.of_ipv4 = listener->options.of_ipv4;
  if (is_known(own, NET_OPT_V6ONLY))
    remember(&accepted->options.own, NET_OPT_V6ONLY,
             own->values[NET_OPT_V6ONLY]);
  for (int option = 0; option < WSK_OPTIONS; option++)
    if (is_known(own, option) && is_inherited(option))
      (void)wsk__option_apply(accepted, option, own->values[option]);
}
