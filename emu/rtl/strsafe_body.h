/*
 * The RtlStringCch* and RtlStringCb* functions, once for each character width:
 * strsafe_a.c and strsafe_w.c define UNIT, NAME(stem) and FORMAT(...) and
 * include this.
 *
 * Sizes inside count units, the terminator included. The plain functions are
 * the Ex ones without flags, but for a destination of size zero, which they
 * refuse.
 */

typedef struct {
  UNIT **end;
  size_t *remaining; /* units */
  ULONG flags;
} extras;

static BOOLEAN is_size(size_t size) {
  return size > 0 && size <= NTSTRSAFE_MAX_CCH;
}

/* The length of a terminated text, or `size` when no terminator is in it. */
static size_t length_within(const UNIT *text, size_t size) {
  size_t length = 0;
  while (length < size && text[length] != 0)
    length++;
  return length;
}

static void tell_end(const extras *ex, UNIT *dest, size_t size, size_t length) {
  if (ex->end != NULL)
    *ex->end = dest + length;
  if (ex->remaining != NULL)
    *ex->remaining = size - length;
}

static void fill(UNIT *dest, size_t count, ULONG flags) {
  memset(dest, (int)(flags & 0xFF), count * sizeof(UNIT));
}

/* What the flags want done after a failure; returns the length then. `start` is
 * what was there before the call. */
static size_t after_failure(UNIT *dest, size_t size, size_t start,
                            size_t length, NTSTATUS status, ULONG flags) {
  if (flags & STRSAFE_FILL_ON_FAILURE) {
    fill(dest, size, flags);
    length = (flags & 0xFF) == 0 ? 0 : size - 1;
  }
  if ((flags & STRSAFE_NO_TRUNCATION) && status == STATUS_BUFFER_OVERFLOW)
    length = (flags & STRSAFE_FILL_ON_FAILURE) ? length : start;
  if (flags & STRSAFE_NULL_ON_FAILURE)
    length = 0;
  dest[length] = 0;
  return length;
}

static NTSTATUS finish(UNIT *dest, size_t size, size_t start, size_t length,
                       NTSTATUS status, const extras *ex) {
  if (size == 0)
    return status;
  if (NT_SUCCESS(status)) {
    if ((ex->flags & STRSAFE_FILL_BEHIND_NULL) && length + 1 < size)
      fill(dest + length + 1, size - length - 1, ex->flags);
  } else if (ex->flags & (STRSAFE_NO_TRUNCATION | STRSAFE_FILL_ON_FAILURE |
                          STRSAFE_NULL_ON_FAILURE)) {
    length = after_failure(dest, size, start, length, status, ex->flags);
  }
  if (NT_SUCCESS(status) || status == STATUS_BUFFER_OVERFLOW)
    tell_end(ex, dest, size, length);
  return status;
}

/* Checks what every Ex function is given. A destination of size zero is fine as
 * long as nothing has to be put there. */
static NTSTATUS check_ex(UNIT *dest, size_t size, const extras *ex) {
  if ((ex->flags & ~(ULONG)STRSAFE_VALID_FLAGS) || size > NTSTRSAFE_MAX_CCH)
    return STATUS_INVALID_PARAMETER;
  if (dest == NULL && (size != 0 || !(ex->flags & STRSAFE_IGNORE_NULLS)))
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

static const UNIT empty[1];

static const UNIT *or_empty(const UNIT *text, const extras *ex) {
  return text == NULL && (ex->flags & STRSAFE_IGNORE_NULLS) ? empty : text;
}

/* For a destination without room: only an empty text can be put there. */
static NTSTATUS nowhere(const UNIT *dest, BOOLEAN nothing, const extras *ex) {
  tell_end(ex, (UNIT *)dest, 0, 0);
  if (nothing)
    return STATUS_SUCCESS;
  return dest == NULL ? STATUS_INVALID_PARAMETER : STATUS_BUFFER_OVERFLOW;
}

/* Puts up to `limit` units of `source` at dest + start. */
static NTSTATUS put(UNIT *dest, size_t size, size_t start, const UNIT *source,
                    size_t limit, const extras *ex) {
  if (source == NULL || limit > NTSTRSAFE_MAX_CCH)
    return finish(dest, size, start, start, STATUS_INVALID_PARAMETER, ex);
  if (size == 0)
    return nowhere(dest, limit == 0 || source[0] == 0, ex);
  size_t room = size - start - 1, length = 0;
  while (length < limit && length < room && source[length] != 0) {
    dest[start + length] = source[length];
    length++;
  }
  BOOLEAN cut = length < limit && source[length] != 0;
  dest[start + length] = 0;
  return finish(dest, size, start, start + length,
                cut ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, ex);
}

static NTSTATUS copy_ex(UNIT *dest, size_t size, const UNIT *source,
                        size_t limit, const extras *ex) {
  NTSTATUS status = check_ex(dest, size, ex);
  if (!NT_SUCCESS(status))
    return status;
  return put(dest, size, 0, or_empty(source, ex), limit, ex);
}

static NTSTATUS cat_ex(UNIT *dest, size_t size, const UNIT *source,
                       size_t limit, const extras *ex) {
  NTSTATUS status = check_ex(dest, size, ex);
  if (!NT_SUCCESS(status))
    return status;
  size_t start = dest == NULL ? 0 : length_within(dest, size);
  if (size != 0 && start == size)
    return finish(dest, size, 0, size - 1, STATUS_INVALID_PARAMETER, ex);
  return put(dest, size, start, or_empty(source, ex), limit, ex);
}

static NTSTATUS vprintf_ex(UNIT *dest, size_t size, const UNIT *format,
                           va_list args, const extras *ex) {
  NTSTATUS status = check_ex(dest, size, ex);
  if (!NT_SUCCESS(status))
    return status;
  format = or_empty(format, ex);
  if (format == NULL)
    return finish(dest, size, 0, 0, STATUS_INVALID_PARAMETER, ex);
  if (size == 0)
    return nowhere(dest, format[0] == 0, ex);
  size_t written;
  size_t length = FORMAT(dest, size - 1, &written, 0, format, args);
  dest[written] = 0;
  return finish(dest, size, 0, written,
                length > written ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, ex);
}

/* ---- plain: no flags, and never a destination of size zero -------------- */

static const extras none;

static NTSTATUS copy(UNIT *dest, size_t size, const UNIT *source,
                     size_t limit) {
  return is_size(size) ? copy_ex(dest, size, source, limit, &none)
                       : STATUS_INVALID_PARAMETER;
}

static NTSTATUS cat(UNIT *dest, size_t size, const UNIT *source, size_t limit) {
  return is_size(size) ? cat_ex(dest, size, source, limit, &none)
                       : STATUS_INVALID_PARAMETER;
}

static NTSTATUS print(UNIT *dest, size_t size, const UNIT *format,
                      va_list args) {
  return is_size(size) ? vprintf_ex(dest, size, format, args, &none)
                       : STATUS_INVALID_PARAMETER;
}

static NTSTATUS measure(const UNIT *text, size_t size, size_t *length) {
  size_t found = 0;
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  if (text != NULL && is_size(size)) {
    found = length_within(text, size);
    status = found < size ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  }
  if (length != NULL)
    *length = NT_SUCCESS(status) ? found : 0;
  return status;
}

/* ---- the functions: Cch counts units, Cb bytes --------------------------- */

#define UNITS(bytes) ((bytes) / sizeof(UNIT))

/* The Ex functions that count bytes tell what remains in bytes, the odd one at
 * the end of the buffer included. */
static void to_bytes(size_t *remaining, size_t bytes, NTSTATUS status) {
  if (remaining != NULL &&
      (NT_SUCCESS(status) || status == STATUS_BUFFER_OVERFLOW))
    *remaining = *remaining * sizeof(UNIT) + bytes % sizeof(UNIT);
}

NTSTATUS NAME(CchCopy)(UNIT *dest, size_t size, const UNIT *source) {
  return copy(dest, size, source, NTSTRSAFE_MAX_CCH);
}

NTSTATUS NAME(CbCopy)(UNIT *dest, size_t bytes, const UNIT *source) {
  return copy(dest, UNITS(bytes), source, NTSTRSAFE_MAX_CCH);
}

NTSTATUS NAME(CchCopyN)(UNIT *dest, size_t size, const UNIT *source,
                        size_t limit) {
  return copy(dest, size, source, limit);
}

NTSTATUS NAME(CbCopyN)(UNIT *dest, size_t bytes, const UNIT *source,
                       size_t limit) {
  return copy(dest, UNITS(bytes), source, UNITS(limit));
}

NTSTATUS NAME(CchCat)(UNIT *dest, size_t size, const UNIT *source) {
  return cat(dest, size, source, NTSTRSAFE_MAX_CCH);
}

NTSTATUS NAME(CbCat)(UNIT *dest, size_t bytes, const UNIT *source) {
  return cat(dest, UNITS(bytes), source, NTSTRSAFE_MAX_CCH);
}

NTSTATUS NAME(CchCatN)(UNIT *dest, size_t size, const UNIT *source,
                       size_t limit) {
  return cat(dest, size, source, limit);
}

NTSTATUS NAME(CbCatN)(UNIT *dest, size_t bytes, const UNIT *source,
                      size_t limit) {
  return cat(dest, UNITS(bytes), source, UNITS(limit));
}

NTSTATUS NAME(CchVPrintf)(UNIT *dest, size_t size, const UNIT *format,
                          va_list args) {
  return print(dest, size, format, args);
}

NTSTATUS NAME(CbVPrintf)(UNIT *dest, size_t bytes, const UNIT *format,
                         va_list args) {
  return print(dest, UNITS(bytes), format, args);
}

NTSTATUS NAME(CchPrintf)(UNIT *dest, size_t size, const UNIT *format, ...) {
  va_list args;
  va_start(args, format);
  NTSTATUS status = print(dest, size, format, args);
  va_end(args);
  return status;
}

NTSTATUS NAME(CbPrintf)(UNIT *dest, size_t bytes, const UNIT *format, ...) {
  va_list args;
  va_start(args, format);
  NTSTATUS status = print(dest, UNITS(bytes), format, args);
  va_end(args);
  return status;
}

NTSTATUS NAME(CchLength)(const UNIT *text, size_t size, size_t *length) {
  return measure(text, size, length);
}

NTSTATUS NAME(CbLength)(const UNIT *text, size_t bytes, size_t *length) {
  NTSTATUS status = measure(text, UNITS(bytes), length);
  if (length != NULL)
    *length *= sizeof(UNIT);
  return status;
}
