import { ChildSaState, Host, LogGroup } from "@cygnet/plugin-api";
import type { InstalledPolicy, KernelPolicy } from "@cygnet/plugin-api";
import { markOf, TrafficSelector } from "../config/index.js";
import type { ChildConfig, PeerConfig } from "../config/index.js";
import type { IkeContext } from "../ike-context.js";
import type { Path } from "../sa/ikev2/nat-detection.js";
import { resolveNames, sourceHost } from "../sa/addressing.js";

const NO_HOST = { 4: Host.any(4), 6: Host.any(6) } as const;

/** Policies of a child that has no SA. */
interface Installed {
  readonly peer: PeerConfig;
  readonly child: ChildConfig;
  /** Traps have a number among the CHILD_SAs. */
  readonly uniqueId: number;
  readonly reqid: number;
  /** Gives the reqid back, where it is not the configuration's. */
  readonly freeReqid: (() => void) | undefined;
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
  readonly policies: readonly KernelPolicy[];
  /** For whatever peer a packet is to, which is the other end then. */
  readonly isForAnyPeer: boolean;
  /** Peers, as text, that a packet was to, and the CHILD_SA with whom is being set up; "" for the one of the connection. */
  readonly pending: Set<string>;
}

/** Sets the CHILD_SA of a trap up, with the peer of the connection or between these two. Resolves with the outcome. */
export type InitiateTrapped = (peer: PeerConfig, child: ChildConfig, path?: Path) => Promise<unknown>;

/**
 * Policies without SAs: traps, which have a CHILD_SA set up when a packet meets them, and shunts, which let traffic pass or drop it. By the names
 * of their children.
 */
export class Traps {
  readonly #installed = new Map<string, Installed>();

  constructor(
    private readonly context: IkeContext,
    private readonly initiate: InitiateTrapped,
  ) {}

  /** Installs a child's policies, in place of those that it has. @returns whether it could be done; if not, why was logged */
  async install(peer: PeerConfig, child: ChildConfig): Promise<boolean> {
    await this.uninstall(child.name);
    const made = child.isShunt ? this.#shunt(peer, child) : await this.#trap(peer, child);
    if (!made) return false;
    const { ipsec } = this.context.kernel;
    const done: KernelPolicy[] = [];
    try {
      for (const policy of made.policies) {
        await ipsec.addPolicy(policy);
        done.push(policy);
      }
    } catch (error) {
      this.context.log.log(LogGroup.KNL, 1, `unable to install ${what(child)} '${child.name}': ${(error as Error).message}`);
      await this.#remove({ ...made, policies: done });
      return false;
    }
    this.#installed.set(child.name, made);
    return true;
  }

  /** @returns what there was, undefined where there was nothing */
  async uninstall(name: string): Promise<"trap" | "shunt" | undefined> {
    const found = this.#installed.get(name);
    if (!found) return undefined;
    this.#installed.delete(name);
    await this.#remove(found);
    return found.child.isShunt ? "shunt" : "trap";
  }

  list(): InstalledPolicy[] {
    return [...this.#installed.values()].map(({ peer, child, uniqueId, reqid, localTs, remoteTs }) => ({
      name: child.name,
      ikeName: peer.name,
      uniqueId,
      state: ChildSaState.ROUTED,
      mode: child.mode,
      reqid,
      label: child.definition.label,
      localTs: localTs.join(" "),
      remoteTs: remoteTs.join(" "),
    }));
  }

  /** A packet met the trap with this reqid. The kernel holds or drops it, and tells again later as long as nothing comes of it. */
  acquire(reqid: number, source?: TrafficSelector, destination?: TrafficSelector): void {
    const found = [...this.#installed.values()].find((one) => !one.child.isShunt && one.reqid === reqid);
    if (!found) return;
    if (found.isForAnyPeer && (!source || !destination)) return;
    const path = found.isForAnyPeer ? pathBetween(source!, destination!) : undefined;
    const key = path?.remote.toString() ?? "";
    if (found.pending.has(key)) return;
    const { log } = this.context;
    const packet = source && destination ? ` ${source} === ${destination}` : "";
    log.log(LogGroup.KNL, 1, `creating acquire job for policy${packet} with reqid {${reqid}}`);
    found.pending.add(key);
    const over = (): void => void found.pending.delete(key);
    this.initiate(found.peer, found.child, path).then(over, over);
  }

  /** Traffic between any hosts of one family, where the child says no addresses. */
  #shunt(peer: PeerConfig, child: ChildConfig): Installed {
    const [localTs, remoteTs] = [ofAnyHost(child.localTs), ofAnyHost(child.remoteTs)];
    const policies = policiesOf({ child, reqid: 0, hosts: undefined, localTs, remoteTs });
    const none = { uniqueId: 0, reqid: 0, freeReqid: undefined, isForAnyPeer: false, pending: new Set<string>() };
    return { ...none, peer, child, localTs, remoteTs, policies };
  }

  async #trap(peer: PeerConfig, child: ChildConfig): Promise<Installed | undefined> {
    const { context } = this;
    const { log } = context;
    await resolveNames(context, peer.ike);
    const remote = peer.ike.remoteHost();
    // Between hosts, the packet says who the peer is.
    const isForAnyPeer = !remote && child.mode === "transport" && !peer.ike.isPeerNamed;
    if (isForAnyPeer) return this.#installable(peer, child, undefined);
    if (!remote) {
      log.log(LogGroup.CFG, 1, "installing trap failed, remote address unknown");
      return undefined;
    }
    const local = await sourceHost(context, peer.ike, remote);
    if (local.isAny) {
      log.log(LogGroup.CFG, 1, "installing trap failed, local address unknown");
      return undefined;
    }
    return this.#installable(peer, child, { local, remote });
  }

  /** @param hosts undefined for any peer */
  #installable(peer: PeerConfig, child: ChildConfig, hosts: Path | undefined): Installed {
    const { context } = this;
    const { kernel } = context;
    const localTs = hosts ? child.selectors("local", undefined, [hosts.local]) : ofAnyHost(child.localTs);
    const remoteTs = hosts ? child.selectors("remote", undefined, [hosts.remote]) : ofAnyHost(child.remoteTs);
    const { reqids } = kernel;
    const reqid = child.reqid === 0 ? reqids.acquire({ localTs, remoteTs, config: child }) : child.reqid;
    const unbind = child.reqid === 0 && !hosts ? reqids.bind(child, reqid) : undefined;
    const free = (): void => {
      unbind?.();
      reqids.release(reqid);
    };
    const freeReqid = child.reqid === 0 ? free : undefined;
    const policies = policiesOf({ child, reqid, hosts, localTs, remoteTs });
    const uniqueId = context.control.nextChildSaId();
    const isForAnyPeer = hosts === undefined;
    return { peer, child, uniqueId, reqid, freeReqid, localTs, remoteTs, policies, isForAnyPeer, pending: new Set() };
  }

  async #remove({ policies, child, freeReqid }: Installed): Promise<void> {
    const { kernel, log } = this.context;
    for (const policy of policies) {
      try {
        await kernel.ipsec.deletePolicy(policy);
      } catch (error) {
        log.log(LogGroup.KNL, 1, `unable to uninstall ${what(child)} '${child.name}': ${(error as Error).message}`);
      }
    }
    freeReqid?.();
  }
}

/** Selectors without an address are of any, of both families. */
const ofAnyHost = (selectors: readonly TrafficSelector[]): TrafficSelector[] =>
  selectors.flatMap((ts) => (ts.isDynamic ? ([4, 6] as const).map((family) => TrafficSelector.any(family, ts)) : [ts]));

const pathBetween = (source: TrafficSelector, destination: TrafficSelector): Path => ({
  local: new Host(source.family, source.startAddress, 0),
  remote: new Host(destination.family, destination.startAddress, 0),
});

const what = ({ isShunt, mode }: ChildConfig): string => (isShunt ? `${mode} policy` : "trap");

interface PolicyTerms {
  readonly child: ChildConfig;
  readonly reqid: number;
  /** Ends of the tunnel, undefined where they are not known. */
  readonly hosts: Path | undefined;
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
}

/** In, out, and forwarded unless it is for hosts alone. */
function policiesOf({ child, reqid, hosts, localTs, remoteTs }: PolicyTerms): KernelPolicy[] {
  const { mode, protocol } = child;
  const [markIn, markOut] = [markOf(child.markIn, reqid, "in"), markOf(child.markOut, reqid, "out")];
  const type = mode === "pass" || mode === "drop" ? mode : "ipsec";
  const priority = mode === "pass" ? "pass" : mode === "drop" ? "fallback" : "routed";
  const common = { type, priority, reqid, mode, protocol, spi: 0, manualPriority: child.priority, icmp: child.icmp } as const;
  const [ifIdIn, ifIdOut] = [markOf(child.ifIdIn, reqid, "in").value, markOf(child.ifIdOut, reqid, "out").value];
  const outbound = {
    ...common,
    mark: markOut,
    interfaceId: ifIdOut,
    networkInterface: child.interface,
  } as const;
  const inbound = { ...common, mark: markIn, interfaceId: ifIdIn } as const;
  const policies: KernelPolicy[] = [];
  for (const own of localTs) {
    const { local, remote } = hosts ?? { local: NO_HOST[own.family], remote: NO_HOST[own.family] };
    const out = { tunnelSource: local, tunnelDestination: remote } as const;
    const back = { tunnelSource: remote, tunnelDestination: local } as const;
    for (const peers of remoteTs.filter(({ family }) => family === own.family)) {
      policies.push({ ...outbound, ...out, direction: "out", source: own, destination: peers });
      policies.push({ ...inbound, ...back, direction: "in", source: peers, destination: own });
      if (mode !== "transport") policies.push({ ...inbound, ...back, direction: "fwd", source: peers, destination: own });
    }
  }
  return policies;
}
