/*
 * The memory that UdpSocket shares with the addon; addon/udp/packet-layout.h is the other half and must state the same numbers.
 * Integers are in host order, addresses in network order.
 */

/** Octets of the header in front of each payload. */
export const HEADER_BYTES = 64;
/** Payloads are padded to this, so that headers stay aligned. */
export const ALIGN = 16;
/** Datagrams per system call at most. */
export const BATCH = 64;
/** Datagrams per callback at most. */
export const DELIVERED = 256;
/** Largest UDP payload over IPv4. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** Octet offsets in a packet header. */
export const LENGTH_AT = 0;
export const FAMILY_AT = 4;
export const TRAFFIC_CLASS_AT = 5;
export const SOURCE_PORT_AT = 8;
export const DESTINATION_PORT_AT = 10;
export const INTERFACE_AT = 12;
export const SOURCE_AT = 16;
export const DESTINATION_AT = 32;
export const SCOPE_AT = 48;

/** Indices of the control words, an Int32Array. */
export const FREE_COUNT = 0;
export const PAUSED = 1;
export const SEND_HEAD = 2;
export const SEND_TAIL = 3;
export const SEND_ERRORS = 4;
export const SEND_ERRNO = 5;
export const OVERSIZED = 6;
export const FIRST_ROOM = 7;
export const COOKIE_ROOM = 8;
export const FIRST_ADMITTED = 9;
export const FIRST_SHED = 10;
export const FREE_STACK = 16;

/** `value` rounded up to ALIGN. */
export const alignUp = (value: number): number => (value + ALIGN - 1) & ~(ALIGN - 1);
