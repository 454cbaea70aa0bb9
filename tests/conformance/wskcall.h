/*
 * wskcall.h: calls into WSK as a driver makes them, each with an IRP, an event
 * and a completion routine that writes down what it saw.
 *
 *     CHECK_PENDED(Connect(NewCall(), Socket, Address), STATUS_SUCCESS, 0);
 *
 * calls WskConnect, waits until its IRP has completed and checks what was
 * returned, what the IRP completed with, PendingReturned, the IRQL and that the
 * completion routine ran once. Calls, sockets and buffers belong to the test:
 * they are freed and closed when it ends. Kernel code.
 */
#ifndef UWSK_CONFORMANCE_WSKCALL_H
#define UWSK_CONFORMANCE_WSKCALL_H

/* ---- what the runner has set up for the test ------------------------- */

extern ADDRESS_FAMILY TestFamily; /* AF_INET or AF_INET6 */
extern WSK_REGISTRATION TestRegistration;
extern WSK_PROVIDER_NPI TestNpi;
extern const WSK_CLIENT_DISPATCH TestClientDispatch; /* version 1.0 */

/* peer.h's way to say the family. */
#define TEST_IPV6 (TestFamily == AF_INET6)

/* While TRUE, every call below is made at DISPATCH_LEVEL. */
extern BOOLEAN TestAtDispatch;

/* ---- calls ----------------------------------------------------------- */

typedef struct _WSK_CALL {
  PIRP Irp;
  KEVENT Done;
  NTSTATUS Returned; /* by the function */

  /* Written down by the completion routine. */
  volatile LONG Completions;
  LONG Order; /* among all completions of the test: 1, 2, 3 … */
  NTSTATUS Status;
  ULONG_PTR Information;
  BOOLEAN PendingReturned;
  KIRQL Irql;
  PVOID Thread;

  /* To be set before the call, when a test wants it. */
  VOID (*Then)(struct _WSK_CALL *Call); /* called by the completion routine */
  PVOID ThenContext;
  BOOLEAN OwnIrp; /* Irp is the test's: not freed when it ends */

  struct _WSK_CALL *Next;
} WSK_CALL, *PWSK_CALL;

/* A call with a new IRP of one stack location. Never NULL: a test without
 * memory ends the run. */
PWSK_CALL NewCall(VOID);
/* The same around an IRP of the test's. */
PWSK_CALL NewCallWithIrp(PIRP Irp);

/* Makes a call ready to be used: IoReuseIrp when it was used before, and the
 * completion routine. The functions below do it themselves. */
PIRP PrepareCall(PWSK_CALL Call);

/* Whether there is a socket to call; if not, it is a failure, and the call is
 * over. */
BOOLEAN HasSocket(PWSK_CALL Call, PWSK_SOCKET Socket);

/* Waits for the completion; FALSE after a long time without it. */
BOOLEAN WaitForCall(PWSK_CALL Call);
BOOLEAN IsCompleted(PWSK_CALL Call);
BOOLEAN CancelCall(PWSK_CALL Call);

typedef enum _CALL_WAY { CallPended, CallAtOnce, CallEither } CALL_WAY;

VOID CheckCall(PWSK_CALL Call, CALL_WAY Way, NTSTATUS Status,
               ULONG_PTR Information, const char *File, int Line);
VOID CheckStillPending(PWSK_CALL Call, const char *File, int Line);

/* For `information`: whatever it is. */
#define TEST_ANY ((ULONG_PTR)-1)

/* Returned STATUS_PENDING, and completed with this. */
#define CHECK_PENDED(call, status, information)                                \
  CheckCall(call, CallPended, status, information, __FILE__, __LINE__)
/* Returned this, having completed the IRP with it. */
#define CHECK_AT_ONCE(call, status, information)                               \
  CheckCall(call, CallAtOnce, status, information, __FILE__, __LINE__)
/* One or the other. */
#define CHECK_COMPLETED(call, status, information)                             \
  CheckCall(call, CallEither, status, information, __FILE__, __LINE__)
/* Returned STATUS_PENDING, and has not completed although I/O went on. */
#define CHECK_STILL_PENDING(call) CheckStillPending(call, __FILE__, __LINE__)

PWSK_CALL CreateSocket(PWSK_CALL Call, ADDRESS_FAMILY Family, USHORT Type,
                       ULONG Protocol, ULONG Flags);
PWSK_CALL CreateConnected(PWSK_CALL Call, PVOID Local, PVOID Remote);
PWSK_CALL Bind(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Local);
PWSK_CALL Connect(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote);
PWSK_CALL ConnectEx(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote,
                    PWSK_BUF Buffer, ULONG Flags);
PWSK_CALL Send(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
               ULONG Flags);
PWSK_CALL Receive(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                  ULONG Flags);
PWSK_CALL Disconnect(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                     ULONG Flags);
PWSK_CALL GetLocal(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address);
PWSK_CALL GetRemote(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address);
/* Of a listening socket; the addresses may be NULL. */
PWSK_CALL Accept(PWSK_CALL Call, PWSK_SOCKET Listener, PVOID Local,
                 PVOID Remote);
PWSK_CALL GetListenerLocal(PWSK_CALL Call, PWSK_SOCKET Listener, PVOID Address);
/* The test's end will not close it again. */
PWSK_CALL Close(PWSK_CALL Call, PWSK_SOCKET Socket);

/* ---- sockets --------------------------------------------------------- */

const WSK_PROVIDER_CONNECTION_DISPATCH *DispatchOf(PWSK_SOCKET Socket);

/* The end of the test closes the socket a call has made. NULL if none was. */
PWSK_SOCKET SocketOf(PWSK_CALL Call);

/* A connection socket of TestFamily; NULL (and a failure) when that failed. */
PWSK_SOCKET OpenSocket(VOID);
/* … bound to the wildcard address and port 0 */
PWSK_SOCKET OpenBoundSocket(VOID);
/* … and connected to a port of the peer's. */
PWSK_SOCKET OpenConnection(USHORT Port);

/* A listening socket of TestFamily, bound to loopback; NULL (and a failure)
 * when that failed. *Port is where. */
PWSK_SOCKET OpenListener(USHORT *Port);
const WSK_PROVIDER_LISTEN_DISPATCH *ListenDispatchOf(PWSK_SOCKET Socket);

/* … and to a new listener of the peer's, with its options: the other end too.
 * NULL (and a failure) when that failed. */
struct peer;
PWSK_SOCKET OpenToPeer(ULONG Options, struct peer **Peer);

/* ---- threads --------------------------------------------------------- */

typedef struct _TEST_THREAD {
  VOID (*Run)(PVOID Context);
  PVOID Context;
  PVOID Object;
} TEST_THREAD, *PTEST_THREAD;

/* A system thread that calls Run(Context) and ends. */
VOID StartThread(PTEST_THREAD Thread, VOID (*Run)(PVOID), PVOID Context);
/* Whether it ends within this time. */
BOOLEAN ThreadEnds(PTEST_THREAD Thread, ULONG Milliseconds);
/* Waits for the end, and forgets the thread. */
VOID JoinThread(PTEST_THREAD Thread);

/* Waits for an event, at most so long; TRUE when it was set. */
BOOLEAN WaitForEvent(PKEVENT Event, ULONG Milliseconds);

/* Longer than anything takes that goes well. */
#define TEST_LONG 20000
/* Short, for "and still nothing happened". */
#define TEST_MOMENT 20

/* ---- addresses ------------------------------------------------------- */

/* One big enough for both families. */
typedef union _TEST_ADDRESS {
  SOCKADDR Any;
  SOCKADDR_IN V4;
  SOCKADDR_IN6 V6;
} TEST_ADDRESS, *PTEST_ADDRESS;

/* Of TestFamily; the port is in host byte order. They return Address. */
PTEST_ADDRESS Loopback(PTEST_ADDRESS Address, USHORT Port);
PTEST_ADDRESS Wildcard(PTEST_ADDRESS Address, USHORT Port);
/* One that is no address of this machine (for documentation, RFC 5737, 3849).
 */
PTEST_ADDRESS Foreign(PTEST_ADDRESS Address, USHORT Port);

USHORT PortOf(const TEST_ADDRESS *Address);
BOOLEAN IsLoopback(const TEST_ADDRESS *Address);
BOOLEAN IsWildcard(const TEST_ADDRESS *Address);

/* ---- buffers --------------------------------------------------------- */

#define TEST_MAX_PIECES 40

/* Non-paged memory behind a chain of MDLs. The pieces lie apart from one
 * another, and the bytes between them are watched. */
typedef struct _TEST_BUFFER {
  WSK_BUF Wsk; /* the whole: Offset 0, Length = the sum of the pieces */
  ULONG Count;
  PUCHAR Pieces[TEST_MAX_PIECES];
  ULONG Lengths[TEST_MAX_PIECES];
  PUCHAR Memory;
  struct _TEST_BUFFER *Next;
} TEST_BUFFER, *PTEST_BUFFER;

PTEST_BUFFER NewBuffer(ULONG Length);
PTEST_BUFFER NewChain(const ULONG *Lengths, ULONG Count);

/* Copies in and out, `Position` counting through the chain. */
VOID WriteBuffer(PTEST_BUFFER Buffer, SIZE_T Position, const VOID *Bytes,
                 SIZE_T Length);
BOOLEAN BufferIs(PTEST_BUFFER Buffer, SIZE_T Position, const VOID *Bytes,
                 SIZE_T Length);
/* The same with peer.h's pattern. */
VOID WritePattern(PTEST_BUFFER Buffer, SIZE_T Position, SIZE_T Start,
                  SIZE_T Length);
BOOLEAN BufferIsPattern(PTEST_BUFFER Buffer, SIZE_T Position, SIZE_T Start,
                        SIZE_T Length);
/* Whether the bytes from Position to the end, and those between the pieces,
 * are as NewBuffer left them. */
BOOLEAN BufferUntouchedFrom(PTEST_BUFFER Buffer, SIZE_T Position);

/* A buffer that holds these bytes. */
PTEST_BUFFER BufferOf(const VOID *Bytes, ULONG Length);
PTEST_BUFFER BufferOfPattern(SIZE_T Start, ULONG Length);

/* ---- for the runner -------------------------------------------------- */

VOID FreeBuffers(VOID);

VOID ConformanceSetUp(const CONFORMANCE_TEST *Test, BOOLEAN Ipv6);
VOID ConformanceTearDown(const CONFORMANCE_TEST *Test);

#endif
