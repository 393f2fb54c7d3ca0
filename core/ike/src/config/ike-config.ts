import { Host } from "@cygnet/plugin-api";
import type { IkeDefinition, PeerDefinition } from "@cygnet/plugin-api";
import type { Proposal } from "@cygnet/crypto";
import { bestQuality, firstHost } from "./address-matcher.js";
import type { AddressMatcher } from "./address-matcher.js";

/** Weights of the two sides: knowing the peer says more than knowing which of our addresses it used. */
const LOCAL_WEIGHT = 4;
const REMOTE_WEIGHT = 8;

/** What of a connection is its IKE configuration. */
export const IKE_FIELDS = [
  "version",
  "localAddresses",
  "remoteAddresses",
  "localPort",
  "remotePort",
  "proposals",
  "aggressive",
  "forceEncap",
  "fragmentation",
  "childless",
  "sendCertRequest",
  "dscp",
] as const satisfies (keyof IkeDefinition)[];

/** What an IKE_SA needs before the peer has said who it is. Immutable, except that host names get resolved. */
export class IkeConfig {
  readonly version: 0 | 1 | 2;
  readonly localPort: number;
  readonly remotePort: number;
  readonly aggressive: boolean;
  readonly forceEncap: boolean;
  readonly fragmentation: PeerDefinition["fragmentation"];
  readonly childless: PeerDefinition["childless"];
  readonly sendCertRequest: boolean;
  readonly dscp: number;
  /** Whether any address is a host name. */
  readonly hasNames: boolean;

  constructor(
    definition: IkeDefinition,
    readonly local: readonly AddressMatcher[],
    readonly remote: readonly AddressMatcher[],
    /** In order of preference. */
    readonly proposals: readonly Proposal[],
  ) {
    this.version = definition.version;
    this.localPort = definition.localPort;
    this.remotePort = definition.remotePort;
    this.aggressive = definition.aggressive;
    this.forceEncap = definition.forceEncap;
    this.fragmentation = definition.fragmentation;
    this.childless = definition.childless;
    this.sendCertRequest = definition.sendCertRequest;
    this.dscp = definition.dscp;
    this.hasNames = local.some(isName) || remote.some(isName);
  }

  /** @param version 1 or 2, 0 for any */
  allows(version: 0 | 1 | 2): boolean {
    return version === 0 || this.version === 0 || this.version === version;
  }

  /** How well it fits a pair of addresses: 0 not at all, more for more specific ones. Ports are not looked at. */
  quality(local: Host, remote: Host): number {
    const ours = bestQuality(this.local, local);
    if (ours === 0) return 0;
    const theirs = bestQuality(this.remote, remote);
    return theirs === 0 ? 0 : ours * LOCAL_WEIGHT + theirs * REMOTE_WEIGHT;
  }

  /**
   * Where to send from when we initiate; `%any` of the family with our port when the kernel shall choose.
   * @param ownPort the daemon's port, which 500 stands for
   */
  localHost(family: 4 | 6, ownPort: number): Host {
    const port = this.localPort === 500 ? ownPort : this.localPort;
    return (firstHost(this.local, family) ?? Host.any(family)).withPort(port);
  }

  /**
   * Where to send to when we initiate, undefined when only the peer can (`%any`, a subnet, an unresolved name).
   * @param family any by default
   */
  remoteHost(family?: 4 | 6): Host | undefined {
    return firstHost(this.remote, family)?.withPort(this.remotePort);
  }

  /** Whether the peer has a host name that may stand for an address. */
  get isPeerNamed(): boolean {
    return this.remote.some(isName);
  }

  /** Entries that are host names. */
  *names(): Iterable<AddressMatcher> {
    for (const matcher of this.local) if (isName(matcher)) yield matcher;
    for (const matcher of this.remote) if (isName(matcher)) yield matcher;
  }

  /** `10.9.0.2...%any`: the addresses as configured, lists joined by commas. */
  toString(): string {
    return `${textOf(this.local)}...${this.remoteText}`;
  }

  /** The peer's addresses as configured, joined by commas. */
  get remoteText(): string {
    return textOf(this.remote);
  }
}

const isName = (matcher: AddressMatcher): boolean => matcher.kind === "name";
const textOf = (matchers: readonly AddressMatcher[]): string => matchers.map(({ text }) => text).join(",");
