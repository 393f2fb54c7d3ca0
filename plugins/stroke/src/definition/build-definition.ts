import { LogGroup, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { ChildDefinition, Logger, PeerDefinition } from "@cygnet/plugin-api";
import { authRounds } from "./auth-rounds.js";
import { childLifetimes, ikeLifetimes } from "./lifetimes.js";
import { settingsWithoutEffect } from "./no-effect.js";
import { selectorsOf } from "./selectors.js";
import { splitList } from "./stroke-end.js";
import type { AddConnFields, StrokeEnd } from "./stroke-end.js";
import type { Ends } from "./swap-ends.js";
import { poolsOf, virtualIpsOf } from "./virtual-ips.js";
import type { PoolUse } from "./virtual-ips.js";

/** What an ADD_CONN request comes to. */
export interface BuiltConnection {
  /** With exactly one child, which is called like the connection. */
  readonly peer: PeerDefinition;
  readonly pools: PoolUse;
  /** DNS servers to serve the peer. */
  readonly dns: readonly string[];
}

const ALL_BITS = 0xffffffff;
const UNIQUE_DIRECTION = 0xfffffffe;
const TFC_MTU = 0xffffffff;
const DEFAULT_REPLAY_WINDOW = 0xffffffff;
const FRAGMENTATION = ["no", "accept", "yes", "force"] as const;
const SEND_CERT = ["always", "ifasked", "never"] as const;
const UNIQUE = ["no", "replace", "replace", "keep", "never"] as const;
const MODES = ["tunnel", "transport", "tunnel", "beet", "pass", "drop"] as const;
/** none, clear, hold, restart */
const ACTIONS = ["none", "none", "trap", "start"] as const;

/**
 * Turns the fields of a request into definitions, as ipsec.conf means them. Whether the texts in them can be read is up to the store.
 * @throws {DefinitionError} CYG_STROKE_EAP
 */
export function buildConnection(fields: AddConnFields, ends: Ends, log: Logger): BuiltConnection {
  const connection = fields.name ?? "";
  const { local, remote } = ends;
  const pools = poolsOf(connection, remote);
  // DPD is off where nothing is to be done about a dead peer.
  const hasDpd = fields["dpd.action"] !== 0;
  const idle = settingsWithoutEffect(fields, ends);
  if (idle.length > 0) log.log(LogGroup.CFG, 1, `conn '${connection}': no effect in this release: ${idle.join(", ")}`);
  const peer = peerDefinition(connection, {
    version: fields.version === 1 || fields.version === 2 ? fields.version : 0,
    localAddresses: addresses(local),
    remoteAddresses: addresses(remote),
    localPort: local.ikeport,
    remotePort: remote.ikeport,
    proposals: proposals(fields["algorithms.ike"]),
    local: authRounds({ connection, fields, end: local, opposite: remote, isLocal: true, log }),
    remote: authRounds({ connection, fields, end: remote, opposite: local, isLocal: false, log }),
    unique: UNIQUE[fields.unique] ?? "no",
    ...ikeLifetimes(fields),
    dpdDelay: hasDpd ? Number(fields["dpd.delay"]) : 0,
    dpdTimeout: hasDpd ? Number(fields["dpd.timeout"]) : 0,
    mobike: fields.mobike !== 0,
    aggressive: fields.aggressive !== 0,
    push: fields.pushmode !== 0,
    forceEncap: fields.force_encap !== 0,
    fragmentation: FRAGMENTATION[fields.fragmentation] ?? "yes",
    sendCertificates: SEND_CERT[local.sendcert] ?? "ifasked",
    sendCertRequest: (SEND_CERT[remote.sendcert] ?? "ifasked") !== "never",
    dscp: fields.ikedscp,
    virtualIps: virtualIps(connection, ends, log),
    pools: pools.names,
    children: [buildChild(connection, fields, ends)],
  });
  return { peer, pools, dns: splitList(remote.dns) };
}

function virtualIps(connection: string, ends: Ends, log: Logger): string[] {
  if (ends.local.sourceip === null || ends.remote.sourceip === null) return virtualIpsOf(ends);
  log.log(
    LogGroup.CFG,
    1,
    `'${connection}' has both left- and rightsourceip, but IKE can negotiate one virtual IP only, ignoring local virtual IP`,
  );
  return [];
}

function buildChild(name: string, fields: AddConnFields, { local, remote }: Ends): ChildDefinition {
  const ah = fields["algorithms.ah"];
  return childDefinition(name, {
    localTs: selectorsOf(local),
    remoteTs: selectorsOf(remote),
    protocol: ah === null ? "esp" : "ah",
    proposals: proposals(ah ?? fields["algorithms.esp"]),
    mode: MODES[fields.mode] ?? "tunnel",
    proxyMode: fields.proxy_mode !== 0,
    ...childLifetimes(fields),
    dpdAction: ACTIONS[fields["dpd.action"]] ?? "none",
    closeAction: ACTIONS[fields.close_action] ?? "none",
    updown: local.updown ?? undefined,
    hostAccess: local.hostaccess !== 0,
    ipcomp: fields.ipcomp !== 0,
    inactivity: Number(fields.inactivity),
    reqid: fields.reqid,
    markIn: mark(fields["mark_in.value"], fields["mark_in.mask"]),
    markOut: mark(fields["mark_out.value"], fields["mark_out.mask"]),
    tfc: fields.tfc === TFC_MTU ? -1 : fields.tfc,
    truncatedSha256: fields.sha256_96,
    replayWindow: fields.replay_window === DEFAULT_REPLAY_WINDOW ? undefined : fields.replay_window,
    installPolicy: fields.install_policy !== 0,
  });
}

function addresses({ address, allow_any: allowAny }: StrokeEnd): string[] {
  const own = splitList(address);
  if (own.length === 0) return ["%any"];
  return allowAny === 0 ? own : [...own, "0.0.0.0/0", "::/0"];
}

/** `a-b-c,d-e-f!`: without the exclamation mark the default ones follow. */
function proposals(text: string | null): string[] {
  const list = splitList(text);
  if (list.length === 0) return ["default"];
  const last = list.at(-1)!;
  if (!last.endsWith("!")) return [...list, "default"];
  return [...list.slice(0, -1), last.slice(0, -1).trim()].filter((entry) => entry !== "");
}

function mark(value: number, mask: number): string | undefined {
  if (value === 0 && mask === 0) return undefined;
  const text = value === ALL_BITS ? "%unique" : value === UNIQUE_DIRECTION ? "%unique-dir" : String(value);
  return mask === ALL_BITS ? text : `${text}/0x${mask.toString(16)}`;
}
