/* Rules, and what they say. See fault.h. */
#include "fault/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"

#define MAX_RULES 64

static const char *const point_names[UWSK_POINTS] = {
    [UWSK_AT_ANY_CALL] = "any WSK call",
    [UWSK_AT_SOCKET] = "WskSocket",
    [UWSK_AT_SOCKET_CONNECT] = "WskSocketConnect",
    [UWSK_AT_CONTROL_CLIENT] = "WskControlClient",
    [UWSK_AT_BIND] = "WskBind",
    [UWSK_AT_LISTEN] = "WskListen",
    [UWSK_AT_ACCEPT] = "WskAccept",
    [UWSK_AT_CONTROL] = "WskControlSocket",
    [UWSK_AT_INSPECT_COMPLETE] = "WskInspectComplete",
    [UWSK_AT_CONNECT] = "WskConnect",
    [UWSK_AT_ADDRESS] = "WskGetLocalAddress, WskGetRemoteAddress",
    [UWSK_AT_ADDRESS_INFO] = "WskGetAddressInfo",
    [UWSK_AT_NAME_INFO] = "WskGetNameInfo",
    [UWSK_AT_SEND] = "WskSend",
    [UWSK_AT_RECEIVE] = "WskReceive",
    [UWSK_AT_SEND_TO] = "WskSendTo",
    [UWSK_AT_RECEIVE_FROM] = "WskReceiveFrom",
    [UWSK_AT_DISCONNECT] = "WskDisconnect",
    [UWSK_AT_CLOSE] = "WskCloseSocket",
    [UWSK_AT_POOL] = "allocating pool",
    [UWSK_AT_IRP] = "allocating an IRP",
    [UWSK_AT_MDL] = "allocating an MDL",
    [UWSK_AT_THREAD] = "creating a system thread",
    [UWSK_AT_WORK_ITEM] = "allocating a work item",
};

static const char *const action_names[UWSK_ACTIONS] = {
    [UWSK_PASS] = "UWSK_PASS",
    [UWSK_FAIL] = "UWSK_FAIL",
    [UWSK_FAIL_LATER] = "UWSK_FAIL_LATER",
    [UWSK_COMPLETE_INLINE] = "UWSK_COMPLETE_INLINE",
    [UWSK_COMPLETE_PENDING] = "UWSK_COMPLETE_PENDING",
    [UWSK_COMPLETE_LATER] = "UWSK_COMPLETE_LATER",
    [UWSK_COMPLETE_MIXED] = "UWSK_COMPLETE_MIXED",
    [UWSK_HOLD] = "UWSK_HOLD",
    [UWSK_RESET] = "UWSK_RESET",
};

struct armed {
  struct uwsk_rule rule;
  int number;
  unsigned seen, struck;
  uint64_t random;
  uint64_t moved; /* bytes, since the rule was armed */
};

int fault__armed;
static int stopped; /* how many rules there were when fault__stop came */

static struct os_spin lock;
static struct armed rules[MAX_RULES];
static int last_number;

static void say(const char *format, ...) {
  char line[256];
  va_list arguments;

  va_start(arguments, format);
  int length = vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  if (length > (int)sizeof(line) - 1)
    length = (int)sizeof(line) - 1;
  os__stderr(line, (size_t)length);
}

/* ---- arming ------------------------------------------------------------ */

static bool is_allocation(enum uwsk_point point) {
  return point >= UWSK_AT_POOL;
}

static bool can_be_reset(enum uwsk_point point) {
  return point == UWSK_AT_SEND || point == UWSK_AT_RECEIVE ||
         point == UWSK_AT_DISCONNECT;
}

static bool is_failure(enum uwsk_action action) {
  return action == UWSK_FAIL || action == UWSK_FAIL_LATER;
}

/* NULL, or why the rule makes no sense. */
static const char *objection(const struct uwsk_rule *rule) {
  if (rule == NULL || rule->size != sizeof(*rule))
    return "its size is not that of struct uwsk_rule; use UWSK_RULE";
  if ((unsigned)rule->point >= UWSK_POINTS)
    return "there is no such point";
  if ((unsigned)rule->action >= UWSK_ACTIONS)
    return "there is no such action";
  if (is_allocation(rule->point))
    return rule->action == UWSK_FAIL || rule->action == UWSK_PASS
               ? NULL
               : "an allocation can only fail";
  if (rule->action == UWSK_RESET)
    return can_be_reset(rule->point) ? NULL : "there is nothing to reset";
  if (!is_failure(rule->action))
    return NULL;
  if (rule->point == UWSK_AT_CLOSE)
    return "WskCloseSocket cannot fail";
  return rule->status < 0 ? NULL : "its status is no error";
}

int uwsk_fault_arm(const struct uwsk_rule *rule) {
  const char *why = objection(rule);
  int number = UWSK_FAULT_TOO_MANY;

  if (why != NULL) {
    say("uwsk: uwsk_fault_arm: %s\n", why);
    return UWSK_FAULT_BAD_RULE;
  }
  os__spin_lock(&lock);
  int count = fault__armed;
  stopped = 0;
  if (count < MAX_RULES) {
    number = ++last_number;
    rules[count] =
        (struct armed){.rule = *rule, .number = number, .random = rule->seed};
    __atomic_store_n(&fault__armed, count + 1, __ATOMIC_RELEASE);
  }
  os__spin_unlock(&lock);
  if (number < 0)
    say("uwsk: uwsk_fault_arm: there are %d rules already\n", MAX_RULES);
  return number;
}

/* Under the lock; the index, or -1. */
static int find(int number) {
  for (int i = 0; i < fault__armed; i++)
    if (rules[i].number == number)
      return i;
  return -1;
}

void uwsk_fault_disarm(int rule) {
  os__spin_lock(&lock);
  int index = find(rule);
  if (index >= 0) {
    int rest = fault__armed - index - 1;
    memmove(&rules[index], &rules[index + 1], (size_t)rest * sizeof(rules[0]));
    __atomic_store_n(&fault__armed, fault__armed - 1, __ATOMIC_RELEASE);
  }
  os__spin_unlock(&lock);
}

unsigned uwsk_fault_struck(int rule) {
  os__spin_lock(&lock);
  int index = find(rule);
  unsigned struck = index >= 0 ? rules[index].struck : 0;
  os__spin_unlock(&lock);
  return struck;
}

unsigned uwsk_faults_unfired(void) {
  unsigned unfired = 0;

  os__spin_lock(&lock);
  for (int i = 0; i < fault__armed; i++)
    unfired += rules[i].struck == 0;
  os__spin_unlock(&lock);
  return unfired;
}

/* ---- asking ------------------------------------------------------------ */

static bool fits(const struct uwsk_rule *rule, enum uwsk_point point,
                 const struct _WSK_SOCKET *socket) {
  if (rule->socket != NULL && rule->socket != socket)
    return false;
  if (rule->point == point)
    return true;
  return rule->point == UWSK_AT_ANY_CALL && !is_allocation(point) &&
         !(point == UWSK_AT_CLOSE && is_failure(rule->action));
}

/* Whether it is the rule's turn. What it passes over, others may have. */
static bool strikes(struct armed *armed) {
  const struct uwsk_rule *rule = &armed->rule;

  if ((rule->times != 0 && armed->struck == rule->times) ||
      armed->moved < rule->bytes)
    return false;
  if (armed->seen < rule->skip) {
    armed->seen++;
    return false;
  }
  armed->struck++;
  return true;
}

uint64_t fault__mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

static struct fault_verdict verdict_of(struct armed *armed) {
  struct fault_verdict verdict = {armed->rule.action, armed->rule.status};

  if (verdict.action == UWSK_COMPLETE_MIXED)
    verdict.action =
        (enum uwsk_action)(UWSK_COMPLETE_INLINE +
                           fault__mix(armed->random += FAULT_RANDOM_STEP) % 3);
  return verdict;
}

struct fault_verdict fault__look(enum uwsk_point point,
                                 const struct _WSK_SOCKET *socket) {
  struct fault_verdict verdict = {UWSK_PASS, 0};

  os__spin_lock(&lock);
  for (int i = 0; i < fault__armed; i++)
    if (fits(&rules[i].rule, point, socket) && strikes(&rules[i])) {
      verdict = verdict_of(&rules[i]);
      break;
    }
  os__spin_unlock(&lock);
  return verdict;
}

void fault__count_bytes(const struct _WSK_SOCKET *socket, uint64_t bytes) {
  os__spin_lock(&lock);
  for (int i = 0; i < fault__armed; i++)
    if (rules[i].rule.socket == NULL || rules[i].rule.socket == socket)
      rules[i].moved += bytes;
  os__spin_unlock(&lock);
}

/* ---- the end ----------------------------------------------------------- */

unsigned fault__stop(void) {
  unsigned unfired = 0;

  os__spin_lock(&lock);
  stopped = fault__armed;
  __atomic_store_n(&fault__armed, 0, __ATOMIC_RELEASE);
  for (int i = 0; i < stopped; i++)
    unfired += rules[i].struck == 0;
  os__spin_unlock(&lock);
  return unfired;
}

void fault__forget(void) {
  os__spin_lock(&lock);
  stopped = 0;
  os__spin_unlock(&lock);
}

/* Copies the rule, for whoever is told may ask something; false at the end. */
static bool copy_rule(int at, struct armed *armed) {
  os__spin_lock(&lock);
  bool there = at < (fault__armed > 0 ? fault__armed : stopped);
  if (there)
    *armed = rules[at];
  os__spin_unlock(&lock);
  return there;
}

size_t fault__tell_unfired(void (*tell)(void *context, size_t count,
                                        const char *line),
                           void *context) {
  size_t unfired = 0;
  struct armed armed;
  char line[256];

  for (int at = 0; copy_rule(at, &armed); at++) {
    if (armed.struck > 0)
      continue;
    unfired++;
    snprintf(line, sizeof(line),
             "fault %d never struck: %s at %s, after %u of %u calls and %llu "
             "of %llu bytes that it leaves alone",
             armed.number, action_names[armed.rule.action],
             point_names[armed.rule.point], armed.seen, armed.rule.skip,
             (unsigned long long)armed.moved,
             (unsigned long long)armed.rule.bytes);
    tell(context, 1, line);
  }
  return unfired;
}
