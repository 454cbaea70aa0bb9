/*
 * The benchmark: the same traffic through WSK and through raw libuv, in one
 * process and one run.
 *
 * Every case is a pair of functions that do the same thing `count` times; the
 * far end is the same code for both (peer.h), so that only the client differs.
 * Plain C: the libuv side sees no Windows type, the WSK side no libuv.
 */
#ifndef UWSK_BENCH_H
#define UWSK_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#define BENCH_SMALL 64
#define BENCH_BULK  65536
#define BENCH_CROWD 64

/* Ends the program with a message unless `ok`. */
void bench_require(bool ok, const char *what);

/* ---- through WSK (wsk_*.c); between bench_wsk_start and _stop ----------- */

void bench_wsk_start(void);
void bench_wsk_stop(void);
void bench_wsk_rtt_sync(unsigned count);
void bench_wsk_rtt_completion(unsigned count);
void bench_wsk_connect_close(unsigned count);
void bench_wsk_bulk_send(unsigned count);
void bench_wsk_bulk_receive(unsigned count);
void bench_wsk_accept_close(unsigned count);
void bench_wsk_event_echo(unsigned count);
void bench_wsk_event_echo_64(unsigned count);
void bench_wsk_udp_echo(unsigned count);

/* ---- raw libuv (uv_twin.c) --------------------------------------------- */

void bench_uv_rtt(unsigned count);
void bench_uv_connect_close(unsigned count);
void bench_uv_bulk_send(unsigned count);
void bench_uv_bulk_receive(unsigned count);
void bench_uv_accept_close(unsigned count);
void bench_uv_event_echo(unsigned count);
void bench_uv_event_echo_64(unsigned count);
void bench_uv_udp_echo(unsigned count);

#endif
