/*
 * TraceLogging: events with named fields, one line of uwsk's trace each.
 *
 *     TraceLoggingWrite(Provider, "Connected", TraceLoggingLevel(4),
 *                       TraceLoggingUInt16(Port, "port"),
 *                       TraceLoggingNTStatus(Status));
 *
 * prints
 *
 *     [1 PASSIVE ]  # MyProvider       Connected port=80 Status=STATUS_SUCCESS
 *
 * when the trace is on and the provider is registered. Descriptions, tags,
 * keywords and opcodes are accepted, and not printed; a keyword does not
 * filter.
 *
 * Pages: win32/api/traceloggingprovider/nf-traceloggingprovider-<name>. As
 * there, TraceLoggingValue is for C++ alone. Registering: PASSIVE_LEVEL; the
 * rest any IRQL, as the page has it for fields in memory that is resident.
 */
#ifndef UWSK_KM_TRACELOGGING_H
#define UWSK_KM_TRACELOGGING_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <traceloggingprovider.h>
#else

#include <uwsk_trace.h>

/* ---- providers --------------------------------------------------------- */

typedef struct uwsk_tlg_provider *TraceLoggingHProvider;

#define TRACELOGGING_DECLARE_PROVIDER(handle)                                  \
  UWSK_TLG_EXTERN TraceLoggingHProvider const handle
#ifdef __cplusplus
#define UWSK_TLG_EXTERN extern "C"
#else
#define UWSK_TLG_EXTERN extern
#endif

/* DEFINE_PROVIDER(handle, "name", (guid as eleven numbers), options…) */
#define TRACELOGGING_DEFINE_PROVIDER(handle, name, id, ...)                    \
  static struct uwsk_tlg_provider handle##_storage = {"" name,                 \
                                                      UWSK_TLG_GUID_OF id, 0}; \
  TRACELOGGING_DECLARE_PROVIDER(handle);                                       \
  TraceLoggingHProvider const handle = &handle##_storage
#define TRACELOGGING_DEFINE_PROVIDER_STORAGE(storage, name, id, ...)           \
  static struct uwsk_tlg_provider storage = {"" name, UWSK_TLG_GUID_OF id, 0}
#define UWSK_TLG_GUID_OF(a, b, c, d, e, f, g, h, i, j, k)                      \
  {                                                                            \
    a, b, c, {                                                                 \
      d, e, f, g, h, i, j, k                                                   \
    }                                                                          \
  }
#define TraceLoggingOptionGroup(...)
#define TraceLoggingOptionMicrosoftTelemetry()

#define TraceLoggingRegister(provider)        uwsk_tlg_register(provider)
#define TraceLoggingRegisterEx(provider, ...) uwsk_tlg_register(provider)
#define TraceLoggingUnregister(provider)      uwsk_tlg_unregister(provider)
#define TraceLoggingProviderEnabled(provider, level, keyword)                  \
  uwsk_tlg_enabled((provider), (UCHAR)(level), (keyword))
#define TraceLoggingProviderId(provider) ((provider)->Id)

/* ---- events ------------------------------------------------------------ */

#define TraceLoggingWrite(provider, event, ...)                                \
  uwsk_tlg_write((provider), "" event, ##__VA_ARGS__, UWSK_TLG_END)
#define TraceLoggingWriteActivity(provider, event, activity, related, ...)     \
  ((VOID)(activity), (VOID)(related),                                          \
   uwsk_tlg_write((provider), "" event, ##__VA_ARGS__, UWSK_TLG_END))

#define TraceLoggingLevel(level)         UWSK_TLG_LEVEL, (LONGLONG)(level)
#define TraceLoggingKeyword(keyword)     UWSK_TLG_SKIP, (LONGLONG)(keyword)
#define TraceLoggingOpcode(opcode)       UWSK_TLG_SKIP, (LONGLONG)(opcode)
#define TraceLoggingChannel(channel)     UWSK_TLG_SKIP, (LONGLONG)(channel)
#define TraceLoggingEventTag(tag)        UWSK_TLG_SKIP, (LONGLONG)(tag)
#define TraceLoggingDescription(text)    UWSK_TLG_SKIP, 0LL
#define TraceLoggingCustomAttribute(...) UWSK_TLG_SKIP, 0LL
/* The next `count` fields belong together. */
#define TraceLoggingStruct(count, name, ...)                                   \
  UWSK_TLG_STRUCT, "" name, (LONGLONG)(count)

/* ---- fields ------------------------------------------------------------ */

/* Each is Name(value[, "name"[, "description"[, tags]]]); without a name it is
 * that of the value. */
#define UWSK_TLG_NAME(value, ...) UWSK_TLG_SECOND(value, ##__VA_ARGS__, value, )

#define UWSK_TLG_SECOND(first, second, ...) second

#define UWSK_TLG_NUMBER(kind, type, value, text, ...)                          \
  kind, UWSK_TLG_NAME(text, ##__VA_ARGS__), (LONGLONG)(type)(value)
#define UWSK_TLG_ADDRESS(kind, value, text, ...)                               \
  kind, UWSK_TLG_NAME(text, ##__VA_ARGS__), (const VOID *)(value)
#define UWSK_TLG_MANY(kind, value, count, text, ...)                           \
  kind, UWSK_TLG_NAME(text, ##__VA_ARGS__), (const VOID *)(value),             \
      (LONGLONG)(count)

#define TraceLoggingInt8(value, ...)                                           \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, INT8, value, #value, ##__VA_ARGS__)
#define TraceLoggingInt16(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, INT16, value, #value, ##__VA_ARGS__)
#define TraceLoggingInt32(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, INT32, value, #value, ##__VA_ARGS__)
#define TraceLoggingInt64(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, INT64, value, #value, ##__VA_ARGS__)
#define TraceLoggingIntPtr(value, ...)                                         \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, LONG_PTR, value, #value, ##__VA_ARGS__)
#define TraceLoggingLong(value, ...)                                           \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, LONG, value, #value, ##__VA_ARGS__)
#define TraceLoggingUInt8(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, UINT8, value, #value, ##__VA_ARGS__)
#define TraceLoggingUInt16(value, ...)                                         \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, UINT16, value, #value, ##__VA_ARGS__)
#define TraceLoggingUInt32(value, ...)                                         \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, UINT32, value, #value, ##__VA_ARGS__)
#define TraceLoggingUInt64(value, ...)                                         \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, UINT64, value, #value, ##__VA_ARGS__)
#define TraceLoggingUIntPtr(value, ...)                                        \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, ULONG_PTR, value, #value, ##__VA_ARGS__)
#define TraceLoggingULong(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_UINT, ULONG, value, #value, ##__VA_ARGS__)
#define TraceLoggingHexInt8(value, ...)                                        \
  UWSK_TLG_NUMBER(UWSK_TLG_HEX, UINT8, value, #value, ##__VA_ARGS__)
#define TraceLoggingHexInt16(value, ...)                                       \
  UWSK_TLG_NUMBER(UWSK_TLG_HEX, UINT16, value, #value, ##__VA_ARGS__)
#define TraceLoggingHexInt32(value, ...)                                       \
  UWSK_TLG_NUMBER(UWSK_TLG_HEX, UINT32, value, #value, ##__VA_ARGS__)
#define TraceLoggingHexInt64(value, ...)                                       \
  UWSK_TLG_NUMBER(UWSK_TLG_HEX, UINT64, value, #value, ##__VA_ARGS__)
#define TraceLoggingHexUInt8  TraceLoggingHexInt8
#define TraceLoggingHexUInt16 TraceLoggingHexInt16
#define TraceLoggingHexUInt32 TraceLoggingHexInt32
#define TraceLoggingHexUInt64 TraceLoggingHexInt64
#define TraceLoggingHexULong  TraceLoggingHexInt32
#define TraceLoggingHexLong   TraceLoggingHexInt32
#define TraceLoggingWinError  TraceLoggingUInt32
#define TraceLoggingHResult   TraceLoggingHexInt32
#define TraceLoggingPid       TraceLoggingUInt32
#define TraceLoggingTid       TraceLoggingUInt32
#define TraceLoggingFileTime  TraceLoggingFileTimeValue
#define TraceLoggingFileTimeValue(value, ...)                                  \
  UWSK_TLG_NUMBER(UWSK_TLG_INT, INT64, value, #value, ##__VA_ARGS__)
#define TraceLoggingBool(value, ...)                                           \
  UWSK_TLG_NUMBER(UWSK_TLG_BOOL, INT32, value, #value, ##__VA_ARGS__)
#define TraceLoggingBoolean(value, ...)                                        \
  UWSK_TLG_NUMBER(UWSK_TLG_BOOL, UINT8, value, #value, ##__VA_ARGS__)
#define TraceLoggingChar(value, ...)                                           \
  UWSK_TLG_NUMBER(UWSK_TLG_CHAR, UINT8, value, #value, ##__VA_ARGS__)
#define TraceLoggingWChar(value, ...)                                          \
  UWSK_TLG_NUMBER(UWSK_TLG_CHAR, UINT16, value, #value, ##__VA_ARGS__)
#define TraceLoggingNTStatus(value, ...)                                       \
  UWSK_TLG_NUMBER(UWSK_TLG_STATUS, INT32, value, #value, ##__VA_ARGS__)
/* In network byte order. */
#define TraceLoggingIPv4Address(value, ...)                                    \
  UWSK_TLG_NUMBER(UWSK_TLG_IPV4, UINT32, value, #value, ##__VA_ARGS__)
#define TraceLoggingPort(value, ...)                                           \
  UWSK_TLG_NUMBER(UWSK_TLG_PORT, UINT16, value, #value, ##__VA_ARGS__)
#define TraceLoggingFloat32(value, ...)                                        \
  UWSK_TLG_FLOAT, UWSK_TLG_NAME(#value, ##__VA_ARGS__), (double)(value)
#define TraceLoggingFloat64 TraceLoggingFloat32

#define TraceLoggingPointer(value, ...)                                        \
  UWSK_TLG_ADDRESS(UWSK_TLG_POINTER, value, #value, ##__VA_ARGS__)
#define TraceLoggingCodePointer TraceLoggingPointer
#define TraceLoggingString(value, ...)                                         \
  UWSK_TLG_ADDRESS(UWSK_TLG_STRING, value, #value, ##__VA_ARGS__)
#define TraceLoggingUtf8String TraceLoggingString
#define TraceLoggingWideString(value, ...)                                     \
  UWSK_TLG_ADDRESS(UWSK_TLG_WIDE, value, #value, ##__VA_ARGS__)
#define TraceLoggingAnsiString(value, ...)                                     \
  UWSK_TLG_ADDRESS(UWSK_TLG_ANSI_STRING, value, #value, ##__VA_ARGS__)
#define TraceLoggingUnicodeString(value, ...)                                  \
  UWSK_TLG_ADDRESS(UWSK_TLG_UNICODE_STRING, value, #value, ##__VA_ARGS__)
#define TraceLoggingIPv6Address(value, ...)                                    \
  UWSK_TLG_ADDRESS(UWSK_TLG_IPV6, value, #value, ##__VA_ARGS__)
/* By value: a GUID that has an address. */
#define TraceLoggingGuid(value, ...)                                           \
  UWSK_TLG_ADDRESS(UWSK_TLG_GUID, &(value), #value, ##__VA_ARGS__)

/* Counted in characters, and in bytes. */
#define TraceLoggingCountedString(value, count, ...)                           \
  UWSK_TLG_MANY(UWSK_TLG_COUNTED, value, count, #value, ##__VA_ARGS__)
#define TraceLoggingCountedUtf8String TraceLoggingCountedString
#define TraceLoggingCountedWideString(value, count, ...)                       \
  UWSK_TLG_MANY(UWSK_TLG_COUNTED_WIDE, value, count, #value, ##__VA_ARGS__)
#define TraceLoggingBinary(value, size, ...)                                   \
  UWSK_TLG_MANY(UWSK_TLG_BINARY, value, size, #value, ##__VA_ARGS__)
#define TraceLoggingSocketAddress TraceLoggingBinary

/* ---- TraceLoggingValue ------------------------------------------------- */

#ifdef __cplusplus
/* The field of a value is that of its type. */
template <enum uwsk_tlg_kind Kind> struct uwsk_tlg_kind_of {
  static constexpr enum uwsk_tlg_kind value = Kind;
};
#define UWSK_TLG_OVERLOAD(kind, type, passed)                                  \
  uwsk_tlg_kind_of<kind> uwsk_tlg_type(type);                                  \
  inline passed uwsk_tlg_pass(type value) {                                    \
    return (passed)value;                                                      \
  }
extern "C++" {
UWSK_TLG_OVERLOAD(UWSK_TLG_BOOL, bool, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_CHAR, char, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_CHAR, wchar_t, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_INT, signed char, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_UINT, unsigned char, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_INT, short, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_UINT, unsigned short, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_INT, int, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_UINT, unsigned, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_INT, long, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_UINT, unsigned long, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_INT, long long, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_UINT, unsigned long long, LONGLONG)
UWSK_TLG_OVERLOAD(UWSK_TLG_FLOAT, float, double)
UWSK_TLG_OVERLOAD(UWSK_TLG_FLOAT, double, double)
UWSK_TLG_OVERLOAD(UWSK_TLG_STRING, const char *, const VOID *)
UWSK_TLG_OVERLOAD(UWSK_TLG_WIDE, const wchar_t *, const VOID *)
UWSK_TLG_OVERLOAD(UWSK_TLG_POINTER, const VOID *, const VOID *)
uwsk_tlg_kind_of<UWSK_TLG_GUID> uwsk_tlg_type(const GUID &);
inline const VOID *uwsk_tlg_pass(const GUID &value) {
  return &value;
}
}
#undef UWSK_TLG_OVERLOAD
#define TraceLoggingValue(given, ...)                                          \
  decltype(uwsk_tlg_type(given))::value, UWSK_TLG_NAME(#given, ##__VA_ARGS__), \
      uwsk_tlg_pass(given)
#endif

#endif
#endif
