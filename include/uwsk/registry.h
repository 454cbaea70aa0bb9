/*
 * uwsk/registry.h: fill the registry that drivers read, and look at what they
 * wrote.
 *
 * Between uwsk_start and uwsk_stop, which forgets all of it; before or after
 * drivers are loaded; any thread. Texts are UTF-8. What there is in the
 * beginning: docs/registry.md.
 *
 *     uwsk_registry_set_dword("echo\\Parameters", "Port", 7);
 *     uwsk_registry_load_file("settings.reg", &error);
 *
 * `key` says which key, in one of three ways:
 *
 *     "\\Registry\\Machine\\Software\\Sample"      as drivers write it
 *     "HKEY_LOCAL_MACHINE\\Software\\Sample"       as regedit does; "HKLM\\…"
 *     "echo\\Parameters"                           below the key of a service
 *
 * `value` is the value's name; NULL or "" is the key's unnamed value. Neither
 * minds upper and lower case.
 *
 * The functions return STATUS_SUCCESS or why not:
 *
 *     STATUS_INVALID_PARAMETER       a NULL, text that is no UTF-8, a name that
 *                                    is too long, a key with no such root
 *     STATUS_OBJECT_NAME_NOT_FOUND   there is no such key or value
 *     STATUS_INSUFFICIENT_RESOURCES  no memory; some of the keys on the way may
 *                                    have been made, nothing else was changed
 *     STATUS_INVALID_DEVICE_STATE    the runtime is not running
 */
#ifndef UWSK_REGISTRY_H
#define UWSK_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- values put there -------------------------------------------------- */

/* Each makes the keys that are missing on the way, and replaces a value that is
 * there. Strings get the zeros that belong to them. */
uwsk_ntstatus uwsk_registry_set_string(const char *key, const char *value,
                                       const char *text); /* REG_SZ */
uwsk_ntstatus uwsk_registry_set_expand_string(const char *key,
                                              const char *value,
                                              const char *text);
uwsk_ntstatus uwsk_registry_set_strings(const char *key, const char *value,
                                        const char *const *texts,
                                        size_t count); /* REG_MULTI_SZ */
uwsk_ntstatus uwsk_registry_set_dword(const char *key, const char *value,
                                      uint32_t number);
uwsk_ntstatus uwsk_registry_set_qword(const char *key, const char *value,
                                      uint64_t number);
uwsk_ntstatus uwsk_registry_set_binary(const char *key, const char *value,
                                       const void *data, size_t size);

/* Any type (REG_SZ is 1, …) with any data, as it stands in the registry: for
 * what a driver has to put up with, such as a string without its zero. */
uwsk_ntstatus uwsk_registry_set(const char *key, const char *value,
                                unsigned type, const void *data, size_t size);

/* A key without values. */
uwsk_ntstatus uwsk_registry_create_key(const char *key);

/* ---- and read back ------------------------------------------------------ */

bool uwsk_registry_key_exists(const char *key);

/*
 * The value as it stands in the registry: strings are UTF-16. On entry *size is
 * the room at `data`, on return what the value has. STATUS_BUFFER_OVERFLOW:
 * only that much was written. `type` may be NULL; so may `data`, with no room.
 */
uwsk_ntstatus uwsk_registry_get(const char *key, const char *value,
                                unsigned *type, void *data, size_t *size);

/* Of one type; STATUS_OBJECT_TYPE_MISMATCH when it has another, or another
 * size. */
uwsk_ntstatus uwsk_registry_get_dword(const char *key, const char *value,
                                      uint32_t *number);
uwsk_ntstatus uwsk_registry_get_qword(const char *key, const char *value,
                                      uint64_t *number);

/* A REG_SZ or REG_EXPAND_SZ, with a zero behind it. STATUS_BUFFER_TOO_SMALL:
 * nothing was written. */
uwsk_ntstatus uwsk_registry_get_string(const char *key, const char *value,
                                       char *text, size_t size);

/* ---- deleted ------------------------------------------------------------ */

uwsk_ntstatus uwsk_registry_delete_value(const char *key, const char *value);

/* With all keys below it. STATUS_CANNOT_DELETE for a root. A driver's handle to
 * one of them answers STATUS_KEY_DELETED from then on. */
uwsk_ntstatus uwsk_registry_delete_key(const char *key);

/* ---- files of regedit --------------------------------------------------- */

struct uwsk_registry_error {
  unsigned line;  /* 1, …; 0 when it is not about a line */
  char text[120]; /* what was expected there, or what went wrong */
};

/*
 * Does what a registration file says (the text that regedit exports): makes
 * keys, sets and deletes values, deletes keys. The text is UTF-8, or UTF-16LE
 * with its mark, as regedit writes it. What it may contain: docs/registry.md.
 *
 * False: there is something wrong, and *error (which may be NULL) says what.
 * Then nothing of the file was done, but for a lack of memory half way.
 */
bool uwsk_registry_load(const void *text, size_t size,
                        struct uwsk_registry_error *error);
bool uwsk_registry_load_file(const char *path,
                             struct uwsk_registry_error *error);

#ifdef __cplusplus
}
#endif

#endif
