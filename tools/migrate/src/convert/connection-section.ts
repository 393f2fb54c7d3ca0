import type { AuthRound, ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import { SIGKEY } from "@cygnet/plugin-stroke";
import type { StrokeEnd } from "@cygnet/plugin-stroke";

/** A section of swanctl.conf that is being made; undefined is a key that says nothing. */
export interface SectionDraft {
  [name: string]: string | SectionDraft | undefined;
}

/** A connection and the texts of it that a definition does not keep. */
export interface ConnectionSource {
  readonly peer: PeerDefinition;
  readonly local: Pick<StrokeEnd, "auth" | "auth2">;
  readonly remote: Pick<StrokeEnd, "auth" | "auth2">;
  /** What its pools are called in swanctl.conf. */
  readonly pools: readonly string[];
}

const yesNo = (is: boolean): string => (is ? "yes" : "no");
const list = (items: readonly string[]): string | undefined => (items.length === 0 ? undefined : items.join(", "));
const seconds = (time: number): string => `${time}s`;

/** The section of a connection, with all keys that swanctl.conf has for what is in its definition. */
export function connectionSection({ peer, local, remote, pools }: ConnectionSource): SectionDraft {
  return {
    version: String(peer.version),
    local_addrs: list(peer.localAddresses),
    remote_addrs: list(peer.remoteAddresses),
    local_port: String(peer.localPort),
    remote_port: String(peer.remotePort),
    proposals: list(peer.proposals),
    vips: list(peer.virtualIps),
    pools: list(pools),
    aggressive: yesNo(peer.aggressive),
    pull: yesNo(!peer.push),
    dscp: peer.dscp.toString(2).padStart(6, "0"),
    encap: yesNo(peer.forceEncap),
    mobike: yesNo(peer.mobike),
    dpd_delay: seconds(peer.dpdDelay),
    dpd_timeout: seconds(peer.dpdTimeout),
    fragmentation: peer.fragmentation,
    childless: peer.childless,
    send_certreq: yesNo(peer.sendCertRequest),
    send_cert: peer.sendCertificates,
    keyingtries: String(peer.keyingTries),
    unique: peer.unique,
    reauth_time: seconds(peer.reauthTime),
    rekey_time: seconds(peer.rekeyTime),
    over_time: seconds(peer.overTime),
    rand_time: seconds(peer.jitterTime),
    ...roundSections("local", peer.local, [local.auth, local.auth2]),
    ...roundSections("remote", peer.remote, [remote.auth, remote.auth2]),
    children: Object.fromEntries(peer.children.map((child) => [child.name, childSection(child)])),
  };
}

function roundSections(
  side: "local" | "remote",
  rounds: readonly AuthRound[],
  methods: readonly (string | null)[],
): SectionDraft {
  return Object.fromEntries(
    rounds.map((round, index) => {
      const name = rounds.length === 1 ? side : `${side}-${index + 1}`;
      return [name, roundSection(side, round, methods[index] ?? "pubkey")];
    }),
  );
}

function roundSection(side: "local" | "remote", round: AuthRound, method: string): SectionDraft {
  const identity = round.eapIdentity === "%identity" ? "%any" : round.eapIdentity;
  const isXauth = round.auth === "xauth" && side === "local";
  const both: SectionDraft = {
    // A method that is not known stands for any, which the definition tells.
    auth: round.auth === "any" ? "any" : method,
    id: round.id,
    certs: list(round.certificates.filter((name) => !name.startsWith(SIGKEY))),
    pubkeys: list(round.certificates.flatMap((name) => (name.startsWith(SIGKEY) ? [name.slice(SIGKEY.length)] : []))),
    eap_id: isXauth ? undefined : identity,
  };
  if (side === "local") return { ...both, aaa_id: round.aaaIdentity, xauth_id: isXauth ? round.eapIdentity : undefined };
  return {
    ...both,
    ca_id: round.caNames[0],
    groups: list(round.groups),
    cert_policy: list(round.certPolicies),
    revocation: round.revocation,
  };
}

function childSection(child: ChildDefinition): SectionDraft {
  return {
    local_ts: list(child.localTs),
    remote_ts: list(child.remoteTs),
    [`${child.protocol}_proposals`]: list(child.proposals),
    mode: child.proxyMode ? "transport_proxy" : child.mode,
    rekey_time: seconds(child.rekeyTime),
    life_time: seconds(child.lifeTime),
    rand_time: seconds(child.jitterTime),
    rekey_bytes: String(child.rekeyBytes),
    life_bytes: String(child.lifeBytes),
    rand_bytes: String(child.jitterBytes),
    rekey_packets: String(child.rekeyPackets),
    life_packets: String(child.lifePackets),
    rand_packets: String(child.jitterPackets),
    updown: child.updown,
    hostaccess: yesNo(child.hostAccess),
    policies: yesNo(child.installPolicy),
    start_action: child.startAction,
    dpd_action: child.dpdAction,
    close_action: child.closeAction,
    inactivity: seconds(child.inactivity),
    reqid: String(child.reqid),
    mark_in: child.markIn,
    mark_out: child.markOut,
    ipcomp: yesNo(child.ipcomp),
    sha256_96: yesNo(child.truncatedSha256),
    tfc_padding: child.tfc < 0 ? "mtu" : String(child.tfc),
    replay_window: child.replayWindow === undefined ? undefined : String(child.replayWindow),
  };
}
