/*
 * A program's own getaddrinfo takes the place of the C library's for libuv,
 * too. See slow_resolver.h.
 */
#include "slow_resolver.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool holding;
static unsigned held;
static enum resolver_answer planned;

void resolver_hold(void) {
  pthread_mutex_lock(&lock);
  holding = true;
  pthread_mutex_unlock(&lock);
}

void resolver_release(void) {
  pthread_mutex_lock(&lock);
  holding = false;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

void resolver_until_held(unsigned threads) {
  pthread_mutex_lock(&lock);
  while (held < threads)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

void resolver_answer(enum resolver_answer answer) {
  pthread_mutex_lock(&lock);
  planned = answer;
  pthread_mutex_unlock(&lock);
}

/* 0, or the error that was planned. */
static int pass(void) {
  static const int errors[] = {0, EAI_AGAIN, EAI_MEMORY};
  int error;

  pthread_mutex_lock(&lock);
  held++;
  pthread_cond_broadcast(&changed);
  while (holding)
    pthread_cond_wait(&changed, &lock);
  held--;
  error = errors[planned];
  pthread_mutex_unlock(&lock);
  return error;
}

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict result) {
  int (*usual)(const char *, const char *, const struct addrinfo *,
               struct addrinfo **);
  int error = pass();

  *(void **)&usual = dlsym(RTLD_NEXT, "getaddrinfo");
  return error != 0 ? error : usual(node, service, hints, result);
}

/* Only what asks for a name fails: to write numbers takes no resolver. */
int getnameinfo(const struct sockaddr *restrict address, socklen_t length,
                char *restrict node, socklen_t node_size,
                char *restrict service, socklen_t service_size, int flags) {
  int (*usual)(const struct sockaddr *, socklen_t, char *, socklen_t, char *,
               socklen_t, int);
  int error = pass();

  *(void **)&usual = dlsym(RTLD_NEXT, "getnameinfo");
  if (error != 0 && !(flags & NI_NUMERICHOST))
    return error;
  return usual(address, length, node, node_size, service, service_size, flags);
}
