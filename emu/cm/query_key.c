/* ZwQueryKey and ZwEnumerateKey: what there is to know of a key. */
#include "cm/key.h"

#include "ke/ke.h"
#include "os/os.h"

/* Offsets are multiples of four, and say so when there is nothing. */
#define ALIGNED(offset) (((offset) + 3) & ~(ULONG)3)
#define NOWHERE         ((ULONG)-1)

typedef NTSTATUS tell_routine(struct cm_key *key, const struct cm_facts *facts,
                              struct cm_answer *answer);

static LARGE_INTEGER time_of(const struct cm_facts *facts) {
  return (LARGE_INTEGER){.QuadPart = facts->last_write};
}

static NTSTATUS tell_basic(struct cm_key *key, const struct cm_facts *facts,
                           struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_BASIC_INFORMATION, Name);
  KEY_BASIC_INFORMATION basic = {.LastWriteTime = time_of(facts),
                                 .NameLength = key->name.Length};
  NTSTATUS status = cm__begin_answer(answer, fixed, fixed + key->name.Length);

  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, &basic, fixed);
  cm__put(answer, fixed, key->name.Buffer, key->name.Length);
  return status;
}

static NTSTATUS tell_node(struct cm_key *key, const struct cm_facts *facts,
                          struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_NODE_INFORMATION, Name);
  ULONG end = fixed + key->name.Length;
  bool has_class = key->class.Length != 0;
  ULONG class = has_class ? ALIGNED(end) : NOWHERE;
  KEY_NODE_INFORMATION node = {.LastWriteTime = time_of(facts),
                               .ClassOffset = class,
                               .ClassLength = key->class.Length,
                               .NameLength = key->name.Length};
  NTSTATUS status = cm__begin_answer(
      answer, fixed, has_class ? class + key->class.Length : end);

  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, &node, fixed);
  cm__put(answer, fixed, key->name.Buffer, key->name.Length);
  if (has_class)
    cm__put(answer, class, key->class.Buffer, key->class.Length);
  return status;
}

static NTSTATUS tell_full(struct cm_key *key, const struct cm_facts *facts,
                          struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_FULL_INFORMATION, Class);
  KEY_FULL_INFORMATION full = {.LastWriteTime = time_of(facts),
                               .ClassOffset =
                                   key->class.Length != 0 ? fixed : NOWHERE,
                               .ClassLength = key->class.Length,
                               .SubKeys = facts->subkeys,
                               .MaxNameLen = facts->max_name,
                               .MaxClassLen = facts->max_class,
                               .Values = facts->values,
                               .MaxValueNameLen = facts->max_value_name,
                               .MaxValueDataLen = facts->max_value_data};
  NTSTATUS status = cm__begin_answer(answer, fixed, fixed + key->class.Length);

  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, &full, fixed);
  cm__put(answer, fixed, key->class.Buffer, key->class.Length);
  return status;
}

static NTSTATUS tell_name(struct cm_key *key, const struct cm_facts *facts,
                          struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_NAME_INFORMATION, Name);
  WCHAR *path;
  ULONG bytes;
  NTSTATUS status = cm__path(key, &path, &bytes);

  UNREFERENCED_PARAMETER(facts);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__begin_answer(answer, fixed, fixed + bytes);
  if (status != STATUS_BUFFER_TOO_SMALL) {
    cm__put(answer, 0, &bytes, sizeof(bytes));
    cm__put(answer, fixed, path, bytes);
  }
  os__free(path);
  return status;
}

static NTSTATUS tell_cached(struct cm_key *key, const struct cm_facts *facts,
                            struct cm_answer *answer) {
  KEY_CACHED_INFORMATION cached = {.LastWriteTime = time_of(facts),
                                   .SubKeys = facts->subkeys,
                                   .MaxNameLen = facts->max_name,
                                   .Values = facts->values,
                                   .MaxValueNameLen = facts->max_value_name,
                                   .MaxValueDataLen = facts->max_value_data,
                                   .NameLength = key->name.Length};
  NTSTATUS status = cm__begin_answer(answer, sizeof(cached), sizeof(cached));

  if (NT_SUCCESS(status))
    cm__put(answer, 0, &cached, sizeof(cached));
  return status;
}

/* What each class of information takes, and who gives it. */
static const struct {
  tell_routine *tell;
  ACCESS_MASK access; /* for ZwQueryKey */
  bool of_subkeys;    /* ZwEnumerateKey has it, too */
} classes[MaxKeyInfoClass] = {
    [KeyBasicInformation] = {tell_basic, KEY_QUERY_VALUE, true},
    [KeyNodeInformation] = {tell_node, KEY_QUERY_VALUE, true},
    [KeyFullInformation] = {tell_full, KEY_QUERY_VALUE, true},
    [KeyNameInformation] = {tell_name, 0, false},
    [KeyCachedInformation] = {tell_cached, KEY_QUERY_VALUE, false},
};

static bool is_known(KEY_INFORMATION_CLASS class) {
  return (unsigned)class < MaxKeyInfoClass && classes[class].tell != NULL;
}

/* Takes over the reference of `key`. */
static NTSTATUS tell(struct cm_key *key, KEY_INFORMATION_CLASS class,
                     struct cm_answer *answer) {
  struct cm_facts facts;
  NTSTATUS status = cm__facts(key, &facts);

  if (NT_SUCCESS(status))
    status = classes[class].tell(key, &facts, answer);
  cm__release(key);
  return status;
}

NTSTATUS ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass,
                    PVOID KeyInformation, ULONG Length, PULONG ResultLength) {
  struct cm_answer answer = {KeyInformation, Length, ResultLength};
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwQueryKey");
  if (!is_known(KeyInformationClass))
    return STATUS_INVALID_PARAMETER;
  status = cm__key_of(KeyHandle, classes[KeyInformationClass].access, &key);
  if (!NT_SUCCESS(status))
    return status;
  return tell(key, KeyInformationClass, &answer);
}

NTSTATUS ZwEnumerateKey(HANDLE KeyHandle, ULONG Index,
                        KEY_INFORMATION_CLASS KeyInformationClass,
                        PVOID KeyInformation, ULONG Length,
                        PULONG ResultLength) {
  struct cm_answer answer = {KeyInformation, Length, ResultLength};
  struct cm_key *key, *below;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwEnumerateKey");
  if (!is_known(KeyInformationClass) ||
      !classes[KeyInformationClass].of_subkeys)
    return STATUS_INVALID_PARAMETER;
  status = cm__key_of(KeyHandle, KEY_ENUMERATE_SUB_KEYS, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__subkey(key, Index, &below);
  cm__release(key);
  if (!NT_SUCCESS(status))
    return status;
  return tell(below, KeyInformationClass, &answer);
}
