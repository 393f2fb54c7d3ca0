import { Host } from "@cygnet/plugin-api";
import { compareBytes } from "../identity/text.js";
import { TrafficSelector } from "./traffic-selector.js";

/** Quality of a match by a single address; `%any` is 1, subnets lie between by their prefix. */
const ADDRESS_MATCH_EXACT = 130;

/** Host names as RFC 1123 has them, underscores allowed for what is out there. */
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
/** Nothing but numbers and dots is a mistyped address, never a name. */
const NUMERIC = /^[0-9.]+$/;

/**
 * One entry of a connection's local or remote addresses: an address, a subnet, a range, `%any`, or a host name.
 *
 * A host name matches nothing until `resolve` has told its addresses; it is the one part of a compiled configuration that changes.
 */
export class AddressMatcher {
  #hosts: readonly Host[];

  private constructor(
    /** As configured. */
    readonly text: string,
    readonly kind: "any" | "address" | "range" | "name",
    /** For `%any6` and `%any4`: the only family it takes. */
    readonly family: 4 | 6 | undefined,
    private readonly range: TrafficSelector | undefined,
    hosts: readonly Host[],
  ) {
    this.#hosts = hosts;
  }

  /** @returns undefined when `text` is no address in any form */
  static parse(text: string): AddressMatcher | undefined {
    if (text === "%any" || text === "%defaultroute" || text === "" || text === "0.0.0.0/0") {
      return new AddressMatcher(text, "any", undefined, undefined, []);
    }
    const host = Host.parse(text);
    if (host?.isAny) {
      const family = text === "%any4" ? 4 : host.family === 6 ? 6 : undefined;
      return new AddressMatcher(text, "any", family, undefined, []);
    }
    if (host) return new AddressMatcher(text, "address", host.family, undefined, [host]);
    if (/[/[\]]/.test(text) || /^[0-9a-fA-F.:]+-[0-9a-fA-F.:]+$/.test(text)) {
      const range = text.includes("[") ? undefined : TrafficSelector.parse(text);
      return range && !range.isDynamic ? new AddressMatcher(text, "range", range.family, range, []) : undefined;
    }
    return HOST_NAME.test(text) && !NUMERIC.test(text) ? new AddressMatcher(text, "name", undefined, undefined, []) : undefined;
  }

  /** The addresses it stands for: its own, or what its name was resolved to. Empty for `%any`, subnets and ranges. */
  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /** Sets the addresses of a host name. Without effect on other kinds. */
  resolve(hosts: readonly Host[]): void {
    if (this.kind === "name") this.#hosts = hosts;
  }

  /** 0 for no match, 1 for `%any`, up to `ADDRESS_MATCH_EXACT`. An unspecified `host` matches all. Ports are not looked at. */
  quality(host: Host): number {
    if (host.isAny) return 1;
    switch (this.kind) {
      case "any":
        return this.family === undefined || this.family === host.family ? 1 : 0;
      case "range":
        return this.range!.includes(host) ? 1 + rangePrefix(this.range!) : 0;
      default:
        for (const own of this.#hosts) if (own.sameAddress(host)) return ADDRESS_MATCH_EXACT;
        return 0;
    }
  }
}

/** Leading bits that the ends of a range have in common: how specific it is. */
function rangePrefix(range: TrafficSelector): number {
  const { startAddress, endAddress } = range;
  if (compareBytes(startAddress, endAddress) === 0) return startAddress.length * 8;
  for (let i = 0; i < startAddress.length; i++) {
    const differing = startAddress[i]! ^ endAddress[i]!;
    if (differing !== 0) return i * 8 + Math.clz32(differing) - 24;
  }
  return 0;
}

/** The best quality of a list, 0 for none. */
export function bestQuality(matchers: readonly AddressMatcher[], host: Host): number {
  let best = 0;
  for (const matcher of matchers) {
    const quality = matcher.quality(host);
    if (quality > best) best = quality;
  }
  return best;
}

/** The first address of a list that can be sent to, undefined when there is none (`%any`, unresolved names). */
export function firstHost(matchers: readonly AddressMatcher[], family?: 4 | 6): Host | undefined {
  for (const matcher of matchers)
    for (const host of matcher.hosts) if (family === undefined || host.family === family) return host;
  return undefined;
}
