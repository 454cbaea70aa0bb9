/*
 * Parameters: numbers that a host hands to its drivers by name (uwsk/uwsk.h).
 */
#include <string.h>

#include "host/runtime.h"
#include "os/os.h"
#include "uwsk/uwsk.h"

struct parameter {
  struct parameter *next;
  unsigned value;
  char name[];
};

static struct {
  struct os_spin lock;
  struct parameter *first;
} parameters;

static struct parameter *find(const char *name) {
  struct parameter *at = parameters.first;

  while (at != NULL && strcmp(at->name, name) != 0)
    at = at->next;
  return at;
}

static struct parameter *add(const char *name) {
  size_t size = strlen(name) + 1;
  struct parameter *parameter = os__alloc(sizeof *parameter + size);

  if (parameter == NULL)
    return NULL;
  memcpy(parameter->name, name, size);
  parameter->next = parameters.first;
  parameters.first = parameter;
  return parameter;
}

bool uwsk_set_parameter(const char *name, unsigned value) {
  if (!host__running()) {
    host__say("uwsk_set_parameter: the runtime is not running");
    return false;
  }
  os__spin_lock(&parameters.lock);
  struct parameter *parameter = find(name);
  if (parameter == NULL)
    parameter = add(name);
  if (parameter != NULL)
    parameter->value = value;
  os__spin_unlock(&parameters.lock);
  return parameter != NULL;
}

unsigned uwsk_parameter(const char *name, unsigned fallback) {
  os__spin_lock(&parameters.lock);
  const struct parameter *parameter = find(name);
  if (parameter != NULL)
    fallback = parameter->value;
  os__spin_unlock(&parameters.lock);
  return fallback;
}

void host__forget_parameters(void) {
  os__spin_lock(&parameters.lock);
  while (parameters.first != NULL) {
    struct parameter *gone = parameters.first;

    parameters.first = gone->next;
    os__free(gone);
  }
  os__spin_unlock(&parameters.lock);
}
