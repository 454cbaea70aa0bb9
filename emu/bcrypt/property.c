/* What providers and hash objects tell of themselves: a row per property. */
#include "bcrypt/cng.h"

#include <string.h>
#include <wchar.h>

#include "ke/ke.h"

/* The bytes of a value; `number` holds those of a ULONG. */
struct value {
  const void *bytes;
  ULONG size;
  ULONG number;
};

static void set_number(struct value *value, ULONG number) {
  value->number = number;
  value->bytes = &value->number;
  value->size = sizeof(value->number);
}

static void object_length(struct cng_algorithm **algorithm,
                          struct value *value) {
  set_number(value, bcrypt__object_length(*algorithm));
}

static void hash_length(struct cng_algorithm **algorithm, struct value *value) {
  set_number(value, (*algorithm)->type->length);
}

static void hash_block_length(struct cng_algorithm **algorithm,
                              struct value *value) {
  set_number(value, (*algorithm)->type->block);
}

static void algorithm_name(struct cng_algorithm **algorithm,
                           struct value *value) {
  value->bytes = (*algorithm)->type->name;
  value->size = (ULONG)((wcslen((*algorithm)->type->name) + 1) * sizeof(WCHAR));
}

static void provider_handle(struct cng_algorithm **algorithm,
                            struct value *value) {
  value->bytes = algorithm;
  value->size = sizeof(*algorithm);
}

enum owner { ANY, HASHING, HASH_OBJECT };

static const struct {
  PCWSTR name;
  enum owner owner;
  void (*get)(struct cng_algorithm **algorithm, struct value *value);
} properties[] = {
    {BCRYPT_OBJECT_LENGTH, HASHING, object_length},
    {BCRYPT_HASH_LENGTH, HASHING, hash_length},
    {BCRYPT_HASH_BLOCK_LENGTH, HASHING, hash_block_length},
    {BCRYPT_ALGORITHM_NAME, ANY, algorithm_name},
    {BCRYPT_PROVIDER_HANDLE, HASH_OBJECT, provider_handle},
};

static bool get_value(struct cng_algorithm **algorithm, enum owner owner,
                      PCWSTR name, struct value *value) {
  for (size_t i = 0; i < RTL_NUMBER_OF(properties); i++)
    if (wcscmp(properties[i].name, name) == 0) {
      if (properties[i].owner > owner)
        return false;
      properties[i].get(algorithm, value);
      return true;
    }
  return false;
}

NTSTATUS BCryptGetProperty(BCRYPT_HANDLE Object, PCWSTR Property, PUCHAR Output,
                           ULONG OutputSize, PULONG Result, ULONG Flags) {
  struct cng_hash *hash = bcrypt__hash(Object);
  struct cng_algorithm *algorithm =
      hash != NULL ? hash->algorithm : bcrypt__algorithm(Object);
  struct value value;
  enum owner owner = HASH_OBJECT;

  if (algorithm == NULL)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(algorithm, "BCryptGetProperty");
  if (Property == NULL || Result == NULL || Flags != 0)
    return STATUS_INVALID_PARAMETER;
  if (hash == NULL)
    owner = algorithm->type->hashes ? HASHING : ANY;
  if (!get_value(&algorithm, owner, Property, &value))
    return STATUS_NOT_SUPPORTED;
  *Result = value.size;
  if (Output == NULL)
    return STATUS_SUCCESS;
  if (OutputSize < value.size)
    return STATUS_BUFFER_TOO_SMALL;
  memcpy(Output, value.bytes, value.size);
  return STATUS_SUCCESS;
}
