import type { Host } from "./host.js";
import type { MaybePromise } from "./job.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** ESP (3) or AH (2), the protocol numbers of RFC 7296 section 3.3.1. */
export type IpsecProtocol = 2 | 3;

/** How a CHILD_SA carries packets. PASS and DROP are shunts, not SAs. */
export type IpsecMode = "tunnel" | "transport" | "beet" | "pass" | "drop";

/** A traffic selector as ranges; ports 0..65535 is any, start 65535 with end 0 is OPAQUE (RFC 7296 section 3.13.1). */
export interface TrafficRange {
  readonly family: 4 | 6;
  /** IP protocol, 0 for any. */
  readonly protocol: number;
  readonly startPort: number;
  readonly endPort: number;
  /** First and last address, network order, both of the family's size. */
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
}

/** Names one SA in the kernel. */
export interface KernelSaId {
  readonly source: Host;
  readonly destination: Host;
  /** Host order number; printed with 8 hex digits. */
  readonly spi: number;
  readonly protocol: IpsecProtocol;
  /** Of the IPComp SA that goes with it, and is added, moved and deleted with it (RFC 3173); 0 (the default) for none. */
  readonly cpi?: number;
}

/** What `addSa` installs. Keys are views valid during the call only. */
export interface KernelSa {
  readonly reqid: number;
  readonly mode: IpsecMode;
  readonly inbound: boolean;
  readonly encryption: number;
  readonly encryptionKey: Uint8Array;
  readonly integrity: number;
  readonly integrityKey: Uint8Array;
  /** Seconds and counts until the kernel raises soft (rekey) and hard (delete) expiries; 0 for never. */
  readonly lifetime: KernelLifetime;
  readonly esn: boolean;
  /** Packets of the anti-replay window, 0 for none. */
  readonly replayWindow: number;
  readonly udpEncap: boolean;
  readonly markIn: KernelMark;
  readonly markOut: KernelMark;
  readonly localTs: readonly TrafficRange[];
  readonly remoteTs: readonly TrafficRange[];
  /** The SPI was allocated by `getSpi`. */
  readonly update: boolean;
  /** The inbound SA has `markIn`; false by default, as its policies have it. The outbound one always has `markOut`. */
  readonly markInSa?: boolean;
  /** Mark that packets get which the SA has processed; a mask of 0 (the default) for none. */
  readonly setMark?: KernelMark;
  /** ICMP errors on the traffic of the inbound SA pass; false by default. */
  readonly icmp?: boolean;
  /** XFRM interface that it is bound to, 0 (the default) for none. */
  readonly interfaceId?: number;
  /** Which way DSCP passes between inner and outer header in tunnel mode; `out`, from inner to outer, by default. */
  readonly copyDscp?: "no" | "in" | "out" | "yes";
  /** Whether ECN does (RFC 6040); true by default. */
  readonly copyEcn?: boolean;
  /** Whether the DF bit is copied from the inner to the outer header in tunnel mode; true by default. */
  readonly copyDf?: boolean;
  /** Octets that packets are padded to (TFC), 0 (the default) for none, more than any packet has for the path's MTU. */
  readonly tfcPadding?: number;
  /** Whether the network card encrypts: `yes` insists on it, `auto` goes on without; `no` by default. */
  readonly hwOffload?: "no" | "yes" | "auto";
}

export interface KernelLifetime {
  readonly rekeySeconds: number;
  readonly lifeSeconds: number;
  readonly rekeyBytes: number;
  readonly lifeBytes: number;
  readonly rekeyPackets: number;
  readonly lifePackets: number;
}

export interface KernelMark {
  readonly value: number;
  readonly mask: number;
}

/** One policy: what traffic in which direction uses which SA. */
export interface KernelPolicy {
  readonly direction: "in" | "out" | "fwd";
  readonly source: TrafficRange;
  readonly destination: TrafficRange;
  readonly type: "ipsec" | "pass" | "drop";
  readonly priority: "default" | "routed" | "fallback" | "pass";
  readonly reqid: number;
  readonly mode: IpsecMode;
  readonly protocol: IpsecProtocol;
  readonly tunnelSource: Host;
  readonly tunnelDestination: Host;
  readonly spi: number;
  /** Of the IPComp SA that packets go through first, 0 (the default) for none. */
  readonly cpi?: number;
  readonly mark: KernelMark;
  /** In place of a priority that the stack computes, the lower the better; 0 (the default) for none. */
  readonly manualPriority?: number;
  /** ICMP errors on the traffic are taken for it; false by default. */
  readonly icmp?: boolean;
  /** Name of the only network interface that it is for; undefined (the default) for any. */
  readonly networkInterface?: string | undefined;
  /** XFRM interface that it is for, 0 (the default) for none. */
  readonly interfaceId?: number;
}

/** Use of one SA. `lastUseMs` is wall time since the epoch, 0 for never. */
export interface KernelSaUse {
  readonly bytes: number;
  readonly packets: number;
  readonly lastUseMs: number;
}

/**
 * The IPsec stack below: feature `CUSTOM:kernel-ipsec`. Failures throw `SystemError` with the errno and the SA or policy concerned.
 */
export interface KernelIpsec {
  getSpi(source: Host, destination: Host, protocol: IpsecProtocol): MaybePromise<number>;
  getCpi(source: Host, destination: Host): MaybePromise<number>;
  /** Gives one back that no SA has come of. */
  releaseCpi(source: Host, destination: Host, cpi: number): MaybePromise<void>;
  addSa(id: KernelSaId, sa: KernelSa): MaybePromise<void>;
  /** Moves an SA to new addresses; undefined result means done, `"unsupported"` that the SA must be rekeyed instead. */
  updateSa(id: KernelSaId, source: Host, destination: Host, udpEncap: boolean): MaybePromise<void | "unsupported">;
  /** Undefined when the stack keeps no such figures. */
  querySa(id: KernelSaId): MaybePromise<KernelSaUse | undefined>;
  deleteSa(id: KernelSaId): MaybePromise<void>;
  addPolicy(policy: KernelPolicy): MaybePromise<void>;
  deletePolicy(policy: KernelPolicy): MaybePromise<void>;
  /**
   * Prepares a bound UDP socket of the daemon: policies for traffic must not apply to IKE itself, and on the NAT-T port the stack may have to take
   * ESP out of UDP. Failures are logged.
   */
  prepareSocket?(socket: IkeSocket): void;
  /** The stack always wraps ESP into UDP (kernel-libipsec), so NAT traversal must be enforced. */
  readonly requiresUdpEncap: boolean;
  /** Packets go through its tunnels, so that virtual IPs are of use; false by default. */
  readonly carriesTraffic?: boolean;
  /** Whether `KernelEvents.expire` is called when lifetimes end; if not, the core keeps the times itself. */
  readonly raisesExpires: boolean;
}

/** A socket that IKE messages are received on. */
export interface IkeSocket {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly port: number;
  readonly natT: boolean;
}

/** Addresses, interfaces and routes: feature `CUSTOM:kernel-net`. */
export interface KernelNet {
  /**
   * The address this machine would use towards `destination`. Undefined when there is no route.
   * @param preferred one of ours, which is it as long as its interface leads there
   */
  sourceAddress(destination: Host, preferred?: Host): MaybePromise<Host | undefined>;
  /** Name of the usable interface that has this address. */
  interfaceOf(address: Host): MaybePromise<string | undefined>;
  /** Usable addresses without loopback, in interface order. */
  addresses(): MaybePromise<readonly Host[]>;
  /** An address of this host in the range, virtual IPs included: the preferred one if it is. */
  addressWithin?(range: TrafficRange, preferred: Host): MaybePromise<Host | undefined>;
  /** Networks that are reached without a router, as the main routing table has them; left out where that is not known. */
  localSubnets?(): MaybePromise<readonly LocalSubnet[]>;
  addVirtualIp(address: Host, prefix: number, interfaceName: string): MaybePromise<void>;
  deleteVirtualIp(address: Host, prefix: number): MaybePromise<void>;
  addRoute(route: KernelRoute): MaybePromise<void>;
  deleteRoute(route: KernelRoute): MaybePromise<void>;
}

/** A network on a link of this host. */
export interface LocalSubnet {
  readonly address: Host;
  readonly prefix: number;
  readonly interfaceName: string;
}

export interface KernelRoute {
  readonly destination: Uint8Array;
  readonly prefix: number;
  readonly gateway: Host | undefined;
  readonly source: Host;
  readonly interfaceName: string;
}

/** What the kernel tells us; plugins call these on `KernelEvents`. */
export interface KernelEvents {
  /** A packet met a trap. Its ends, where the kernel tells them. */
  acquire(reqid: number, source?: TrafficRange, destination?: TrafficRange): void;
  expire(protocol: IpsecProtocol, spi: number, destination: Host, hard: boolean): void;
  mapping(protocol: IpsecProtocol, spi: number, destination: Host, remote: Host): void;
  /** Somebody else, such as a daemon of Mobile IPv6, has moved an SA and its policies: where its IKE_SA is now, without ports. */
  migrate(protocol: IpsecProtocol, spi: number, destination: Host, local: Host, remote: Host): void;
  /** Addresses or routes changed; calls close together are made into one. */
  roam(addressChanged: boolean): void;
}

/** Holds the kernel interfaces in use; the first registration of each kind wins. */
export interface KernelManager {
  addIpsec(kernel: KernelIpsec): () => void;
  addNet(net: KernelNet): () => void;
  readonly events: KernelEvents;
  /** Has changes of addresses and routes told, beside the core. @returns the undo */
  onRoam(listener: () => void): () => void;
  readonly ipsec: KernelIpsec | undefined;
  readonly net: KernelNet | undefined;
}

export const KernelManager: ServiceToken<KernelManager> = serviceToken("KernelManager");
