import { OctetReader, malformed } from "./octet-reader.js";

/** Tags of packets, RFC 4880 section 4.3. */
export const PacketTag = { SECRET_KEY: 5, PUBLIC_KEY: 6, SECRET_SUBKEY: 7, USER_ID: 13, PUBLIC_SUBKEY: 14 } as const;

export interface Packet {
  readonly tag: number;
  /** A view. */
  readonly body: Uint8Array;
}

const IS_PACKET = 0x80;
const IS_NEW_FORMAT = 0x40;

/**
 * The packets of a key, RFC 4880 section 4.2, with headers of either format. Lengths that come in parts or are left open are for data only.
 * @throws {DefinitionError} CYG_CERT_SYNTAX
 */
function readPackets(octets: Uint8Array): Packet[] {
  const reader = new OctetReader(octets);
  const packets: Packet[] = [];
  while (!reader.atEnd) {
    const first = reader.number(1, "packet header");
    if ((first & IS_PACKET) === 0) malformed("there is no packet where one should begin");
    const isNew = (first & IS_NEW_FORMAT) !== 0;
    const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
    const length = isNew ? newLength(reader) : oldLength(reader, first & 0x03);
    packets.push({ tag, body: reader.take(length, "packets") });
  }
  return packets;
}

function newLength(reader: OctetReader): number {
  const first = reader.number(1, "packet length");
  if (first < 192) return first;
  if (first < 224) return (first - 192) * 256 + reader.number(1, "packet length") + 192;
  if (first < 255) malformed("a packet of it comes in parts");
  return reader.number(4, "packet length");
}

function oldLength(reader: OctetReader, type: number): number {
  if (type === 3) malformed("the length of a packet of it is left open");
  return reader.number(type === 0 ? 1 : type === 1 ? 2 : 4, "packet length");
}

/**
 * The body of the primary key, with which a key begins, and of its user ids.
 * @param tag of the primary key
 * @throws {DefinitionError} CYG_CERT_SYNTAX
 */
export function readKeyPackets(
  octets: Uint8Array,
  tag: number,
): { readonly primary: Uint8Array; readonly userIds: readonly Uint8Array[] } {
  const [first, ...others] = readPackets(octets);
  if (first?.tag !== tag) malformed("it does not begin with a key");
  if (others.some((each) => each.tag === PacketTag.PUBLIC_KEY || each.tag === PacketTag.SECRET_KEY))
    malformed("it is more than one key");
  return { primary: first.body, userIds: others.flatMap((each) => (each.tag === PacketTag.USER_ID ? [each.body] : [])) };
}
