import fc from "fast-check";

/** An IKE header as far as it decides where a datagram goes, and how long the datagram is. */
export interface Head {
  readonly spis: readonly [number, number, number, number];
  readonly version: number;
  readonly flags: number;
  readonly length: number;
  /** The four octets in front on the port for NAT traversal. */
  readonly marker: number;
}

const word = fc.integer({ min: 0, max: 0xffffffff });
const oftenZero = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: word });

/** Headers of all kinds, most of them of messages that a peer would send. */
export const anyHead: fc.Arbitrary<Head> = fc.record({
  spis: fc.tuple(word, word, oftenZero, oftenZero),
  version: fc.oneof(fc.constantFrom(0x20, 0x10), fc.integer({ min: 0, max: 255 })),
  flags: fc.oneof(fc.constantFrom(0x08, 0x20, 0x28, 0x00), fc.integer({ min: 0, max: 255 })),
  length: fc.oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 5, arbitrary: fc.integer({ min: 28, max: 1500 }) },
  ),
  marker: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: word }),
});

/** The datagram, with as many octets of payload as its length asks for; cut short where that is less than a header. */
export function datagram({ spis, version, flags, length, marker }: Head, natT: boolean): Uint8Array {
  const at = natT ? 4 : 0;
  const data = new Uint8Array(Math.max(length, 28) + at);
  const view = new DataView(data.buffer);
  if (natT) view.setUint32(0, marker);
  spis.forEach((value, i) => view.setUint32(at + i * 4, value));
  data[at + 17] = version;
  data[at + 19] = flags;
  return data.subarray(0, length + at);
}
