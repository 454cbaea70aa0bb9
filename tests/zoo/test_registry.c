/*
 * Mistakes with RtlQueryRegistryValues, whose DIRECT form trusts what is found.
 */
#include <ntddk.h>

#include "zoo.h"

#define TYPE(type) ((ULONG)(type) << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)

static VOID Query(ULONG Place, ULONG Flags, PCWSTR Name, PVOID Into,
                  ULONG Default) {
  RTL_QUERY_REGISTRY_TABLE Table[2] = {
      {NULL, Flags, (PWSTR)Name, Into, Default, NULL, 0}, {0}};

  RtlQueryRegistryValues(Place, L"Specimen", Table, NULL, NULL);
}

static VOID Write(ULONG Place, PCWSTR Name, ULONG Type, PCVOID Data,
                  ULONG Length) {
  CHECK(RtlCreateRegistryKey(Place, L"Specimen") == STATUS_SUCCESS);
  CHECK(RtlWriteRegistryValue(Place, L"Specimen", Name, Type, (PVOID)Data,
                              Length) == STATUS_SUCCESS);
}

/* ---- types ----------------------------------------------------------- */

/* A user may have written something longer than the driver's number. */
static VOID trusts_the_type_that_a_user_wrote(VOID) {
  ULONG Number = 7, Read = 0;

  Write(RTL_REGISTRY_USER, L"Limit", REG_DWORD, &Number, sizeof(Number));
  Query(RTL_REGISTRY_USER,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_NOEXPAND, L"Limit",
        &Read, 0);
}

static VOID checks_the_type_that_a_user_wrote(VOID) {
  ULONG Number = 7, Read = 0;

  Write(RTL_REGISTRY_USER, L"Limit", REG_DWORD, &Number, sizeof(Number));
  Query(RTL_REGISTRY_USER,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK |
            RTL_QUERY_REGISTRY_NOEXPAND,
        L"Limit", &Read, TYPE(REG_DWORD));
  CHECK(Read == 7);
}

/* ---- lists ----------------------------------------------------------- */

static const WCHAR List[] = L"one\0two\0";

/* Without NOEXPAND each string of the list goes where the first one went. */
static VOID reads_a_list_string_by_string(VOID) {
  UNICODE_STRING Read = {0, 0, NULL};

  Write(RTL_REGISTRY_SERVICES, L"Names", REG_MULTI_SZ, List, sizeof(List));
  Query(RTL_REGISTRY_SERVICES,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, L"Names",
        &Read, TYPE(REG_MULTI_SZ));
  CHECK(Read.Buffer == NULL);
}

static VOID reads_a_list_whole(VOID) {
  UNICODE_STRING Read = {0, 0, NULL};

  Write(RTL_REGISTRY_SERVICES, L"Names", REG_MULTI_SZ, List, sizeof(List));
  Query(RTL_REGISTRY_SERVICES,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK |
            RTL_QUERY_REGISTRY_NOEXPAND,
        L"Names", &Read, TYPE(REG_MULTI_SZ));
  REQUIRE(Read.Buffer != NULL);
  ExFreePool(Read.Buffer);
}

/* ---- environment ----------------------------------------------------- */

static const WCHAR Folder[] = L"%SystemRoot%\\specimen";

static VOID lets_a_string_be_expanded(VOID) {
  UNICODE_STRING Read = {0, 0, NULL};

  Write(RTL_REGISTRY_SERVICES, L"Folder", REG_EXPAND_SZ, Folder,
        sizeof(Folder));
  Query(RTL_REGISTRY_SERVICES,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, L"Folder",
        &Read, TYPE(REG_EXPAND_SZ));
  REQUIRE(Read.Buffer != NULL);
  ExFreePool(Read.Buffer);
}

static VOID takes_a_string_as_it_is(VOID) {
  UNICODE_STRING Read = {0, 0, NULL};

  Write(RTL_REGISTRY_SERVICES, L"Folder", REG_EXPAND_SZ, Folder,
        sizeof(Folder));
  Query(RTL_REGISTRY_SERVICES,
        RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK |
            RTL_QUERY_REGISTRY_NOEXPAND,
        L"Folder", &Read, TYPE(REG_EXPAND_SZ));
  REQUIRE(Read.Buffer != NULL);
  ExFreePool(Read.Buffer);
}

ZOO_SPECIMENS = {
    SPECIMEN("CM-QUERY-01", trusts_the_type_that_a_user_wrote,
             checks_the_type_that_a_user_wrote),
    SPECIMEN("CM-QUERY-02", reads_a_list_string_by_string, reads_a_list_whole),
    SPECIMEN("CM-QUERY-03", lets_a_string_be_expanded, takes_a_string_as_it_is),
};
