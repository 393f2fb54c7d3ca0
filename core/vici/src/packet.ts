import { MAX_NAME } from "./element.js";
import { ViciEncodingError, ViciError } from "./vici-error.js";

/** Types of packets; the names are strongSwan's. */
export enum PacketType {
  CMD_REQUEST = 0,
  CMD_RESPONSE = 1,
  CMD_UNKNOWN = 2,
  EVENT_REGISTER = 3,
  EVENT_UNREGISTER = 4,
  EVENT_CONFIRM = 5,
  EVENT_UNKNOWN = 6,
  EVENT = 7,
}

/** Largest packet either side accepts, in octets. */
export const MAX_PACKET = 512 * 1024;

/** Pieces of a packet that are kept as they come. */
const MAX_CHUNKS = 1024;
const LENGTH_OCTETS = 4;
const NAMED: readonly PacketType[] = [
  PacketType.CMD_REQUEST,
  PacketType.EVENT_REGISTER,
  PacketType.EVENT_UNREGISTER,
  PacketType.EVENT,
];

/** One packet: requests, registrations and events have a name; `message` is empty where there is none. */
export interface ViciPacket {
  readonly type: PacketType;
  readonly name: string;
  readonly message: Uint8Array;
}

const utf8 = new TextDecoder();

/** With the length before it, as it goes over the socket. @throws {ViciError} CYG_VICI_LIMIT for a name above 255 octets, or above `MAX_PACKET` */
export function encodePacket(type: PacketType, name = "", message: Uint8Array = new Uint8Array()): Buffer {
  const nameOctets = Buffer.from(name);
  const head = NAMED.includes(type) ? Buffer.concat([Buffer.of(type, nameOctets.length), nameOctets]) : Buffer.of(type);
  const size = head.length + message.length;
  if (nameOctets.length > MAX_NAME)
    throw new ViciError("CYG_VICI_LIMIT", `a name of ${nameOctets.length} octets, ${MAX_NAME} are allowed`);
  if (size > MAX_PACKET) throw new ViciError("CYG_VICI_LIMIT", `vici message size ${size} exceeds maximum size of ${MAX_PACKET}`);
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32BE(size);
  return Buffer.concat([length, head, message]);
}

/**
 * Reads a packet without the length before it.
 * @throws {ViciEncodingError} CYG_VICI_ENCODING when it is empty, of no known type, or its name is cut off
 */
export function parsePacket(octets: Uint8Array): ViciPacket {
  const type = octets[0];
  if (type === undefined) throw new ViciEncodingError(0, "an empty packet");
  if (PacketType[type] === undefined) throw new ViciEncodingError(0, `packet type ${type} is not known`);
  if (!NAMED.includes(type)) return { type, name: "", message: octets.subarray(1) };
  const end = 2 + (octets[1] ?? 0);
  if (octets.length < end) throw new ViciEncodingError(1, "the packet ends within its name");
  return { type, name: utf8.decode(octets.subarray(2, end)), message: octets.subarray(end) };
}

/** Cuts what comes out of a socket into packets, without their lengths. */
export class PacketSplitter {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** Octets of a packet that is not complete. */
  get pending(): number {
    return this.#size;
  }

  /**
   * @returns the packets that are complete now; they may be views of `chunk`
   * @throws {ViciEncodingError} CYG_VICI_ENCODING for a packet above `MAX_PACKET`; the connection is of no use then
   */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk);
    // A packet that comes octet by octet must not cost an object for each of them.
    if (this.#chunks.length > MAX_CHUNKS) this.#joined();
    this.#size += chunk.length;
    const packets: Uint8Array[] = [];
    while (this.#size >= LENGTH_OCTETS) {
      const length = this.#peekLength();
      if (length > MAX_PACKET) throw new ViciEncodingError(0, `vici message length ${length} exceeds ${MAX_PACKET} bytes limit`);
      if (this.#size < LENGTH_OCTETS + length) break;
      const octets = this.#joined();
      packets.push(octets.subarray(LENGTH_OCTETS, LENGTH_OCTETS + length));
      this.#size -= LENGTH_OCTETS + length;
      this.#chunks = this.#size === 0 ? [] : [octets.subarray(LENGTH_OCTETS + length)];
    }
    return packets;
  }

  /** Of the first packet. Chunks may be of one octet. */
  #peekLength(): number {
    const first = this.#chunks[0]!;
    const octets = first.length >= LENGTH_OCTETS ? first : this.#joined();
    return ((octets[0]! << 24) | (octets[1]! << 16) | (octets[2]! << 8) | octets[3]!) >>> 0;
  }

  #joined(): Uint8Array {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}
