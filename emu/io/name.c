/*
 * Names of devices and symbolic links: one short list under a spin lock. There
 * are a handful of them in a process, and none is looked up per request.
 */
#include "io/name.h"

#include <string.h>

#include "io/io.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

/* How many links are followed before a ring is suspected. */
#define MAX_LINKS 32

struct entry {
  struct entry *next;
  PDEVICE_OBJECT device; /* NULL: a link */
  UNICODE_STRING name;
  UNICODE_STRING target; /* of a link */
  ULONG owner;           /* whose a link is */
  WCHAR text[];          /* name, then target */
};

static struct os_spin lock;
static struct entry *entries;

/* ---- comparing --------------------------------------------------------- */

/* The names of one directory: links of which lead to \?? on Windows. */
static const struct {
  const WCHAR *text;
  size_t length;
} global_names[] = {
    {L"\\??\\", 4},
    {L"\\DosDevices\\", 12},
    {L"\\GLOBAL??\\", 10},
};
#define GLOBAL_NAMES (sizeof(global_names) / sizeof(global_names[0]))

static WCHAR fold(WCHAR c) {
  return c >= L'a' && c <= L'z' ? (WCHAR)(c - (L'a' - L'A')) : c;
}

static bool starts_with(const WCHAR *text, size_t length, const WCHAR *prefix,
                        size_t prefix_length) {
  if (length < prefix_length)
    return false;
  for (size_t i = 0; i < prefix_length; i++)
    if (fold(text[i]) != fold(prefix[i]))
      return false;
  return true;
}

struct view {
  const WCHAR *text;
  size_t length;
  bool global; /* the text behind \??\ or another name of it */
};

static struct view view_text(const WCHAR *text, size_t length) {
  struct view view = {text, length, false};

  for (size_t i = 0; i < GLOBAL_NAMES && !view.global; i++) {
    size_t skip = global_names[i].length;

    if (starts_with(text, length, global_names[i].text, skip))
      view = (struct view){text + skip, length - skip, true};
  }
  return view;
}

static struct view view_of(PCUNICODE_STRING name) {
  return view_text(name->Buffer, name->Length / sizeof(WCHAR));
}

static bool same_name(PCUNICODE_STRING a, PCUNICODE_STRING b) {
  struct view x = view_of(a);
  struct view y = view_of(b);

  return x.global == y.global && x.length == y.length &&
         starts_with(x.text, x.length, y.text, y.length);
}

/* How many characters of the path the name takes up, which end where the path
 * does or at a backslash; 0 when it begins with another. */
static size_t covers(PCUNICODE_STRING name, const struct io_path *path) {
  struct view x = view_of(name);
  struct view y = view_text(path->text, path->length);

  if (x.global != y.global || x.length == 0 ||
      !starts_with(y.text, y.length, x.text, x.length))
    return 0;
  if (y.length != x.length && y.text[x.length] != L'\\')
    return 0;
  return (size_t)(y.text - path->text) + x.length;
}

/* ---- the table --------------------------------------------------------- */

static struct entry **find(PCUNICODE_STRING name) {
  struct entry **link = &entries;

  while (*link != NULL && !same_name(&(*link)->name, name))
    link = &(*link)->next;
  return link;
}

static UNICODE_STRING copy_name(PCUNICODE_STRING from, WCHAR *to) {
  if (from->Length != 0)
    memcpy(to, from->Buffer, from->Length);
  return (UNICODE_STRING){from->Length, from->Length, to};
}

static struct entry *make_entry(PCUNICODE_STRING name,
                                PCUNICODE_STRING target) {
  size_t bytes = (size_t)name->Length + (target ? target->Length : 0);
  struct entry *entry = os__alloc(sizeof(*entry) + bytes);

  if (entry == NULL)
    return NULL;
  entry->name = copy_name(name, entry->text);
  if (target != NULL)
    entry->target =
        copy_name(target, entry->text + name->Length / sizeof(WCHAR));
  return entry;
}

static NTSTATUS check_name(PCUNICODE_STRING name) {
  if (name->Length == 0 || name->Length % sizeof(WCHAR) != 0)
    return STATUS_OBJECT_NAME_INVALID;
  if (name->Buffer[0] != L'\\')
    return STATUS_OBJECT_PATH_SYNTAX_BAD;
  return STATUS_SUCCESS;
}

static NTSTATUS enter(PCUNICODE_STRING name, PCUNICODE_STRING target,
                      PDEVICE_OBJECT device) {
  NTSTATUS status = check_name(name);
  struct entry *entry;
  bool taken;

  if (!NT_SUCCESS(status))
    return status;
  entry = make_entry(name, target);
  if (entry == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  entry->device = device;
  entry->owner = ke__owner();
  os__spin_lock(&lock);
  taken = *find(name) != NULL;
  if (!taken) {
    entry->next = entries;
    entries = entry;
  }
  os__spin_unlock(&lock);
  if (taken)
    os__free(entry);
  return taken ? STATUS_OBJECT_NAME_COLLISION : STATUS_SUCCESS;
}

NTSTATUS io__enter_device_name(PCUNICODE_STRING name, PDEVICE_OBJECT device) {
  return enter(name, NULL, device);
}

/* The lock is held. */
static struct entry *take_out(struct entry **link) {
  struct entry *entry = *link;

  *link = entry->next;
  return entry;
}

void io__remove_device_name(PDEVICE_OBJECT device) {
  struct entry **link = &entries;
  struct entry *entry = NULL;

  os__spin_lock(&lock);
  while (*link != NULL && (*link)->device != device)
    link = &(*link)->next;
  if (*link != NULL)
    entry = take_out(link);
  os__spin_unlock(&lock);
  os__free(entry);
}

void io__remove_name(PCUNICODE_STRING name) {
  struct entry **link;
  struct entry *entry = NULL;

  os__spin_lock(&lock);
  link = find(name);
  if (*link != NULL)
    entry = take_out(link);
  os__spin_unlock(&lock);
  os__free(entry);
}

PDEVICE_OBJECT io__find_device(PCUNICODE_STRING name) {
  PDEVICE_OBJECT device = NULL;

  os__spin_lock(&lock);
  for (int i = 0; i < MAX_LINKS; i++) {
    struct entry *entry = *find(name);

    if (entry == NULL)
      break;
    device = entry->device;
    if (device != NULL)
      break;
    name = &entry->target;
  }
  os__spin_unlock(&lock);
  return device;
}

/* ---- paths ------------------------------------------------------------- */

static bool is_directory(const WCHAR *text, size_t length) {
  static const WCHAR devices[] = L"\\Device";

  if (length == 0 || (length == 7 && starts_with(devices, 7, text, 7)))
    return true;
  for (size_t i = 0; i < GLOBAL_NAMES; i++)
    if (length == global_names[i].length - 1 &&
        starts_with(global_names[i].text, length, text, length))
      return true;
  for (struct entry *entry = entries; entry != NULL; entry = entry->next)
    if (entry->name.Length / sizeof(WCHAR) > length &&
        starts_with(entry->name.Buffer, length, text, length) &&
        entry->name.Buffer[length] == L'\\')
      return true;
  return false;
}

/* Why nothing of that name is there. */
static NTSTATUS why_missing(const struct io_path *path) {
  size_t length = path->length;

  if (length != 0 && path->text[length - 1] == L'\\')
    length--;
  if (is_directory(path->text, length))
    return STATUS_OBJECT_TYPE_MISMATCH;
  while (length != 0 && path->text[length - 1] != L'\\')
    length--;
  return length != 0 && is_directory(path->text, length - 1)
             ? STATUS_OBJECT_NAME_NOT_FOUND
             : STATUS_OBJECT_PATH_NOT_FOUND;
}

/* The entry that takes up most of the path, and how much that is. */
static struct entry *find_prefix(const struct io_path *path, size_t *taken) {
  struct entry *best = NULL;

  *taken = 0;
  for (struct entry *entry = entries; entry != NULL; entry = entry->next) {
    size_t length = covers(&entry->name, path);

    if (length > *taken) {
      best = entry;
      *taken = length;
    }
  }
  return best;
}

/* Puts `front` in the place of the first `taken` characters. */
static bool replace_front(struct io_path *path, size_t taken,
                          PCUNICODE_STRING front) {
  size_t size = front->Length / sizeof(WCHAR);
  size_t rest = path->length - taken;

  if (size + rest > path->capacity)
    return false;
  memmove(path->text + size, path->text + taken, rest * sizeof(WCHAR));
  if (size != 0)
    memcpy(path->text, front->Buffer, size * sizeof(WCHAR));
  path->length = size + rest;
  return true;
}

/* One step, with the lock held: STATUS_REPARSE when a link was followed. */
static NTSTATUS follow(struct io_path *path, PDEVICE_OBJECT *device) {
  static const UNICODE_STRING nothing = {0, 0, NULL};
  size_t taken;
  struct entry *entry = find_prefix(path, &taken);

  if (entry == NULL)
    return why_missing(path);
  if (entry->device == NULL)
    return replace_front(path, taken, &entry->target) ? STATUS_REPARSE
                                                      : STATUS_NAME_TOO_LONG;
  io__reference_device(entry->device);
  *device = entry->device;
  replace_front(path, taken, &nothing);
  return STATUS_SUCCESS;
}

NTSTATUS io__find_path(struct io_path *path, PDEVICE_OBJECT *device) {
  NTSTATUS status = STATUS_REPARSE;

  os__spin_lock(&lock);
  for (int i = 0; i < MAX_LINKS && status == STATUS_REPARSE; i++)
    status = follow(path, device);
  os__spin_unlock(&lock);
  return status == STATUS_REPARSE ? STATUS_OBJECT_NAME_NOT_FOUND : status;
}

size_t io__forget_names(void) {
  size_t links = 0;
  struct entry *entry;

  os__spin_lock(&lock);
  while (entries != NULL) {
    entry = take_out(&entries);
    links += entry->device == NULL;
    os__spin_unlock(&lock);
    os__free(entry);
    os__spin_lock(&lock);
  }
  os__spin_unlock(&lock);
  return links;
}

/* ---- links that a driver leaves ---------------------------------------- */

static struct entry *take_link_of(ULONG owner) {
  struct entry **link = &entries;
  struct entry *entry = NULL;

  os__spin_lock(&lock);
  while (*link != NULL && ((*link)->device != NULL || (*link)->owner != owner))
    link = &(*link)->next;
  if (*link != NULL)
    entry = take_out(link);
  os__spin_unlock(&lock);
  return entry;
}

static bool report_link(const struct entry *entry, const char *driver) {
  char text[128];
  size_t length = entry->name.Length / sizeof(WCHAR);

  if (length > sizeof(text) - 1)
    length = sizeof(text) - 1;
  for (size_t i = 0; i < length; i++)
    text[i] = entry->text[i] < 0x7F ? (char)entry->text[i] : '?';
  text[length] = '\0';
  return vf__report(
      VF_IO_UNLOAD_02,
      "driver %s has gone and its symbolic link %s is still there", driver,
      text);
}

size_t io__forget_links_of(ULONG owner, const char *driver) {
  struct entry *entry;
  size_t count = 0;

  if (owner == 0)
    return 0;
  while ((entry = take_link_of(owner)) != NULL) {
    if (!report_link(entry, driver))
      count++;
    os__free(entry);
  }
  return count;
}

/* ---- symbolic links ---------------------------------------------------- */

NTSTATUS IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName,
                              PUNICODE_STRING DeviceName) {
  ke__require_irql(PASSIVE_LEVEL, "IoCreateSymbolicLink");
  if (DeviceName->MaximumLength == 0 || DeviceName->Length % sizeof(WCHAR) != 0)
    return STATUS_INVALID_PARAMETER;
  return enter(SymbolicLinkName, DeviceName, NULL);
}

NTSTATUS IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName) {
  NTSTATUS status = check_name(SymbolicLinkName);
  struct entry **link;
  struct entry *entry = NULL;

  ke__require_irql(PASSIVE_LEVEL, "IoDeleteSymbolicLink");
  if (!NT_SUCCESS(status))
    return status;
  os__spin_lock(&lock);
  link = find(SymbolicLinkName);
  if (*link == NULL)
    status = STATUS_OBJECT_NAME_NOT_FOUND;
  else if ((*link)->device != NULL)
    status = STATUS_OBJECT_TYPE_MISMATCH;
  else
    entry = take_out(link);
  os__spin_unlock(&lock);
  os__free(entry);
  return status;
}
