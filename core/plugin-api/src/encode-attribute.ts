import type { Attribute } from "./attribute.js";
import { Host } from "./host.js";
import { attributeFormat, NAMED_TYPES } from "./attribute-format.js";
import type { AttributeFormat } from "./attribute-format.js";

/** An attribute, or in a few words why there is none. */
export type EncodedAttribute = Attribute | { readonly problem: string };

/** Attribute types have 15 bits; the highest bit is reserved. */
const MAX_TYPE = 0x7fff;

interface Network {
  readonly host: Host;
  /** Undefined where only an address was written. */
  readonly prefix: number | undefined;
}

/**
 * Makes an attribute of one value of strongswan.conf.
 *
 * @param key a name such as `dns`, whose type depends on the family of the value, or the number of a type
 * @param text an address, `address/prefix`, or for types without a fixed format any text, which is sent as UTF-8
 */
export function encodeAttribute(key: string, text: string): EncodedAttribute {
  const network = parseNetwork(text);
  const type = typeOf(key, network?.host.family ?? 4);
  if (type === undefined) return { problem: `mapping attribute type '${key}' failed` };
  const format = attributeFormat(type);
  if (format === "free") {
    if (network === undefined) return { type, value: new TextEncoder().encode(text) };
    return { type, value: network.prefix === undefined ? new Uint8Array(network.host.address) : subnetOctets(network) };
  }
  if (network === undefined) return { problem: `'${text}' is no IP address${format.endsWith("subnet") ? " with a prefix" : ""}` };
  const value = encodeAs(format, network);
  return value === undefined ? { problem: `'${text}' is no value for attribute type ${type}` } : { type, value };
}

function typeOf(key: string, family: 4 | 6): number | undefined {
  const named = Object.hasOwn(NAMED_TYPES, key) ? NAMED_TYPES[key] : undefined;
  if (named !== undefined) return named[family === 4 ? 0 : 1];
  if (!/^\d{1,5}$/.test(key)) return undefined;
  const type = Number(key);
  return type > 0 && type <= MAX_TYPE ? type : undefined;
}

function encodeAs(format: Exclude<AttributeFormat, "free">, network: Network): Uint8Array | undefined {
  const { host, prefix } = network;
  if (host.family !== (format.startsWith("ipv4") ? 4 : 6)) return undefined;
  switch (format) {
    case "ipv4":
    case "ipv6":
      return prefix === undefined ? new Uint8Array(host.address) : undefined;
    case "ipv4-subnet":
    case "ipv6-subnet":
    case "ipv6-prefix":
      return subnetOctets(network);
    default:
      return format satisfies never;
  }
}

/** IPv4: address and mask, 8 octets; IPv6: address and prefix, 17 octets. Without a prefix the single address. */
function subnetOctets({ host, prefix = host.address.length * 8 }: Network): Uint8Array {
  if (host.family === 6) return Uint8Array.of(...host.address, prefix);
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  return Uint8Array.of(...host.address, mask >>> 24, (mask >>> 16) & 0xff, (mask >>> 8) & 0xff, mask & 0xff);
}

function parseNetwork(text: string): Network | undefined {
  const [address, prefixText, ...more] = text.split("/");
  const host = address.startsWith("%") ? undefined : Host.parse(address.trim());
  if (host === undefined || more.length > 0) return undefined;
  if (prefixText === undefined) return { host, prefix: undefined };
  const prefix = /^\s*\d{1,3}\s*$/.test(prefixText) ? Number(prefixText) : Infinity;
  return prefix <= host.address.length * 8 ? { host, prefix } : undefined;
}
