/*
 * uwsk/event.h: how data comes to a driver, where no host's socket can be told
 * to bring it so: in WskReceive, and in event callbacks.
 */
#ifndef UWSK_EVENT_H
#define UWSK_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How WskReceiveEvent is shown data, from now on and for all connections: in
 * pieces of at most `bytes` (1 to 65536), up to `members` (1 to 16) in a list.
 * The default is 65536 and 1: what one read has brought is told at once. A
 * driver that follows only the first member of a list, or takes for granted
 * that a message comes in one, shows itself with small numbers.
 *
 * Any thread. False, and nothing changes, when a number is out of bounds;
 * uwsk_stop goes back to the default.
 */
bool uwsk_set_indications(size_t bytes, unsigned members);

/*
 * Where that data lies: the first `bytes` (0 to 65536; 0 stands for all) behind
 * `offset` bytes (0 to 4096) of the first MDL, the rest in a second one. The
 * default is 0 and 0. A driver that takes the first MDL for all of it, or
 * forgets WSK_BUF.Offset, shows itself. Any thread. False, and nothing changes,
 * when a number is out of bounds; uwsk_stop goes back to the default.
 */
bool uwsk_set_indication_mdls(size_t bytes, size_t offset);

/*
 * How much a look at the host may bring WskReceive, from now on and for all
 * connections: at most `bytes`, or, with a `seed` that is not 0, a number from
 * 1 to `bytes` that is drawn each time. 0 bytes: no limit, the default. A
 * driver that takes a partial receive for a whole message shows itself with
 * small numbers; WSK_FLAG_WAITALL still waits for all. Any thread; uwsk_stop
 * goes back to the default.
 */
void uwsk_limit_receives(size_t bytes, uint64_t seed);

/*
 * How WskReceiveFromEvent is shown datagrams, from now on and on all sockets:
 * up to `members` (1 to 16) in a list; the first `bytes` (1 to 2048) of each
 * behind `offset` bytes of its first MDL (`offset` + `bytes` up to 2048), the
 * rest in a second one. The default is 16, 2048 and 0. A driver that takes the
 * first MDL for all of a datagram, or forgets WSK_BUF.Offset, shows itself with
 * small numbers.
 *
 * Any thread. False, and nothing changes, when a number is out of bounds.
 */
bool uwsk_set_datagrams(unsigned members, size_t bytes, size_t offset);

/*
 * Whether WSK_FLAG_ENTIRE_MESSAGE is set when the host had nothing more to read
 * (true, the default: as if the sender had pushed it), or never. A driver must
 * not depend on it. Any thread; uwsk_stop goes back to the default.
 */
void uwsk_set_entire_message(bool told);

/*
 * Whether WSK_FLAG_RELEASE_ASAP is set on every list of data and datagrams, as
 * when Windows runs short of buffers (true), or only when they do run short
 * (false, the default). Any thread; uwsk_stop goes back to the default.
 */
void uwsk_set_release_asap(bool always);

/*
 * Whether callbacks are told WSK_FLAG_AT_DISPATCH_LEVEL (true, the default) or
 * never. They run at DISPATCH_LEVEL in either case, as they may on Windows: a
 * driver that takes the missing flag for PASSIVE_LEVEL shows itself. Any
 * thread; uwsk_stop goes back to the default.
 */
void uwsk_set_at_dispatch_told(bool told);

/*
 * Changes the ideal send backlog of a connection, given by its PWSK_SOCKET, to
 * `bytes`; SIO_WSK_QUERY_IDEAL_SEND_BACKLOG answers it from now on, and
 * WskSendBacklogEvent is called if it is enabled. It is 65536 before. Any
 * thread, up to DISPATCH_LEVEL; the socket is not being closed.
 */
void uwsk_set_ideal_send_backlog(void *socket, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
