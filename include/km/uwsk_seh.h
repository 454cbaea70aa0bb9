/*
 * Structured exceptions: __try, __except, __finally, __leave.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>; "try-except
 * statement".
 *
 * They catch what is raised: ExRaiseStatus() and the kernel functions that
 * raise (MmProbeAndLockPages, …). A fault of the processor is no exception
 * here; it ends the process as anywhere else on the host.
 *
 * C: a frame on the stack, a setjmp, and ifs. Nothing is a loop, so that break,
 * continue, return and goto in the guarded block are the client's own; the
 * frame goes with its scope however that is left. C++: try and catch, so that
 * destructors run; code in C below may raise through it.
 *
 * What differs from Windows:
 *  - The filter is evaluated after the stack has been unwound, and
 *    EXCEPTION_CONTINUE_EXECUTION cannot resume: it raises
 *    STATUS_NONCONTINUABLE_EXCEPTION, as Windows does for a software exception.
 *  - A return, break, continue or goto out of a __try skips its __finally block
 *    (falling off the end, __leave and an exception run it); inside the
 * __finally block break and continue mean that block.
 *  - Write braces around a __try … __except that is the only statement of an
 *    if, else or loop.
 *  - C only, clang: a local variable changed in the __try block and read in the
 *    handler after an exception wants to be volatile, as setjmp has it.
 */
#ifndef UWSK_KM_SEH_H
#define UWSK_KM_SEH_H

#ifdef __cplusplus
/* Drivers include the kernel headers inside extern "C". */
extern "C++" {
#include <exception>
#if __has_include(<bits/exception_defines.h>)
/* libstdc++ defines __try for itself; from here on ours is a __try that its own
 * __catch can follow, too. */
#include <bits/exception_defines.h>
#endif
}
#endif

#include <setjmp.h>

#include <ntdef.h>
#include <ntstatus.h>

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#define EXCEPTION_NONCONTINUABLE     0x1
#define EXCEPTION_MAXIMUM_PARAMETERS 15

typedef struct _EXCEPTION_RECORD {
  NTSTATUS ExceptionCode;
  ULONG ExceptionFlags;
  struct _EXCEPTION_RECORD *ExceptionRecord;
  PVOID ExceptionAddress; /* the code that raised */
  ULONG NumberParameters;
  ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

typedef struct _EXCEPTION_POINTERS {
  PEXCEPTION_RECORD ExceptionRecord;
  struct _CONTEXT *ContextRecord; /* NULL: there is no processor state */
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

UWSK_BEGIN_C

/* One guarded block that is being executed. */
struct uwsk_seh_frame {
  struct uwsk_seh_frame *outer;
  const void *stack;           /* where the guarding function's frame is */
  void (*throw_cxx)(NTSTATUS); /* C++: throws; C: NULL, jump to `jump` */
  int raised;
  jmp_buf jump;
};

/* A __finally block that is being executed. */
struct uwsk_seh_final {
  NTSTATUS code;
  int raised;
  int entered;
};

/* Helpers of the macros below, of no use to anybody else. */
void uwsk__seh_push(struct uwsk_seh_frame *frame, const void *stack,
                    void (*throw_cxx)(NTSTATUS));
void uwsk__seh_pop(struct uwsk_seh_frame *frame);
int uwsk__seh_caught(void);
int uwsk__seh_filter(int disposition);
struct uwsk_seh_final uwsk__seh_finally(void);
int uwsk__seh_final_step(struct uwsk_seh_final *final);

/* The exception the calling thread raised last. */
NTSTATUS uwsk__seh_code(void);
PEXCEPTION_POINTERS uwsk__seh_information(void);

/* Raise an exception that the nearest __try … __except that wants it gets; with
 * none the process ends with bugcheck KMODE_EXCEPTION_NOT_HANDLED (0x1E).
 * IRQL <= APC_LEVEL, for the two without a status PASSIVE_LEVEL. */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseStatus(NTSTATUS Status);
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseAccessViolation(VOID);
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseDatatypeMisalignment(VOID);
NTSYSAPI DECLSPEC_NORETURN VOID NTAPI RtlRaiseStatus(NTSTATUS Status);

UWSK_END_C

/* In the filter and in the handler. A guarded block inside the handler that
 * raises changes what they say. */
#define GetExceptionCode()        uwsk__seh_code()
#define GetExceptionInformation() uwsk__seh_information()
#define _exception_code()         uwsk__seh_code()
#define _exception_info()         uwsk__seh_information()
#define exception_code            uwsk__seh_code
#define exception_info            uwsk__seh_information
/* In the __finally block: whether an exception brought us here. */
#define AbnormalTermination()   (uwsk__seh_final.raised)
#define _abnormal_termination() (uwsk__seh_final.raised)
#define abnormal_termination()  (uwsk__seh_final.raised)

/* MinGW's longjmp unwinds unless it is told that there is no frame; our frames
 * are popped by their own scope. */
#if defined(_WIN32)
#define UWSK_SETJMP(buffer) _setjmp((buffer), NULL)
#else
#define UWSK_SETJMP(buffer) _setjmp(buffer)
#endif

#undef __try
#undef __except
#undef __finally
#undef __leave

#define UWSK_SEH_FINALLY                                                       \
  for (struct uwsk_seh_final uwsk__seh_final = uwsk__seh_finally();            \
       uwsk__seh_final_step(&uwsk__seh_final);)

/* gcc knows that calls may come back through setjmp and keeps the locals of
 * such a function where a handler finds them as they are; its warning that they
 * might be lost stands on every driver that uses __try. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

/* clang-format takes __except for a keyword, even here. */
/* clang-format off */
#if defined(__cplusplus) && defined(__cpp_exceptions)

extern "C++" {
#pragma GCC visibility push(default)
/* What ExRaiseStatus throws when the nearest guard is a C++ one. */
struct uwsk_seh_raised {
  NTSTATUS code;
};
struct uwsk_seh_left {};
#pragma GCC visibility pop

[[noreturn]] inline void uwsk__seh_throw(NTSTATUS code) {
  throw uwsk_seh_raised{code};
}

struct uwsk_seh_guard : uwsk_seh_frame {
  uwsk_seh_guard() {
    uwsk__seh_push(this, __builtin_frame_address(0), uwsk__seh_throw);
    raised = 0;
  }
  ~uwsk_seh_guard() {
    uwsk__seh_pop(this);
  }
  uwsk_seh_guard(const uwsk_seh_guard &) = delete;
  uwsk_seh_guard &operator=(const uwsk_seh_guard &) = delete;
};
}

#define __try                                                                  \
  if (uwsk_seh_guard uwsk__seh_frame; true)                                    \
    try
#define UWSK_SEH_END                                                           \
  catch (const ::uwsk_seh_raised &) {                                          \
    uwsk__seh_frame.raised = 1;                                                \
  }                                                                            \
  catch (const ::uwsk_seh_left &) {                                            \
  }
#define __except(...)                                                          \
  UWSK_SEH_END if (uwsk__seh_caught() && uwsk__seh_filter((__VA_ARGS__)))
#define __finally UWSK_SEH_END UWSK_SEH_FINALLY
#define __leave throw ::uwsk_seh_left()

#else

#define __try                                                                  \
  {                                                                            \
    __label__ uwsk__seh_left;                                                  \
    struct uwsk_seh_frame uwsk__seh_frame                                      \
        __attribute__((cleanup(uwsk__seh_pop)));                               \
    uwsk__seh_push(&uwsk__seh_frame, __builtin_frame_address(0), NULL);        \
    if (UWSK_SETJMP(uwsk__seh_frame.jump) == 0)
#define UWSK_SEH_END                                                           \
  uwsk__seh_left:                                                              \
  __attribute__((unused));                                                     \
  }
#define __except(...)                                                          \
  UWSK_SEH_END if (uwsk__seh_caught() && uwsk__seh_filter((__VA_ARGS__)))
#define __finally UWSK_SEH_END UWSK_SEH_FINALLY
#define __leave goto uwsk__seh_left

#endif

/* clang-format on */

/* wdm.h's lower-case spellings; C++ has its own use for them. */
#ifndef __cplusplus
#undef try
#undef except
#undef finally
#undef leave
#define try     __try
#define except  __except
#define finally __finally
#define leave   __leave
#endif

#endif
