/*
 * IP addresses as text, and back.
 *
 * Pages: ddi/ip2string/nf-ip2string-<name in lower case>; mstcpip.h includes
 * this header, as Windows' own does. They touch the caller's memory alone and
 * may be called at any IRQL at which that memory is resident. The names without
 * A or W are those of the build's character set (UNICODE).
 */
#ifndef UWSK_KM_IP2STRING_H
#define UWSK_KM_IP2STRING_H
#define __IP2STRING__

#include "ntdef.h"

struct in_addr;
struct in6_addr;

UWSK_BEGIN_C

/* Writes "a.b.c.d" and a terminator: at most 16 characters. Returns the
 * address of the terminator. */
NTSYSAPI PSTR NTAPI RtlIpv4AddressToStringA(const struct in_addr *Addr, PSTR S);
NTSYSAPI PWSTR NTAPI RtlIpv4AddressToStringW(const struct in_addr *Addr,
                                             PWSTR S);

/* The same for IPv6, in lower case, the longest run of two or more zero groups
 * shortened to "::": at most 46 characters. IPv4-compatible, -mapped and
 * -translated addresses and ISATAP identifiers end with the IPv4 address in its
 * own form. */
NTSYSAPI PSTR NTAPI RtlIpv6AddressToStringA(const struct in6_addr *Addr,
                                            PSTR S);
NTSYSAPI PWSTR NTAPI RtlIpv6AddressToStringW(const struct in6_addr *Addr,
                                             PWSTR S);

/* "a.b.c.d:port", and "[address%scope]:port"; a port or scope of 0 is left out,
 * and the brackets with the port. Port is in network byte order, ScopeId in the
 * host's.
 *
 * *AddressStringLength is the room in characters, and then what was, or would
 * have been, written, with the terminator. STATUS_INVALID_PARAMETER: a pointer
 * is NULL, or the room is too small; nothing is written then. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4AddressToStringExA(const struct in_addr *Address,
                                                  USHORT Port,
                                                  PSTR AddressString,
                                                  PULONG AddressStringLength);
NTSYSAPI NTSTATUS NTAPI RtlIpv4AddressToStringExW(const struct in_addr *Address,
                                                  USHORT Port,
                                                  PWSTR AddressString,
                                                  PULONG AddressStringLength);
NTSYSAPI NTSTATUS NTAPI RtlIpv6AddressToStringExA(
    const struct in6_addr *Address, ULONG ScopeId, USHORT Port,
    PSTR AddressString, PULONG AddressStringLength);
NTSYSAPI NTSTATUS NTAPI RtlIpv6AddressToStringExW(
    const struct in6_addr *Address, ULONG ScopeId, USHORT Port,
    PWSTR AddressString, PULONG AddressStringLength);

/* Reads an IPv4 address from the beginning of S; *Terminator is then the
 * character after it, or the one at which reading failed. Strict: four decimal
 * parts. Otherwise one to four parts, each decimal, octal (0…) or hexadecimal
 * (0x…), the last of which fills the bytes that are left. STATUS_SUCCESS or
 * STATUS_INVALID_PARAMETER, with *Addr untouched. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressA(PCSTR S, BOOLEAN Strict,
                                                PCSTR *Terminator,
                                                struct in_addr *Addr);
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR S, BOOLEAN Strict,
                                                PCWSTR *Terminator,
                                                struct in_addr *Addr);

/* The same for IPv6, an IPv4 address in the last four bytes included. After
 * STATUS_INVALID_PARAMETER *Addr may have been written in part, and *Terminator
 * may be unwritten, when a group was too large. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressA(PCSTR S, PCSTR *Terminator,
                                                struct in6_addr *Addr);
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressW(PCWSTR S, PCWSTR *Terminator,
                                                struct in6_addr *Addr);

/* Read a whole text, of the forms that the Ex functions above write: what is
 * not given is 0. A port may be octal or hexadecimal, and is not 0; Strict is
 * for the address. *Port is in network byte order. STATUS_SUCCESS or
 * STATUS_INVALID_PARAMETER, with *Port and *ScopeId untouched. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressExA(PCSTR AddressString,
                                                  BOOLEAN Strict,
                                                  struct in_addr *Address,
                                                  PUSHORT Port);
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressExW(PCWSTR AddressString,
                                                  BOOLEAN Strict,
                                                  struct in_addr *Address,
                                                  PUSHORT Port);
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressExA(PCSTR AddressString,
                                                  struct in6_addr *Address,
                                                  PULONG ScopeId, PUSHORT Port);
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressExW(PCWSTR AddressString,
                                                  struct in6_addr *Address,
                                                  PULONG ScopeId, PUSHORT Port);

UWSK_END_C

#ifdef UNICODE
#define RtlIpv4AddressToString   RtlIpv4AddressToStringW
#define RtlIpv6AddressToString   RtlIpv6AddressToStringW
#define RtlIpv4AddressToStringEx RtlIpv4AddressToStringExW
#define RtlIpv6AddressToStringEx RtlIpv6AddressToStringExW
#define RtlIpv4StringToAddress   RtlIpv4StringToAddressW
#define RtlIpv6StringToAddress   RtlIpv6StringToAddressW
#define RtlIpv4StringToAddressEx RtlIpv4StringToAddressExW
#define RtlIpv6StringToAddressEx RtlIpv6StringToAddressExW
#else
#define RtlIpv4AddressToString   RtlIpv4AddressToStringA
#define RtlIpv6AddressToString   RtlIpv6AddressToStringA
#define RtlIpv4AddressToStringEx RtlIpv4AddressToStringExA
#define RtlIpv6AddressToStringEx RtlIpv6AddressToStringExA
#define RtlIpv4StringToAddress   RtlIpv4StringToAddressA
#define RtlIpv6StringToAddress   RtlIpv6StringToAddressA
#define RtlIpv4StringToAddressEx RtlIpv4StringToAddressExA
#define RtlIpv6StringToAddressEx RtlIpv6StringToAddressExA
#endif

#endif
