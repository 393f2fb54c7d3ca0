/** An IPv4 or IPv6 packet with the given octets behind its header. Its checksum is zero, which nobody here looks at. */
export function ipPacket(options: {
  readonly source: readonly number[];
  readonly destination: readonly number[];
  readonly protocol?: number;
  readonly payload?: Uint8Array;
  /** In units of 8 octets. */
  readonly fragmentOffset?: number;
}): Uint8Array {
  const { source, destination, protocol = 17, payload = new Uint8Array(8), fragmentOffset = 0 } = options;
  const isIpv4 = source.length === 4;
  const header = isIpv4 ? 20 : 40;
  const packet = new Uint8Array(header + payload.length);
  const view = new DataView(packet.buffer);
  if (isIpv4) {
    packet[0] = 0x45;
    view.setUint16(2, packet.length);
    view.setUint16(6, fragmentOffset);
    packet[8] = 64;
    packet[9] = protocol;
    packet.set(source, 12);
    packet.set(destination, 16);
  } else {
    packet[0] = 0x60;
    view.setUint16(4, payload.length);
    packet[6] = protocol;
    packet[7] = 64;
    packet.set(source, 8);
    packet.set(destination, 24);
  }
  packet.set(payload, header);
  return packet;
}

/** The first octets of UDP or TCP. */
export function ports(source: number, destination: number): Uint8Array {
  const payload = new Uint8Array(8);
  const view = new DataView(payload.buffer);
  view.setUint16(0, source);
  view.setUint16(2, destination);
  return payload;
}

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
