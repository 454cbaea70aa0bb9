/* Memory compared. Clearing and byte swapping are inline, in uwsk_rtl.h. */
#include <ntddk.h>

SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2,
                        SIZE_T Length) {
  const UCHAR *first = Source1, *second = Source2;
  SIZE_T equal = 0;
  while (equal < Length && first[equal] == second[equal])
    equal++;
  return equal;
}
