/*
 * The Ex functions of strsafe_body.h's family; included behind it.
 */

NTSTATUS NAME_EX(CchCopy)(UNIT *dest, size_t size, const UNIT *source,
                          UNIT **end, size_t *remaining, ULONG flags) {
  extras ex = {end, remaining, flags};
  return copy_ex(dest, size, source, NTSTRSAFE_MAX_CCH, &ex);
}

NTSTATUS NAME_EX(CbCopy)(UNIT *dest, size_t bytes, const UNIT *source,
                         UNIT **end, size_t *remaining, ULONG flags) {
  extras ex = {end, remaining, flags};
  NTSTATUS status = copy_ex(dest, UNITS(bytes), source, NTSTRSAFE_MAX_CCH, &ex);
  to_bytes(remaining, bytes, status);
  return status;
}

NTSTATUS NAME_EX(CchCopyN)(UNIT *dest, size_t size, const UNIT *source,
                           size_t limit, UNIT **end, size_t *remaining,
                           ULONG flags) {
  extras ex = {end, remaining, flags};
  return copy_ex(dest, size, source, limit, &ex);
}

NTSTATUS NAME_EX(CbCopyN)(UNIT *dest, size_t bytes, const UNIT *source,
                          size_t limit, UNIT **end, size_t *remaining,
                          ULONG flags) {
  extras ex = {end, remaining, flags};
  NTSTATUS status = copy_ex(dest, UNITS(bytes), source, UNITS(limit), &ex);
  to_bytes(remaining, bytes, status);
  return status;
}

NTSTATUS NAME_EX(CchCat)(UNIT *dest, size_t size, const UNIT *source,
                         UNIT **end, size_t *remaining, ULONG flags) {
  extras ex = {end, remaining, flags};
  return cat_ex(dest, size, source, NTSTRSAFE_MAX_CCH, &ex);
}

NTSTATUS NAME_EX(CbCat)(UNIT *dest, size_t bytes, const UNIT *source,
                        UNIT **end, size_t *remaining, ULONG flags) {
  extras ex = {end, remaining, flags};
  NTSTATUS status = cat_ex(dest, UNITS(bytes), source, NTSTRSAFE_MAX_CCH, &ex);
  to_bytes(remaining, bytes, status);
  return status;
}

NTSTATUS NAME_EX(CchCatN)(UNIT *dest, size_t size, const UNIT *source,
                          size_t limit, UNIT **end, size_t *remaining,
                          ULONG flags) {
  extras ex = {end, remaining, flags};
  return cat_ex(dest, size, source, limit, &ex);
}

NTSTATUS NAME_EX(CbCatN)(UNIT *dest, size_t bytes, const UNIT *source,
                         size_t limit, UNIT **end, size_t *remaining,
                         ULONG flags) {
  extras ex = {end, remaining, flags};
  NTSTATUS status = cat_ex(dest, UNITS(bytes), source, UNITS(limit), &ex);
  to_bytes(remaining, bytes, status);
  return status;
}

NTSTATUS NAME_EX(CchVPrintf)(UNIT *dest, size_t size, UNIT **end,
                             size_t *remaining, ULONG flags, const UNIT *format,
                             va_list args) {
  extras ex = {end, remaining, flags};
  return vprintf_ex(dest, size, format, args, &ex);
}

NTSTATUS NAME_EX(CbVPrintf)(UNIT *dest, size_t bytes, UNIT **end,
                            size_t *remaining, ULONG flags, const UNIT *format,
                            va_list args) {
  extras ex = {end, remaining, flags};
  NTSTATUS status = vprintf_ex(dest, UNITS(bytes), format, args, &ex);
  to_bytes(remaining, bytes, status);
  return status;
}

NTSTATUS NAME_EX(CchPrintf)(UNIT *dest, size_t size, UNIT **end,
                            size_t *remaining, ULONG flags, const UNIT *format,
                            ...) {
  va_list args;
  va_start(args, format);
  NTSTATUS status =
      NAME_EX(CchVPrintf)(dest, size, end, remaining, flags, format, args);
  va_end(args);
  return status;
}

NTSTATUS NAME_EX(CbPrintf)(UNIT *dest, size_t bytes, UNIT **end,
                           size_t *remaining, ULONG flags, const UNIT *format,
                           ...) {
  va_list args;
  va_start(args, format);
  NTSTATUS status =
      NAME_EX(CbVPrintf)(dest, bytes, end, remaining, flags, format, args);
  va_end(args);
  return status;
}
