import { childDefinition } from "@cygnet/plugin-api";
import type { ChildDefinition } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";
import { completeLimit } from "./lifetimes.js";
import { only, readOptions, refuse } from "./option-table.js";
import type { OptionTable, TakeText } from "./option-table.js";
import { securityLabel } from "./security-label.js";
import type { LabelMode } from "./security-label.js";
import { asCount, asFlag, asList, asNumber, asText, asTime, asWord } from "./values.js";

const DEFAULT_REKEY_SECONDS = 3600;

/** What is known of a child while its section is read: what a definition has, and what is set of its limits. */
interface ChildDraft {
  localTs?: readonly string[];
  remoteTs?: readonly string[];
  espProposals?: readonly string[];
  ahProposals?: readonly string[];
  mode: ChildDefinition["mode"];
  proxyMode: boolean;
  rekeyTime?: number;
  lifeTime?: number;
  randTime?: number;
  rekeyBytes?: number;
  lifeBytes?: number;
  randBytes?: number;
  rekeyPackets?: number;
  lifePackets?: number;
  randPackets?: number;
  startAction: ChildDefinition["startAction"];
  dpdAction: ChildDefinition["dpdAction"];
  closeAction: ChildDefinition["closeAction"];
  updown?: string;
  hostAccess: boolean;
  ipcomp: boolean;
  inactivity: number;
  reqid: number;
  markIn?: string;
  markOut?: string;
  ifIdIn?: string;
  ifIdOut?: string;
  copyDf: boolean;
  copyEcn: boolean;
  copyDscp: ChildDefinition["copyDscp"];
  hwOffload: ChildDefinition["hwOffload"];
  truncatedSha256: boolean;
  tfc: number;
  replayWindow?: number;
  policies: boolean;
  policiesFwdOut: boolean;
  priority: number;
  interface?: string;
  markInSa: boolean;
  setMarkIn?: string;
  setMarkOut?: string;
  icmp: boolean;
  label?: string;
  labelMode: LabelMode;
}

const NO_FLAG = ["no", "false", "disabled", "0"];

const MODES: Readonly<Record<string, readonly [mode: ChildDefinition["mode"], isProxy: boolean]>> = {
  tunnel: ["tunnel", false],
  transport: ["transport", false],
  transport_proxy: ["transport", true],
  beet: ["beet", false],
  pass: ["pass", false],
  drop: ["drop", false],
};

const takeMode: TakeText<ChildDraft> = (draft, text) => {
  const mode = text.toLowerCase();
  if (mode === "iptfs") refuse("mode", text, "IP-TFS (RFC 9347) is not supported by this release");
  if (!Object.hasOwn(MODES, mode)) return false;
  [draft.mode, draft.proxyMode] = MODES[mode];
  return true;
};

const takeTfc: TakeText<ChildDraft> = (draft, text) => {
  if (text !== "mtu") return asNumber<ChildDraft>("tfc", 0, 0xffff)(draft, text);
  draft.tfc = -1;
  return true;
};

const takeOffload: TakeText<ChildDraft> = (draft, text) =>
  text.toLowerCase() === "packet"
    ? refuse("hw_offload", text, "offload of whole packets is not supported by this release")
    : asWord<ChildDraft, "hwOffload">("hwOffload", {
        no: "no",
        false: "no",
        yes: "yes",
        true: "yes",
        crypto: "yes",
        auto: "auto",
      })(draft, text);

const TABLE: OptionTable<ChildDraft> = {
  texts: {
    mode: takeMode,
    rekey_time: asTime("rekeyTime"),
    life_time: asTime("lifeTime"),
    rand_time: asTime("randTime"),
    rekey_bytes: asCount("rekeyBytes"),
    life_bytes: asCount("lifeBytes"),
    rand_bytes: asCount("randBytes"),
    rekey_packets: asCount("rekeyPackets"),
    life_packets: asCount("lifePackets"),
    rand_packets: asCount("randPackets"),
    updown: asText("updown"),
    hostaccess: asFlag("hostAccess"),
    policies: asFlag("policies"),
    start_action: asWord("startAction", {
      none: "none",
      trap: "trap",
      start: "start",
      "trap|start": "trap|start",
      "start|trap": "trap|start",
    }),
    dpd_action: asWord("dpdAction", { clear: "none", none: "none", trap: "trap", restart: "start", start: "start" }),
    close_action: asWord("closeAction", { none: "none", clear: "none", trap: "trap", restart: "start", start: "start" }),
    inactivity: asTime("inactivity"),
    reqid: asNumber("reqid", 0, 0xffffffff),
    mark_in: asText("markIn"),
    mark_out: asText("markOut"),
    if_id_in: asText("ifIdIn"),
    if_id_out: asText("ifIdOut"),
    copy_df: asFlag("copyDf"),
    copy_ecn: asFlag("copyEcn"),
    copy_dscp: asWord("copyDscp", { out: "out", in: "in", yes: "yes", no: "no", true: "yes", false: "no" }),
    hw_offload: takeOffload,
    tfc_padding: takeTfc,
    replay_window: asNumber("replayWindow", 0, 0xffff),
    ipcomp: asFlag("ipcomp"),
    sha256_96: asFlag("truncatedSha256"),
    policies_fwd_out: asFlag("policiesFwdOut"),
    priority: asNumber("priority", 0, 0xffffffff),
    interface: asText("interface"),
    mark_in_sa: asFlag("markInSa"),
    set_mark_in: asText("setMarkIn"),
    set_mark_out: asText("setMarkOut"),
    label: asText("label"),
    label_mode: asWord("labelMode", { system: "system", simple: "simple", selinux: "selinux" }),
    per_cpu_sas: only("per_cpu_sas", NO_FLAG, "SAs for each CPU (RFC 9611) are not supported by this release"),
    icmp: asFlag("icmp"),
  },
  lists: {
    local_ts: asList("localTs"),
    remote_ts: asList("remoteTs"),
    esp_proposals: asList("espProposals"),
    ah_proposals: asList("ahProposals"),
  },
};

/** What children have of their connection where they do not say otherwise. */
export interface UsualInterfaces {
  readonly ifIdIn: string | undefined;
  readonly ifIdOut: string | undefined;
}

/**
 * Reads a child's section.
 * @throws {CommandFailed} as `readOptions`
 */
export function readChild(name: string, section: Section, usual: UsualInterfaces): ChildDefinition {
  const draft: ChildDraft = {
    mode: "tunnel",
    proxyMode: false,
    startAction: "none",
    dpdAction: "none",
    closeAction: "none",
    hostAccess: false,
    ipcomp: false,
    inactivity: 0,
    reqid: 0,
    copyDf: true,
    copyEcn: true,
    copyDscp: "out",
    hwOffload: "no",
    truncatedSha256: false,
    tfc: 0,
    policies: true,
    policiesFwdOut: false,
    priority: 0,
    markInSa: false,
    icmp: false,
    labelMode: "system",
  };
  for (const [inner] of section.sections()) throw new CommandFailed(`invalid section: ${inner}`);
  readOptions(section, TABLE, draft);
  const { espProposals, ahProposals } = draft;
  if (espProposals && ahProposals)
    refuse("ah_proposals", ahProposals.join(), "a child with esp_proposals cannot have AH as well");
  const time = completeLimit(draft.rekeyTime, draft.lifeTime, draft.randTime, DEFAULT_REKEY_SECONDS);
  const bytes = completeLimit(draft.rekeyBytes, draft.lifeBytes, draft.randBytes, 0);
  const packets = completeLimit(draft.rekeyPackets, draft.lifePackets, draft.randPackets, 0);
  return childDefinition(name, {
    localTs: draft.localTs ?? ["dynamic"],
    remoteTs: draft.remoteTs ?? ["dynamic"],
    protocol: ahProposals ? "ah" : "esp",
    proposals: ahProposals ?? espProposals ?? ["default"],
    mode: draft.mode,
    proxyMode: draft.proxyMode,
    rekeyTime: time.rekey,
    lifeTime: time.life,
    jitterTime: time.rand,
    rekeyBytes: bytes.rekey,
    lifeBytes: bytes.life,
    jitterBytes: bytes.rand,
    rekeyPackets: packets.rekey,
    lifePackets: packets.life,
    jitterPackets: packets.rand,
    startAction: draft.startAction,
    dpdAction: draft.dpdAction,
    closeAction: draft.closeAction,
    updown: draft.updown,
    hostAccess: draft.hostAccess,
    ipcomp: draft.ipcomp,
    inactivity: draft.inactivity,
    reqid: draft.reqid,
    markIn: draft.markIn,
    markOut: draft.markOut,
    ifIdIn: draft.ifIdIn ?? usual.ifIdIn,
    ifIdOut: draft.ifIdOut ?? usual.ifIdOut,
    copyDf: draft.copyDf,
    copyEcn: draft.copyEcn,
    copyDscp: draft.copyDscp,
    hwOffload: draft.hwOffload,
    truncatedSha256: draft.truncatedSha256,
    tfc: draft.tfc,
    replayWindow: draft.replayWindow,
    installPolicy: draft.policies,
    policiesFwdOut: draft.policiesFwdOut,
    priority: draft.priority,
    interface: draft.interface || undefined,
    markInSa: draft.markInSa,
    setMarkIn: draft.setMarkIn,
    setMarkOut: draft.setMarkOut,
    icmp: draft.icmp,
    label: securityLabel(draft.label, draft.labelMode),
  });
}
