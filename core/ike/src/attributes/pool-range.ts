import { DefinitionError, Host } from "@cygnet/plugin-api";
import type { Family } from "@cygnet/plugin-api";
import { compareBytes } from "../identity/text.js";

/** Host bits of the largest pool: what fits a positive 32 bit number, as strongSwan has it. */
const MAX_HOST_BITS = 31;
const MAX_RANGE = 2 ** 32 - 1;
const GRANT_ALL = "%config";

/** Which addresses a pool has. */
export interface PoolRange {
  readonly family: Family;
  /** The first address that is leased. */
  readonly base: Uint8Array;
  /** How many addresses from `base` on are leased, up to 2^32 - 1; 0 for a pool that serves attributes only. */
  readonly size: number;
  /** The pool has no addresses of its own and grants whatever is asked for. */
  readonly grantsAll: boolean;
  /** strongSwan's line when a subnet was cut to what a pool can hold. */
  readonly warning: string | undefined;
}

/**
 * Reads `10.3.0.0/24`, `10.3.0.5-10.3.0.9`, `%config` (grants what is asked for), or undefined for a pool without addresses.
 *
 * Of a subnet, the first and the last address are left out unless there are only one or two, and all before the given one.
 * @throws {DefinitionError} CYG_POOL_SYNTAX
 */
export function parsePoolRange(name: string, text: string | undefined): PoolRange {
  if (text === undefined || text === GRANT_ALL)
    return { family: 4, base: new Uint8Array(4), size: 0, grantsAll: text === GRANT_ALL, warning: undefined };
  const dash = text.indexOf("-");
  if (dash >= 0) return parseRange(name, text.slice(0, dash).trim(), text.slice(dash + 1).trim());
  const [address, prefixText, ...more] = text.split("/");
  const host = numeric(address!.trim());
  const bits = host ? host.address.length * 8 : 0;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText.trim()) ? Number(prefixText) : Infinity;
  if (!host || prefix > bits || more.length > 0) throw syntax(name, `invalid addresses '${text}'`);
  return subnetRange(host, prefix);
}

/** Whether a request can be for a pool of this range at all: of its family, if it says so. */
export function rangeServes(range: PoolRange, requested: Host): boolean {
  return range.grantsAll ? !requested.isAny : range.size > 0 && requested.family === range.family;
}

/** Place of an address in a range, -1 outside of it. */
export function placeOf(range: PoolRange, { address }: Host): number {
  const offset = offsetOf(range.base, address);
  return offset >= 0 && offset < range.size ? offset : -1;
}

/** The address at a place of a range. */
export function addressAt(range: PoolRange, offset: number): Host {
  return new Host(range.family, addOffset(range.base, offset), 0);
}

function subnetRange(host: Host, prefix: number): PoolRange {
  const bits = host.address.length * 8;
  const hostBits = Math.min(bits - prefix, MAX_HOST_BITS);
  const warning = hostBits < bits - prefix ? `virtual IP pool too large, limiting to ${host}/${bits - hostBits}` : undefined;
  const count = 2 ** hostBits;
  const given = lowBits(host.address, hostBits);
  const excludesEnds = count > 2;
  const first = excludesEnds ? Math.max(1, given) : given;
  const size = Math.max(0, (excludesEnds ? count - 1 : count) - first);
  return { family: host.family, base: addOffset(host.address, first - given), size, grantsAll: false, warning };
}

function parseRange(name: string, from: string, to: string): PoolRange {
  const first = numeric(from);
  const last = numeric(to);
  if (!first || !last || first.family !== last.family || compareBytes(first.address, last.address) > 0)
    throw syntax(name, `invalid IP address range: ${from}-${to}`);
  const upper = first.address.length - 4;
  const distance = offsetOf(first.address, last.address);
  if (compareBytes(first.address.subarray(0, upper), last.address.subarray(0, upper)) !== 0 || distance >= MAX_RANGE)
    throw syntax(name, `IP address range too large: ${from}-${to}`);
  return { family: first.family, base: first.address, size: distance + 1, grantsAll: false, warning: undefined };
}

function numeric(text: string): Host | undefined {
  return text.startsWith("%") ? undefined : Host.parse(text);
}

/** The address `offset` behind another one; both the sum and the offset may be up to 2^32 - 1 in the low 32 bits. */
function addOffset(base: Uint8Array, offset: number): Uint8Array {
  const out = new Uint8Array(base);
  let carry = offset;
  for (let i = out.length - 1; carry > 0 && i >= 0; i--) {
    const sum = out[i]! + (carry % 256);
    out[i] = sum & 0xff;
    carry = Math.floor(carry / 256) + (sum >> 8);
  }
  return out;
}

/** How far an address lies behind `base`, negative before it; Infinity when they differ by 2^32 or more. */
export function offsetOf(base: Uint8Array, address: Uint8Array): number {
  if (base.length !== address.length) return Infinity;
  let distance = 0;
  for (let i = 0; i < base.length; i++) {
    distance = distance * 256 + (address[i]! - base[i]!);
    if (Math.abs(distance) > 2 ** 33) return Infinity;
  }
  return Math.abs(distance) >= 2 ** 32 ? Infinity : distance;
}

/** The low bits of an address as a number, 0 to 31 of them. */
function lowBits(address: Uint8Array, bits: number): number {
  return offsetOf(new Uint8Array(4), address.subarray(address.length - 4)) % 2 ** bits;
}

function syntax(name: string, message: string): DefinitionError {
  return new DefinitionError("CYG_POOL_SYNTAX", name, message);
}
