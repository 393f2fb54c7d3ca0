import fc from "fast-check";
import { TrafficSelector } from "../../src/config/index.js";

/** Selectors within a few addresses and ports, so that they often overlap. */
export const selectorArbitrary: fc.Arbitrary<TrafficSelector> = fc
  .record({
    family: fc.constantFrom<(4 | 6)[]>(4, 4, 4, 6),
    ends: fc.tuple(fc.nat(15), fc.nat(15)),
    protocol: fc.constantFrom(0, 0, 6, 17),
    ports: fc.oneof(
      fc.constant<[number, number]>([0, 65535]),
      fc.constant<[number, number]>([65535, 0]),
      fc.tuple(fc.nat(6), fc.nat(6)).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
    ),
  })
  .map(({ family, ends, protocol, ports }) => {
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    return range(family, low, high, protocol, ports[0], ports[1]);
  });

export const listArbitrary = fc.array(selectorArbitrary, { maxLength: 5 });

/** Single packets in and around two selectors. */
export function samples(a: TrafficSelector, b: TrafficSelector): TrafficSelector[] {
  const out: TrafficSelector[] = [];
  for (const family of [4, 6] as const)
    for (const address of [a.startAddress.at(-1)!, a.endAddress.at(-1)!, b.startAddress.at(-1)!, b.endAddress.at(-1)!])
      for (const protocol of [6, 17])
        for (const port of [0, 3, 6, a.startPort, a.endPort, b.startPort, b.endPort, 9000, -1])
          out.push(range(family, address, address, protocol, port < 0 ? 65535 : port, port < 0 ? 0 : port));
  return out;
}

function range(family: 4 | 6, low: number, high: number, protocol: number, startPort: number, endPort: number): TrafficSelector {
  const address = (last: number): Uint8Array => {
    const out = new Uint8Array(family === 4 ? 4 : 16);
    out[0] = 10;
    out[out.length - 1] = last;
    return out;
  };
  return TrafficSelector.range(address(low), address(high), { protocol, startPort, endPort })!;
}
