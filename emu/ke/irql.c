/* IRQL: a number per thread, raised upward and lowered downward only. */
#include "ke/ke.h"

#include "verifier/report.h"

static _Thread_local KIRQL current_irql;

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
  return current_irql;
}

const char *vf__irql_name(unsigned char irql) {
  return ke__irql_name(irql);
}

bool ke__check_irql(KIRQL limit, const char *call) {
  if (current_irql <= limit)
    return true;
  vf__report_bugcheck(VF_IRQL_01, NULL, 0, current_irql, 0, 0,
                      "%s at IRQL %s, allowed up to %s", call,
                      ke__irql_name(current_irql), ke__irql_name(limit));
  return false;
}

KIRQL ke__swap_irql(KIRQL irql) {
  KIRQL old = current_irql;
  current_irql = irql;
  return old;
}

KIRQL KeGetCurrentIrql(VOID) {
  return current_irql;
}

KIRQL KfRaiseIrql(KIRQL NewIrql) {
  VF_ENTER("KeRaiseIrql");
  KIRQL old = current_irql;
  if (NewIrql < old)
    vf__report_bugcheck(VF_IRQL_02, NULL, old, NewIrql, 0, 0,
                        "KeRaiseIrql from %s down to %s", ke__irql_name(old),
                        ke__irql_name(NewIrql));
  current_irql = NewIrql;
  return old;
}

KIRQL KeRaiseIrqlToDpcLevel(VOID) {
  return KfRaiseIrql(DISPATCH_LEVEL);
}

VOID KeLowerIrql(KIRQL NewIrql) {
  VF_ENTER("KeLowerIrql");
  if (NewIrql > current_irql)
    vf__report_bugcheck(VF_IRQL_02, NULL, current_irql, NewIrql, 0, 0,
                        "KeLowerIrql from %s up to %s",
                        ke__irql_name(current_irql), ke__irql_name(NewIrql));
  current_irql = NewIrql;
}

VOID uwsk__paged_code(const char *function) {
  if (current_irql > APC_LEVEL)
    vf__report(VF_IRQL_01, "PAGED_CODE in %s at IRQL %s", function,
               ke__irql_name(current_irql));
}
