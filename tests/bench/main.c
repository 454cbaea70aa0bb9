/*
 * uwsk-bench [--json FILE] [--runs N] [--only NAME] [--clock wall|cpu]
 *
 * Prints a table: operations per second through WSK and through raw libuv, and
 * their ratio; medians of several runs, which alternate so that a change of the
 * machine's speed meets both.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bench.h"

#define MAX_RUNS 31

struct bench_case {
  const char *name;
  void (*wsk)(unsigned count);
  void (*uv)(unsigned count);
  unsigned count;
  double target; /* the ratio we mean to reach */
};

static const struct bench_case cases[] = {
    {"tcp_rtt_sync_1", bench_wsk_rtt_sync, bench_uv_rtt, 40000, 1.00},
    {"tcp_rtt_completion_1", bench_wsk_rtt_completion, bench_uv_rtt, 40000,
     0.90},
    {"connect_close_1", bench_wsk_connect_close, bench_uv_connect_close, 3000,
     0.80},
    {"tcp_bulk_64k", bench_wsk_bulk_send, bench_uv_bulk_send, 40000, 0.95},
    {"tcp_bulk_64k_receive", bench_wsk_bulk_receive, bench_uv_bulk_receive,
     40000, 0.95},
    {"accept_close_1", bench_wsk_accept_close, bench_uv_accept_close, 3000,
     0.80},
    {"tcp_event_echo_1", bench_wsk_event_echo, bench_uv_event_echo, 40000,
     0.90},
    {"tcp_event_echo_64", bench_wsk_event_echo_64, bench_uv_event_echo_64,
     64000, 0.90},
    {"udp_event_echo_1", bench_wsk_udp_echo, bench_uv_udp_echo, 40000, 0.90},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

struct options {
  const char *json;
  const char *only;
  unsigned runs;
  bool cpu; /* count the process's own time: for a machine that is busy */
};

struct result {
  double wsk, uv, ratio;
};

void bench_require(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "uwsk-bench: %s failed\n", what);
  exit(1);
}

static double seconds(uv_timeval_t time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(bool cpu) {
  uv_rusage_t used;
  if (!cpu)
    return (double)uv_hrtime() / 1e9;
  bench_require(uv_getrusage(&used) == 0, "uv_getrusage");
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

static double rate(void (*run)(unsigned), unsigned count, bool cpu) {
  double start = now(cpu);
  run(count);
  return count / (now(cpu) - start);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, unsigned count) {
  qsort(values, count, sizeof(*values), compare);
  return count % 2 ? values[count / 2]
                   : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static struct result measure(const struct bench_case *c,
                             const struct options *options) {
  unsigned runs = options->runs;
  double wsk[MAX_RUNS], uv[MAX_RUNS];
  rate(c->wsk, c->count / 10 + 1, false); /* warm up */
  rate(c->uv, c->count / 10 + 1, false);
  for (unsigned i = 0; i < runs; i++) {
    wsk[i] = rate(c->wsk, c->count, options->cpu);
    uv[i] = rate(c->uv, c->count, options->cpu);
  }
  struct result result = {median(wsk, runs), median(uv, runs), 0};
  result.ratio = result.wsk / result.uv;
  return result;
}

static void write_json(const char *path, const struct result *results,
                       const bool *measured) {
  FILE *file = fopen(path, "w");
  bench_require(file != NULL, "opening the JSON file");
  const char *separator = "[\n";
  for (size_t i = 0; i < CASES; i++) {
    if (!measured[i])
      continue;
    fprintf(file,
            "%s  {\"name\": \"%s\", \"uwsk\": %.1f, \"libuv\": %.1f, "
            "\"ratio\": %.3f}",
            separator, cases[i].name, results[i].wsk, results[i].uv,
            results[i].ratio);
    separator = ",\n";
  }
  fprintf(file, "\n]\n");
  bench_require(fclose(file) == 0, "writing the JSON file");
}

static void usage(void) {
  fprintf(stderr, "usage: uwsk-bench [--json FILE] [--runs N] [--only NAME] "
                  "[--clock wall|cpu]\n");
  exit(2);
}

static struct options parse(int argc, char **argv) {
  struct options options = {NULL, NULL, 7, false};
  for (int i = 1; i < argc; i++) {
    if (i + 1 >= argc)
      usage();
    if (strcmp(argv[i], "--json") == 0)
      options.json = argv[++i];
    else if (strcmp(argv[i], "--only") == 0)
      options.only = argv[++i];
    else if (strcmp(argv[i], "--clock") == 0)
      options.cpu = strcmp(argv[++i], "cpu") == 0;
    else if (strcmp(argv[i], "--runs") == 0)
      options.runs = (unsigned)strtoul(argv[++i], NULL, 10);
    else
      usage();
  }
  if (options.runs == 0 || options.runs > MAX_RUNS)
    usage();
  return options;
}

int main(int argc, char **argv) {
  struct options options = parse(argc, argv);
  struct result results[CASES];
  bool measured[CASES] = {false};
  bench_wsk_start();
  printf("%-22s %12s %12s %7s %7s\n", "operations per second", "uwsk", "libuv",
         "ratio", "target");
  for (size_t i = 0; i < CASES; i++) {
    if (options.only != NULL && strcmp(options.only, cases[i].name) != 0)
      continue;
    results[i] = measure(&cases[i], &options);
    measured[i] = true;
    printf("%-22s %12.0f %12.0f %7.3f %7.2f\n", cases[i].name, results[i].wsk,
           results[i].uv, results[i].ratio, cases[i].target);
    fflush(stdout);
  }
  bench_wsk_stop();
  if (options.json != NULL)
    write_json(options.json, results, measured);
  return 0;
}
