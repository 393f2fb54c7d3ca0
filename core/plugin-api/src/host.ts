import { isIPv4, isIPv6 } from "node:net";
import { CygnetError } from "./error.js";

/** Address families by IP version. */
export type Family = 4 | 6;

const FAMILY_BYTES = { 4: 4, 6: 16 } as const;

/**
 * An immutable IP address with a UDP port. Compared by value (`equals`), safe to keep and to share.
 *
 * `address` has 4 or 16 octets in network order and must not be written to. Port 0 means "not said".
 */
export class Host {
  #text: string | undefined;

  constructor(
    readonly family: Family,
    readonly address: Uint8Array,
    readonly port: number,
  ) {
    if (address.length !== FAMILY_BYTES[family])
      throw new CygnetError("CYG_HOST_SYNTAX", `${address.length} octets are no IPv${family} address`);
  }

  /** `%any` or `%any6`: all octets zero. */
  static any(family: Family, port = 0): Host {
    return new Host(family, new Uint8Array(FAMILY_BYTES[family]), port);
  }

  /** The address of these octets. @throws {CygnetError} CYG_HOST_SYNTAX where they are neither 4 nor 16 */
  static fromOctets(address: Uint8Array, port = 0): Host {
    return new Host(address.length === 4 ? 4 : 6, address, port);
  }

  /**
   * Parses a numeric address, `%any`, `%any4` or `%any6`.
   * @returns undefined when `text` is none of these (a host name, say)
   */
  static parse(text: string, port = 0): Host | undefined {
    if (text === "%any" || text === "%any4") return Host.any(4, port);
    if (text === "%any6") return Host.any(6, port);
    if (isIPv4(text)) return new Host(4, Uint8Array.from(text.split("."), Number), port);
    if (isIPv6(text) && !text.includes("%")) return new Host(6, parseIpv6(text), port);
    return undefined;
  }

  /** Like `parse`, for text that is known to be an address. @throws {CygnetError} CYG_HOST_SYNTAX */
  static of(text: string, port = 0): Host {
    const host = Host.parse(text, port);
    if (!host) throw new CygnetError("CYG_HOST_SYNTAX", `'${text}' is no IP address`);
    return host;
  }

  get isAny(): boolean {
    for (let i = 0; i < this.address.length; i++) if (this.address[i] !== 0) return false;
    return true;
  }

  withPort(port: number): Host {
    return port === this.port ? this : new Host(this.family, this.address, port);
  }

  sameAddress(other: Host): boolean {
    const a = this.address;
    const b = other.address;
    if (a === b) return true;
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }

  equals(other: Host): boolean {
    return this.port === other.port && this.sameAddress(other);
  }

  /** The address without port as strongSwan prints it: `10.0.0.1`, `fec0::1`, `%any`, `%any6`. */
  toString(): string {
    return (this.#text ??= this.isAny ? (this.family === 4 ? "%any" : "%any6") : formatAddress(this.address));
  }

  /** `10.0.0.1[500]`, the form of log lines. */
  toStringWithPort(): string {
    return `${this.toString()}[${this.port}]`;
  }
}

/** Formats 4 or 16 octets; IPv6 in the canonical form of RFC 5952. */
export function formatAddress(address: Uint8Array): string {
  if (address.length === 4) return `${address[0]}.${address[1]}.${address[2]}.${address[3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((address[i]! << 8) | address[i + 1]!);
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [i, length];
    if (length > 0) i += length - 1;
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

function parseIpv6(text: string): Uint8Array {
  const out = new Uint8Array(16);
  let body = text;
  const dot = body.lastIndexOf(".");
  if (dot >= 0) {
    const colon = body.lastIndexOf(":");
    const [a, b, c, d] = body
      .slice(colon + 1)
      .split(".")
      .map(Number) as [number, number, number, number];
    body = `${body.slice(0, colon)}:${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head, tail] = body.split("::") as [string, string | undefined];
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const put = (groups: string[], at: number): void =>
    groups.forEach((group, i) => {
      const value = parseInt(group, 16);
      out[at + i * 2] = value >> 8;
      out[at + i * 2 + 1] = value & 0xff;
    });
  put(left, 0);
  put(right, 16 - right.length * 2);
  return out;
}
