/* What the driver doorbell and its users have in common. */
#ifndef DOORBELL_H
#define DOORBELL_H

/* Pends until somebody rings; the answer is the ULONG that he rang with. */
#define IOCTL_DOORBELL_WAIT                                                    \
  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_READ_ACCESS)
/* Rings with a ULONG. */
#define IOCTL_DOORBELL_RING                                                    \
  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_WRITE_ACCESS)

#endif
