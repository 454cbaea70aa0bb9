/* DbgPrint and its kin; breakpoints and assertions. See kd.h. */
#include "filter.h"
#include "kd.h"

#include <ntddk.h>
#include <string.h>

#include "os/os.h"
#include "rtl/format.h"
#include "rtl/utf.h"

/* What one call transmits at most. */
#define MESSAGE_MAX 512

static struct {
  struct os_spin lock;
  void (*call)(const char *text, size_t length, void *context);
  void *context;
} sink;

static size_t assertions, breakpoints;

void kd__set_sink(void (*call)(const char *text, size_t length, void *context),
                  void *context) {
  os__spin_lock(&sink.lock);
  sink.call = call;
  sink.context = context;
  os__spin_unlock(&sink.lock);
}

size_t kd__assertions(void) {
  return __atomic_load_n(&assertions, __ATOMIC_RELAXED);
}

size_t kd__breakpoints(void) {
  return __atomic_load_n(&breakpoints, __ATOMIC_RELAXED);
}

static void deliver(const char *text, size_t length) {
  os__spin_lock(&sink.lock);
  void (*call)(const char *, size_t, void *) = sink.call;
  void *context = sink.context;
  os__spin_unlock(&sink.lock);
  if (length == 0)
    return;
  if (call != NULL)
    call(text, length, context);
  else
    os__stderr(text, length);
}

/* Cuts a text that filled the buffer: no half of a character, and a line feed
 * so that the next message starts a line. */
static size_t cut(char text[MESSAGE_MAX]) {
  size_t length = rtl__utf8_whole((const unsigned char *)text, MESSAGE_MAX - 1);
  text[length] = '\n';
  return length + 1;
}

static void print(PCCH prefix, PCCH format, va_list args) {
  char text[MESSAGE_MAX];
  if (prefix == NULL)
    prefix = "";
  if (format == NULL)
    format = "(null)";
  size_t start = strnlen(prefix, MESSAGE_MAX), written;
  memcpy(text, prefix, start);
  size_t length = rtl__format(text + start, MESSAGE_MAX - start, &written,
                              RTL_FORMAT_NO_FLOAT, format, args);
  written += start;
  if (length != RTL_FORMAT_REFUSED && start + length > MESSAGE_MAX)
    written = cut(text);
  deliver(text, written);
}

ULONG vDbgPrintExWithPrefix(PCCH Prefix, ULONG ComponentId, ULONG Level,
                            PCCH Format, va_list arglist) {
  if (kd__passes(ComponentId, Level))
    print(Prefix, Format, arglist);
  return STATUS_SUCCESS;
}

ULONG vDbgPrintEx(ULONG ComponentId, ULONG Level, PCCH Format,
                  va_list arglist) {
  return vDbgPrintExWithPrefix("", ComponentId, Level, Format, arglist);
}

ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...) {
  va_list args;
  va_start(args, Format);
  ULONG status = vDbgPrintEx(ComponentId, Level, Format, args);
  va_end(args);
  return status;
}

ULONG DbgPrint(PCSTR Format, ...) {
  va_list args;
  va_start(args, Format);
  ULONG status =
      vDbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, Format, args);
  va_end(args);
  return status;
}

/* Past every filter. */
static void report(PCCH format, ...) {
  va_list args;
  va_start(args, format);
  print("", format, args);
  va_end(args);
}

/* Without a kernel debugger Windows would stop with a bugcheck. Here it is
 * said, counted, and the driver goes on. */
VOID DbgBreakPoint(VOID) {
  char where[160];
  os__describe_code(__builtin_return_address(0), where, sizeof(where));
  __atomic_fetch_add(&breakpoints, 1, __ATOMIC_RELAXED);
  report("*** Breakpoint hit at %s; going on\n", where);
}

VOID DbgBreakPointWithStatus(ULONG Status) {
  char where[160];
  os__describe_code(__builtin_return_address(0), where, sizeof(where));
  __atomic_fetch_add(&breakpoints, 1, __ATOMIC_RELAXED);
  report("*** Breakpoint hit at %s, status 0x%08lx; going on\n", where, Status);
}

/* Says what NT says. There one then chooses to break, ignore or terminate; here
 * it is counted and, as with "ignore", the driver goes on. */
VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber,
               PSTR Message) {
  __atomic_fetch_add(&assertions, 1, __ATOMIC_RELAXED);
  report("\n*** Assertion failed: %s%s\n***   Source File: %s, line %lu\n\n",
         Message == NULL ? "" : Message, (PCSTR)FailedAssertion,
         (PCSTR)FileName, LineNumber);
}
