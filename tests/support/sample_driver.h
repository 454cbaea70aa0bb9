/*
 * A driver for tests of open devices: it answers some requests at once, keeps
 * others in a queue from which they can be cancelled, and completes some from a
 * timer's DPC. What it saw is written down.
 */
#ifndef UWSK_TEST_SAMPLE_DRIVER_H
#define UWSK_TEST_SAMPLE_DRIVER_H

#include <ntddk.h>

#define SAMPLE_CODE(function, method, access)                                  \
  CTL_CODE(FILE_DEVICE_UNKNOWN, (function), (method), FILE_##access##_ACCESS)

/* Answers with the input turned round, at once. */
#define SAMPLE_REVERSE(method) SAMPLE_CODE(0x800, (method), ANY)
#define SAMPLE_READER          SAMPLE_CODE(0x801, METHOD_BUFFERED, READ)
#define SAMPLE_WRITER          SAMPLE_CODE(0x802, METHOD_BUFFERED, WRITE)
/* Waits in the queue until sample_complete_next, or until it is cancelled. */
#define SAMPLE_WAIT SAMPLE_CODE(0x803, METHOD_BUFFERED, ANY)
/* Completed by a timer's DPC after the milliseconds in the input. */
#define SAMPLE_TIMER SAMPLE_CODE(0x804, METHOD_BUFFERED, ANY)
/* Answers sample.status and sample.information and touches nothing. */
#define SAMPLE_STATUS(method) SAMPLE_CODE(0x805, (method), ANY)

struct sample {
  PDRIVER_OBJECT driver;
  PDEVICE_OBJECT device;

  /* What to do. */
  ULONG device_flags; /* DO_BUFFERED_IO and the like */
  BOOLEAN exclusive;
  NTSTATUS create_status;
  BOOLEAN create_pends; /* a timer completes IRP_MJ_CREATE */
  BOOLEAN keeps_reads;  /* reads wait in the queue */
  NTSTATUS status;
  ULONG_PTR information;

  /* What was seen. */
  LONG creates, cleanups, closes, flushes;
  KIRQL irql; /* of the last dispatch routine */
  PFILE_OBJECT file;
  IO_STACK_LOCATION location; /* of the last request but those of the end */
  ACCESS_MASK create_access;
  WCHAR file_name[64];
  KPROCESSOR_MODE mode;
  PETHREAD thread;
  PVOID system_buffer, user_buffer;
  PMDL mdl;
  ULONG irp_flags;
  BOOLEAN synchronous; /* IoIsOperationSynchronous */
};

extern struct sample sample;

/* The names of its device and of the link to it. */
#define SAMPLE_DEVICE L"\\Device\\Sample"
#define SAMPLE_LINK   L"\\??\\Sample"

/* Forgets what it was told and saw, loads it, unloads it. */
void sample_reset(void);
NTSTATUS sample_load(void);
NTSTATUS sample_unload(void);

/* Completes the request that waits longest; FALSE when none does. */
BOOLEAN sample_complete_next(NTSTATUS status, ULONG_PTR information);

/* Waits until a request has come into the queue since the last call, or
 * sample_wake_completer was called. */
void sample_await_next(void);
void sample_wake_completer(void);

/* How many wait. */
ULONG sample_waiting(void);

#endif
