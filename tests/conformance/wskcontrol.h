/*
 * wskcontrol.h: WskControlSocket, of sockets of every category, and the table
 * of its codes as the documentation has it. Kernel code.
 */
#ifndef UWSK_CONFORMANCE_WSKCONTROL_H
#define UWSK_CONFORMANCE_WSKCONTROL_H

/* ---- calls ----------------------------------------------------------- */

PWSK_CALL SetOption(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Level,
                    ULONG Option, ULONG Value);
PWSK_CALL GetOption(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Level,
                    ULONG Option, PULONG Value);
PWSK_CALL Ioctl(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Code,
                SIZE_T InputSize, const VOID *Input, SIZE_T OutputSize,
                PVOID Output);

/* Everything of a call; Irp and Returned may be NULL. */
typedef struct _CONTROL_ARGUMENTS {
  WSK_CONTROL_SOCKET_TYPE Type;
  ULONG Level, Code;
  SIZE_T InputSize;
  PVOID Input;
  SIZE_T OutputSize;
  PVOID Output;
  SIZE_T *Returned;
} CONTROL, *PCONTROL;

PWSK_CALL Control(PWSK_CALL Call, PWSK_SOCKET Socket, const CONTROL *Control);
NTSTATUS ControlNow(PWSK_SOCKET Socket, const CONTROL *Control); /* no IRP */

/* The value of an option: what a get with an IRP answers, which has to succeed.
 */
ULONG OptionOf(PWSK_SOCKET Socket, ULONG Level, ULONG Option);

/* ---- the codes ------------------------------------------------------- */

typedef enum _CONTROL_KIND {
  KindBasic,
  KindListener,
  KindConnection,
  KindDatagram,
  KindStream,
  Kinds
} CONTROL_KIND;

#define ON_BASIC      0x01
#define ON_LISTENER   0x02
#define ON_CONNECTION 0x04
#define ON_DATAGRAM   0x08
#define ON_STREAM     0x10 /* before it has become one or the other */
#define ON_TCP        (ON_LISTENER | ON_CONNECTION | ON_STREAM)
#define ON_TRANSPORT  (ON_TCP | ON_DATAGRAM)
#define ON_ALL        (ON_TRANSPORT | ON_BASIC)

typedef enum _CONTROL_WHEN { AnyTime, BeforeBind, AfterBind, Connected } WHEN;
typedef enum _CONTROL_IRP { IrpRequired, IrpUnwanted, IrpOptional } IRP_RULE;

typedef struct _CODE {
  WSK_CONTROL_SOCKET_TYPE Type;
  ULONG Level, Code;
  const char *Name;
  ULONG On;
  WHEN When;
  IRP_RULE Irp;
  SIZE_T InputSize, OutputSize; /* the least */
  BOOLEAN Passive;
  ADDRESS_FAMILY Family; /* of IPv4's and IPv6's own codes, else 0 */
} CODE;

extern const CODE TestCodes[];
extern const ULONG TestCodesCount;

/* A socket of a kind, not bound. NULL, and a failure, when there is none. */
PWSK_SOCKET OpenKind(CONTROL_KIND Kind);

#endif
