import type { Host, NarrowStage, TrafficRange } from "@cygnet/plugin-api";
import type { TsPayload } from "@cygnet/wire";
import { TrafficSelector, ofHosts, resolveDynamic } from "../../config/index.js";
import type { ChildConfig } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { ChildSa } from "../child-sa.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";

/** What dynamic selectors of our side stand for: our virtual IPs, or our address. */
export function localHosts(ikeSa: IkeSa): readonly Host[] {
  return ikeSa.localVirtualIps.length > 0 ? ikeSa.localVirtualIps : [ikeSa.local];
}

/** What dynamic selectors of the peer's side stand for: the addresses that it has of us, or its own. */
export function remoteHosts(ikeSa: IkeSa): readonly Host[] {
  return ikeSa.remoteVirtualIps.length > 0 ? ikeSa.remoteVirtualIps : [ikeSa.remote];
}

/** The selectors of our side to propose. While we ask for a virtual IP, dynamic ones stand for anything. */
export function proposedLocal(ikeSa: IkeSa, config: ChildConfig): readonly TrafficSelector[] {
  const asked = ikeSa.peerConfig?.virtualIps ?? [];
  const { localTs } = config;
  if (ikeSa.localVirtualIps.length > 0 || asked.length === 0) return proposed("local", config, localHosts(ikeSa));
  const families = [...new Set(asked.map((host) => host.family))];
  return localTs.flatMap((ts) => (ts.isDynamic ? families.map((family) => TrafficSelector.any(family, ts)) : [ts]));
}

/** The selectors of the peer's side to propose. */
export function proposedRemote(ikeSa: IkeSa, config: ChildConfig): readonly TrafficSelector[] {
  return proposed("remote", config, remoteHosts(ikeSa));
}

/** Selectors that transport mode leaves nothing of are proposed all the same, for the peer to refuse, or to agree to in tunnel mode. */
function proposed(side: "local" | "remote", config: ChildConfig, hosts: readonly Host[]): readonly TrafficSelector[] {
  const selectors = config.selectors(side, undefined, hosts);
  return selectors.length > 0 ? selectors : resolveDynamic(side === "local" ? config.localTs : config.remoteTs, hosts);
}

/**
 * Selectors of transport mode as they look from here: an end behind a NAT, us or the peer, has another address to the other end than to itself
 * (RFC 7296 section 2.23.1). Subnets, which stand for no such end, stay.
 */
export function translated(ikeSa: IkeSa, local: readonly TrafficSelector[], remote: readonly TrafficSelector[]): BothSides {
  return {
    local: ikeSa.has(Condition.NAT_HERE) ? withHost(local, localHosts(ikeSa)[0]!) : local,
    remote: ikeSa.has(Condition.NAT_THERE) ? withHost(remote, remoteHosts(ikeSa)[0]!) : remote,
  };
}

/** What a response agrees to in transport mode, as it looks from here: no more than the hosts, whatever was proposed. */
export function betweenHosts(ikeSa: IkeSa, tsi: readonly TrafficSelector[], tsr: readonly TrafficSelector[]): BothSides {
  const { local, remote } = translated(ikeSa, tsi, tsr);
  return { local: ofHosts(local, localHosts(ikeSa)), remote: ofHosts(remote, remoteHosts(ikeSa)) };
}

const withHost = (list: readonly TrafficSelector[], host: Host): readonly TrafficSelector[] =>
  list.map((ts) => (ts.isHost ? TrafficSelector.ofHost(host, ts) : ts));

/** Selectors of both sides of a CHILD_SA. */
export interface BothSides {
  readonly local: readonly TrafficSelector[];
  readonly remote: readonly TrafficSelector[];
}

/** What a TS payload holds. Selectors of types that we do not know are left out. */
export function selectorsOf(payload: TsPayload): TrafficSelector[] {
  const selectors: TrafficSelector[] = [];
  for (const wire of payload.selectors) {
    const selector = TrafficSelector.fromWire(wire);
    if (selector) selectors.push(selector);
  }
  return selectors;
}

/** What the listeners of `narrow` leave of local and remote selectors. */
export function narrowedByListeners(
  { bus }: IkeContext,
  ikeSa: IkeSa,
  child: ChildSa,
  stage: NarrowStage,
  localTs: readonly TrafficSelector[],
  remoteTs: readonly TrafficSelector[],
): [local: readonly TrafficSelector[], remote: readonly TrafficSelector[]] {
  const local: TrafficRange[] = [...localTs];
  const remote: TrafficRange[] = [...remoteTs];
  bus.narrow(ikeSa, child, stage, local, remote);
  return [local.map((range) => TrafficSelector.of(range)), remote.map((range) => TrafficSelector.of(range))];
}
