import { DefinitionError, Host } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { DER_OID, DER_UTF8_STRING, writeDer } from "./der.js";
import { encodeDn } from "./distinguished-name.js";
import { compareBytes, parseHex } from "./text.js";

/** Type and encoding of an identity. The data is new. */
export interface RawIdentity {
  readonly type: number;
  readonly data: Uint8Array;
}

const PREFIXES: Readonly<Record<string, number>> = {
  fqdn: IdType.ID_FQDN,
  dns: IdType.ID_FQDN,
  rfc822: IdType.ID_RFC822_ADDR,
  email: IdType.ID_RFC822_ADDR,
  userfqdn: IdType.ID_RFC822_ADDR,
  ipv4: IdType.ID_IPV4_ADDR,
  ipv6: IdType.ID_IPV6_ADDR,
  ipv4net: IdType.ID_IPV4_ADDR_SUBNET,
  ipv6net: IdType.ID_IPV6_ADDR_SUBNET,
  ipv4range: IdType.ID_IPV4_ADDR_RANGE,
  ipv6range: IdType.ID_IPV6_ADDR_RANGE,
  asn1dn: IdType.ID_DER_ASN1_DN,
  asn1gn: IdType.ID_DER_ASN1_GN,
  xmppaddr: IdType.ID_DER_ASN1_GN,
  keyid: IdType.ID_KEY_ID,
  uri: IdType.ID_DER_ASN1_GN_URI,
};

const NONE = new Uint8Array(0);
/** Tag `[0]` of otherName in a GeneralName, and of the value inside it. */
const CONTEXT_0 = 0xa0;
/** id-on-xmppAddr, RFC 6120 section 13.7.1.4. */
const XMPP_ADDR_OID = Uint8Array.of(0x2b, 6, 1, 5, 5, 7, 8, 5);

/** Reads strongSwan's notation of identities. @throws {DefinitionError} CYG_ID_SYNTAX */
export function parseIdentity(text: string): RawIdentity {
  if (text === "" || text === "*" || Host.parse(text)?.isAny) return { type: IdType.ID_ANY, data: NONE };
  const explicit = parseExplicit(text);
  if (explicit) return explicit;
  if (text.includes("=")) {
    const name = encodeDn(text);
    return name ? { type: IdType.ID_DER_ASN1_DN, data: name } : { type: IdType.ID_KEY_ID, data: utf8(text) };
  }
  if (!text.includes("@"))
    return parseAddresses(text) ?? { type: text.includes(":") ? IdType.ID_KEY_ID : IdType.ID_FQDN, data: utf8(text) };
  if (text.startsWith("@#")) return { type: IdType.ID_KEY_ID, data: hex(text, text.slice(2)) };
  if (text.startsWith("@@")) return { type: IdType.ID_RFC822_ADDR, data: utf8(text.slice(2)) };
  if (text.startsWith("@")) return { type: IdType.ID_FQDN, data: utf8(text.slice(1)) };
  return { type: IdType.ID_RFC822_ADDR, data: utf8(text) };
}

/** `type:value` and `{N}:value`; the value is the data as text, or `#` and hex. */
function parseExplicit(text: string): RawIdentity | undefined {
  const numbered = /^\{(\d+)\}:(.*)$/s.exec(text);
  if (numbered) {
    const type = Number(numbered[1]);
    if (type > 255) throw syntax(text, "identification types are 0 to 255");
    return { type, data: octets(text, numbered[2]!) };
  }
  const colon = text.indexOf(":");
  const prefix = colon < 0 ? "" : text.slice(0, colon).toLowerCase();
  if (!Object.hasOwn(PREFIXES, prefix)) return undefined;
  const type = PREFIXES[prefix]!;
  const value = text.slice(colon + 1);
  if (value.startsWith("#")) return { type, data: hex(text, value.slice(1)) };
  if (prefix === "xmppaddr") return { type, data: xmppName(value) };
  const readable = type === IdType.ID_DER_ASN1_DN ? encodeDn(value) : undefined;
  if (readable) return { type, data: readable };
  const address = parseAddresses(value);
  return address?.type === type ? address : { type, data: utf8(value) };
}

function octets(text: string, value: string): Uint8Array {
  return value.startsWith("#") ? hex(text, value.slice(1)) : utf8(value);
}

/** An address, subnet or range of either family. */
function parseAddresses(text: string): RawIdentity | undefined {
  const slash = text.indexOf("/");
  const dash = text.indexOf("-");
  const first = Host.parse(slash >= 0 ? text.slice(0, slash) : dash >= 0 ? text.slice(0, dash) : text);
  if (!first || text.startsWith("%")) return undefined;
  const isV4 = first.family === 4;
  if (slash >= 0) {
    const prefix = /^\d{1,3}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : Infinity;
    if (prefix > first.address.length * 8) return undefined;
    return { type: isV4 ? IdType.ID_IPV4_ADDR_SUBNET : IdType.ID_IPV6_ADDR_SUBNET, data: subnet(first.address, prefix) };
  }
  if (dash < 0) return { type: isV4 ? IdType.ID_IPV4_ADDR : IdType.ID_IPV6_ADDR, data: first.address };
  const last = Host.parse(text.slice(dash + 1));
  if (last?.family !== first.family || compareBytes(first.address, last.address) > 0) return undefined;
  return { type: isV4 ? IdType.ID_IPV4_ADDR_RANGE : IdType.ID_IPV6_ADDR_RANGE, data: join(first.address, last.address) };
}

/** Network address and mask, as subnet identities carry them. */
function subnet(address: Uint8Array, prefix: number): Uint8Array {
  const mask = new Uint8Array(address.length);
  for (let i = 0; i < mask.length; i++) mask[i] = 0xff << Math.max(0, Math.min(8, 8 - prefix + i * 8));
  return join(
    address.map((octet, i) => octet & mask[i]!),
    mask,
  );
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function xmppName(value: string): Uint8Array {
  return writeDer(CONTEXT_0, writeDer(DER_OID, XMPP_ADDR_OID), writeDer(CONTEXT_0, writeDer(DER_UTF8_STRING, utf8(value))));
}

function hex(text: string, digits: string): Uint8Array {
  const data = parseHex(digits);
  if (!data) throw syntax(text, `'${digits}' is not hex`);
  return data;
}

function utf8(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "utf8"));
}

function syntax(text: string, why: string): DefinitionError {
  return new DefinitionError("CYG_ID_SYNTAX", text, `invalid identity '${text}': ${why}`);
}
