/* Values by the handles of their keys: asked for, set, deleted. */
#include "cm/key.h"

#include "ke/ke.h"

typedef NTSTATUS tell_routine(const struct cm_value *value, ULONG alignment,
                              struct cm_answer *answer);

/* ---- the classes of information ----------------------------------------- */

static NTSTATUS tell_basic(const struct cm_value *value, ULONG alignment,
                           struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_VALUE_BASIC_INFORMATION, Name);
  KEY_VALUE_BASIC_INFORMATION basic = {.Type = value->type,
                                       .NameLength = value->name.Length};
  NTSTATUS status = cm__begin_answer(answer, fixed, fixed + value->name.Length);

  UNREFERENCED_PARAMETER(alignment);
  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, &basic, fixed);
  cm__put(answer, fixed, value->name.Buffer, value->name.Length);
  return status;
}

static NTSTATUS tell_full(const struct cm_value *value, ULONG alignment,
                          struct cm_answer *answer) {
  const ULONG fixed = FIELD_OFFSET(KEY_VALUE_FULL_INFORMATION, Name);
  ULONG end = fixed + value->name.Length;
  ULONG data = (end + alignment - 1) & ~(alignment - 1);
  KEY_VALUE_FULL_INFORMATION full = {.Type = value->type,
                                     .DataOffset =
                                         value->size != 0 ? data : (ULONG)-1,
                                     .DataLength = value->size,
                                     .NameLength = value->name.Length};
  NTSTATUS status = cm__begin_answer(
      answer, fixed, value->size != 0 ? data + value->size : end);

  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, &full, fixed);
  cm__put(answer, fixed, value->name.Buffer, value->name.Length);
  cm__put(answer, data, value->data, value->size);
  return status;
}

/* What consists of a head and the data. */
static NTSTATUS tell_data(const struct cm_value *value, const void *head,
                          ULONG fixed, struct cm_answer *answer) {
  NTSTATUS status = cm__begin_answer(answer, fixed, fixed + value->size);

  if (status == STATUS_BUFFER_TOO_SMALL)
    return status;
  cm__put(answer, 0, head, fixed);
  cm__put(answer, fixed, value->data, value->size);
  return status;
}

static NTSTATUS tell_partial(const struct cm_value *value, ULONG alignment,
                             struct cm_answer *answer) {
  KEY_VALUE_PARTIAL_INFORMATION head = {.Type = value->type,
                                        .DataLength = value->size};

  UNREFERENCED_PARAMETER(alignment);
  return tell_data(value, &head,
                   FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data), answer);
}

static NTSTATUS tell_partial64(const struct cm_value *value, ULONG alignment,
                               struct cm_answer *answer) {
  KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 head = {.Type = value->type,
                                                .DataLength = value->size};

  UNREFERENCED_PARAMETER(alignment);
  return tell_data(value, &head,
                   FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION_ALIGN64, Data),
                   answer);
}

static const struct {
  tell_routine *tell;
  ULONG alignment;        /* of the data within the answer */
  ULONG buffer_alignment; /* of the caller's buffer */
} classes[MaxKeyValueInfoClass] = {
    [KeyValueBasicInformation] = {tell_basic, 4, 1},
    [KeyValueFullInformation] = {tell_full, 4, 1},
    [KeyValuePartialInformation] = {tell_partial, 4, 1},
    [KeyValueFullInformationAlign64] = {tell_full, 8, 8},
    [KeyValuePartialInformationAlign64] = {tell_partial64, 8, 8},
};

static NTSTATUS check_class(KEY_VALUE_INFORMATION_CLASS class,
                            const void *buffer) {
  if ((unsigned)class >= MaxKeyValueInfoClass || classes[class].tell == NULL)
    return STATUS_INVALID_PARAMETER;
  return (ULONG_PTR)buffer % classes[class].buffer_alignment != 0
             ? STATUS_DATATYPE_MISALIGNMENT
             : STATUS_SUCCESS;
}

/* ---- asked for ---------------------------------------------------------- */

static NTSTATUS tell(struct cm_value *value, KEY_VALUE_INFORMATION_CLASS class,
                     struct cm_answer *answer) {
  NTSTATUS status =
      classes[class].tell(value, classes[class].alignment, answer);

  cm__release_value(value);
  return status;
}

NTSTATUS ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                         KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                         PVOID KeyValueInformation, ULONG Length,
                         PULONG ResultLength) {
  struct cm_answer answer = {KeyValueInformation, Length, ResultLength};
  UNICODE_STRING name = cm__value_name(ValueName);
  struct cm_value *value;
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwQueryValueKey");
  status = check_class(KeyValueInformationClass, KeyValueInformation);
  if (NT_SUCCESS(status))
    status = cm__key_of(KeyHandle, KEY_QUERY_VALUE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__value(key, &name, &value);
  cm__release(key);
  if (!NT_SUCCESS(status))
    return status;
  return tell(value, KeyValueInformationClass, &answer);
}

NTSTATUS
ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index,
                    KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                    PVOID KeyValueInformation, ULONG Length,
                    PULONG ResultLength) {
  struct cm_answer answer = {KeyValueInformation, Length, ResultLength};
  struct cm_value *value;
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwEnumerateValueKey");
  status = check_class(KeyValueInformationClass, KeyValueInformation);
  if (NT_SUCCESS(status))
    status = cm__key_of(KeyHandle, KEY_QUERY_VALUE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__value_at(key, Index, &value);
  cm__release(key);
  if (!NT_SUCCESS(status))
    return status;
  return tell(value, KeyValueInformationClass, &answer);
}

/* ---- changed ------------------------------------------------------------ */

NTSTATUS ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                       ULONG TitleIndex, ULONG Type, PVOID Data,
                       ULONG DataSize) {
  UNICODE_STRING name = cm__value_name(ValueName);
  struct cm_key *key;
  NTSTATUS status;

  UNREFERENCED_PARAMETER(TitleIndex);
  ke__require_irql(PASSIVE_LEVEL, "ZwSetValueKey");
  status = cm__key_of(KeyHandle, KEY_SET_VALUE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__set_value(key, &name, Type, Data, DataSize);
  cm__release(key);
  return status;
}

NTSTATUS ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName) {
  UNICODE_STRING name = cm__value_name(ValueName);
  struct cm_key *key;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "ZwDeleteValueKey");
  status = cm__key_of(KeyHandle, KEY_SET_VALUE, &key);
  if (!NT_SUCCESS(status))
    return status;
  status = cm__delete_value(key, &name);
  cm__release(key);
  return status;
}
