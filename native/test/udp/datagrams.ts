import { UdpSocket } from "../../src/index.js";
import type { UdpSocketOptions } from "../../src/index.js";

export interface Datagram {
  readonly data: Buffer;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
}

export const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
export const LOOPBACK6 = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

const open: UdpSocket[] = [];

/** Opens a socket that `closeAll` closes. */
export function socket(options: Partial<UdpSocketOptions> = {}): UdpSocket {
  const made = new UdpSocket({ family: 4, address: options.family === 6 ? LOOPBACK6 : LOOPBACK, ...options });
  open.push(made);
  return made;
}

export function closeAll(): void {
  for (const made of open.splice(0)) made.close();
}

/** Copies what is in a slot. */
export function read(from: UdpSocket, slot: number): Datagram {
  return {
    data: Buffer.from(from.data(slot).subarray(0, from.length(slot))),
    source: from.sourceAddress(slot).join("."),
    sourcePort: from.sourcePort(slot),
    destination: from.destinationAddress(slot).join("."),
  };
}

/** Starts `from` and resolves with the first `count` datagrams, their slots released. */
export function receive(from: UdpSocket, count: number): Promise<Datagram[]> {
  return new Promise((resolve) => {
    const got: Datagram[] = [];
    from.start((slots, length) => {
      for (let i = 0; i < length; i++) {
        got.push(read(from, slots[i]));
        from.release(slots[i]);
      }
      if (got.length >= count) resolve(got);
    });
  });
}
