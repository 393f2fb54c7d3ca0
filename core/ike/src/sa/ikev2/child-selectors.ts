import type { NarrowStage, TrafficRange } from "@cygnet/plugin-api";
import type { TsPayload } from "@cygnet/wire";
import { TrafficSelector, resolveDynamic } from "../../config/index.js";
import type { ChildConfig } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { ChildSa } from "../child-sa.js";
import type { IkeSa } from "../ike-sa.js";

/** The selectors of our side to propose: dynamic ones stand for our virtual IPs, or anything while we ask for one, or our address. */
export function proposedLocal(ikeSa: IkeSa, { localTs }: ChildConfig): readonly TrafficSelector[] {
  const asked = ikeSa.peerConfig?.virtualIps ?? [];
  if (ikeSa.localVirtualIps.length > 0) return resolveDynamic(localTs, ikeSa.localVirtualIps);
  if (asked.length === 0) return resolveDynamic(localTs, [ikeSa.local]);
  const families = [...new Set(asked.map((host) => host.family))];
  return localTs.flatMap((ts) => (ts.isDynamic ? families.map((family) => TrafficSelector.any(family, ts)) : [ts]));
}

/** The selectors of the peer's side to propose: dynamic ones stand for the addresses that it has of us, or its own. */
export function proposedRemote(ikeSa: IkeSa, { remoteTs }: ChildConfig): readonly TrafficSelector[] {
  return resolveDynamic(remoteTs, ikeSa.remoteVirtualIps.length > 0 ? ikeSa.remoteVirtualIps : [ikeSa.remote]);
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
