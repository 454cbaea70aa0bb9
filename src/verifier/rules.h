/*
 * The verifier's rules, one row each:
 *
 *   symbol    VF_<symbol> in the code
 *   id        what a report, a test and docs/rules.md call it
 *   level     VIOLATION  Windows misbehaves, at once or sooner or later
 *             WARNING    the documentation forbids it; clients do it all the
 *                        same and get away with it
 *             NOTE       worth knowing, and harmless
 *   what      the rule, as a duty of the client
 *   bugcheck  what Windows raises (verifier/bugchecks.h), or NONE
 *   windows   what else it may do; "" when the bugcheck says it all
 *   page      where to read
 */
#ifndef UWSK_VERIFIER_RULES_H
#define UWSK_VERIFIER_RULES_H

#define VF_RULES(X)                                                            \
  X(REGISTER_02, "REGISTER-02", VIOLATION,                                     \
    "each registration has a WSK_REGISTRATION block of its own", NONE,         \
    "corrupted registration state", "learn.microsoft.com: WskRegister")        \
  X(REGISTER_03, "REGISTER-03", VIOLATION,                                     \
    "every WskRegister is followed by exactly one WskDeregister", NONE,        \
    "a crash in netio.sys", "learn.microsoft.com: WskDeregister")              \
  X(REGISTER_07, "REGISTER-07", VIOLATION,                                     \
    "WSK_CLIENT_DISPATCH.Reserved is zero", NONE, "undefined",                 \
    "learn.microsoft.com: WSK_CLIENT_DISPATCH")                                \
  X(REGISTER_04, "REGISTER-04", VIOLATION,                                     \
    "a WSK_REGISTRATION block stays until its client has deregistered", NONE,  \
    "corrupted pool, or a crash in netio.sys",                                 \
    "learn.microsoft.com: WskRegister")                                        \
  X(REGISTER_05, "REGISTER-05", VIOLATION,                                     \
    "a WSK_REGISTRATION block is written to by WSK alone", NONE,               \
    "corrupted registration state", "learn.microsoft.com: WSK_REGISTRATION")   \
  X(REGISTER_06, "REGISTER-06", VIOLATION,                                     \
    "a WSK_CLIENT_DISPATCH stays as it is until its client has deregistered",  \
    NONE, "undefined", "learn.microsoft.com: WSK_CLIENT_DISPATCH")             \
  X(CAPTURE_08, "CAPTURE-08", VIOLATION,                                       \
    "WskCaptureProviderNPI gets a block that was registered, and not "         \
    "overwritten since",                                                       \
    NONE, "a crash in netio.sys",                                              \
    "learn.microsoft.com: WskCaptureProviderNPI")                              \
  X(SEND_03, "SEND-03", VIOLATION,                                             \
    "a request's MDLs, the memory they describe and the places it writes to "  \
    "stay, MDLs locked, until it has completed",                               \
    PAGE_FAULT_IN_NONPAGED_AREA, "or corrupted data",                          \
    "learn.microsoft.com: WskSend")                                            \
  X(RELNPI_01, "RELNPI-01", VIOLATION,                                         \
    "every capture is released exactly once", NONE,                            \
    "a crash in netio.sys, or a WskDeregister that never returns",             \
    "learn.microsoft.com: WskReleaseProviderNPI")                              \
  X(RELNPI_02, "RELNPI-02", VIOLATION,                                         \
    "the provider's functions are called only while it is captured", NONE,     \
    "a crash, once the provider is unloaded",                                  \
    "learn.microsoft.com: WskReleaseProviderNPI")                              \
  X(ADDRINFO_09, "ADDRINFO-09", VIOLATION,                                     \
    "every list of addresses is freed before its client deregisters", NONE,    \
    "memory that is never given back",                                         \
    "learn.microsoft.com: PFN_WSK_GET_ADDRESS_INFO")                           \
  X(FREEADDR_01, "FREEADDR-01", VIOLATION,                                     \
    "the head of a list of addresses is freed once, by the client that got "   \
    "it",                                                                      \
    BAD_POOL_CALLER, "or a crash in netio.sys",                                \
    "learn.microsoft.com: PFN_WSK_FREE_ADDRESS_INFO")                          \
  X(NAMEINFO_09, "NAMEINFO-09", VIOLATION,                                     \
    "SockAddrLength is no more than the size of SOCKADDR_STORAGE", NONE,       \
    "undefined", "learn.microsoft.com: PFN_WSK_GET_NAME_INFO")                 \
  X(SOCKET_10, "SOCKET-10", NOTE,                                              \
    "a basic socket is made without a context and a dispatch table", NONE,     \
    "none: nothing is ever called", "learn.microsoft.com: PFN_WSK_SOCKET")     \
  X(SOCKET_13, "SOCKET-13", VIOLATION,                                         \
    "a security descriptor that is given to a socket is a cached one", NONE,   \
    "a crash in the security reference monitor",                               \
    "learn.microsoft.com: PFN_WSK_SOCKET")                                     \
  X(CTRLCLIENT_03, "CTRLCLIENT-03", VIOLATION,                                 \
    "a buffer of WskControlClient that is not there has the size 0", NONE,     \
    "undefined", "learn.microsoft.com: PFN_WSK_CONTROL_CLIENT")                \
  X(CTRLCLIENT_05, "CTRLCLIENT-05", VIOLATION,                                 \
    "WskControlClient has an IRP for WSK_TRANSPORT_LIST_CHANGE alone", NONE,   \
    "an IRP that is never completed",                                          \
    "learn.microsoft.com: PFN_WSK_CONTROL_CLIENT")                             \
  X(NMR_02, "NMR-02", VIOLATION,                                               \
    "a client detaches once, and calls nothing of the provider's afterwards",  \
    NONE, "a crash, once the provider is unloaded",                            \
    "learn.microsoft.com: NPI_CLIENT_DETACH_PROVIDER_FN")                      \
  X(SD_02, "SD-02", VIOLATION,                                                 \
    "every cached security descriptor is released before its client "          \
    "deregisters",                                                             \
    NONE, "memory that is never given back",                                   \
    "learn.microsoft.com: WSK_CACHE_SD")                                       \
  X(SD_03, "SD-03", VIOLATION,                                                 \
    "what is released with WSK_RELEASE_SD is cached, and released once", NONE, \
    "a crash in the security reference monitor",                               \
    "learn.microsoft.com: WSK_RELEASE_SD")                                     \
  X(STATICEV_02, "STATICEV-02", VIOLATION,                                     \
    "static event callbacks are set before the client's first socket", NONE,   \
    "undefined", "learn.microsoft.com: WSK_SET_STATIC_EVENT_CALLBACKS")        \
  X(TDI_01, "TDI-01", VIOLATION,                                               \
    "TDI devices are mapped before the first socket", NONE, "undefined",       \
    "learn.microsoft.com: WSK_TDI_DEVICENAME_MAPPING")                         \
  X(TDI_02, "TDI-02", VIOLATION,                                               \
    "TDI behaviour is set before the first socket", NONE, "undefined",         \
    "learn.microsoft.com: WSK_TDI_BEHAVIOR")                                   \
  X(FLAGS_01, "FLAGS-01", WARNING, "flags that are reserved are zero", NONE,   \
    "undefined",                                                               \
    "learn.microsoft.com: WskBind, WskConnect, WskAccept, WskSendTo")          \
  X(CLOSE_06, "CLOSE-06", VIOLATION,                                           \
    "no function of a socket is called once it was closed",                    \
    DRIVER_IRQL_NOT_LESS_OR_EQUAL, "as the socket is freed memory",            \
    "learn.microsoft.com: WskCloseSocket")                                     \
  X(CLOSE_09, "CLOSE-09", VIOLATION,                                           \
    "what was indicated and retained is released before the socket is closed", \
    NONE,                                                                      \
    "memory that is never given back, or released under a socket that is "     \
    "gone",                                                                    \
    "learn.microsoft.com: WskRelease")                                         \
  X(SENDTO_05, "SENDTO-05", VIOLATION,                                         \
    "ControlInfo and ControlInfoLength are both given, or neither", NONE,      \
    "an access violation, or control data that is not looked at",              \
    "learn.microsoft.com: WskSendTo")                                          \
  X(EVENTS_02, "EVENTS-02", WARNING,                                           \
    "event callbacks are enabled without an IRP", NONE, "undefined",           \
    "learn.microsoft.com: SO_WSK_EVENT_CALLBACK")                              \
  X(EVENTS_18, "EVENTS-18", VIOLATION,                                         \
    "an event is enabled when the socket's dispatch table has its callback",   \
    NONE, "an access violation when the event comes",                          \
    "learn.microsoft.com: WSK_CLIENT_LISTEN_DISPATCH")                         \
  X(SOPT_04, "SOPT-04", VIOLATION,                                             \
    "SO_CONDITIONAL_ACCEPT is set on a socket that has WskInspectEvent and "   \
    "WskAbortEvent",                                                           \
    NONE, "an access violation when a connection comes",                       \
    "learn.microsoft.com: SO_CONDITIONAL_ACCEPT")                              \
  X(INSPECTEV_05, "INSPECTEV-05", VIOLATION,                                   \
    "the contents of a WSK_INSPECT_ID are copied before WskInspectEvent "      \
    "returns",                                                                 \
    NONE, "none at once: another connection is accepted or rejected",          \
    "learn.microsoft.com: WskInspectEvent")                                    \
  X(ACCEPTEV_04, "ACCEPTEV-04", VIOLATION,                                     \
    "WskAcceptEvent gives the new socket the callbacks it will be called by",  \
    NONE, "an access violation when the event comes",                          \
    "learn.microsoft.com: WskAcceptEvent")                                     \
  X(STATICEV_06, "STATICEV-06", VIOLATION,                                     \
    "a socket has the callbacks that are enabled on every socket", NONE,       \
    "an access violation when the event comes",                                \
    "learn.microsoft.com: WSK_SET_STATIC_EVENT_CALLBACKS")                     \
  X(RECVEV_06, "RECVEV-06", VIOLATION,                                         \
    "a callback with data returns STATUS_SUCCESS, STATUS_PENDING or "          \
    "STATUS_DATA_NOT_ACCEPTED",                                                \
    NONE, "undefined", "learn.microsoft.com: WskReceiveEvent")                 \
  X(RECVEV_08, "RECVEV-08", VIOLATION,                                         \
    "WskReceiveEvent accepts no more bytes than were indicated", NONE,         \
    "undefined", "learn.microsoft.com: WskReceiveEvent")                       \
  X(DISCEV_05, "DISCEV-05", WARNING,                                           \
    "WskDisconnectEvent and WskSendBacklogEvent return STATUS_SUCCESS", NONE,  \
    "undefined", "learn.microsoft.com: WskDisconnectEvent")                    \
  X(RELEASE_01, "RELEASE-01", VIOLATION,                                       \
    "a list is released when the callback that got it returns STATUS_PENDING", \
    NONE, "a list that is used after it was freed",                            \
    "learn.microsoft.com: WskRelease")                                         \
  X(RELEASE_03, "RELEASE-03", VIOLATION,                                       \
    "a list is released whole, by the head that the callback got", NONE,       \
    "corrupted lists in the transport", "learn.microsoft.com: WskRelease")     \
  X(ACCEPTEV_03, "ACCEPTEV-03", VIOLATION,                                     \
    "a connection that WskAcceptEvent refuses is left to the provider",        \
    DRIVER_IRQL_NOT_LESS_OR_EQUAL, "as the socket is closed twice",            \
    "learn.microsoft.com: WskAcceptEvent")                                     \
  X(CTRLSOCK_07, "CTRLSOCK-07", WARNING,                                       \
    "OutputSizeReturned is given for output of unknown size, without an IRP",  \
    NONE, "undefined", "learn.microsoft.com: WskControlSocket")                \
  X(SOPT_13, "SOPT-13", VIOLATION,                                             \
    "socket options are set and read with an IRP", NONE, "undefined",          \
    "learn.microsoft.com: WskControlSocket")                                   \
  X(IOCTL_15, "IOCTL-15", VIOLATION,                                           \
    "silent mode is entered with no send or disconnect pending", NONE,         \
    "undefined", "learn.microsoft.com: SIO_WSK_SET_TCP_SILENT_MODE")           \
  X(IOCTL_22, "IOCTL-22", VIOLATION, "an IOCTL that may pend is given an IRP", \
    NONE, "undefined", "learn.microsoft.com: WskControlSocket")                \
  X(IOCTL_23, "IOCTL-23", WARNING,                                             \
    "an IOCTL that never pends is given no IRP", NONE, "undefined",            \
    "learn.microsoft.com: WskControlSocket")                                   \
  X(BUF_01, "BUF-01", VIOLATION, "WSK_BUF.Offset lies inside the first MDL",   \
    PAGE_FAULT_IN_NONPAGED_AREA, "or corrupted data",                          \
    "learn.microsoft.com: WSK_BUF")                                            \
  X(BUF_04, "BUF-04", VIOLATION,                                               \
    "WSK_BUF.Length does not reach beyond the MDL chain",                      \
    PAGE_FAULT_IN_NONPAGED_AREA, "", "learn.microsoft.com: WSK_BUF")           \
  X(BUF_05, "BUF-05", VIOLATION,                                               \
    "every MDL of a WSK_BUF describes locked or non-paged memory",             \
    PAGE_FAULT_IN_NONPAGED_AREA, "when the page is out",                       \
    "learn.microsoft.com: WSK_BUF")                                            \
  X(RECV_06, "RECV-06", VIOLATION,                                             \
    "a receive that drains has a buffer of length 0", NONE, "undefined",       \
    "learn.microsoft.com: WskReceive")                                         \
  X(RECV_07, "RECV-07", VIOLATION,                                             \
    "WSK_FLAG_WAITALL and WSK_FLAG_DRAIN exclude each other", NONE,            \
    "undefined", "learn.microsoft.com: WskReceive")                            \
  X(DISC_03, "DISC-03", VIOLATION, "an abortive disconnect has no buffer",     \
    NONE, "undefined", "learn.microsoft.com: WskDisconnect")                   \
  X(WAIT_02, "KE-WAIT-02", VIOLATION,                                          \
    "what is waited for or signalled is an initialised dispatcher object",     \
    IRQL_NOT_LESS_OR_EQUAL, "or a hang",                                       \
    "learn.microsoft.com: KeWaitForSingleObject")                              \
  X(WAIT_03, "KE-WAIT-03", VIOLATION,                                          \
    "a wait names 1 to 64 objects, and brings wait blocks for more than 3",    \
    MAXIMUM_WAIT_OBJECTS_EXCEEDED, "",                                         \
    "learn.microsoft.com: KeWaitForMultipleObjects")                           \
  X(LOCK_01, "KE-LOCK-01", VIOLATION,                                          \
    "a thread never acquires a spin lock it holds", SPIN_LOCK_ALREADY_OWNED,   \
    "or a hang", "learn.microsoft.com: KeAcquireSpinLock")                     \
  X(LOCK_02, "KE-LOCK-02", VIOLATION,                                          \
    "a spin lock is released by the thread holding it", SPIN_LOCK_NOT_OWNED,   \
    "", "learn.microsoft.com: KeReleaseSpinLock")                              \
  X(LOCK_03, "KE-LOCK-03", VIOLATION,                                          \
    "the AtDpcLevel forms of the lock routines run at DISPATCH_LEVEL", NONE,   \
    "a deadlock, sooner or later",                                             \
    "learn.microsoft.com: KeAcquireSpinLockAtDpcLevel")                        \
  X(MUTEX_01, "KE-MUTEX-01", VIOLATION,                                        \
    "a mutex is released by the thread that owns it", NONE,                    \
    "raises STATUS_MUTANT_NOT_OWNED", "learn.microsoft.com: KeReleaseMutex")   \
  X(MUTEX_02, "KE-MUTEX-02", VIOLATION,                                        \
    "a system thread has released its mutexes when it ends",                   \
    THREAD_TERMINATE_HELD_MUTEX, "", "learn.microsoft.com: bug check 0x8A")    \
  X(DPC_01, "KE-DPC-01", VIOLATION,                                            \
    "a DPC is initialised before it is queued", TIMER_OR_DPC_INVALID, "",      \
    "learn.microsoft.com: KeInitializeDpc")                                    \
  X(DPC_02, "KE-DPC-02", VIOLATION, "a DPC returns at DISPATCH_LEVEL",         \
    IRQL_UNEXPECTED_VALUE, "", "learn.microsoft.com: KDEFERRED_ROUTINE")       \
  X(TIMER_01, "KE-TIMER-01", VIOLATION,                                        \
    "a timer is cancelled, or has expired, before its memory or driver goes",  \
    TIMER_OR_DPC_INVALID,                                                      \
    "or DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS (0xCE)",         \
    "learn.microsoft.com: KeCancelTimer")                                      \
  X(TIMER_02, "EX-TIMER-02", VIOLATION,                                        \
    "a timer object is used until it is deleted, once", REFERENCE_BY_POINTER,  \
    "or corruption", "learn.microsoft.com: ExDeleteTimer")                     \
  X(APC_01, "KE-APC-01", VIOLATION,                                            \
    "push locks and resources are used with normal kernel APCs disabled",      \
    NONE, "a deadlock, when the holder is suspended",                          \
    "learn.microsoft.com: ExAcquireResourceExclusiveLite")                     \
  X(APC_02, "KE-APC-02", VIOLATION,                                            \
    "critical and guarded regions are left as often as entered",               \
    APC_INDEX_MISMATCH, "", "learn.microsoft.com: KeLeaveCriticalRegion")      \
  X(ATTACH_01, "KE-ATTACH-01", VIOLATION,                                      \
    "KeUnstackDetachProcess gets what KeStackAttachProcess has written",       \
    INVALID_PROCESS_DETACH_ATTEMPT, "",                                        \
    "learn.microsoft.com: KeUnstackDetachProcess")                             \
  X(THREAD_01, "PS-THREAD-01", VIOLATION,                                      \
    "a system thread ends at PASSIVE_LEVEL", IRQL_NOT_LESS_OR_EQUAL, "",       \
    "learn.microsoft.com: PsTerminateSystemThread")                            \
  X(HANDLE_01, "OB-HANDLE-01", VIOLATION,                                      \
    "a handle is open and of the type asked for", INVALID_KERNEL_HANDLE, "",   \
    "learn.microsoft.com: ZwClose")                                            \
  X(OBJECT_01, "OB-OBJECT-01", VIOLATION,                                      \
    "a reference is taken from and given back to a living object",             \
    REFERENCE_BY_POINTER, "", "learn.microsoft.com: ObDereferenceObject")      \
  X(LEFT_01, "OB-LEFT-01", VIOLATION,                                          \
    "what a driver allocates, opens and registers it gives back before it "    \
    "goes",                                                                    \
    DRIVER_VERIFIER_DETECTED_VIOLATION, "or memory that is never given back",  \
    "learn.microsoft.com: bug check 0xC4")                                     \
  X(IRQL_01, "KE-IRQL-01", VIOLATION,                                          \
    "a function is called at no higher IRQL than it is documented for",        \
    IRQL_NOT_LESS_OR_EQUAL, "",                                                \
    "learn.microsoft.com: managing hardware priorities")                       \
  X(IRQL_02, "KE-IRQL-02", VIOLATION,                                          \
    "the IRQL is raised upward and lowered downward only",                     \
    IRQL_NOT_GREATER_OR_EQUAL, "",                                             \
    "learn.microsoft.com: KeRaiseIrql, KeLowerIrql")                           \
  X(WAIT_01, "KE-WAIT-01", VIOLATION,                                          \
    "nothing waits inside a completion routine or event callback",             \
    IRQL_NOT_LESS_OR_EQUAL, "or a hang",                                       \
    "learn.microsoft.com: KeWaitForSingleObject")                              \
  X(IRP_05, "IRP-05", VIOLATION,                                               \
    "an IRP that is passed on has a stack location left",                      \
    NO_MORE_IRP_STACK_LOCATIONS, "",                                           \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_07, "IRP-07", VIOLATION,                                               \
    "a client's own IRP has a completion routine for success, error and "      \
    "cancel",                                                                  \
    MULTIPLE_IRP_COMPLETE_REQUESTS,                                            \
    "or worse: the I/O manager goes on with an IRP that is not its own",       \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_08, "IRP-08", VIOLATION,                                               \
    "the completion routine of a client's own IRP returns "                    \
    "STATUS_MORE_PROCESSING_REQUIRED",                                         \
    NONE, "the I/O manager frees an IRP that the client still uses",           \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_09, "IRP-09", VIOLATION,                                               \
    "a completed IRP is made ready with IoReuseIrp before it is used again",   \
    NONE,                                                                      \
    "none at once: stale status, Cancel and PendingReturned are taken over",   \
    "learn.microsoft.com: IoReuseIrp")                                         \
  X(IRP_10, "IRP-10", VIOLATION,                                               \
    "an IRP that is pending is not used for another request",                  \
    MULTIPLE_IRP_COMPLETE_REQUESTS, "or corruption",                           \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_11, "IRP-11", VIOLATION, "an IRP is freed after it was completed",     \
    DRIVER_VERIFIER_DETECTED_VIOLATION, "or corruption",                       \
    "learn.microsoft.com: IoFreeIrp")                                          \
  X(IRP_14, "IRP-14", VIOLATION,                                               \
    "a driver frees the IRPs it allocated with IoAllocateIrp, no others",      \
    BAD_POOL_CALLER, "", "learn.microsoft.com: IoFreeIrp")                     \
  X(IRP_15, "IRP-15", VIOLATION,                                               \
    "a completion routine that lets the IRP go on calls IoMarkIrpPending "     \
    "when PendingReturned is TRUE",                                            \
    DRIVER_VERIFIER_IOMANAGER_VIOLATION, "or the requester hangs",             \
    "learn.microsoft.com: IoMarkIrpPending")                                   \
  X(IRP_17, "IRP-17", WARNING,                                                 \
    "a completion routine does not make the next call of a WSK function",      \
    NONE, "a stack that overflows, threads that starve",                       \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(OBS_12, "OBS-12", WARNING,                                                 \
    "one WskAccept at a time is pending on a listening socket", NONE,          \
    "hangs on Windows 7 to 10, as a tester has seen",                          \
    "learn.microsoft.com: WskAccept")                                          \
  X(IO_INIT_01, "IO-INIT-01", VIOLATION,                                       \
    "the packet given to IoInitializeIrp holds IoSizeOfIrp(StackSize) bytes",  \
    NONE, "none at once: memory behind the packet is overwritten",             \
    "learn.microsoft.com: IoInitializeIrp")                                    \
  X(IO_REUSE_01, "IO-REUSE-01", VIOLATION,                                     \
    "IoReuseIrp is for IRPs that the driver made with IoAllocateIrp or "       \
    "IoInitializeIrp",                                                         \
    NONE, "none at once", "learn.microsoft.com: IoReuseIrp")                   \
  X(IO_FREE_01, "IO-FREE-01", VIOLATION, "an IRP is freed once",               \
    MULTIPLE_IRP_COMPLETE_REQUESTS, "or BAD_POOL_CALLER (0xC2)",               \
    "learn.microsoft.com: IoFreeIrp")                                          \
  X(IO_TYPE_01, "IO-TYPE-01", VIOLATION,                                       \
    "an IRP comes from IoAllocateIrp or went through IoInitializeIrp",         \
    MULTIPLE_IRP_COMPLETE_REQUESTS, "or an access violation",                  \
    "learn.microsoft.com: IoInitializeIrp")                                    \
  X(IO_COMPLETE_01, "IO-COMPLETE-01", VIOLATION,                               \
    "an IRP is completed once, by the driver that holds it",                   \
    MULTIPLE_IRP_COMPLETE_REQUESTS, "",                                        \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_COMPLETE_02, "IO-COMPLETE-02", VIOLATION,                               \
    "an IRP is not completed with STATUS_PENDING",                             \
    DRIVER_VERIFIER_IOMANAGER_VIOLATION, "",                                   \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_COMPLETE_03, "IO-COMPLETE-03", VIOLATION,                               \
    "the cancel routine is cleared before the IRP is completed",               \
    DRIVER_VERIFIER_IOMANAGER_VIOLATION, "",                                   \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_IRQL_01, "IO-IRQL-01", VIOLATION,                                       \
    "a driver's routine returns at the IRQL it was called at",                 \
    IRQL_UNEXPECTED_VALUE, "or IRQL_GT_ZERO_AT_SYSTEM_SERVICE (0x4A)",         \
    "learn.microsoft.com: managing hardware priorities")                       \
  X(IO_DEVICE_01, "IO-DEVICE-01", VIOLATION,                                   \
    "IoDeleteDevice is called once, for a device object", NONE,                \
    "an access violation or BAD_POOL_CALLER (0xC2)",                           \
    "learn.microsoft.com: IoDeleteDevice")                                     \
  X(IO_UNLOAD_01, "IO-UNLOAD-01", VIOLATION,                                   \
    "a driver deletes its device objects before it goes", NONE,                \
    "the driver stays loaded, or its code is called after it has gone",        \
    "learn.microsoft.com: writing an Unload routine")                          \
  X(MM_MDL_01, "MM-MDL-01", VIOLATION,                                         \
    "an MDL from IoAllocateMdl is freed once, others never", BAD_POOL_CALLER,  \
    "", "learn.microsoft.com: IoFreeMdl")                                      \
  X(MM_MDL_02, "MM-MDL-02", VIOLATION,                                         \
    "locked pages are unlocked before their MDL is freed",                     \
    PROCESS_HAS_LOCKED_PAGES, "", "learn.microsoft.com: MmUnlockPages")        \
  X(MM_MDL_03, "MM-MDL-03", VIOLATION,                                         \
    "an MDL is locked or built for nonpaged memory once", MEMORY_MANAGEMENT,   \
    "or pages stay locked for ever",                                           \
    "learn.microsoft.com: MmProbeAndLockPages")                                \
  X(MM_MDL_04, "MM-MDL-04", VIOLATION, "only locked pages are unlocked",       \
    PFN_LIST_CORRUPT, "or BAD_POOL_CALLER (0xC2)",                             \
    "learn.microsoft.com: MmUnlockPages")                                      \
  X(MM_MDL_05, "MM-MDL-05", VIOLATION,                                         \
    "an MDL is mapped when its pages are locked or nonpaged",                  \
    DRIVER_VERIFIER_DETECTED_VIOLATION, "or an access violation",              \
    "learn.microsoft.com: MmMapLockedPagesSpecifyCache")                       \
  X(MM_MDL_06, "MM-MDL-06", VIOLATION,                                         \
    "MmUnmapLockedPages gets the address that the MDL was mapped at",          \
    MEMORY_MANAGEMENT, "", "learn.microsoft.com: MmUnmapLockedPages")          \
  X(MM_MDL_07, "MM-MDL-07", VIOLATION,                                         \
    "a partial MDL is a part of a resident MDL and fits into its target",      \
    TARGET_MDL_TOO_SMALL, "", "learn.microsoft.com: IoBuildPartialMdl")        \
  X(EX_POOL_01, "EX-POOL-01", VIOLATION,                                       \
    "a pool block is freed once, and nothing else is", BAD_POOL_CALLER, "",    \
    "learn.microsoft.com: ExFreePoolWithTag")                                  \
  X(EX_POOL_02, "EX-POOL-02", VIOLATION,                                       \
    "a pool block is freed with the tag it was allocated with",                \
    BAD_POOL_CALLER, "", "learn.microsoft.com: ExFreePoolWithTag")             \
  X(EX_POOL_03, "EX-POOL-03", VIOLATION,                                       \
    "a driver stays within its pool blocks", BAD_POOL_HEADER, "",              \
    "learn.microsoft.com: ExAllocatePool2")                                    \
  X(EX_MUTEX_01, "EX-MUTEX-01", VIOLATION,                                     \
    "a fast mutex is not acquired by its owner", NONE,                         \
    "the thread waits for itself for ever",                                    \
    "learn.microsoft.com: ExAcquireFastMutex")                                 \
  X(EX_MUTEX_02, "EX-MUTEX-02", VIOLATION,                                     \
    "a fast mutex is released by the thread that holds it", NONE,              \
    "corruption of the mutex", "learn.microsoft.com: ExReleaseFastMutex")      \
  X(WORK_01, "EX-WORK-01", VIOLATION,                                          \
    "a work item is queued once at a time, and stays while it is queued",      \
    WORKER_INVALID, "", "learn.microsoft.com: IoQueueWorkItem")                \
  X(WORK_02, "EX-WORK-02", VIOLATION,                                          \
    "a work item's routine returns at PASSIVE_LEVEL",                          \
    WORKER_THREAD_RETURNED_AT_BAD_IRQL, "",                                    \
    "learn.microsoft.com: IO_WORKITEM_ROUTINE")                                \
  X(EX_RUNDOWN_01, "EX-RUNDOWN-01", VIOLATION,                                 \
    "rundown protection is released as often as it was acquired", NONE,        \
    "a wait that ends too early, or never",                                    \
    "learn.microsoft.com: ExReleaseRundownProtection")                         \
  X(EX_RUNDOWN_02, "EX-RUNDOWN-02", VIOLATION,                                 \
    "a rundown reference is re-initialised after it was run down", NONE,       \
    "undefined", "learn.microsoft.com: ExReInitializeRundownProtection")       \
  X(EX_PUSHLOCK_01, "EX-PUSHLOCK-01", VIOLATION,                               \
    "a push lock is released the way it was acquired, by who holds it", NONE,  \
    "corruption of the lock", "learn.microsoft.com: ExReleasePushLockShared")  \
  X(EX_RESOURCE_01, "EX-RESOURCE-01", VIOLATION,                               \
    "a resource is released by a thread that holds it", RESOURCE_NOT_OWNED,    \
    "", "learn.microsoft.com: ExReleaseResourceLite")                          \
  X(EX_RESOURCE_02, "EX-RESOURCE-02", VIOLATION,                               \
    "a thread that shares a resource does not wait to have it exclusively",    \
    NONE, "the thread waits for itself for ever",                              \
    "learn.microsoft.com: ExAcquireResourceExclusiveLite")                     \
  X(EX_RESOURCE_03, "EX-RESOURCE-03", VIOLATION,                               \
    "a resource is deleted while nobody holds it or waits for it",             \
    RESOURCE_OWNER_POINTER_INVALID, "or corruption",                           \
    "learn.microsoft.com: ExDeleteResourceLite")                               \
  X(IO_REMOVE_01, "IO-REMOVE-01", VIOLATION,                                   \
    "a remove lock is released as often as it was acquired", NONE,             \
    "a device that is removed while it is used, or never",                     \
    "learn.microsoft.com: IoReleaseRemoveLock")                                \
  X(EX_LOOKASIDE_01, "EX-LOOKASIDE-01", VIOLATION,                             \
    "a lookaside list is deleted once, and nothing else is", NONE,             \
    "corruption of the system's list of lookaside lists",                      \
    "learn.microsoft.com: ExDeleteLookasideListEx")                            \
  X(EX_SLIST_01, "EX-SLIST-01", VIOLATION,                                     \
    "heads and entries of sequenced lists stand at multiples of 16 bytes",     \
    NONE, "corruption of the list",                                            \
    "learn.microsoft.com: ExInterlockedPushEntrySList")                        \
  X(CM_QUERY_01, "CM-QUERY-01", VIOLATION,                                     \
    "RTL_QUERY_REGISTRY_DIRECT comes with RTL_QUERY_REGISTRY_TYPECHECK "       \
    "outside of the system's hives",                                           \
    KERNEL_SECURITY_CHECK_FAILURE, "",                                         \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(CM_QUERY_02, "CM-QUERY-02", VIOLATION,                                     \
    "RTL_QUERY_REGISTRY_DIRECT for a REG_MULTI_SZ comes with "                 \
    "RTL_QUERY_REGISTRY_NOEXPAND",                                             \
    NONE, "memory behind the UNICODE_STRING is overwritten",                   \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(CM_QUERY_03, "CM-QUERY-03", WARNING,                                       \
    "drivers do not let environment variables be expanded, and specify "       \
    "RTL_QUERY_REGISTRY_NOEXPAND",                                             \
    NONE, "none at once: these routines are unsafe in the kernel",             \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(NETIO_01, "NETIO-01", VIOLATION,                                           \
    "a table of IP Helper is freed once, and nothing else is",                 \
    BAD_POOL_CALLER, "", "learn.microsoft.com: FreeMibTable")                  \
  X(NETIO_02, "NETIO-02", VIOLATION,                                           \
    "a change notification is cancelled once, and nothing else is", NONE,      \
    "a crash in netio.sys", "learn.microsoft.com: CancelMibChangeNotify2")     \
  X(NETIO_03, "NETIO-03", VIOLATION,                                           \
    "a change notification is not cancelled by a callback of its own", NONE,   \
    "the thread waits for itself for ever",                                    \
    "learn.microsoft.com: CancelMibChangeNotify2")                             \
  X(BCRYPT_01, "BCRYPT-01", VIOLATION,                                         \
    "an algorithm provider for DISPATCH_LEVEL is closed after its objects "    \
    "are gone",                                                                \
    NONE, "hash objects that use a provider that is no more",                  \
    "learn.microsoft.com: BCryptOpenAlgorithmProvider")                        \
  X(BITMAP_01, "RTL-BITMAP-01", VIOLATION,                                     \
    "the bits that are changed or looked at are in the bitmap", NONE,          \
    "corruption of what lies behind it", "learn.microsoft.com: RtlSetBits")    \
  X(THREAD_02, "PS-THREAD-02", VIOLATION,                                      \
    "a driver's system threads have ended before it goes",                     \
    DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS, "",                 \
    "learn.microsoft.com: PsTerminateSystemThread")                            \
  X(SILO_01, "PS-SILO-01", VIOLATION,                                          \
    "a thread is detached from the silo it was attached to, once", NONE,       \
    "undefined", "learn.microsoft.com: PsDetachSiloFromCurrentThread")         \
  X(CALLBACK_01, "EX-CALLBACK-01", VIOLATION,                                  \
    "a registration with a callback object is given back once", NONE,          \
    "an access violation, or corruption of the callback object",               \
    "learn.microsoft.com: ExUnregisterCallback")                               \
  X(DPC_03, "KE-DPC-03", VIOLATION,                                            \
    "a DPC has run, or is removed, before its memory or driver goes",          \
    TIMER_OR_DPC_INVALID, "or a crash in memory that is gone",                 \
    "learn.microsoft.com: KeFlushQueuedDpcs")                                  \
  X(THREAD_03, "PS-THREAD-03", VIOLATION,                                      \
    "a thread's priority is from 1 to 31", NONE,                               \
    "corruption of the scheduler's queues",                                    \
    "learn.microsoft.com: KeSetPriorityThread")                                \
  X(IO_INFORMATION_01, "IO-INFORMATION-01", VIOLATION,                         \
    "a buffered request is completed with no more Information than its "       \
    "caller has room for",                                                     \
    NONE, "memory behind the caller's buffer is overwritten",                  \
    "learn.microsoft.com: buffer descriptions for I/O control codes")          \
  X(IO_PENDING_01, "IO-PENDING-01", VIOLATION,                                 \
    "a dispatch routine returns STATUS_PENDING for the IRPs that it marks "    \
    "pending, and completes all others before it returns their status",        \
    DRIVER_VERIFIER_IOMANAGER_VIOLATION, "or the requester hangs",             \
    "learn.microsoft.com: IoMarkIrpPending")                                   \
  X(IO_CREATE_01, "IO-CREATE-01", VIOLATION,                                   \
    "a file that is opened for synchronous I/O is opened with SYNCHRONIZE",    \
    NONE, "none for a driver; a program gets STATUS_INVALID_PARAMETER",        \
    "learn.microsoft.com: ZwCreateFile")                                       \
  X(IO_SHUTDOWN_01, "IO-SHUTDOWN-01", VIOLATION,                               \
    "a device that is registered for the shutdown is unregistered before it "  \
    "is deleted",                                                              \
    NONE, "a crash when the system is shut down",                              \
    "learn.microsoft.com: IoUnregisterShutdownNotification")                   \
  X(IO_PNP_01, "IO-PNP-01", VIOLATION,                                         \
    "a driver removes its registrations for PnP notification before it goes",  \
    NONE, "the driver stays loaded",                                           \
    "learn.microsoft.com: IoUnregisterPlugPlayNotificationEx")                 \
  X(IO_PNP_02, "IO-PNP-02", VIOLATION,                                         \
    "a registration for PnP notification is removed once", NONE,               \
    "an access violation",                                                     \
    "learn.microsoft.com: IoUnregisterPlugPlayNotificationEx")                 \
  X(IO_UNLOAD_02, "IO-UNLOAD-02", VIOLATION,                                   \
    "a driver deletes its symbolic links before it goes", NONE,                \
    "the link stays, and the next load fails with "                            \
    "STATUS_OBJECT_NAME_COLLISION",                                            \
    "learn.microsoft.com: IoDeleteSymbolicLink")                               \
  X(IO_ATTACH_01, "IO-ATTACH-01", VIOLATION,                                   \
    "a device object is attached to one other device object, once, and not "   \
    "to its own stack",                                                        \
    NONE, "a device stack that is torn or has no end",                         \
    "learn.microsoft.com: IoAttachDeviceToDeviceStack")                        \
  X(IO_ATTACH_02, "IO-ATTACH-02", VIOLATION,                                   \
    "IoDetachDevice gets the device object that was attached to, once", NONE,  \
    "an access violation", "learn.microsoft.com: IoDetachDevice")              \
  X(IO_ATTACH_03, "IO-ATTACH-03", VIOLATION,                                   \
    "a device object is detached before it is deleted", NONE,                  \
    "requests to the stack go to memory that is gone",                         \
    "learn.microsoft.com: IoDeleteDevice")                                     \
  X(WORK_03, "EX-WORK-03", VIOLATION,                                          \
    "work items of ExQueueWorkItem have run before their driver goes",         \
    DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS, "",                 \
    "learn.microsoft.com: ExQueueWorkItem")                                    \
  X(IO_CSQ_01, "IO-CSQ-01", VIOLATION,                                         \
    "a cancel-safe queue is initialised before it is used", NONE,              \
    "an access violation", "learn.microsoft.com: IoCsqInitialize")             \
  X(IO_CSQ_02, "IO-CSQ-02", VIOLATION,                                         \
    "an IRP that is put into a cancel-safe queue is in no other, and has no "  \
    "cancel routine",                                                          \
    NONE,                                                                      \
    "an IRP that is completed twice: MULTIPLE_IRP_COMPLETE_REQUESTS (0x44)",   \
    "learn.microsoft.com: Cancel-Safe IRP Queues")                             \
  X(CAPTURE_10, "CAPTURE-10", WARNING,                                         \
    "DriverEntry does not wait in WskCaptureProviderNPI for as long as it "    \
    "takes",                                                                   \
    NONE, "a start-up that hangs until WSK has come up",                       \
    "learn.microsoft.com: registering a Winsock Kernel application")           \
  X(IRP_21, "IRP-21", WARNING,                                                 \
    "a socket that a call has found dead (STATUS_FILE_FORCED_CLOSED) is "      \
    "closed, and nothing else",                                                \
    NONE, "none: the calls fail", "learn.microsoft.com: WskSend")              \
  X(CLOSE_05, "CLOSE-05", VIOLATION,                                           \
    "no other thread is in a call of a socket when it is closed",              \
    DRIVER_IRQL_NOT_LESS_OR_EQUAL, "as the socket is freed under the call",    \
    "learn.microsoft.com: WskCloseSocket")                                     \
  X(CLOSE_07, "CLOSE-07", NOTE,                                                \
    "a connection is disconnected before it is closed", NONE,                  \
    "none: the peer sees a reset, and may lose what was sent",                 \
    "learn.microsoft.com: WskCloseSocket")                                     \
  X(CLOSE_10, "CLOSE-10", WARNING,                                             \
    "the context of a socket whose events are enabled stays until the close "  \
    "has completed",                                                           \
    PAGE_FAULT_IN_NONPAGED_AREA, "when a callback comes",                      \
    "learn.microsoft.com: closing a socket")                                   \
  X(BIND_01, "BIND-01", WARNING,                                               \
    "an address is of the family that the socket was made for", NONE,          \
    "undefined", "learn.microsoft.com: WskBind")                               \
  X(IRP_STACK_01, "IRP-STACK-01", VIOLATION,                                   \
    "an IRP on a thread's stack has completed before its function returns",    \
    MULTIPLE_IRP_COMPLETE_REQUESTS, "or a stack that is overwritten",          \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(SEND_DATA_01, "SEND-DATA-01", VIOLATION,                                   \
    "the bytes of a send stay as they are until it has completed", NONE,       \
    "other bytes are sent", "learn.microsoft.com: WskSend")                    \
  X(RELEASE_02, "RELEASE-02", VIOLATION,                                       \
    "what was indicated and retained is released once, on its socket", NONE,   \
    "a list that is used after it was freed",                                  \
    "learn.microsoft.com: WskRelease")

#endif
