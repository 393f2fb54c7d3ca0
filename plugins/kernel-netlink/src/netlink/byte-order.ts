/** Netlink is in the byte order of the machine; addresses, SPIs and ports within it are in network order. */
export const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
