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

bool ke__require_irql(KIRQL limit, const char *call) {
  if (current_irql <= limit)
    return true;
  vf__report(VF_IRQL_01, "%s at IRQL %s, allowed up to %s", call,
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
  KIRQL old = current_irql;
  if (NewIrql < old)
    vf__report(VF_IRQL_02, "KeRaiseIrql from %s down to %s", ke__irql_name(old),
               ke__irql_name(NewIrql));
  current_irql = NewIrql;
  return old;
}

KIRQL KeRaiseIrqlToDpcLevel(VOID) {
  return KfRaiseIrql(DISPATCH_LEVEL);
}

VOID KeLowerIrql(KIRQL NewIrql) {
  if (NewIrql > current_irql)
    vf__report(VF_IRQL_02, "KeLowerIrql from %s up to %s",
               ke__irql_name(current_irql), ke__irql_name(NewIrql));
  current_irql = NewIrql;
}

VOID uwsk__paged_code(const char *function) {
  if (current_irql > APC_LEVEL)
    vf__report(VF_IRQL_01, "PAGED_CODE in %s at IRQL %s", function,
               ke__irql_name(current_irql));
}
