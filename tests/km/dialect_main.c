/* Runs a dialect driver's DriverEntry, as nothing but C: no km header here. */
#include <stdint.h>
#include <stdio.h>

int32_t DriverEntry(void *driver, void *path);

int main(void) {
  uint32_t status = (uint32_t)DriverEntry(NULL, NULL);

  if (status == 0)
    return 0;
  if (status >> 28 == 0xe)
    printf("line %u does not hold\n", status & 0xfffffff);
  else
    printf("DriverEntry returned 0x%08x\n", status);
  return 1;
}
