/* uwsk/fault.h, but for the rules: src/fault. */
#include <ntddk.h>

#include "uwsk/fault.h"

#include "host/runtime.h"
#include "ke/ke.h"
#include "netio/netio.h"
#include "ob/track.h"
#include "os/os.h"
#include "wsk/wsk.h"

void uwsk_fault_allocation(unsigned nth) {
  os__alloc_fail_nth(nth);
}

bool uwsk_fault_allocation_fired(void) {
  return os__alloc_fault_fired();
}

unsigned long long uwsk_allocation_count(void) {
  return os__alloc_count();
}

bool uwsk_held_first(struct uwsk_held *held) {
  return held != NULL && wsk__held_first(held);
}

unsigned uwsk_held_count(void) {
  return wsk__held_count();
}

bool uwsk_held_proceed(struct _IRP *irp) {
  return wsk__held_proceed(irp);
}

bool uwsk_held_complete(struct _IRP *irp, uwsk_ntstatus status,
                        size_t information) {
  return wsk__held_complete(irp, status, information);
}

void uwsk_cancels_hold(bool hold) {
  wsk__cancels_hold(hold);
}

void uwsk_cancels_notice(void) {
  wsk__cancels_notice();
}

bool uwsk_fault_socket(struct _WSK_SOCKET *socket) {
  return ob__find(OB_SOCKET, socket) != NULL && wsk__force_close(socket);
}

void uwsk_fault_addresses(unsigned families) {
  bool ipv4 = (families & UWSK_IPV4) != 0, ipv6 = (families & UWSK_IPV6) != 0;
  wsk__addresses_changed(ipv4, ipv6);
  netio__unicasts_changed(ipv4, ipv6);
}

void uwsk_fault_interfaces(unsigned families) {
  netio__interfaces_changed((families & UWSK_IPV4) != 0,
                            (families & UWSK_IPV6) != 0);
}

void uwsk_fault_routes(unsigned families) {
  netio__routes_changed((families & UWSK_IPV4) != 0,
                        (families & UWSK_IPV6) != 0);
}

void uwsk_fault_provider_ready(bool ready) {
  wsk__set_provider_ready(ready);
}

void uwsk_fault_wait(struct _KTHREAD *thread, enum uwsk_interruption what) {
  static const enum ke_interruption bits[] = {
      [UWSK_ALERT] = KE_ALERT,
      [UWSK_USER_APC] = KE_USER_APC,
      [UWSK_TERMINATION] = KE_TERMINATION,
  };

  ke__interrupt(thread != NULL ? thread : KeGetCurrentThread(), bits[what]);
}

/* ---- a provider that is late ------------------------------------------- */

static KTIMER ready_timer;
static KDPC ready_dpc;

static VOID NTAPI become_ready(PKDPC dpc, PVOID context, PVOID argument1,
                               PVOID argument2) {
  UNREFERENCED_PARAMETER(dpc);
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(argument1);
  UNREFERENCED_PARAMETER(argument2);
  wsk__set_provider_ready(true);
}

bool uwsk_fault_provider_ready_after(unsigned milliseconds) {
  LARGE_INTEGER due = {.QuadPart = -10000LL * milliseconds};

  if (!host__running())
    return false;
  host__stop_faults();
  wsk__set_provider_ready(false);
  KeInitializeTimer(&ready_timer);
  KeInitializeDpc(&ready_dpc, become_ready, NULL);
  (void)KeSetTimer(&ready_timer, due, &ready_dpc);
  return true;
}

void host__stop_faults(void) {
  if (ready_timer.Header.Type != 0)
    (void)KeCancelTimer(&ready_timer);
  RtlZeroMemory(&ready_timer, sizeof(ready_timer));
}
