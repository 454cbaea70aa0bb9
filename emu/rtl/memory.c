/* Memory compared, filled, summed up. The rest is inline, in uwsk_rtl.h. */
#include <ntddk.h>

SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2,
                        SIZE_T Length) {
  const UCHAR *first = Source1, *second = Source2;
  SIZE_T equal = 0;
  while (equal < Length && first[equal] == second[equal])
    equal++;
  return equal;
}

SIZE_T RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern) {
  const ULONG *words = Source;
  SIZE_T count = Length / sizeof(ULONG), equal = 0;
  while (equal < count && words[equal] == Pattern)
    equal++;
  return equal * sizeof(ULONG);
}

VOID RtlFillMemoryUlong(PVOID Destination, SIZE_T Length, ULONG Pattern) {
  PULONG words = Destination;
  for (SIZE_T i = 0; i < Length / sizeof(ULONG); i++)
    words[i] = Pattern;
}

BOOLEAN RtlIsZeroMemory(PVOID Buffer, SIZE_T Length) {
  const UCHAR *bytes = Buffer;
  SIZE_T zero = 0;
  while (zero < Length && bytes[zero] == 0)
    zero++;
  return zero == Length;
}

/* The polynomial of IEEE 802.3, lowest bit first. */
ULONG RtlCrc32(const void *Buffer, SIZE_T Size, ULONG InitialCrc) {
  const UCHAR *bytes = Buffer;
  ULONG crc = ~InitialCrc;
  for (SIZE_T i = 0; i < Size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}
