import type { Host, TrafficRange } from "@cygnet/plugin-api";
import { TrafficSelectorType } from "@cygnet/wire";
import type { WireTrafficSelector } from "@cygnet/wire";
import { bytesEqual, compareBytes } from "../identity/text.js";
import { parseSelector } from "./parse-selector.js";
import { printSelector } from "./print-selector.js";

/** The highest port, and with 0 as the lowest, any port. */
export const MAX_PORT = 0xffff;
const ICMP = 1;
const ICMPV6 = 58;
const NO_ADDRESS = { 4: new Uint8Array(4), 6: new Uint8Array(16) } as const;
const LAST_ADDRESS = { 4: new Uint8Array(4).fill(0xff), 6: new Uint8Array(16).fill(0xff) } as const;

/**
 * Selectors that were received lately, by a hash of their octets: many peers send the same, a whole address family say. Direct-mapped, so
 * that a flood of selectors costs no memory, only hits.
 */
const RECEIVED = 256;

/** Protocol and ports of a selector. OPAQUE ports are start 65535 with end 0. */
export interface SelectorPorts {
  readonly protocol: number;
  readonly startPort: number;
  readonly endPort: number;
}

/** All protocols, all ports. */
export const ANY_PORTS: SelectorPorts = { protocol: 0, startPort: 0, endPort: MAX_PORT };

/**
 * A traffic selector, RFC 7296 section 3.13.1: an address range, a protocol and a port range. Immutable.
 *
 * A dynamic one stands for the host's own address (or virtual IP), of either family, until `resolveDynamic` puts that in its place.
 * ICMP selectors carry type and code in the ports (type << 8 | code); a "port" below 256 is taken for a type.
 */
export class TrafficSelector implements TrafficRange {
  static readonly #received: (TrafficSelector | undefined)[] = Array.from({ length: RECEIVED }, () => undefined);

  readonly family: 4 | 6;
  readonly protocol: number;
  readonly startPort: number;
  readonly endPort: number;
  #text: string | undefined;

  private constructor(
    readonly startAddress: Uint8Array,
    readonly endAddress: Uint8Array,
    ports: SelectorPorts,
    readonly isDynamic: boolean,
  ) {
    this.family = startAddress.length === 4 ? 4 : 6;
    const { protocol, startPort, endPort } = ports;
    this.protocol = protocol;
    const isIcmp = (protocol === ICMP || protocol === ICMPV6) && !(startPort === 0 && endPort === MAX_PORT);
    this.startPort = isIcmp ? icmpPort(startPort) : startPort;
    this.endPort = isIcmp ? icmpPort(endPort) : endPort;
  }

  /**
   * Reads `10.1.0.0/24[tcp/80]`, `10.0.0.1-10.0.0.9`, `dynamic[udp]`, `0.0.0.0/0[17/%opaque]`, `::/0[/53]`.
   * @returns undefined when the text is no selector
   */
  static parse(text: string): TrafficSelector | undefined {
    return parseSelector(text);
  }

  static dynamic(ports: SelectorPorts = ANY_PORTS): TrafficSelector {
    return new TrafficSelector(NO_ADDRESS[4], LAST_ADDRESS[4], ports, true);
  }

  static ofHost(host: Host, ports: SelectorPorts = ANY_PORTS): TrafficSelector {
    return new TrafficSelector(host.address, host.address, ports, false);
  }

  /** All addresses of a family. */
  static any(family: 4 | 6, ports: SelectorPorts = ANY_PORTS): TrafficSelector {
    return new TrafficSelector(NO_ADDRESS[family], LAST_ADDRESS[family], ports, false);
  }

  /**
   * The subnet of `prefix` bits around an address.
   * @param prefix 0 to 32 or 128
   */
  static subnet(address: Uint8Array, prefix: number, ports: SelectorPorts = ANY_PORTS): TrafficSelector {
    const start = new Uint8Array(address);
    const end = new Uint8Array(address);
    for (let i = 0; i < address.length; i++) {
      const host = 0xff >> Math.max(0, Math.min(8, prefix - i * 8));
      start[i]! &= ~host;
      end[i]! |= host;
    }
    return new TrafficSelector(start, end, ports, false);
  }

  /** @returns undefined when the addresses are of different families or out of order */
  static range(start: Uint8Array, end: Uint8Array, ports: SelectorPorts = ANY_PORTS): TrafficSelector | undefined {
    if (start.length !== end.length || compareBytes(start, end) > 0) return undefined;
    return new TrafficSelector(start, end, ports, false);
  }

  /** From what a kernel or another thread says; the addresses are kept, not copied. */
  static of(range: TrafficRange): TrafficSelector {
    if (range instanceof TrafficSelector) return range;
    return new TrafficSelector(range.startAddress, range.endAddress, range, false);
  }

  /**
   * From a TS payload, whose addresses are copied.
   * @returns undefined for other types than address ranges, and for ranges that are out of order (OPAQUE ports are not)
   */
  static fromWire(wire: WireTrafficSelector): TrafficSelector | undefined {
    const slot = wireSlot(wire);
    const known = TrafficSelector.#received[slot];
    if (known !== undefined && known.#isWire(wire)) return known;
    const made = TrafficSelector.#read(wire);
    if (made) TrafficSelector.#received[slot] = made;
    return made;
  }

  static #read(wire: WireTrafficSelector): TrafficSelector | undefined {
    const size = wire.tsType === TrafficSelectorType.TS_IPV4_ADDR_RANGE ? 4 : 16;
    if (size === 16 && wire.tsType !== TrafficSelectorType.TS_IPV6_ADDR_RANGE) return undefined;
    if (wire.startAddress.length !== size || wire.endAddress.length !== size) return undefined;
    if (wire.startPort > wire.endPort && !(wire.startPort === MAX_PORT && wire.endPort === 0)) return undefined;
    return TrafficSelector.range(new Uint8Array(wire.startAddress), new Uint8Array(wire.endAddress), wire);
  }

  get #wireType(): TrafficSelectorType {
    return this.family === 4 ? TrafficSelectorType.TS_IPV4_ADDR_RANGE : TrafficSelectorType.TS_IPV6_ADDR_RANGE;
  }

  /** Whether `fromWire` would make an equal one of it. */
  #isWire(wire: WireTrafficSelector): boolean {
    return (
      wire.tsType === this.#wireType &&
      wire.protocol === this.protocol &&
      wire.startPort === this.startPort &&
      wire.endPort === this.endPort &&
      bytesEqual(wire.startAddress, this.startAddress) &&
      bytesEqual(wire.endAddress, this.endAddress)
    );
  }

  /** The value that goes into a TS payload. A dynamic selector is sent as the range it holds: resolve it before. */
  toWire(): WireTrafficSelector {
    return {
      tsType: this.#wireType,
      protocol: this.protocol,
      startPort: this.startPort,
      endPort: this.endPort,
      startAddress: this.startAddress,
      endAddress: this.endAddress,
    };
  }

  /** One address only. A dynamic selector counts as one, as that is what becomes of it. */
  get isHost(): boolean {
    return this.isDynamic || bytesEqual(this.startAddress, this.endAddress);
  }

  /** Ports that are not available, as in fragments (RFC 4301 section 4.4.1.1). */
  get isOpaque(): boolean {
    return this.startPort === MAX_PORT && this.endPort === 0;
  }

  get isAnyPort(): boolean {
    return this.startPort === 0 && this.endPort === MAX_PORT;
  }

  /** All protocols and ports. */
  get isAnyTraffic(): boolean {
    return this.protocol === 0 && this.isAnyPort;
  }

  /** Prefix length when the range is a subnet, -1 when it is none. */
  get prefix(): number {
    return subnetPrefix(this.startAddress, this.endAddress);
  }

  /** Whether the address is in the range; ports are not looked at. */
  includes(host: Host): boolean {
    const { address } = host;
    if (host.family !== this.family) return false;
    return compareBytes(this.startAddress, address) <= 0 && compareBytes(address, this.endAddress) <= 0;
  }

  /** Whether all traffic of `other` is of this selector, too. Dynamic selectors contain only their like. */
  contains(other: TrafficSelector): boolean {
    if (this.family !== other.family || this.isDynamic !== other.isDynamic) return false;
    if (this.protocol !== 0 && this.protocol !== other.protocol) return false;
    if (!containsPorts(this, other)) return false;
    return compareBytes(this.startAddress, other.startAddress) <= 0 && compareBytes(other.endAddress, this.endAddress) <= 0;
  }

  equals(other: TrafficSelector): boolean {
    return (
      this.protocol === other.protocol &&
      this.startPort === other.startPort &&
      this.endPort === other.endPort &&
      this.isDynamic === other.isDynamic &&
      bytesEqual(this.startAddress, other.startAddress) &&
      bytesEqual(this.endAddress, other.endAddress)
    );
  }

  /**
   * The traffic that is of both, undefined when there is none. Any ports include OPAQUE ones; OPAQUE and given ports have nothing in
   * common. Answers one of the two where it can. Both must be resolved.
   */
  intersect(other: TrafficSelector): TrafficSelector | undefined {
    if (this.contains(other)) return other;
    if (other.contains(this)) return this;
    if (this.family !== other.family || this.isDynamic || other.isDynamic) return undefined;
    if (this.protocol !== other.protocol && this.protocol !== 0 && other.protocol !== 0) return undefined;
    let { startPort, endPort } = this;
    if (containsPorts(this, other)) {
      startPort = other.startPort;
      endPort = other.endPort;
    } else if (!containsPorts(other, this)) {
      if (this.isOpaque || other.isOpaque) return undefined;
      startPort = Math.max(startPort, other.startPort);
      endPort = Math.min(endPort, other.endPort);
      if (startPort > endPort) return undefined;
    }
    const start = compareBytes(this.startAddress, other.startAddress) >= 0 ? this.startAddress : other.startAddress;
    const end = compareBytes(this.endAddress, other.endAddress) <= 0 ? this.endAddress : other.endAddress;
    return TrafficSelector.range(start, end, { protocol: this.protocol || other.protocol, startPort, endPort });
  }

  /** With the given address in place of `dynamic`; itself when not dynamic. */
  withHost(host: Host): TrafficSelector {
    return this.isDynamic ? TrafficSelector.ofHost(host, this) : this;
  }

  /** `10.0.0.0/24`, `10.0.0.1..10.0.0.9`, `dynamic[tcp/http]`: strongSwan's format. */
  toString(): string {
    return (this.#text ??= printSelector(this));
  }
}

function wireSlot({ startAddress, endAddress, protocol, startPort }: WireTrafficSelector): number {
  let hash = protocol ^ (startPort << 8);
  for (let i = 0; i < startAddress.length; i++) hash = Math.imul(hash ^ startAddress[i]!, 0x01000193);
  for (let i = 0; i < endAddress.length; i++) hash = Math.imul(hash ^ endAddress[i]!, 0x01000193);
  return (hash ^ (hash >>> 16)) & (RECEIVED - 1);
}

function icmpPort(port: number): number {
  return port < 256 ? port << 8 : port;
}

function containsPorts(outer: SelectorPorts, inner: SelectorPorts): boolean {
  if (outer.startPort === 0 && outer.endPort === MAX_PORT) return true;
  if (inner.startPort > inner.endPort) return outer.startPort === inner.startPort && outer.endPort === inner.endPort;
  return outer.startPort <= inner.startPort && inner.endPort <= outer.endPort;
}

/** Prefix length of a range that is a subnet, -1 for one that is none. */
function subnetPrefix(start: Uint8Array, end: Uint8Array): number {
  let prefix = -1;
  for (let i = 0; i < start.length; i++) {
    const differing = start[i]! ^ end[i]!;
    if (prefix >= 0) {
      if (start[i] !== 0 || end[i] !== 0xff) return -1;
    } else if (differing !== 0) {
      if ((differing & (differing + 1)) !== 0 || (start[i]! & differing) !== 0) return -1;
      prefix = i * 8 + Math.clz32(differing) - 24;
    }
  }
  return prefix < 0 ? start.length * 8 : prefix;
}

/** Selectors of a host that is at another address now. */
export function followHost(selectors: readonly TrafficSelector[], from: Host, to: Host): readonly TrafficSelector[] {
  if (from.sameAddress(to)) return selectors;
  return selectors.map((selector) =>
    selector.isHost && selector.includes(from) ? TrafficSelector.ofHost(to, selector) : selector,
  );
}
