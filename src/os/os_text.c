/*
 * What a human reads: names of code addresses, standard error, environment.
 */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* dladdr */
#endif

#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>
#endif

static const char *base_name(const char *path) {
  const char *name = path;
  for (const char *at = path; *at != '\0'; at++) {
    if (*at == '/' || *at == '\\')
      name = at + 1;
  }
  return name;
}

static size_t offset_from(const void *address, const void *base) {
  return (size_t)((uintptr_t)address - (uintptr_t)base);
}

/* ---- code that has gone ------------------------------------------------ */

/* There are as many as there are places that left something behind. */
struct remembered {
  struct remembered *next;
  const void *address;
  char text[160];
};

static struct {
  struct os_spin lock;
  struct remembered *first;
} memory;

/* Without memory the address has no name later. */
void os__remember_code(const void *address) {
  struct remembered *entry = os__alloc(sizeof(*entry));
  if (entry == NULL)
    return;
  entry->address = address;
  os__describe_code(address, entry->text, sizeof(entry->text));
  os__spin_lock(&memory.lock);
  entry->next = memory.first;
  memory.first = entry;
  os__spin_unlock(&memory.lock);
}

void os__forget_code(void) {
  os__spin_lock(&memory.lock);
  struct remembered *entry = memory.first;
  memory.first = NULL;
  os__spin_unlock(&memory.lock);
  while (entry != NULL) {
    struct remembered *next = entry->next;
    os__free(entry);
    entry = next;
  }
}

/* What was kept of an address in no module, or else its digits. */
static void describe_unknown(const void *address, char *buffer, size_t size) {
  snprintf(buffer, size, "0x%llx", (unsigned long long)(uintptr_t)address);
  os__spin_lock(&memory.lock);
  for (struct remembered *entry = memory.first; entry; entry = entry->next)
    if (entry->address == address) {
      snprintf(buffer, size, "%s", entry->text);
      break;
    }
  os__spin_unlock(&memory.lock);
}

/* ---- the host's part --------------------------------------------------- */

#ifdef _WIN32
void os__describe_code(const void *address, char *buffer, size_t size) {
  HMODULE module = NULL;
  char path[MAX_PATH] = "";
  if (!GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                              GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                          (LPCSTR)address, &module) ||
      GetModuleFileNameA(module, path, sizeof(path) - 1) == 0) {
    describe_unknown(address, buffer, size);
    return;
  }
  snprintf(buffer, size, "%s+0x%llx", base_name(path),
           (unsigned long long)offset_from(address, module));
}

void os__stderr(const char *text, size_t length) {
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)length, &written,
            NULL);
}

/* Without the host's box that waits for somebody to click it away. */
void os__abort(void) {
  if (IsDebuggerPresent())
    DebugBreak();
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  abort();
}
#else
void os__describe_code(const void *address, char *buffer, size_t size) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
    describe_unknown(address, buffer, size);
    return;
  }
  const char *module = base_name(info.dli_fname);
  if (info.dli_sname == NULL)
    snprintf(buffer, size, "%s+0x%zx", module,
             offset_from(address, info.dli_fbase));
  else
    snprintf(buffer, size, "%s!%s+0x%zx", module, info.dli_sname,
             offset_from(address, info.dli_saddr));
}

void os__stderr(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, text, length);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return;
    text += written;
    length -= (size_t)written;
  }
}

void os__abort(void) {
  abort();
}
#endif

const char *os__getenv(const char *name) {
  return getenv(name);
}
