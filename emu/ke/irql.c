/* IRQL: a number per thread, raised upward and lowered downward only. */
#include "ke/ke.h"

#include "verifier/report.h"

KE_THREAD_LOCAL KIRQL ke__irql;

const char *ke__irql_name(KIRQL irql) {
  switch (irql) {
  case PASSIVE_LEVEL:
    return "PASSIVE";
  case APC_LEVEL:
    return "APC";
  case DISPATCH_LEVEL:
    return "DISPATCH";
  case HIGH_LEVEL:
    return "HIGH";
  default:
    return "DEVICE";
  }
}

unsigned char vf__irql(void) {
  return ke__irql;
}

const char *vf__irql_name(unsigned char irql) {
  return ke__irql_name(irql);
}

bool ke__report_irql(KIRQL limit, const char *call) {
  vf__report_bugcheck(VF_IRQL_01, NULL, 0, ke__irql, 0, 0,
                      "%s at IRQL %s, allowed up to %s", call,
                      ke__irql_name(ke__irql), ke__irql_name(limit));
  return false;
}

/* The call is over when this returns, which is no loss: whoever has more to
 * tell enters by itself. */
bool ke__report_above(KIRQL limit, const char *call, const void *caller) {
  vf__enter(call, caller, VF_FRAME());
  return ke__report_irql(limit, call);
}

void ke__report_below_dispatch(const char *call, const void *caller) {
  vf__enter(call, caller, VF_FRAME());
  vf__report(VF_LOCK_03, "%s at IRQL %s", call, ke__irql_name(ke__irql));
}

KIRQL ke__swap_irql(KIRQL irql) {
  KIRQL old = ke__irql;
  ke__irql = irql;
  return old;
}

KIRQL KeGetCurrentIrql(VOID) {
  return ke__irql;
}

KIRQL KfRaiseIrql(KIRQL NewIrql) {
  VF_ENTER("KeRaiseIrql");
  KIRQL old = ke__irql;
  if (NewIrql < old)
    vf__report_bugcheck(VF_IRQL_02, NULL, old, NewIrql, 0, 0,
                        "KeRaiseIrql from %s down to %s", ke__irql_name(old),
                        ke__irql_name(NewIrql));
  ke__irql = NewIrql;
  return old;
}

KIRQL KeRaiseIrqlToDpcLevel(VOID) {
  return KfRaiseIrql(DISPATCH_LEVEL);
}

VOID KeLowerIrql(KIRQL NewIrql) {
  VF_ENTER("KeLowerIrql");
  if (NewIrql > ke__irql)
    vf__report_bugcheck(VF_IRQL_02, NULL, ke__irql, NewIrql, 0, 0,
                        "KeLowerIrql from %s up to %s", ke__irql_name(ke__irql),
                        ke__irql_name(NewIrql));
  ke__irql = NewIrql;
}

VOID uwsk__paged_code(const char *function) {
  if (ke__irql <= APC_LEVEL)
    return;
  VF_ENTER("PAGED_CODE");
  vf__report(VF_IRQL_01, "PAGED_CODE in %s at IRQL %s", function,
             ke__irql_name(ke__irql));
}
