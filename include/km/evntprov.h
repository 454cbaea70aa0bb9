/*
 * Event providers: what a driver that writes ETW events by hand calls.
 *
 * An event is a line of uwsk's trace, with its number and its data as bytes:
 * what they mean stands in a manifest, which is not read. Who listens is as for
 * TraceLogging (docs/porting.md, "Tracing").
 *
 * Pages: ddi/wdm/nf-wdm-<name>. IRQL: EtwRegister and EtwUnregister
 * PASSIVE_LEVEL, the others any.
 */
#ifndef UWSK_KM_EVNTPROV_H
#define UWSK_KM_EVNTPROV_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <evntprov.h>
#else

#include <ntdef.h>

typedef ULONGLONG REGHANDLE, *PREGHANDLE;

typedef struct _EVENT_DESCRIPTOR {
  USHORT Id;
  UCHAR Version;
  UCHAR Channel;
  UCHAR Level;
  UCHAR Opcode;
  USHORT Task;
  ULONGLONG Keyword;
} EVENT_DESCRIPTOR, *PEVENT_DESCRIPTOR;
typedef const EVENT_DESCRIPTOR *PCEVENT_DESCRIPTOR;

typedef struct _EVENT_DATA_DESCRIPTOR {
  ULONGLONG Ptr;
  ULONG Size;
  ULONG Reserved;
} EVENT_DATA_DESCRIPTOR, *PEVENT_DATA_DESCRIPTOR;

typedef struct _EVENT_FILTER_DESCRIPTOR {
  ULONGLONG Ptr;
  ULONG Size;
  ULONG Type;
} EVENT_FILTER_DESCRIPTOR, *PEVENT_FILTER_DESCRIPTOR;

#define MAX_EVENT_DATA_DESCRIPTORS 128

#define EVENT_CONTROL_CODE_DISABLE_PROVIDER 0
#define EVENT_CONTROL_CODE_ENABLE_PROVIDER  1
#define EVENT_CONTROL_CODE_CAPTURE_STATE    2

typedef VOID(NTAPI *PETWENABLECALLBACK)(LPCGUID SourceId, ULONG ControlCode,
                                        UCHAR Level, ULONGLONG MatchAnyKeyword,
                                        ULONGLONG MatchAllKeyword,
                                        PEVENT_FILTER_DESCRIPTOR FilterData,
                                        PVOID CallbackContext);

UWSK_BEGIN_C

/* STATUS_SUCCESS: *RegHandle is good until EtwUnregister; when somebody listens
 * EnableCallback, which may be NULL, was called. STATUS_INVALID_PARAMETER: a
 * NULL. STATUS_NO_MEMORY. */
NTSTATUS NTAPI EtwRegister(LPCGUID ProviderId,
                           PETWENABLECALLBACK EnableCallback,
                           PVOID CallbackContext, PREGHANDLE RegHandle);

/* STATUS_INVALID_HANDLE, as of EtwWrite: nobody is registered so. */
NTSTATUS NTAPI EtwUnregister(REGHANDLE RegHandle);

/* Whether such an event is printed. A level of 0 asks for any. */
BOOLEAN NTAPI EtwEventEnabled(REGHANDLE RegHandle,
                              PCEVENT_DESCRIPTOR EventDescriptor);
BOOLEAN NTAPI EtwProviderEnabled(REGHANDLE RegHandle, UCHAR Level,
                                 ULONGLONG Keyword);

/* STATUS_SUCCESS, whether or not somebody listens. STATUS_INVALID_PARAMETER:
 * more than MAX_EVENT_DATA_DESCRIPTORS, or NULL where there should be some. */
NTSTATUS NTAPI EtwWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor,
                        LPCGUID ActivityId, ULONG UserDataCount,
                        PEVENT_DATA_DESCRIPTOR UserData);
NTSTATUS NTAPI EtwWriteString(REGHANDLE RegHandle, UCHAR Level,
                              ULONGLONG Keyword, LPCGUID ActivityId,
                              PCWSTR String);

UWSK_END_C

/* The data stay where they are until EtwWrite has returned. */
UWSK_INLINE VOID EventDataDescCreate(PEVENT_DATA_DESCRIPTOR EventDataDescriptor,
                                     const VOID *DataPtr, ULONG DataSize) {
  EventDataDescriptor->Ptr = (ULONGLONG)(ULONG_PTR)DataPtr;
  EventDataDescriptor->Size = DataSize;
  EventDataDescriptor->Reserved = 0;
}

#endif
#endif
