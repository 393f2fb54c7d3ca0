import { authRound } from "@cygnet/plugin-api";
import type { AuthRound } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";
import { parseEapMethod } from "@cygnet/wire";
import { readCertificates } from "./certificate-options.js";
import type { CertificateSources } from "./certificate-options.js";
import { readOptions } from "./option-table.js";
import type { OptionTable, TakeList, TakeText } from "./option-table.js";
import { asList, asNumber, asText, asWord } from "./values.js";

/** What is known of a round while its section is read. */
export interface RoundDraft {
  round: number;
  method: Partial<AuthRound>;
  id?: string;
  eapIdentity?: string;
  xauthIdentity?: string;
  aaaIdentity?: string;
  groups?: readonly string[];
  certPolicies?: readonly string[];
  caId?: string;
  revocation: AuthRound["revocation"];
}

/** A round and its place among those of its side. */
export interface PlacedRound {
  readonly round: number;
  readonly definition: AuthRound;
  readonly certificates: CertificateSources | undefined;
}

/** Octets, which `readCertificates` reads. */
const read: TakeList<RoundDraft> = () => true;
const CERTIFICATE_LISTS = { certs: read, cacerts: read, pubkeys: read };

const takeAuth: TakeText<RoundDraft> = (draft, text) => {
  const method = parseAuth(text);
  if (!method) return false;
  draft.method = method;
  return true;
};

/** Options of both sides. */
const BOTH: OptionTable<RoundDraft>["texts"] = {
  round: asNumber("round", 0, 255),
  auth: takeAuth,
  id: asText("id"),
  eap_id: asText("eapIdentity"),
};

const LOCAL: OptionTable<RoundDraft> = {
  texts: { ...BOTH, aaa_id: asText("aaaIdentity"), xauth_id: asText("xauthIdentity") },
  lists: CERTIFICATE_LISTS,
};

const REMOTE: OptionTable<RoundDraft> = {
  texts: {
    ...BOTH,
    ca_id: asText("caId"),
    revocation: asWord("revocation", { strict: "strict", ifuri: "ifuri", relaxed: "relaxed" }),
  },
  lists: {
    ...CERTIFICATE_LISTS,
    groups: asList("groups"),
    cert_policy: asList("certPolicies"),
  },
};

/**
 * Reads a `local` or `remote` section.
 * @throws {CommandFailed} as `readOptions`
 */
export function readRound(side: "local" | "remote", section: Section): PlacedRound {
  const draft: RoundDraft = { round: 0, method: { auth: "pubkey" }, revocation: "relaxed" };
  const certificates = readCertificates(section);
  readOptions(section, side === "local" ? LOCAL : REMOTE, draft);
  const { method, id, groups = [], certPolicies = [], caId, revocation } = draft;
  // In the order in which they are given, the identity of XAuth and that of EAP are one.
  const eapIdentity = method.auth === "xauth" ? (draft.xauthIdentity ?? draft.eapIdentity) : draft.eapIdentity;
  return {
    round: draft.round,
    definition: authRound({
      ...method,
      id: id === "" ? undefined : id,
      eapIdentity: eapIdentity === "%any" ? "%identity" : eapIdentity,
      aaaIdentity: draft.aaaIdentity,
      groups,
      certPolicies,
      caNames: caId === undefined ? [] : [caId],
      revocation,
    }),
    certificates,
  };
}

/** Reads `psk`, `pubkey`, `eap[-METHOD]`, `xauth[-BACKEND]`, or constraints on keys and signatures. @returns undefined when it is none of these */
function parseAuth(text: string): Partial<AuthRound> | undefined {
  if (text === "psk" || text === "any") return { auth: text };
  if (text === "pubkey") return { auth: "pubkey" };
  if (/^(pubkey-|rsa|ecdsa|bliss|ed25519|ed448|ike:)/.test(text))
    return { auth: "pubkey", constraints: [text.replace(/^pubkey-/, "")] };
  if (text === "xauth") return { auth: "xauth" };
  if (text.startsWith("xauth-")) return { auth: "xauth", xauthBackend: text.slice("xauth-".length) };
  if (text !== "eap" && !text.startsWith("eap-") && !text.startsWith("eap:")) return undefined;
  const [name, ...constraints] = text.split(":");
  const method = name === "eap" ? { type: 0, vendor: 0 } : parseEapMethod(name.slice("eap-".length));
  return method && { auth: "eap", eapType: method.type, eapVendor: method.vendor, constraints };
}
