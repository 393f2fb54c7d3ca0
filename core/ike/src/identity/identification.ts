import { Host } from "@cygnet/plugin-api";
import type { Identity } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { readRdns } from "./distinguished-name.js";
import type { Rdn, RdnMatching } from "./distinguished-name.js";
import {
  identificationHash,
  identificationKey,
  identificationWildcards,
  identitiesEqual,
  matchIdentity,
} from "./identity-matching.js";
import { parseIdentity } from "./parse-identity.js";
import { printIdentity } from "./print-identity.js";
import { bytesEqual } from "./text.js";
import { OctetArena } from "../octet-arena.js";

/** Slots of the interning table. Direct-mapped: a flood of identities costs no memory, only hits. */
const INTERNED = 1024;
/** Longer identities are not worth keeping. */
const MAX_INTERNED_BYTES = 256;

/**
 * An identity, RFC 7296 section 3.5. Immutable, compared by value, safe to keep and to share within its thread.
 *
 * `data` belongs to the identity and must not be written to.
 */
export class Identification implements Identity {
  /** `%any`: matches every identity as a pattern, and nothing but itself otherwise. */
  static readonly ANY = new Identification(IdType.ID_ANY, new Uint8Array(0));
  static readonly #octets = new OctetArena();
  static readonly #interned: (Identification | undefined)[] = Array.from({ length: INTERNED }, () => undefined);

  #text: string | undefined;
  #key: string | undefined;
  #rdns: { readonly rdns: readonly Rdn[]; readonly complete: boolean } | undefined;

  private constructor(
    readonly type: number,
    readonly data: Uint8Array,
  ) {}

  /**
   * Reads strongSwan's notation: `moon.example.org`, `carol@example.org`, `@#0a0b`, `C=CH, O=x, CN=y`, `10.0.0.0/8`, `keyid:x`, ...
   * Text that fits no other form is an FQDN or, with a colon or equals sign in it, a KEY_ID.
   * @throws {DefinitionError} CYG_ID_SYNTAX for hex that is none, or a type number above 255
   */
  static parse(text: string): Identification {
    const { type, data } = parseIdentity(text);
    return Identification.#intern(type, data, false);
  }

  /**
   * The identity of an ID payload. Never throws: unknown types and broken data are kept as they are.
   * @param data is copied
   */
  static fromWire(type: number, data: Uint8Array): Identification {
    return Identification.#intern(type, data, true);
  }

  /** The identity of an address, what a peer without a configured identity goes by. */
  static ofHost(host: Host): Identification {
    return Identification.#intern(host.family === 4 ? IdType.ID_IPV4_ADDR : IdType.ID_IPV6_ADDR, host.address, true);
  }

  static #intern(type: number, data: Uint8Array, copy: boolean): Identification {
    if (type === IdType.ID_ANY && data.length === 0) return Identification.ANY;
    if (data.length > MAX_INTERNED_BYTES) return new Identification(type, copy ? new Uint8Array(data) : data);
    let hash = type + 0x811c9dc5;
    for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 16)) & (INTERNED - 1);
    const found = Identification.#interned[slot];
    if (found !== undefined && found.type === type && bytesEqual(found.data, data)) return found;
    const made = new Identification(type, copy ? Identification.#octets.copy(data) : data);
    Identification.#interned[slot] = made;
    return made;
  }

  /** Same type and data; FQDN and mail addresses without regard to case, names attribute by attribute. */
  equals(other: Identity): boolean {
    if (this === other) return true;
    return identitiesEqual(this, other instanceof Identification ? other : Identification.fromWire(other.type, other.data));
  }

  /**
   * How well this identity fits a pattern: 20 perfectly, 1 when the pattern is `%any`, 0 not at all, and between them 20 less the number
   * of wildcards it takes (at least 2).
   * @param matching how distinguished names are compared (`charon.rdn_matching`)
   */
  matches(pattern: Identification, matching: RdnMatching = "strict"): number {
    return matchIdentity(this, pattern, matching);
  }

  /** As a pattern, it may match more than one identity by a wildcard (subnets and ranges are no wildcards). */
  get containsWildcards(): boolean {
    return identificationWildcards(this);
  }

  /** The address this identity is, undefined for all other types. */
  get host(): Host | undefined {
    if (this.type === IdType.ID_IPV4_ADDR && this.data.length === 4) return new Host(4, this.data, 0);
    if (this.type === IdType.ID_IPV6_ADDR && this.data.length === 16) return new Host(6, this.data, 0);
    return undefined;
  }

  /**
   * Bucket key for maps: equal identities have equal keys. Different identities may share one (names that differ in case only), so compare
   * with `equals` where that matters.
   */
  get key(): string {
    return (this.#key ??= identificationKey(this));
  }

  /**
   * A 32 bit hash, equal for equal identities, much cheaper than `key`. It is not keyed: use it for tables whose contents are ours, such
   * as configured secrets, not for tables that peers fill.
   */
  get hash(): number {
    return identificationHash(this);
  }

  /** Attributes of a distinguished name; empty and incomplete for other types. Views into `data`. */
  get name(): { readonly rdns: readonly Rdn[]; readonly complete: boolean } {
    return (this.#rdns ??= this.type === IdType.ID_DER_ASN1_DN ? readRdns(this.data) : { rdns: [], complete: false });
  }

  /** strongSwan's notation: `%any`, `C=CH, O=x, CN=y`, unprintable key ids as `0a:0b`. Never contains a control character. */
  toString(): string {
    return (this.#text ??= printIdentity(this.type, this.data));
  }
}
