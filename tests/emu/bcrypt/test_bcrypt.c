/*
 * CNG: hashes, HMACs, random numbers. The sums are those of FIPS 180-4's
 * examples (and of RFC 1321, RFC 4231) for "abc".
 *
 * Statuses and IRQLs: win32/api/bcrypt/nf-bcrypt-bcryptopenalgorithmprovider,
 * -bcryptcreatehash, -bcrypthashdata, -bcryptfinishhash, -bcryptduplicatehash,
 * -bcryptgetproperty, -bcryptgenrandom.
 */
#include "kernel_test.h"

#include <bcrypt.h>
#include <string.h>
#include <uwsk/fault.h>

static UCHAR abc[] = "abc";

static const struct {
  PCWSTR name;
  BCRYPT_ALG_HANDLE always_open;
  ULONG length, block;
  const char *sum;
} known[] = {
    {BCRYPT_MD5_ALGORITHM, BCRYPT_MD5_ALG_HANDLE, 16, 64,
     "900150983cd24fb0d6963f7d28e17f72"},
    {BCRYPT_SHA1_ALGORITHM, BCRYPT_SHA1_ALG_HANDLE, 20, 64,
     "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {BCRYPT_SHA256_ALGORITHM, BCRYPT_SHA256_ALG_HANDLE, 32, 64,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {BCRYPT_SHA384_ALGORITHM, BCRYPT_SHA384_ALG_HANDLE, 48, 128,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
    {BCRYPT_SHA512_ALGORITHM, BCRYPT_SHA512_ALG_HANDLE, 64, 128,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static BCRYPT_ALG_HANDLE open_provider(PCWSTR name, ULONG flags) {
  BCRYPT_ALG_HANDLE algorithm = NULL;

  assert_int_equal(BCryptOpenAlgorithmProvider(&algorithm, name, NULL, flags),
                   STATUS_SUCCESS);
  assert_non_null(algorithm);
  return algorithm;
}

static void close_provider(BCRYPT_ALG_HANDLE algorithm) {
  assert_int_equal(BCryptCloseAlgorithmProvider(algorithm, 0), STATUS_SUCCESS);
}

static BCRYPT_HASH_HANDLE make_hash(BCRYPT_ALG_HANDLE algorithm, ULONG flags) {
  BCRYPT_HASH_HANDLE hash = NULL;

  assert_int_equal(BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, flags),
                   STATUS_SUCCESS);
  return hash;
}

static void assert_sum(const UCHAR *sum, ULONG length, const char *expected) {
  char text[2 * 64 + 1] = "";

  for (ULONG i = 0; i < length; i++)
    snprintf(text + 2 * i, 3, "%02x", sum[i]);
  assert_string_equal(text, expected);
}

static void assert_finish(BCRYPT_HASH_HANDLE hash, ULONG length,
                          const char *expected) {
  UCHAR sum[64];

  assert_int_equal(BCryptFinishHash(hash, sum, length, 0), STATUS_SUCCESS);
  assert_sum(sum, length, expected);
}

static ULONG number_of(BCRYPT_HANDLE object, PCWSTR property) {
  ULONG number = 0, size = 0;

  assert_int_equal(BCryptGetProperty(object, property, (PUCHAR)&number,
                                     sizeof(number), &size, 0),
                   STATUS_SUCCESS);
  assert_int_equal(size, sizeof(number));
  return number;
}

/* ---- sums -------------------------------------------------------------- */

/* As drivers write it: an object in pool, of the size that is asked for. */
static void every_algorithm_has_its_known_sum(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(known); i++) {
    BCRYPT_ALG_HANDLE algorithm =
        open_provider(known[i].name, BCRYPT_PROV_DISPATCH);
    ULONG size = number_of(algorithm, BCRYPT_OBJECT_LENGTH);
    PUCHAR memory = ExAllocatePoolWithTag(NonPagedPool, size, 'hsaH');
    BCRYPT_HASH_HANDLE hash;

    assert_int_equal(number_of(algorithm, BCRYPT_HASH_LENGTH), known[i].length);
    assert_int_equal(number_of(algorithm, BCRYPT_HASH_BLOCK_LENGTH),
                     known[i].block);
    assert_int_equal(
        BCryptCreateHash(algorithm, &hash, memory, size, NULL, 0, 0),
        STATUS_SUCCESS);
    assert_int_equal(BCryptHashData(hash, abc, 1, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptHashData(hash, NULL, 0, 0), STATUS_SUCCESS);
    assert_int_equal(BCryptHashData(hash, abc + 1, 2, 0), STATUS_SUCCESS);
    assert_finish(hash, known[i].length, known[i].sum);
    assert_int_equal(BCryptDestroyHash(hash), STATUS_SUCCESS);
    ExFreePoolWithTag(memory, 'hsaH');
    close_provider(algorithm);
  }
}

static void pseudo_handles_need_no_opening(void **state) {
  UCHAR sum[64];

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(known); i++) {
    assert_int_equal(
        BCryptHash(known[i].always_open, NULL, 0, abc, 3, sum, known[i].length),
        STATUS_SUCCESS);
    assert_sum(sum, known[i].length, known[i].sum);
  }
  assert_int_equal(BCryptCloseAlgorithmProvider(BCRYPT_SHA256_ALG_HANDLE, 0),
                   STATUS_INVALID_HANDLE);
}

/* RFC 4231, test case 2. */
static void a_keyed_provider_computes_hmacs(void **state) {
  static const char expected[] =
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  UCHAR key[] = "Jefe", text[] = "what do ya want for nothing?", sum[32];
  BCRYPT_ALG_HANDLE algorithm =
      open_provider(BCRYPT_SHA256_ALGORITHM,
                    BCRYPT_ALG_HANDLE_HMAC_FLAG | BCRYPT_HASH_REUSABLE_FLAG);
  BCRYPT_HASH_HANDLE hash;

  (void)state;
  assert_int_equal(BCryptCreateHash(algorithm, &hash, NULL, 0, key, 4, 0),
                   STATUS_SUCCESS);
  for (int round = 0; round < 2; round++) {
    assert_int_equal(BCryptHashData(hash, text, 28, 0), STATUS_SUCCESS);
    assert_finish(hash, 32, expected);
  }
  BCryptDestroyHash(hash);
  assert_int_equal(BCryptHash(BCRYPT_HMAC_SHA256_ALG_HANDLE, key, 4, text, 28,
                              sum, sizeof(sum)),
                   STATUS_SUCCESS);
  assert_sum(sum, sizeof(sum), expected);
  close_provider(algorithm);
}

static void an_hmac_may_have_an_empty_key(void **state) {
  UCHAR sum[16], again[16];

  (void)state;
  assert_int_equal(
      BCryptHash(BCRYPT_HMAC_MD5_ALG_HANDLE, NULL, 0, abc, 3, sum, sizeof(sum)),
      STATUS_SUCCESS);
  assert_int_equal(BCryptHash(BCRYPT_HMAC_MD5_ALG_HANDLE, abc, 0, abc, 3, again,
                              sizeof(again)),
                   STATUS_SUCCESS);
  assert_memory_equal(sum, again, sizeof(sum));
}

/* Bug: a copy that shares the original's state. */
static void a_duplicate_goes_on_by_itself(void **state) {
  BCRYPT_HASH_HANDLE hash = make_hash(BCRYPT_SHA256_ALG_HANDLE, 0);
  BCRYPT_HASH_HANDLE copy;
  UCHAR room[2048];

  (void)state;
  assert_int_equal(BCryptHashData(hash, abc, 2, 0), STATUS_SUCCESS);
  assert_int_equal(BCryptDuplicateHash(hash, &copy, room + 1, 10, 0),
                   STATUS_BUFFER_TOO_SMALL);
  /* An object begins anywhere. */
  assert_int_equal(
      BCryptDuplicateHash(hash, &copy, room + 1, sizeof(room) - 1, 0),
      STATUS_SUCCESS);
  assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_SUCCESS);
  assert_int_equal(BCryptDestroyHash(hash), STATUS_SUCCESS);
  assert_int_equal(BCryptHashData(copy, abc + 2, 1, 0), STATUS_SUCCESS);
  assert_finish(copy, 32, known[2].sum);
  assert_int_equal(BCryptDuplicateHash(copy, &hash, NULL, 0, 0),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptDestroyHash(copy), STATUS_SUCCESS);
}

static void a_reusable_object_begins_anew(void **state) {
  BCRYPT_HASH_HANDLE hash =
      make_hash(BCRYPT_SHA1_ALG_HANDLE, BCRYPT_HASH_REUSABLE_FLAG);

  (void)state;
  for (int round = 0; round < 3; round++) {
    assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_SUCCESS);
    assert_finish(hash, 20, known[1].sum);
  }
  BCryptDestroyHash(hash);
}

/* ---- statuses ---------------------------------------------------------- */

static void opening_says_what_is_wrong(void **state) {
  BCRYPT_ALG_HANDLE algorithm;

  (void)state;
#define OPEN BCryptOpenAlgorithmProvider
  assert_int_equal(OPEN(&algorithm, L"AES", NULL, 0), STATUS_NOT_FOUND);
  assert_int_equal(OPEN(&algorithm, L"SHA1", L"Nobody's", 0), STATUS_NOT_FOUND);
  assert_int_equal(OPEN(&algorithm, NULL, NULL, 0), STATUS_INVALID_PARAMETER);
  assert_int_equal(OPEN(NULL, L"SHA1", NULL, 0), STATUS_INVALID_PARAMETER);
  assert_int_equal(OPEN(&algorithm, L"SHA1", NULL, 0x80),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(OPEN(&algorithm, L"RNG", NULL, BCRYPT_ALG_HANDLE_HMAC_FLAG),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(OPEN(&algorithm, L"SHA1", MS_PRIMITIVE_PROVIDER, 0),
                   STATUS_SUCCESS);
#undef OPEN
  assert_int_equal(BCryptCloseAlgorithmProvider(algorithm, 1),
                   STATUS_INVALID_PARAMETER);
  close_provider(algorithm);
  assert_int_equal(BCryptCloseAlgorithmProvider(algorithm, 0),
                   STATUS_INVALID_HANDLE);
}

static void creating_says_what_is_wrong(void **state) {
  BCRYPT_ALG_HANDLE sha = BCRYPT_SHA256_ALG_HANDLE;
  BCRYPT_HASH_HANDLE hash;
  UCHAR room[8];

  (void)state;
  assert_int_equal(BCryptCreateHash(room, &hash, NULL, 0, NULL, 0, 0),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptCreateHash(NULL, &hash, NULL, 0, NULL, 0, 0),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptCreateHash((PVOID)0x71, &hash, NULL, 0, NULL, 0, 0),
                   STATUS_INVALID_HANDLE);
  assert_int_equal(
      BCryptCreateHash(BCRYPT_RNG_ALG_HANDLE, &hash, NULL, 0, NULL, 0, 0),
      STATUS_NOT_SUPPORTED);
  assert_int_equal(BCryptCreateHash(sha, NULL, NULL, 0, NULL, 0, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptCreateHash(sha, &hash, NULL, 0, NULL, 0, 1),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptCreateHash(sha, &hash, NULL, 0, abc, 3, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptCreateHash(sha, &hash, NULL, 8, NULL, 0, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptCreateHash(sha, &hash, room, 8, NULL, 0, 0),
                   STATUS_BUFFER_TOO_SMALL);
}

static void hashing_says_what_is_wrong(void **state) {
  BCRYPT_HASH_HANDLE hash = make_hash(BCRYPT_SHA256_ALG_HANDLE, 0);
  UCHAR sum[64];

  (void)state;
  assert_int_equal(BCryptHashData(sum, abc, 3, 0), STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptHashData(hash, NULL, 3, 0), STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptHashData(hash, abc, 3, 1), STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_SUCCESS);
  assert_int_equal(BCryptFinishHash(hash, sum, 64, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptFinishHash(hash, NULL, 32, 0),
                   STATUS_INVALID_PARAMETER);
  assert_finish(hash, 32, known[2].sum);
  /* It is used up. */
  assert_int_equal(BCryptFinishHash(hash, sum, 32, 0), STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptDestroyHash(hash), STATUS_SUCCESS);
  assert_int_equal(BCryptDestroyHash(hash), STATUS_INVALID_HANDLE);
  assert_int_equal(
      BCryptHash(BCRYPT_SHA256_ALG_HANDLE, NULL, 0, abc, 3, sum, 31),
      STATUS_INVALID_PARAMETER);
}

static void properties_tell_their_size(void **state) {
  BCRYPT_ALG_HANDLE algorithm = open_provider(BCRYPT_SHA384_ALGORITHM, 0);
  BCRYPT_HASH_HANDLE hash = make_hash(algorithm, 0);
  BCRYPT_ALG_HANDLE of;
  WCHAR name[8];
  ULONG size = 0;

  (void)state;
#define GET BCryptGetProperty
  assert_int_equal(GET(hash, BCRYPT_ALGORITHM_NAME, NULL, 0, &size, 0), 0);
  assert_int_equal(size, 7 * sizeof(WCHAR));
  assert_int_equal(GET(hash, L"AlgorithmName", (PUCHAR)name, 4, &size, 0),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(GET(hash, L"AlgorithmName", (PUCHAR)name, 14, &size, 0), 0);
  assert_memory_equal(name, L"SHA384", 14);
  assert_int_equal(
      GET(hash, BCRYPT_PROVIDER_HANDLE, (PUCHAR)&of, sizeof(of), &size, 0),
      STATUS_SUCCESS);
  assert_ptr_equal(of, algorithm);
  assert_int_equal(GET(algorithm, BCRYPT_PROVIDER_HANDLE, NULL, 0, &size, 0),
                   STATUS_NOT_SUPPORTED);
  assert_int_equal(GET(algorithm, L"ChainingMode", NULL, 0, &size, 0),
                   STATUS_NOT_SUPPORTED);
  assert_int_equal(
      GET(BCRYPT_RNG_ALG_HANDLE, L"ObjectLength", NULL, 0, &size, 0),
      STATUS_NOT_SUPPORTED);
  assert_int_equal(GET(algorithm, NULL, NULL, 0, &size, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GET(algorithm, L"ObjectLength", NULL, 0, NULL, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GET(name, L"ObjectLength", NULL, 0, &size, 0),
                   STATUS_INVALID_HANDLE);
#undef GET
  BCryptDestroyHash(hash);
  close_provider(algorithm);
}

/* ---- random numbers ---------------------------------------------------- */

static void random_numbers_come_from_two_places(void **state) {
  BCRYPT_ALG_HANDLE generator =
      open_provider(BCRYPT_RNG_ALGORITHM, BCRYPT_PROV_DISPATCH);
  UCHAR first[32] = {0}, second[32] = {0};

  (void)state;
  assert_int_equal(
      BCryptGenRandom(NULL, first, 32, BCRYPT_USE_SYSTEM_PREFERRED_RNG),
      STATUS_SUCCESS);
  assert_int_equal(BCryptGenRandom(generator, second, 32, 0), STATUS_SUCCESS);
  assert_memory_not_equal(first, second, 32);
  assert_int_equal(BCryptGenRandom(generator, second, 0, 0), STATUS_SUCCESS);
  assert_int_equal(BCryptGenRandom(generator, NULL, 1, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      BCryptGenRandom(generator, first, 1, BCRYPT_USE_SYSTEM_PREFERRED_RNG),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptGenRandom(generator, first, 1, 4),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(BCryptGenRandom(NULL, first, 1, 0), STATUS_INVALID_HANDLE);
  assert_int_equal(BCryptGenRandom(BCRYPT_SHA1_ALG_HANDLE, first, 1, 0),
                   STATUS_INVALID_HANDLE);
  close_provider(generator);
}

/* ---- rules ------------------------------------------------------------- */

static void hash_at_dispatch_level(BCRYPT_ALG_HANDLE algorithm) {
  BCRYPT_HASH_HANDLE hash = make_hash(algorithm, 0);
  KIRQL old;

  KeRaiseIrql(DISPATCH_LEVEL, &old);
  BCryptHashData(hash, abc, 3, 0);
  KeLowerIrql(old);
  assert_finish(hash, 32, known[2].sum);
  BCryptDestroyHash(hash);
}

static void dispatch_level_takes_a_provider_for_it(void **state) {
  BCRYPT_ALG_HANDLE algorithm =
      open_provider(BCRYPT_SHA256_ALGORITHM, BCRYPT_PROV_DISPATCH);

  (void)state;
  hash_at_dispatch_level(algorithm);
  close_provider(algorithm);

  algorithm = open_provider(BCRYPT_SHA256_ALGORITHM, 0);
  expect_report_begin();
  hash_at_dispatch_level(algorithm);
  expect_report_end(VF_IRQL_01);
  close_provider(algorithm);
}

/* Defends against using an algorithm that has gone. */
static void a_provider_for_dispatch_level_is_closed_last(void **state) {
  BCRYPT_ALG_HANDLE algorithm =
      open_provider(BCRYPT_SHA256_ALGORITHM, BCRYPT_PROV_DISPATCH);
  BCRYPT_HASH_HANDLE hash = make_hash(algorithm, 0);

  (void)state;
  expect_report_begin();
  close_provider(algorithm);
  expect_report_end(VF_BCRYPT_01);
  assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_SUCCESS);
  assert_finish(hash, 32, known[2].sum);
  BCryptDestroyHash(hash);

  /* Without that flag it may be. */
  algorithm = open_provider(BCRYPT_SHA256_ALGORITHM, 0);
  hash = make_hash(algorithm, 0);
  close_provider(algorithm);
  assert_int_equal(BCryptHashData(hash, abc, 3, 0), STATUS_SUCCESS);
  BCryptDestroyHash(hash);
}

static void what_is_not_closed_is_left_behind(void **state) {
  BCRYPT_ALG_HANDLE algorithm = open_provider(BCRYPT_MD5_ALGORITHM, 0);
  BCRYPT_HASH_HANDLE hash = make_hash(algorithm, 0), placed;
  UCHAR room[2048];

  (void)state;
  assert_int_equal(
      BCryptCreateHash(algorithm, &placed, room, sizeof(room), NULL, 0, 0),
      STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_CNG_ALGORITHM), 1);
  assert_int_equal(ob__count(OB_CNG_HASH), 2);
  BCryptDestroyHash(hash);
  BCryptDestroyHash(placed);
  close_provider(algorithm);
}

/* ---- failures ---------------------------------------------------------- */

static void without_memory_nothing_is_made(void **state) {
  BCRYPT_ALG_HANDLE algorithm = NULL;
  BCRYPT_HASH_HANDLE hash, objects[64];
  UCHAR room[64][1024];
  size_t made = 0;
  NTSTATUS status = STATUS_SUCCESS;

  (void)state;
  uwsk_fault_allocation(1);
  assert_int_equal(BCryptOpenAlgorithmProvider(&algorithm, L"SHA256", NULL, 0),
                   STATUS_NO_MEMORY);
  uwsk_fault_allocation(1);
  assert_int_equal(
      BCryptCreateHash(BCRYPT_SHA1_ALG_HANDLE, &hash, NULL, 0, NULL, 0, 0),
      STATUS_NO_MEMORY);
  /* Of an object in the client's memory only the record can fail, and of these
   * the ledger may have some to spare. */
  uwsk_fault_allocation(1);
  while (made < 64) {
    status = BCryptCreateHash(BCRYPT_SHA1_ALG_HANDLE, &objects[made],
                              room[made], sizeof(room[0]), NULL, 0, 0);
    if (!NT_SUCCESS(status))
      break;
    made++;
  }
  uwsk_fault_allocation(0);
  assert_int_equal(status, STATUS_NO_MEMORY);
  while (made-- > 0)
    assert_int_equal(BCryptDestroyHash(objects[made]), STATUS_SUCCESS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(every_algorithm_has_its_known_sum),
      KERNEL_TEST(pseudo_handles_need_no_opening),
      KERNEL_TEST(a_keyed_provider_computes_hmacs),
      KERNEL_TEST(an_hmac_may_have_an_empty_key),
      KERNEL_TEST(a_duplicate_goes_on_by_itself),
      KERNEL_TEST(a_reusable_object_begins_anew),
      KERNEL_TEST(opening_says_what_is_wrong),
      KERNEL_TEST(creating_says_what_is_wrong),
      KERNEL_TEST(hashing_says_what_is_wrong),
      KERNEL_TEST(properties_tell_their_size),
      KERNEL_TEST(random_numbers_come_from_two_places),
      KERNEL_TEST(dispatch_level_takes_a_provider_for_it),
      KERNEL_TEST(a_provider_for_dispatch_level_is_closed_last),
      KERNEL_TEST(what_is_not_closed_is_left_behind),
      KERNEL_TEST(without_memory_nothing_is_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
