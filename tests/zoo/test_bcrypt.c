/*
 * Mistakes with CNG.
 */
#include <ntddk.h>

#include <bcrypt.h>

#include "zoo.h"

static BCRYPT_ALG_HANDLE Provider;

static BCRYPT_HASH_HANDLE NewHash(VOID) {
  BCRYPT_HASH_HANDLE Hash = NULL;

  CHECK(BCryptOpenAlgorithmProvider(&Provider, BCRYPT_SHA256_ALGORITHM, NULL,
                                    BCRYPT_PROV_DISPATCH) == STATUS_SUCCESS);
  CHECK(BCryptCreateHash(Provider, &Hash, NULL, 0, NULL, 0, 0) ==
        STATUS_SUCCESS);
  return Hash;
}

static VOID closes_the_provider_before_the_hash(VOID) {
  BCRYPT_HASH_HANDLE Hash = NewHash();

  REQUIRE(Hash != NULL);
  BCryptCloseAlgorithmProvider(Provider, 0);
  BCryptDestroyHash(Hash);
}

static VOID closes_the_provider_after_the_hash(VOID) {
  BCRYPT_HASH_HANDLE Hash = NewHash();

  REQUIRE(Hash != NULL);
  BCryptDestroyHash(Hash);
  BCryptCloseAlgorithmProvider(Provider, 0);
}

ZOO_SPECIMENS = {
    SPECIMEN("BCRYPT-01", closes_the_provider_before_the_hash,
             closes_the_provider_after_the_hash),
};
