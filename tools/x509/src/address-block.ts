import { formatAddress } from "@cygnet/plugin-api";
import { children, isSequence, octetsOf } from "./der.js";
import type { Der } from "./der.js";

/** Octets of an address by the number of its family. */
export const ADDRESS_FAMILIES: ReadonlyMap<number, number> = new Map([
  [1, 4],
  [2, 16],
]);

/**
 * The blocks of an IPAddrBlocks, RFC 3779 section 2.2.3, as networks or as `first..last`. Families with a subsequent identifier, and those that
 * inherit theirs, are not shown.
 */
export function addressBlockTexts(blocks: Der | undefined): string[] {
  if (blocks === undefined) return [];
  return children(blocks).flatMap((family) => {
    const [identifier, choice] = children(family) as [Der, Der];
    const number = octetsOf(identifier);
    const size = number.length === 2 ? ADDRESS_FAMILIES.get(number.readUInt16BE()) : undefined;
    if (size === undefined || !isSequence(choice)) return [];
    return children(choice).map((block) => blockText(block, size));
  });
}

function blockText(block: Der, size: number): string {
  if (!isSequence(block)) {
    const { address, bits } = readAddress(block, size, 0x00);
    return `${formatAddress(address)}/${bits}`;
  }
  const [first, last] = children(block) as [Der, Der];
  return `${formatAddress(readAddress(first, size, 0x00).address)}..${formatAddress(readAddress(last, size, 0xff).address)}`;
}

/** A BIT STRING of the leading bits of an address; the others are all as in `fill`. */
function readAddress(value: Der, size: number, fill: number): { readonly address: Buffer; readonly bits: number } {
  const [unused = 0, ...octets] = octetsOf(value);
  if (octets.length > size || unused > 7 || (unused > 0 && octets.length === 0)) throw new Error("an address block is malformed");
  const address = Buffer.alloc(size, fill);
  address.set(octets);
  if (unused > 0) {
    const mask = (1 << unused) - 1;
    address[octets.length - 1] = (octets.at(-1)! & ~mask) | (fill & mask);
  }
  return { address, bits: octets.length * 8 - unused };
}
