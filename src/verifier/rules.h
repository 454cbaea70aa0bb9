/*
 * The verifier's rules, one row each:
 *
 *   symbol    VF_<symbol> in the code
 *   id        what a report and a test call it
 *   what      the rule, as a duty of the client
 *   bugcheck  what Windows would have done
 *   page      where to read
 */
#ifndef UWSK_VERIFIER_RULES_H
#define UWSK_VERIFIER_RULES_H

#define VF_RULES(X)                                                            \
  X(REGISTER_02, "REGISTER-02",                                                \
    "each registration has a WSK_REGISTRATION block of its own",               \
    "corrupted registration state", "learn.microsoft.com: WskRegister")        \
  X(REGISTER_03, "REGISTER-03",                                                \
    "every WskRegister is followed by exactly one WskDeregister",              \
    "a crash in netio.sys", "learn.microsoft.com: WskDeregister")              \
  X(REGISTER_07, "REGISTER-07", "WSK_CLIENT_DISPATCH.Reserved is zero",        \
    "undefined", "learn.microsoft.com: WSK_CLIENT_DISPATCH")                   \
  X(REGISTER_04, "REGISTER-04",                                                \
    "a WSK_REGISTRATION block stays until its client has deregistered",        \
    "corrupted pool, or a crash in netio.sys",                                 \
    "learn.microsoft.com: WskRegister")                                        \
  X(REGISTER_05, "REGISTER-05",                                                \
    "a WSK_REGISTRATION block is written to by WSK alone",                     \
    "corrupted registration state", "learn.microsoft.com: WSK_REGISTRATION")   \
  X(REGISTER_06, "REGISTER-06",                                                \
    "a WSK_CLIENT_DISPATCH stays as it is until its client has deregistered",  \
    "undefined", "learn.microsoft.com: WSK_CLIENT_DISPATCH")                   \
  X(CAPTURE_08, "CAPTURE-08",                                                  \
    "WskCaptureProviderNPI gets a block that was registered, and not "         \
    "overwritten since",                                                       \
    "a crash in netio.sys", "learn.microsoft.com: WskCaptureProviderNPI")      \
  X(SEND_03, "SEND-03",                                                        \
    "the MDLs of a request stay, and stay locked, until it has completed",     \
    "PAGE_FAULT_IN_NONPAGED_AREA (0x50) or corrupted data",                    \
    "learn.microsoft.com: WskSend")                                            \
  X(RELNPI_01, "RELNPI-01", "every capture is released exactly once",          \
    "a crash in netio.sys, or a WskDeregister that never returns",             \
    "learn.microsoft.com: WskReleaseProviderNPI")                              \
  X(RELNPI_02, "RELNPI-02",                                                    \
    "the provider's functions are called only while it is captured",           \
    "a crash, once the provider is unloaded",                                  \
    "learn.microsoft.com: WskReleaseProviderNPI")                              \
  X(ADDRINFO_09, "ADDRINFO-09",                                                \
    "every list of addresses is freed before its client deregisters",          \
    "memory that is never given back",                                         \
    "learn.microsoft.com: PFN_WSK_GET_ADDRESS_INFO")                           \
  X(FREEADDR_01, "FREEADDR-01",                                                \
    "the head of a list of addresses is freed once, by the client that got "   \
    "it",                                                                      \
    "BAD_POOL_CALLER (0xC2) or a crash in netio.sys",                          \
    "learn.microsoft.com: PFN_WSK_FREE_ADDRESS_INFO")                          \
  X(NAMEINFO_09, "NAMEINFO-09",                                                \
    "SockAddrLength is no more than the size of SOCKADDR_STORAGE",             \
    "undefined", "learn.microsoft.com: PFN_WSK_GET_NAME_INFO")                 \
  X(SOCKET_10, "SOCKET-10",                                                    \
    "a basic socket is made without a context and a dispatch table",           \
    "none: nothing is ever called", "learn.microsoft.com: PFN_WSK_SOCKET")     \
  X(SOCKET_13, "SOCKET-13",                                                    \
    "a security descriptor that is given to a socket is a cached one",         \
    "a crash in the security reference monitor",                               \
    "learn.microsoft.com: PFN_WSK_SOCKET")                                     \
  X(CTRLCLIENT_03, "CTRLCLIENT-03",                                            \
    "a buffer of WskControlClient that is not there has the size 0",           \
    "undefined", "learn.microsoft.com: PFN_WSK_CONTROL_CLIENT")                \
  X(CTRLCLIENT_05, "CTRLCLIENT-05",                                            \
    "WskControlClient has an IRP for WSK_TRANSPORT_LIST_CHANGE alone",         \
    "an IRP that is never completed",                                          \
    "learn.microsoft.com: PFN_WSK_CONTROL_CLIENT")                             \
  X(NMR_02, "NMR-02",                                                          \
    "a client detaches once, and calls nothing of the provider's afterwards",  \
    "a crash, once the provider is unloaded",                                  \
    "learn.microsoft.com: NPI_CLIENT_DETACH_PROVIDER_FN")                      \
  X(SD_02, "SD-02",                                                            \
    "every cached security descriptor is released before its client "          \
    "deregisters",                                                             \
    "memory that is never given back", "learn.microsoft.com: WSK_CACHE_SD")    \
  X(SD_03, "SD-03",                                                            \
    "what is released with WSK_RELEASE_SD is cached, and released once",       \
    "a crash in the security reference monitor",                               \
    "learn.microsoft.com: WSK_RELEASE_SD")                                     \
  X(STATICEV_02, "STATICEV-02",                                                \
    "static event callbacks are set before the client's first socket",         \
    "undefined", "learn.microsoft.com: WSK_SET_STATIC_EVENT_CALLBACKS")        \
  X(TDI_01, "TDI-01", "TDI devices are mapped before the first socket",        \
    "undefined", "learn.microsoft.com: WSK_TDI_DEVICENAME_MAPPING")            \
  X(TDI_02, "TDI-02", "TDI behaviour is set before the first socket",          \
    "undefined", "learn.microsoft.com: WSK_TDI_BEHAVIOR")                      \
  X(CLOSE_06, "CLOSE-06",                                                      \
    "no function of a socket is called once it was closed",                    \
    "DRIVER_IRQL_NOT_LESS_OR_EQUAL (0xD1): the socket is freed memory",        \
    "learn.microsoft.com: WskCloseSocket")                                     \
  X(CLOSE_09, "CLOSE-09",                                                      \
    "what was indicated and retained is released before the socket is closed", \
    "memory that is never given back, or released under a socket that is "     \
    "gone",                                                                    \
    "learn.microsoft.com: WskRelease")                                         \
  X(SENDTO_05, "SENDTO-05",                                                    \
    "ControlInfo and ControlInfoLength are both given, or neither",            \
    "an access violation, or control data that is not looked at",              \
    "learn.microsoft.com: WskSendTo")                                          \
  X(EVENTS_02, "EVENTS-02", "event callbacks are enabled without an IRP",      \
    "undefined", "learn.microsoft.com: SO_WSK_EVENT_CALLBACK")                 \
  X(EVENTS_18, "EVENTS-18",                                                    \
    "an event is enabled when the socket's dispatch table has its callback",   \
    "an access violation when the event comes",                                \
    "learn.microsoft.com: WSK_CLIENT_LISTEN_DISPATCH")                         \
  X(SOPT_04, "SOPT-04",                                                        \
    "SO_CONDITIONAL_ACCEPT is set on a socket that has WskInspectEvent and "   \
    "WskAbortEvent",                                                           \
    "an access violation when a connection comes",                             \
    "learn.microsoft.com: SO_CONDITIONAL_ACCEPT")                              \
  X(INSPECTEV_05, "INSPECTEV-05",                                              \
    "the contents of a WSK_INSPECT_ID are copied before WskInspectEvent "      \
    "returns",                                                                 \
    "none at once: another connection is accepted or rejected",                \
    "learn.microsoft.com: WskInspectEvent")                                    \
  X(ACCEPTEV_04, "ACCEPTEV-04",                                                \
    "WskAcceptEvent gives the new socket the callbacks it will be called by",  \
    "an access violation when the event comes",                                \
    "learn.microsoft.com: WskAcceptEvent")                                     \
  X(STATICEV_06, "STATICEV-06",                                                \
    "a socket has the callbacks that are enabled on every socket",             \
    "an access violation when the event comes",                                \
    "learn.microsoft.com: WSK_SET_STATIC_EVENT_CALLBACKS")                     \
  X(RECVEV_06, "RECVEV-06",                                                    \
    "a callback with data returns STATUS_SUCCESS, STATUS_PENDING or "          \
    "STATUS_DATA_NOT_ACCEPTED",                                                \
    "undefined", "learn.microsoft.com: WskReceiveEvent")                       \
  X(RECVEV_08, "RECVEV-08",                                                    \
    "WskReceiveEvent accepts no more bytes than were indicated", "undefined",  \
    "learn.microsoft.com: WskReceiveEvent")                                    \
  X(DISCEV_05, "DISCEV-05",                                                    \
    "WskDisconnectEvent and WskSendBacklogEvent return STATUS_SUCCESS",        \
    "undefined", "learn.microsoft.com: WskDisconnectEvent")                    \
  X(RELEASE_01, "RELEASE-01",                                                  \
    "a list is released when the callback that got it returns STATUS_PENDING", \
    "a list that is used after it was freed",                                  \
    "learn.microsoft.com: WskRelease")                                         \
  X(RELEASE_03, "RELEASE-03",                                                  \
    "a list is released whole, by the head that the callback got",             \
    "corrupted lists in the transport", "learn.microsoft.com: WskRelease")     \
  X(ACCEPTEV_03, "ACCEPTEV-03",                                                \
    "a connection that WskAcceptEvent refuses is left to the provider",        \
    "the socket is closed twice; DRIVER_IRQL_NOT_LESS_OR_EQUAL (0xD1)",        \
    "learn.microsoft.com: WskAcceptEvent")                                     \
  X(CTRLSOCK_07, "CTRLSOCK-07",                                                \
    "OutputSizeReturned is given for output of unknown size, without an IRP",  \
    "undefined", "learn.microsoft.com: WskControlSocket")                      \
  X(SOPT_13, "SOPT-13", "socket options are set and read with an IRP",         \
    "undefined", "learn.microsoft.com: WskControlSocket")                      \
  X(IOCTL_15, "IOCTL-15",                                                      \
    "silent mode is entered with no send or disconnect pending", "undefined",  \
    "learn.microsoft.com: SIO_WSK_SET_TCP_SILENT_MODE")                        \
  X(IOCTL_22, "IOCTL-22", "an IOCTL that may pend is given an IRP",            \
    "undefined", "learn.microsoft.com: WskControlSocket")                      \
  X(IOCTL_23, "IOCTL-23", "an IOCTL that never pends is given no IRP",         \
    "undefined", "learn.microsoft.com: WskControlSocket")                      \
  X(BUF_01, "BUF-01", "WSK_BUF.Offset lies inside the first MDL",              \
    "PAGE_FAULT_IN_NONPAGED_AREA (0x50) or corrupted data",                    \
    "learn.microsoft.com: WSK_BUF")                                            \
  X(BUF_04, "BUF-04", "WSK_BUF.Length does not reach beyond the MDL chain",    \
    "PAGE_FAULT_IN_NONPAGED_AREA (0x50)", "learn.microsoft.com: WSK_BUF")      \
  X(BUF_05, "BUF-05",                                                          \
    "every MDL of a WSK_BUF describes locked or non-paged memory",             \
    "PAGE_FAULT_IN_NONPAGED_AREA (0x50), when the page is out",                \
    "learn.microsoft.com: WSK_BUF")                                            \
  X(RECV_06, "RECV-06", "a receive that drains has a buffer of length 0",      \
    "undefined", "learn.microsoft.com: WskReceive")                            \
  X(RECV_07, "RECV-07",                                                        \
    "WSK_FLAG_WAITALL and WSK_FLAG_DRAIN exclude each other", "undefined",     \
    "learn.microsoft.com: WskReceive")                                         \
  X(DISC_03, "DISC-03", "an abortive disconnect has no buffer", "undefined",   \
    "learn.microsoft.com: WskDisconnect")                                      \
  X(WAIT_02, "KE-WAIT-02",                                                     \
    "what is waited for or signalled is an initialised dispatcher object",     \
    "IRQL_NOT_LESS_OR_EQUAL (0xA) or a hang",                                  \
    "learn.microsoft.com: KeWaitForSingleObject")                              \
  X(WAIT_03, "KE-WAIT-03",                                                     \
    "a wait names 1 to 64 objects, and brings wait blocks for more than 3",    \
    "MAXIMUM_WAIT_OBJECTS_EXCEEDED (0xC)",                                     \
    "learn.microsoft.com: KeWaitForMultipleObjects")                           \
  X(LOCK_01, "KE-LOCK-01", "a thread never acquires a spin lock it holds",     \
    "SPIN_LOCK_ALREADY_OWNED (0xF) or a hang",                                 \
    "learn.microsoft.com: KeAcquireSpinLock")                                  \
  X(LOCK_02, "KE-LOCK-02", "a spin lock is released by the thread holding it", \
    "SPIN_LOCK_NOT_OWNED (0x10)", "learn.microsoft.com: KeReleaseSpinLock")    \
  X(LOCK_03, "KE-LOCK-03",                                                     \
    "the AtDpcLevel forms of the lock routines run at DISPATCH_LEVEL",         \
    "a deadlock, sooner or later",                                             \
    "learn.microsoft.com: KeAcquireSpinLockAtDpcLevel")                        \
  X(MUTEX_01, "KE-MUTEX-01", "a mutex is released by the thread that owns it", \
    "raises STATUS_MUTANT_NOT_OWNED", "learn.microsoft.com: KeReleaseMutex")   \
  X(MUTEX_02, "KE-MUTEX-02",                                                   \
    "a system thread has released its mutexes when it ends",                   \
    "THREAD_TERMINATE_HELD_MUTEX (0x8A)",                                      \
    "learn.microsoft.com: bug check 0x8A")                                     \
  X(DPC_01, "KE-DPC-01", "a DPC is initialised before it is queued",           \
    "TIMER_OR_DPC_INVALID (0xC7)", "learn.microsoft.com: KeInitializeDpc")     \
  X(DPC_02, "KE-DPC-02", "a DPC returns at DISPATCH_LEVEL",                    \
    "IRQL_UNEXPECTED_VALUE (0xC8)", "learn.microsoft.com: KDEFERRED_ROUTINE")  \
  X(DPC_03, "KE-DPC-03",                                                       \
    "a DPC has run, or is removed, before its memory or driver goes",          \
    "TIMER_OR_DPC_INVALID (0xC7) or a crash in memory that is gone",           \
    "learn.microsoft.com: KeFlushQueuedDpcs")                                  \
  X(TIMER_01, "KE-TIMER-01",                                                   \
    "a timer is cancelled, or has expired, before its memory or driver goes",  \
    "TIMER_OR_DPC_INVALID (0xC7) or "                                          \
    "DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS (0xCE)",            \
    "learn.microsoft.com: KeCancelTimer")                                      \
  X(TIMER_02, "EX-TIMER-02",                                                   \
    "a timer object is used until it is deleted, once",                        \
    "REFERENCE_BY_POINTER (0x18) or corruption",                               \
    "learn.microsoft.com: ExDeleteTimer")                                      \
  X(APC_01, "KE-APC-01",                                                       \
    "push locks and resources are used with normal kernel APCs disabled",      \
    "a deadlock, when the holder is suspended",                                \
    "learn.microsoft.com: ExAcquireResourceExclusiveLite")                     \
  X(APC_02, "KE-APC-02",                                                       \
    "critical and guarded regions are left as often as entered",               \
    "APC_INDEX_MISMATCH (0x1)", "learn.microsoft.com: KeLeaveCriticalRegion")  \
  X(ATTACH_01, "KE-ATTACH-01",                                                 \
    "KeUnstackDetachProcess gets what KeStackAttachProcess has written",       \
    "INVALID_PROCESS_DETACH_ATTEMPT (0x6)",                                    \
    "learn.microsoft.com: KeUnstackDetachProcess")                             \
  X(THREAD_01, "PS-THREAD-01", "a system thread ends at PASSIVE_LEVEL",        \
    "IRQL_NOT_LESS_OR_EQUAL (0xA)",                                            \
    "learn.microsoft.com: PsTerminateSystemThread")                            \
  X(BITMAP_01, "RTL-BITMAP-01",                                                \
    "the bits that are changed or looked at are in the bitmap",                \
    "corruption of what lies behind it", "learn.microsoft.com: RtlSetBits")    \
  X(THREAD_03, "PS-THREAD-03", "a thread's priority is from 1 to 31",          \
    "corruption of the scheduler's queues",                                    \
    "learn.microsoft.com: KeSetPriorityThread")                                \
  X(SILO_01, "PS-SILO-01",                                                     \
    "a thread is detached from the silo it was attached to, once",             \
    "undefined", "learn.microsoft.com: PsDetachSiloFromCurrentThread")         \
  X(THREAD_02, "PS-THREAD-02",                                                 \
    "a driver's system threads have ended before it goes",                     \
    "DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS (0xCE)",            \
    "learn.microsoft.com: PsTerminateSystemThread")                            \
  X(HANDLE_01, "OB-HANDLE-01", "a handle is open and of the type asked for",   \
    "INVALID_KERNEL_HANDLE (0x93)", "learn.microsoft.com: ZwClose")            \
  X(OBJECT_01, "OB-OBJECT-01",                                                 \
    "a reference is taken from and given back to a living object",             \
    "REFERENCE_BY_POINTER (0x18)", "learn.microsoft.com: ObDereferenceObject") \
  X(IRQL_01, "KE-IRQL-01",                                                     \
    "a routine that may wait or is paged is called at PASSIVE_LEVEL",          \
    "IRQL_NOT_LESS_OR_EQUAL (0xA)",                                            \
    "learn.microsoft.com: managing hardware priorities")                       \
  X(IRQL_02, "KE-IRQL-02",                                                     \
    "the IRQL is raised upward and lowered downward only",                     \
    "IRQL_NOT_GREATER_OR_EQUAL (0x9)",                                         \
    "learn.microsoft.com: KeRaiseIrql, KeLowerIrql")                           \
  X(WAIT_01, "KE-WAIT-01",                                                     \
    "nothing waits inside a completion routine or event callback",             \
    "hangs, or IRQL_NOT_LESS_OR_EQUAL (0xA)",                                  \
    "learn.microsoft.com: KeWaitForSingleObject")                              \
  X(IRP_05, "IRP-05", "an IRP that is passed on has a stack location left",    \
    "NO_MORE_IRP_STACK_LOCATIONS (0x35)",                                      \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_07, "IRP-07",                                                          \
    "a client's own IRP has a completion routine for success, error and"       \
    " cancel",                                                                 \
    "the I/O manager goes on with an IRP that is not its own; "                \
    "MULTIPLE_IRP_COMPLETE_REQUESTS (0x44) or worse",                          \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_08, "IRP-08",                                                          \
    "the completion routine of a client's own IRP returns "                    \
    "STATUS_MORE_PROCESSING_REQUIRED",                                         \
    "the I/O manager frees an IRP that the client still uses",                 \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_09, "IRP-09",                                                          \
    "a completed IRP is made ready with IoReuseIrp before it is used "         \
    "again",                                                                   \
    "none at once: stale status, Cancel and PendingReturned are taken "        \
    "over",                                                                    \
    "learn.microsoft.com: IoReuseIrp")                                         \
  X(IRP_10, "IRP-10",                                                          \
    "an IRP that is pending is not used for another request",                  \
    "MULTIPLE_IRP_COMPLETE_REQUESTS (0x44) or corruption",                     \
    "learn.microsoft.com: using IRPs with Winsock Kernel functions")           \
  X(IRP_11, "IRP-11", "an IRP is freed after it was completed",                \
    "DRIVER_VERIFIER_DETECTED_VIOLATION (0xC4) or corruption",                 \
    "learn.microsoft.com: IoFreeIrp")                                          \
  X(IRP_14, "IRP-14",                                                          \
    "a driver frees the IRPs it allocated with IoAllocateIrp, no others",      \
    "BAD_POOL_CALLER (0xC2)", "learn.microsoft.com: IoFreeIrp")                \
  X(IRP_15, "IRP-15",                                                          \
    "a completion routine that lets the IRP go on calls "                      \
    "IoMarkIrpPending when PendingReturned is TRUE",                           \
    "DRIVER_VERIFIER_IOMANAGER_VIOLATION (0xC9), or the requester hangs",      \
    "learn.microsoft.com: IoMarkIrpPending")                                   \
  X(IO_INIT_01, "IO-INIT-01",                                                  \
    "the packet given to IoInitializeIrp holds IoSizeOfIrp(StackSize) "        \
    "bytes",                                                                   \
    "none at once: memory behind the packet is overwritten",                   \
    "learn.microsoft.com: IoInitializeIrp")                                    \
  X(IO_REUSE_01, "IO-REUSE-01",                                                \
    "IoReuseIrp is for IRPs that the driver made with IoAllocateIrp or "       \
    "IoInitializeIrp",                                                         \
    "none at once", "learn.microsoft.com: IoReuseIrp")                         \
  X(IO_FREE_01, "IO-FREE-01", "an IRP is freed once",                          \
    "MULTIPLE_IRP_COMPLETE_REQUESTS (0x44) or BAD_POOL_CALLER (0xC2)",         \
    "learn.microsoft.com: IoFreeIrp")                                          \
  X(IO_TYPE_01, "IO-TYPE-01",                                                  \
    "an IRP comes from IoAllocateIrp or went through IoInitializeIrp",         \
    "MULTIPLE_IRP_COMPLETE_REQUESTS (0x44) or an access violation",            \
    "learn.microsoft.com: IoInitializeIrp")                                    \
  X(IO_COMPLETE_01, "IO-COMPLETE-01",                                          \
    "an IRP is completed once, by the driver that holds it",                   \
    "MULTIPLE_IRP_COMPLETE_REQUESTS (0x44)",                                   \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_COMPLETE_02, "IO-COMPLETE-02",                                          \
    "an IRP is not completed with STATUS_PENDING",                             \
    "DRIVER_VERIFIER_IOMANAGER_VIOLATION (0xC9)",                              \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_COMPLETE_03, "IO-COMPLETE-03",                                          \
    "the cancel routine is cleared before the IRP is completed",               \
    "DRIVER_VERIFIER_IOMANAGER_VIOLATION (0xC9)",                              \
    "learn.microsoft.com: IoCompleteRequest")                                  \
  X(IO_INFORMATION_01, "IO-INFORMATION-01",                                    \
    "a buffered request is completed with no more Information than its "       \
    "caller has room for",                                                     \
    "memory behind the caller's buffer is overwritten",                        \
    "learn.microsoft.com: buffer descriptions for I/O control codes")          \
  X(IO_PENDING_01, "IO-PENDING-01",                                            \
    "a dispatch routine returns STATUS_PENDING for the IRPs that it marks "    \
    "pending, and completes all others before it returns their status",        \
    "DRIVER_VERIFIER_IOMANAGER_VIOLATION (0xC9), or the requester hangs",      \
    "learn.microsoft.com: IoMarkIrpPending")                                   \
  X(IO_CREATE_01, "IO-CREATE-01",                                              \
    "a file that is opened for synchronous I/O is opened with SYNCHRONIZE",    \
    "none for a driver; a program gets STATUS_INVALID_PARAMETER",              \
    "learn.microsoft.com: ZwCreateFile")                                       \
  X(IO_IRQL_01, "IO-IRQL-01",                                                  \
    "a driver's routine returns at the IRQL it was called at",                 \
    "IRQL_UNEXPECTED_VALUE (0xC8) or IRQL_GT_ZERO_AT_SYSTEM_SERVICE "          \
    "(0x4A)",                                                                  \
    "learn.microsoft.com: managing hardware priorities")                       \
  X(IO_DEVICE_01, "IO-DEVICE-01",                                              \
    "IoDeleteDevice is called once, for a device object",                      \
    "an access violation or BAD_POOL_CALLER (0xC2)",                           \
    "learn.microsoft.com: IoDeleteDevice")                                     \
  X(IO_SHUTDOWN_01, "IO-SHUTDOWN-01",                                          \
    "a device that is registered for the shutdown is unregistered before it "  \
    "is deleted",                                                              \
    "a crash when the system is shut down",                                    \
    "learn.microsoft.com: IoUnregisterShutdownNotification")                   \
  X(IO_PNP_01, "IO-PNP-01",                                                    \
    "a driver removes its registrations for PnP notification before it goes",  \
    "the driver stays loaded",                                                 \
    "learn.microsoft.com: IoUnregisterPlugPlayNotificationEx")                 \
  X(IO_PNP_02, "IO-PNP-02",                                                    \
    "a registration for PnP notification is removed once",                     \
    "an access violation",                                                     \
    "learn.microsoft.com: IoUnregisterPlugPlayNotificationEx")                 \
  X(IO_UNLOAD_02, "IO-UNLOAD-02",                                              \
    "a driver deletes its symbolic links before it goes",                      \
    "the link stays, and the next load fails with "                            \
    "STATUS_OBJECT_NAME_COLLISION",                                            \
    "learn.microsoft.com: IoDeleteSymbolicLink")                               \
  X(IO_ATTACH_01, "IO-ATTACH-01",                                              \
    "a device object is attached to one other device object, once, and not "   \
    "to its own stack",                                                        \
    "a device stack that is torn or has no end",                               \
    "learn.microsoft.com: IoAttachDeviceToDeviceStack")                        \
  X(IO_ATTACH_02, "IO-ATTACH-02",                                              \
    "IoDetachDevice gets the device object that was attached to, once",        \
    "an access violation", "learn.microsoft.com: IoDetachDevice")              \
  X(IO_ATTACH_03, "IO-ATTACH-03",                                              \
    "a device object is detached before it is deleted",                        \
    "requests to the stack go to memory that is gone",                         \
    "learn.microsoft.com: IoDeleteDevice")                                     \
  X(IO_UNLOAD_01, "IO-UNLOAD-01",                                              \
    "a driver deletes its device objects before it goes",                      \
    "the driver stays loaded, or its code is called after it has gone",        \
    "learn.microsoft.com: writing an Unload routine")                          \
  X(MM_MDL_01, "MM-MDL-01",                                                    \
    "an MDL from IoAllocateMdl is freed once, others never",                   \
    "BAD_POOL_CALLER (0xC2)", "learn.microsoft.com: IoFreeMdl")                \
  X(MM_MDL_02, "MM-MDL-02",                                                    \
    "locked pages are unlocked before their MDL is freed",                     \
    "PROCESS_HAS_LOCKED_PAGES (0x76)", "learn.microsoft.com: MmUnlockPages")   \
  X(MM_MDL_03, "MM-MDL-03",                                                    \
    "an MDL is locked or built for nonpaged memory once",                      \
    "MEMORY_MANAGEMENT (0x1A), or pages stay locked for ever",                 \
    "learn.microsoft.com: MmProbeAndLockPages")                                \
  X(MM_MDL_04, "MM-MDL-04", "only locked pages are unlocked",                  \
    "PFN_LIST_CORRUPT (0x4E) or BAD_POOL_CALLER (0xC2)",                       \
    "learn.microsoft.com: MmUnlockPages")                                      \
  X(MM_MDL_05, "MM-MDL-05",                                                    \
    "an MDL is mapped when its pages are locked or nonpaged",                  \
    "DRIVER_VERIFIER_DETECTED_VIOLATION (0xC4) or an access violation",        \
    "learn.microsoft.com: MmMapLockedPagesSpecifyCache")                       \
  X(MM_MDL_06, "MM-MDL-06",                                                    \
    "MmUnmapLockedPages gets the address that the MDL was mapped at",          \
    "MEMORY_MANAGEMENT (0x1A)", "learn.microsoft.com: MmUnmapLockedPages")     \
  X(MM_MDL_07, "MM-MDL-07",                                                    \
    "a partial MDL is a part of a resident MDL and fits into its target",      \
    "TARGET_MDL_TOO_SMALL (0x40)", "learn.microsoft.com: IoBuildPartialMdl")   \
  X(EX_POOL_01, "EX-POOL-01",                                                  \
    "a pool block is freed once, and nothing else is",                         \
    "BAD_POOL_CALLER (0xC2)", "learn.microsoft.com: ExFreePoolWithTag")        \
  X(EX_POOL_02, "EX-POOL-02",                                                  \
    "a pool block is freed with the tag it was allocated with",                \
    "BAD_POOL_CALLER (0xC2)", "learn.microsoft.com: ExFreePoolWithTag")        \
  X(EX_POOL_03, "EX-POOL-03", "a driver stays within its pool blocks",         \
    "BAD_POOL_HEADER (0x19)", "learn.microsoft.com: ExAllocatePool2")          \
  X(EX_MUTEX_01, "EX-MUTEX-01", "a fast mutex is not acquired by its owner",   \
    "the thread waits for itself for ever",                                    \
    "learn.microsoft.com: ExAcquireFastMutex")                                 \
  X(EX_MUTEX_02, "EX-MUTEX-02",                                                \
    "a fast mutex is released by the thread that holds it",                    \
    "corruption of the mutex", "learn.microsoft.com: ExReleaseFastMutex")      \
  X(WORK_01, "EX-WORK-01",                                                     \
    "a work item is queued once at a time, and stays while it is queued",      \
    "WORKER_INVALID (0xE4)", "learn.microsoft.com: IoQueueWorkItem")           \
  X(WORK_02, "EX-WORK-02", "a work item's routine returns at PASSIVE_LEVEL",   \
    "WORKER_THREAD_RETURNED_AT_BAD_IRQL (0xE1)",                               \
    "learn.microsoft.com: IO_WORKITEM_ROUTINE")                                \
  X(WORK_03, "EX-WORK-03",                                                     \
    "work items of ExQueueWorkItem have run before their driver goes",         \
    "DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS (0xCE)",            \
    "learn.microsoft.com: ExQueueWorkItem")                                    \
  X(EX_RUNDOWN_01, "EX-RUNDOWN-01",                                            \
    "rundown protection is released as often as it was acquired",              \
    "a wait that ends too early, or never",                                    \
    "learn.microsoft.com: ExReleaseRundownProtection")                         \
  X(EX_RUNDOWN_02, "EX-RUNDOWN-02",                                            \
    "a rundown reference is re-initialised after it was run down",             \
    "undefined", "learn.microsoft.com: ExReInitializeRundownProtection")       \
  X(EX_PUSHLOCK_01, "EX-PUSHLOCK-01",                                          \
    "a push lock is released the way it was acquired, by who holds it",        \
    "corruption of the lock", "learn.microsoft.com: ExReleasePushLockShared")  \
  X(EX_RESOURCE_01, "EX-RESOURCE-01",                                          \
    "a resource is released by a thread that holds it",                        \
    "RESOURCE_NOT_OWNED (0xE3)", "learn.microsoft.com: ExReleaseResourceLite") \
  X(EX_RESOURCE_02, "EX-RESOURCE-02",                                          \
    "a thread that shares a resource does not wait to have it exclusively",    \
    "the thread waits for itself for ever",                                    \
    "learn.microsoft.com: ExAcquireResourceExclusiveLite")                     \
  X(EX_RESOURCE_03, "EX-RESOURCE-03",                                          \
    "a resource is deleted while nobody holds it or waits for it",             \
    "RESOURCE_OWNER_POINTER_INVALID (0x132) or corruption",                    \
    "learn.microsoft.com: ExDeleteResourceLite")                               \
  X(IO_REMOVE_01, "IO-REMOVE-01",                                              \
    "a remove lock is released as often as it was acquired",                   \
    "a device that is removed while it is used, or never",                     \
    "learn.microsoft.com: IoReleaseRemoveLock")                                \
  X(IO_CSQ_01, "IO-CSQ-01",                                                    \
    "a cancel-safe queue is initialised before it is used",                    \
    "an access violation", "learn.microsoft.com: IoCsqInitialize")             \
  X(IO_CSQ_02, "IO-CSQ-02",                                                    \
    "an IRP that is put into a cancel-safe queue is in no other, and has no "  \
    "cancel routine",                                                          \
    "an IRP that is completed twice: MULTIPLE_IRP_COMPLETE_REQUESTS (0x44)",   \
    "learn.microsoft.com: Cancel-Safe IRP Queues")                             \
  X(EX_LOOKASIDE_01, "EX-LOOKASIDE-01",                                        \
    "a lookaside list is deleted once, and nothing else is",                   \
    "corruption of the system's list of lookaside lists",                      \
    "learn.microsoft.com: ExDeleteLookasideListEx")                            \
  X(CALLBACK_01, "EX-CALLBACK-01",                                             \
    "a registration with a callback object is given back once",                \
    "an access violation, or corruption of the callback object",               \
    "learn.microsoft.com: ExUnregisterCallback")                               \
  X(EX_SLIST_01, "EX-SLIST-01",                                                \
    "heads and entries of sequenced lists stand at multiples of 16 bytes",     \
    "corruption of the list",                                                  \
    "learn.microsoft.com: ExInterlockedPushEntrySList")                        \
  X(CM_QUERY_01, "CM-QUERY-01",                                                \
    "RTL_QUERY_REGISTRY_DIRECT comes with RTL_QUERY_REGISTRY_TYPECHECK "       \
    "outside of the system's hives",                                           \
    "KERNEL_SECURITY_CHECK_FAILURE (0x139)",                                   \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(CM_QUERY_02, "CM-QUERY-02",                                                \
    "RTL_QUERY_REGISTRY_DIRECT for a REG_MULTI_SZ comes with "                 \
    "RTL_QUERY_REGISTRY_NOEXPAND",                                             \
    "memory behind the UNICODE_STRING is overwritten",                         \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(CM_QUERY_03, "CM-QUERY-03",                                                \
    "drivers do not let environment variables be expanded, and specify "       \
    "RTL_QUERY_REGISTRY_NOEXPAND",                                             \
    "none at once: these routines are unsafe in the kernel",                   \
    "learn.microsoft.com: RtlQueryRegistryValues")                             \
  X(NETIO_01, "NETIO-01",                                                      \
    "a table of IP Helper is freed once, and nothing else is",                 \
    "BAD_POOL_CALLER (0xC2)", "learn.microsoft.com: FreeMibTable")             \
  X(NETIO_02, "NETIO-02",                                                      \
    "a change notification is cancelled once, and nothing else is",            \
    "a crash in netio.sys", "learn.microsoft.com: CancelMibChangeNotify2")     \
  X(NETIO_03, "NETIO-03",                                                      \
    "a change notification is not cancelled by a callback of its own",         \
    "the thread waits for itself for ever",                                    \
    "learn.microsoft.com: CancelMibChangeNotify2")                             \
  X(BCRYPT_01, "BCRYPT-01",                                                    \
    "an algorithm provider for DISPATCH_LEVEL is closed after its objects "    \
    "are gone",                                                                \
    "hash objects that use a provider that is no more",                        \
    "learn.microsoft.com: BCryptOpenAlgorithmProvider")

#endif
