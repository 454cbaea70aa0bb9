/* The groups of tests: test_NAME.c holds CONFORMANCE_GROUP(NAME). */
/* clang-format off */
#define CONFORMANCE_GROUPS(X) \
  X(register) \
  X(capture) \
  X(irp) \
  X(socket) \
  X(basic) \
  X(types) \
  X(socket_connect) \
  X(stream) \
  X(bind) \
  X(connect) \
  X(connect_ex) \
  X(send) \
  X(receive) \
  X(disconnect) \
  X(close) \
  X(address) \
  X(accept) \
  X(accept_failures) \
  X(accept_event) \
  X(inspect) \
  X(inspect_races) \
  X(lifetime) \
  X(forced) \
  X(receive_event) \
  X(disconnect_event) \
  X(events) \
  X(event_races) \
  X(send_ex) \
  X(datagram) \
  X(send_to) \
  X(receive_from) \
  X(receive_from_event) \
  X(practice) \
  X(names) \
  X(name_info) \
  X(control_client) \
  X(security) \
  X(sharing) \
  X(extension) \
  X(nmr) \
  X(control_socket) \
  X(socket_option) \
  X(ioctl) \
  X(multicast) \
  X(failures) \
  X(race)
/* clang-format on */
