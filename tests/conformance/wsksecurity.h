/*
 * wsksecurity.h: security descriptors, as a driver makes them, and the codes
 * that deal with them. Kernel code; the includer has <ntifs.h> and <wsk.h>.
 */
#ifndef UWSK_CONFORMANCE_WSKSECURITY_H
#define UWSK_CONFORMANCE_WSKSECURITY_H

/* A descriptor with pointers, and the list it points to. */
typedef struct _TEST_DESCRIPTOR {
  SECURITY_DESCRIPTOR Descriptor;
  union {
    ACL Acl;
    ULONG Room[64];
  } List;
} TEST_DESCRIPTOR, *PTEST_DESCRIPTOR;

extern PSID TestEverybody; /* S-1-1-0 */
extern PSID TestSystem;    /* S-1-5-18, as whom drivers run */
extern PSID TestSomebody;  /* S-1-5-21-1-2-3-1000, as whom they do not */

/* A descriptor whose list has one entry, of this type. */
VOID GrantTo(PTEST_DESCRIPTOR Descriptor, PSID Sid, UCHAR AceType);
/* … and one more entry. */
VOID AddEntry(PTEST_DESCRIPTOR Descriptor, PSID Sid, UCHAR AceType);

/* WSK_CACHE_SD and WSK_RELEASE_SD. */
NTSTATUS CacheDescriptor(PVOID Descriptor, PSECURITY_DESCRIPTOR *Cached);
NTSTATUS ReleaseDescriptor(PSECURITY_DESCRIPTOR Cached);

/* SO_WSK_SECURITY. */
PWSK_CALL SetSecurity(PWSK_CALL Call, PWSK_SOCKET Socket,
                      PSECURITY_DESCRIPTOR Cached);
PWSK_CALL GetSecurity(PWSK_CALL Call, PWSK_SOCKET Socket,
                      PSECURITY_DESCRIPTOR *Cached);

#endif
