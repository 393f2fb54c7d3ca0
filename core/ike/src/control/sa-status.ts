import { IkeSaState } from "@cygnet/plugin-api";
import type { ChildSaStatus, IkeSaStatus, MaybePromise, SaSelector } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { ChildUse } from "../kernel/kernel-interface.js";
import type { ChildSa } from "../sa/child-sa.js";
import { Condition } from "../sa/ike-sa.js";
import type { IkeSa } from "../sa/ike-sa.js";
import type { IkeSaGlance } from "../sa/rest/ike-sa-record.js";
import { TaskType } from "../sa/ikev2/task.js";
import type { Task } from "../sa/ikev2/task.js";
import { Host } from "@cygnet/plugin-api";
import { compareAddresses } from "./address-order.js";

/** Whether an IKE_SA is one that a command is for, but for its virtual IPs. */
export function isSelected(ikeSa: IkeSaGlance, selector: SaSelector): boolean {
  const name = ikeSa.peerConfig?.name ?? "";
  if (selector.ikeId !== undefined && ikeSa.uniqueId !== selector.ikeId) return false;
  if (selector.ikeName !== undefined && name !== selector.ikeName && selector.childName === undefined) return false;
  if (selector.childId !== undefined && !ikeSa.hasChild(selector.childId)) return false;
  // With both names given, either will do: `status NAME` shows what is called so.
  return selector.childName === undefined || name === selector.ikeName || ikeSa.hasChildNamed(selector.childName);
}

/** Whether it is one by the virtual IPs, too. */
export function isSelectedByAddress({ remoteVirtualIps }: IkeSa, { virtualIpFrom: from, virtualIpTo }: SaSelector): boolean {
  if (from === undefined) return true;
  const to = virtualIpTo ?? from;
  const first = Host.parse(from);
  const last = Host.parse(to);
  if (!first || !last) return false;
  return remoteVirtualIps.some((host) => compareAddresses(first, host) <= 0 && compareAddresses(host, last) <= 0);
}

/** A snapshot of an IKE_SA as plain data; `withUse` asks the kernel for octet counts. */
export function ikeSaStatus(context: IkeContext, ikeSa: IkeSa, withUse: boolean): MaybePromise<IkeSaStatus> {
  const children = ikeSa.children.map((child) =>
    withUse ? usedChildStatus(context, child) : childStatus(context, child, NO_USE),
  );
  if (!children.some((child) => child instanceof Promise)) return withChildren(context, ikeSa, children as ChildSaStatus[]);
  // As it is now, whatever becomes of it until the kernel has answered.
  const status = withChildren(context, ikeSa, []);
  return Promise.all(children).then((all) => ({ ...status, children: all }));
}

function withChildren(context: IkeContext, ikeSa: IkeSa, children: readonly ChildSaStatus[]): IkeSaStatus {
  const now = context.clock.nowMs;
  const seconds = (atMs: number): number | undefined => (atMs === 0 ? undefined : Math.max(0, Math.floor((atMs - now) / 1000)));
  const { tasks } = ikeSa;
  return {
    uniqueId: ikeSa.uniqueId,
    name: ikeSa.name || "(unnamed)",
    version: ikeSa.version,
    state: ikeSa.state,
    isInitiator: ikeSa.isInitiator,
    initiatorSpi: ikeSa.initiatorSpi,
    responderSpi: ikeSa.responderSpi,
    local: ikeSa.local.toString(),
    localPort: ikeSa.local.port,
    localId: String(ikeSa.localId ?? "%any"),
    remote: ikeSa.remote.toString(),
    remotePort: ikeSa.remote.port,
    remoteId: String(ikeSa.remoteId ?? "%any"),
    remoteEapId: undefined,
    establishedSeconds: ikeSa.state < IkeSaState.ESTABLISHED ? undefined : Math.floor((now - ikeSa.establishedAtMs) / 1000),
    rekeySeconds: seconds(ikeSa.rekeyAtMs),
    reauthSeconds: seconds(ikeSa.reauthAtMs),
    reauthMethods: reauthMethods(ikeSa),
    proposal: ikeSa.suite ? ikeSa.suite.proposal.algorithms : "",
    algorithms: ikeSa.suite?.proposal.selected,
    natLocal: ikeSa.has(Condition.NAT_HERE),
    natRemote: ikeSa.has(Condition.NAT_THERE),
    natFake: ikeSa.has(Condition.NAT_FAKE),
    localVirtualIps: ikeSa.localVirtualIps.map(String),
    remoteVirtualIps: ikeSa.remoteVirtualIps.map(String),
    tasksQueued: taskNames(tasks.queued),
    tasksActive: taskNames(tasks.active),
    tasksPassive: taskNames(tasks.passive),
    children,
  };
}

const NO_USE: ChildUse = { inbound: undefined, outbound: undefined };

function usedChildStatus(context: IkeContext, child: ChildSa): MaybePromise<ChildSaStatus> {
  const use = context.kernel.use(child);
  if (!(use instanceof Promise)) return childStatus(context, child, use);
  const status = childStatus(context, child, NO_USE);
  return use.then((settled) => ({ ...status, ...usage(context, settled) }));
}

type Usage = Pick<ChildSaStatus, "bytesIn" | "bytesOut" | "packetsIn" | "packetsOut" | "idleInSeconds" | "idleOutSeconds">;

function usage({ clock }: IkeContext, { inbound, outbound }: ChildUse): Usage {
  const idle = (lastUseMs: number | undefined): number | undefined =>
    lastUseMs ? Math.max(0, Math.floor((clock.wallMs - lastUseMs) / 1000)) : undefined;
  return {
    bytesIn: inbound?.bytes ?? 0,
    bytesOut: outbound?.bytes ?? 0,
    packetsIn: inbound?.packets ?? 0,
    packetsOut: outbound?.packets ?? 0,
    idleInSeconds: idle(inbound?.lastUseMs),
    idleOutSeconds: idle(outbound?.lastUseMs),
  };
}

function childStatus(context: IkeContext, child: ChildSa, use: ChildUse): ChildSaStatus {
  const { clock } = context;
  const left = (atMs: number): number | undefined =>
    atMs === 0 ? undefined : Math.max(0, Math.floor((atMs - clock.nowMs) / 1000));
  return {
    uniqueId: child.uniqueId,
    name: child.name,
    state: child.state,
    mode: child.mode,
    proxyMode: child.config.proxyMode,
    label: child.config.definition.label,
    reqid: child.reqid,
    protocol: child.protocol,
    udpEncap: child.udpEncap,
    spiIn: child.spiIn,
    spiOut: child.spiOut,
    cpiIn: child.cpiIn,
    cpiOut: child.cpiOut,
    markIn: child.markIn,
    markOut: child.markOut,
    ifIdIn: child.ifIdIn,
    ifIdOut: child.ifIdOut,
    algorithms: child.proposal?.selected,
    proposal: child.proposal ? child.proposal.algorithms.replace(/\/NO_EXT_SEQ$/, "") : "",
    ...usage(context, use),
    rekeySeconds: left(child.rekeyAtMs),
    expireSeconds: left(child.expireAtMs),
    installedSeconds: child.installedAtMs === 0 ? undefined : Math.floor((clock.nowMs - child.installedAtMs) / 1000),
    localTs: child.localTs.join(" "),
    remoteTs: child.remoteTs.join(" "),
  };
}

const METHOD_NAMES: Readonly<Record<string, string>> = {
  psk: "pre-shared key",
  pubkey: "public key",
  eap: "EAP",
  xauth: "XAuth",
  any: "any",
};

/** How we authenticate, all rounds: `public key+EAP`. */
function reauthMethods(ikeSa: IkeSa): string {
  return (ikeSa.peerConfig?.local ?? []).map((round) => METHOD_NAMES[round.auth]).join("+");
}

const taskNames = (tasks: readonly Task[]): string[] => tasks.map((task) => TaskType[task.type]);
