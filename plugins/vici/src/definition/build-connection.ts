import { authRound, parseUint64, peerDefinition } from "@cygnet/plugin-api";
import type { AuthRound, ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";
import { readRound } from "./auth-round.js";
import type { PlacedRound } from "./auth-round.js";
import type { CertificateSources } from "./certificate-options.js";
import { readChild } from "./child.js";
import type { UsualInterfaces } from "./child.js";
import { completeIkeLifetimes } from "./lifetimes.js";
import { only, readOptions, refuse } from "./option-table.js";
import type { OptionTable, TakeText } from "./option-table.js";
import { asFlag, asList, asNumber, asTime, asWord } from "./values.js";

/** What is known of a connection while its section is read. */
interface PeerDraft {
  version: number;
  localAddresses?: readonly string[];
  remoteAddresses?: readonly string[];
  localPort: number;
  remotePort: number;
  proposals?: readonly string[];
  virtualIps?: readonly string[];
  pools?: readonly string[];
  aggressive: boolean;
  pull: boolean;
  dscp: number;
  encap: boolean;
  mobike: boolean;
  dpdDelay: number;
  dpdTimeout: number;
  fragmentation: PeerDefinition["fragmentation"];
  childless: PeerDefinition["childless"];
  sendCertRequest: boolean;
  sendCertificates: PeerDefinition["sendCertificates"];
  keyingTries: number;
  unique: PeerDefinition["unique"];
  reauthTime?: number;
  rekeyTime?: number;
  overTime?: number;
  randTime?: number;
  ifIdIn?: string;
  ifIdOut?: string;
}

const NO_FLAG = ["no", "false", "disabled", "0"];
const NO_PPK = "post-quantum preshared keys (RFC 8784) are not supported by this release";
const NO_MEDIATION = "mediation is not supported by this release";

/** Six binary digits. */
const takeDscp: TakeText<PeerDraft> = (draft, text) => {
  if (!/^[01]{1,6}$/.test(text)) return false;
  draft.dscp = parseInt(text, 2);
  return true;
};

/** A number, or a word for ever. */
const takeTries: TakeText<PeerDraft> = (draft, text) =>
  text === "%forever" ? ((draft.keyingTries = 0), true) : asNumber<PeerDraft>("keyingTries", 0, 0x7fffffff)(draft, text);

/** A number for all children; one that is drawn is drawn for each child. */
const takeInterface =
  (option: string, member: "ifIdIn" | "ifIdOut"): TakeText<PeerDraft> =>
  (draft, text) => {
    if (text.startsWith("%unique")) refuse(option, text, "an interface ID for each IKE_SA is not supported by this release");
    if (parseUint64(text) === undefined) return false;
    draft[member] = text;
    return true;
  };

const TABLE: OptionTable<PeerDraft> = {
  texts: {
    version: asNumber("version", 0, 2),
    local_port: asNumber("localPort", 0, 0xffff),
    remote_port: asNumber("remotePort", 0, 0xffff),
    aggressive: asFlag("aggressive"),
    pull: asFlag("pull"),
    dscp: takeDscp,
    encap: asFlag("encap"),
    mobike: asFlag("mobike"),
    dpd_delay: asTime("dpdDelay"),
    dpd_timeout: asTime("dpdTimeout"),
    fragmentation: asWord("fragmentation", {
      yes: "yes",
      true: "yes",
      "1": "yes",
      accept: "accept",
      force: "force",
      no: "no",
      false: "no",
      "0": "no",
    }),
    childless: asWord("childless", { allow: "allow", prefer: "prefer", force: "force", never: "never" }),
    send_certreq: asFlag("sendCertRequest"),
    send_cert: asWord("sendCertificates", { always: "always", never: "never", ifasked: "ifasked", yes: "always", no: "never" }),
    ocsp: only("ocsp", ["reply", "never", "no"], "OCSP within IKE is not supported by this release"),
    keyingtries: takeTries,
    unique: asWord("unique", { never: "never", no: "no", keep: "keep", replace: "replace", yes: "replace" }),
    reauth_time: asTime("reauthTime"),
    rekey_time: asTime("rekeyTime"),
    over_time: asTime("overTime"),
    rand_time: asTime("randTime"),
    ppk_id: only("ppk_id", [""], NO_PPK),
    ppk_required: only("ppk_required", NO_FLAG, NO_PPK),
    if_id_in: takeInterface("if_id_in", "ifIdIn"),
    if_id_out: takeInterface("if_id_out", "ifIdOut"),
    mediation: only("mediation", NO_FLAG, NO_MEDIATION),
    mediated_by: only("mediated_by", [""], NO_MEDIATION),
    mediation_peer: only("mediation_peer", [""], NO_MEDIATION),
  },
  lists: {
    local_addrs: asList("localAddresses"),
    remote_addrs: asList("remoteAddresses"),
    proposals: asList("proposals"),
    vips: asList("virtualIps"),
    pools: asList("pools"),
  },
};

/** A connection, and the certificates that came with its rounds, which are to be loaded before it. */
export interface BuiltConnection {
  readonly peer: PeerDefinition;
  readonly certificates: ReadonlyMap<AuthRound, CertificateSources>;
}

/**
 * Makes a definition of a connection's section of swanctl.conf. Whether the texts in it can be read is up to the store.
 * @throws {CommandFailed} with strongSwan's words for what is not known or not possible, and the reason for what this release does not have
 */
export function buildConnection(name: string, section: Section): BuiltConnection {
  checkName(name);
  const draft: PeerDraft = {
    version: 0,
    localPort: 500,
    remotePort: 500,
    aggressive: false,
    pull: true,
    dscp: 0,
    encap: false,
    mobike: true,
    dpdDelay: 0,
    dpdTimeout: 0,
    fragmentation: "yes",
    childless: "allow",
    sendCertRequest: true,
    sendCertificates: "ifasked",
    keyingTries: 1,
    unique: "no",
  };
  readOptions(section, TABLE, draft);
  const { local, remote, children, certificates } = readSections(section, { ifIdIn: draft.ifIdIn, ifIdOut: draft.ifIdOut });
  const { version } = draft;
  const peer = peerDefinition(name, {
    version: version === 1 || version === 2 ? version : 0,
    localAddresses: draft.localAddresses ?? ["%any"],
    remoteAddresses: draft.remoteAddresses ?? ["%any"],
    localPort: draft.localPort,
    remotePort: draft.remotePort,
    proposals: draft.proposals ?? ["default"],
    local,
    remote,
    unique: draft.unique,
    keyingTries: draft.keyingTries,
    ...completeIkeLifetimes(draft),
    dpdDelay: draft.dpdDelay,
    dpdTimeout: draft.dpdTimeout,
    mobike: draft.mobike,
    aggressive: draft.aggressive,
    push: !draft.pull,
    forceEncap: draft.encap,
    fragmentation: draft.fragmentation,
    childless: draft.childless,
    sendCertificates: draft.sendCertificates,
    sendCertRequest: draft.sendCertRequest,
    dscp: draft.dscp,
    virtualIps: (draft.virtualIps ?? []).map(addressOf),
    pools: draft.pools ?? [],
    children,
  });
  return { peer, certificates };
}

interface Sections {
  readonly local: readonly AuthRound[];
  readonly remote: readonly AuthRound[];
  readonly children: readonly ChildDefinition[];
  readonly certificates: ReadonlyMap<AuthRound, CertificateSources>;
}

function readSections(section: Section, usual: UsualInterfaces): Sections {
  const local: PlacedRound[] = [];
  const remote: PlacedRound[] = [];
  const children: ChildDefinition[] = [];
  for (const [name, inner] of section.sections()) {
    if (name === "children") children.push(...readChildren(inner, usual));
    else if (name.startsWith("local")) local.push(readRound("local", inner));
    else if (name.startsWith("remote")) remote.push(readRound("remote", inner));
    else throw new CommandFailed(`invalid section: ${name}`);
  }
  const certificates = new Map<AuthRound, CertificateSources>();
  for (const round of [...local, ...remote]) if (round.certificates) certificates.set(round.definition, round.certificates);
  return { local: inOrder(local), remote: inOrder(remote), children, certificates };
}

function readChildren(section: Section, usual: UsualInterfaces): ChildDefinition[] {
  for (const name of section.names)
    if (!section.section(name)) throw new CommandFailed(`unknown option: ${name}, config discarded`);
  return Array.from(section.sections(), ([name, child]) => {
    checkName(name);
    return readChild(name, child, usual);
  });
}

/** By their numbers, and equal ones as they come. Without a section nothing is said of a side. */
function inOrder(rounds: readonly PlacedRound[]): readonly AuthRound[] {
  const all = rounds.length > 0 ? rounds : [{ round: 0, definition: authRound({ auth: "any" }), certificates: undefined }];
  return [...all].sort((a, b) => a.round - b.round).map(({ definition }) => definition);
}

/** Octets that are no text would be listed under another name than that they were loaded under. */
function checkName(name: string): void {
  if (name.includes("\uFFFD")) throw new CommandFailed(`invalid section: ${name} is no UTF-8`);
}

const addressOf = (text: string): string => (text === "%any" || text === "%any4" ? "0.0.0.0" : text === "%any6" ? "::" : text);
