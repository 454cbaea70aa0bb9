/*
 * The network module registrar (NMR), through which Windows' kernel networking
 * modules find each other: providers of a network programming interface (NPI)
 * and clients of it, which it brings together and takes apart. WSK is a
 * provider; WskRegister speaks to the registrar for its clients, and this is
 * the older way to do the same.
 *
 * Pages: ddi/netioddk/<name>. What a module registers, and all that it points
 * to, stays the module's memory, and must be there while it is registered.
 */
#ifndef _UWSK_NETIODDK_H_
#define _UWSK_NETIODDK_H_

#include "netiodef.h"
#include "ntdef.h"
#include "sal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a network module is identified. Windows page:
 * ns-netioddk-_npi_moduleid. */
typedef enum _NPI_MODULEID_TYPE { MIT_GUID = 1, MIT_IF_LUID } NPI_MODULEID_TYPE;

typedef struct _NPI_MODULEID {
  USHORT Length;
  NPI_MODULEID_TYPE Type;
  union {
    GUID Guid;
    LUID IfLuid;
  };
} NPI_MODULEID;
typedef CONST NPI_MODULEID *PNPI_MODULEID;
typedef CONST NPI_MODULEID *PCNPI_MODULEID;

/* What a module registers of itself. Version is 0, and so is Number when there
 * is one implementation. NpiSpecificCharacteristics of WSK's provider is a
 * WSK_PROVIDER_CHARACTERISTICS. Windows page:
 * ns-netioddk-_npi_registration_instance. */
typedef struct _NPI_REGISTRATION_INSTANCE {
  USHORT Version;
  USHORT Size;
  PNPIID NpiId;
  PNPI_MODULEID ModuleId;
  ULONG Number;
  CONST VOID *NpiSpecificCharacteristics;
} NPI_REGISTRATION_INSTANCE;
typedef CONST NPI_REGISTRATION_INSTANCE *PNPI_REGISTRATION_INSTANCE;
typedef CONST NPI_REGISTRATION_INSTANCE *PCNPI_REGISTRATION_INSTANCE;

/* ---- clients ------------------------------------------------------------ */

/*
 * There is a provider of the client's interface: called once for each, at
 * PASSIVE_LEVEL. The client keeps NmrBindingHandle, calls
 * NmrClientAttachProvider and returns what that returned; or it does not want
 * this provider and returns STATUS_NOINTERFACE.
 */
typedef NTSTATUS(NTAPI NPI_CLIENT_ATTACH_PROVIDER_FN)(
    _In_ HANDLE NmrBindingHandle, _In_ PVOID ClientContext,
    _In_ PNPI_REGISTRATION_INSTANCE ProviderRegistrationInstance);
typedef NPI_CLIENT_ATTACH_PROVIDER_FN *PNPI_CLIENT_ATTACH_PROVIDER_FN;

/*
 * Either side goes; called once, at IRQL <= DISPATCH_LEVEL. The client starts
 * no call of the provider's any more. STATUS_SUCCESS: none is in progress;
 * STATUS_PENDING: NmrClientDetachProviderComplete follows.
 */
typedef NTSTATUS(NTAPI NPI_CLIENT_DETACH_PROVIDER_FN)(
    _In_ PVOID ClientBindingContext);
typedef NPI_CLIENT_DETACH_PROVIDER_FN *PNPI_CLIENT_DETACH_PROVIDER_FN;

/* Both sides have let go: the client may free its context. At IRQL <=
 * DISPATCH_LEVEL. */
typedef VOID(NTAPI NPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN)(
    _In_ PVOID ClientBindingContext);
typedef NPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN
    *PNPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN;

/* Version is 0; ClientCleanupBindingContext may be NULL. Windows page:
 * ns-netioddk-_npi_client_characteristics. */
typedef struct _NPI_CLIENT_CHARACTERISTICS {
  USHORT Version;
  USHORT Length;
  PNPI_CLIENT_ATTACH_PROVIDER_FN ClientAttachProvider;
  PNPI_CLIENT_DETACH_PROVIDER_FN ClientDetachProvider;
  PNPI_CLIENT_CLEANUP_BINDING_CONTEXT_FN ClientCleanupBindingContext;
  NPI_REGISTRATION_INSTANCE ClientRegistrationInstance;
} NPI_CLIENT_CHARACTERISTICS;
typedef CONST NPI_CLIENT_CHARACTERISTICS *PNPI_CLIENT_CHARACTERISTICS;

/*
 * Registers a client, and calls its ClientAttachProvider for every provider
 * there is before it returns. PASSIVE_LEVEL. STATUS_INSUFFICIENT_RESOURCES;
 * STATUS_INVALID_PARAMETER: something that is needed is NULL.
 */
_Must_inspect_result_ NTSTATUS NTAPI
NmrRegisterClient(_In_ PNPI_CLIENT_CHARACTERISTICS ClientCharacteristics,
                  _In_opt_ PVOID ClientContext, _Out_ PHANDLE NmrClientHandle);

/* Detaches the client from all providers. IRQL <= DISPATCH_LEVEL.
 * STATUS_PENDING: NmrWaitForClientDeregisterComplete has to follow.
 * STATUS_INVALID_PARAMETER: no such client, or going already. */
NTSTATUS NTAPI NmrDeregisterClient(_In_ HANDLE NmrClientHandle);

/* Waits until all are detached; the handle ends with it. IRQL <
 * DISPATCH_LEVEL. STATUS_INVALID_PARAMETER: NmrDeregisterClient was not called,
 * or there is no such client. */
NTSTATUS NTAPI NmrWaitForClientDeregisterComplete(_In_ HANDLE NmrClientHandle);

/*
 * For ClientAttachProvider: asks the provider to attach, too. Answers what it
 * answers; after STATUS_SUCCESS its context and its table stand in the last
 * two. For WSK these are the PWSK_CLIENT and the WSK_PROVIDER_DISPATCH;
 * ClientDispatch is a WSK_CLIENT_DISPATCH, whose callback gets
 * ClientBindingContext. STATUS_NOINTERFACE: not in the version it asks for;
 * another attempt may be made.
 */
_Must_inspect_result_ NTSTATUS NTAPI NmrClientAttachProvider(
    _In_ HANDLE NmrBindingHandle, _In_ PVOID ClientBindingContext,
    _In_ CONST VOID *ClientDispatch, _Out_ PVOID *ProviderBindingContext,
    _Out_ CONST VOID **ProviderDispatch);

/* The client has detached, later than ClientDetachProvider. IRQL <=
 * DISPATCH_LEVEL. */
VOID NTAPI NmrClientDetachProviderComplete(_In_ HANDLE NmrBindingHandle);

/* ---- providers: the same from the other side ----------------------------- */

/* A client wants to attach; the provider stores its context and its table.
 * STATUS_NOINTERFACE: it does not want that client. PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI NPI_PROVIDER_ATTACH_CLIENT_FN)(
    _In_ HANDLE NmrBindingHandle, _In_ PVOID ProviderContext,
    _In_ PNPI_REGISTRATION_INSTANCE ClientRegistrationInstance,
    _In_ PVOID ClientBindingContext, _In_ CONST VOID *ClientDispatch,
    _Out_ PVOID *ProviderBindingContext, _Out_ CONST VOID **ProviderDispatch);
typedef NPI_PROVIDER_ATTACH_CLIENT_FN *PNPI_PROVIDER_ATTACH_CLIENT_FN;

typedef NTSTATUS(NTAPI NPI_PROVIDER_DETACH_CLIENT_FN)(
    _In_ PVOID ProviderBindingContext);
typedef NPI_PROVIDER_DETACH_CLIENT_FN *PNPI_PROVIDER_DETACH_CLIENT_FN;

typedef VOID(NTAPI NPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN)(
    _In_ PVOID ProviderBindingContext);
typedef NPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN
    *PNPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN;

/* Windows page: ns-netioddk-_npi_provider_characteristics. */
typedef struct _NPI_PROVIDER_CHARACTERISTICS {
  USHORT Version;
  USHORT Length;
  PNPI_PROVIDER_ATTACH_CLIENT_FN ProviderAttachClient;
  PNPI_PROVIDER_DETACH_CLIENT_FN ProviderDetachClient;
  PNPI_PROVIDER_CLEANUP_BINDING_CONTEXT_FN ProviderCleanupBindingContext;
  NPI_REGISTRATION_INSTANCE ProviderRegistrationInstance;
} NPI_PROVIDER_CHARACTERISTICS;
typedef CONST NPI_PROVIDER_CHARACTERISTICS *PNPI_PROVIDER_CHARACTERISTICS;

_Must_inspect_result_ NTSTATUS NTAPI NmrRegisterProvider(
    _In_ PNPI_PROVIDER_CHARACTERISTICS ProviderCharacteristics,
    _In_opt_ PVOID ProviderContext, _Out_ PHANDLE NmrProviderHandle);
NTSTATUS NTAPI NmrDeregisterProvider(_In_ HANDLE NmrProviderHandle);
NTSTATUS NTAPI
NmrWaitForProviderDeregisterComplete(_In_ HANDLE NmrProviderHandle);
VOID NTAPI NmrProviderDetachClientComplete(_In_ HANDLE NmrBindingHandle);

#ifdef __cplusplus
}
#endif

#endif
