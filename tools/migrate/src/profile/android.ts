import { WORKS, differs, ignored, unsupported } from "../check/verdict.js";
import { trustedCertificate } from "./certificate-kind.js";
import { UnusableValue, emptyDraft, flagOf, listOf, portOf, textOf } from "./profile-draft.js";
import type { ProfileDraft, ProfileFormat, ProfileRule } from "./profile-draft.js";
import type { ProfileValue } from "./profile-file.js";

/** Types of profiles, with the rounds that they are in swanctl.conf. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  "ikev2-eap": ["eap"],
  "ikev2-cert": ["pubkey"],
  "ikev2-cert-eap": ["pubkey", "eap"],
  "ikev2-eap-tls": ["eap-tls"],
  "ikev2-byod-eap": ["eap-ttls"],
};
const ALL = ["0.0.0.0/0", "::/0"];
const OF_APPS = unsupported("traffic is told apart by addresses and ports, not by apps");

const option =
  (name: string): ProfileRule =>
  (_draft, value) => {
    if (typeof value !== "number") throw new UnusableValue("a number is expected");
    return differs(`${name} of strongswan.conf has it, for all connections`);
  };

/** Whether the status of certificates is fetched is said for all connections. */
const fetched =
  (name: string): ProfileRule =>
  (_draft, value) =>
    flagOf(value) ? WORKS : differs(`charon.plugins.revocation.${name} of strongswan.conf has it, for all connections`);

/** A policy that drops would hold from loading on, before there is a tunnel, and the way to the host would be gone. */
const blocked: ProfileRule = (_draft, value) =>
  flagOf(value) ? unsupported("make a child with mode = drop, if nothing shall pass while there is no tunnel") : WORKS;

const RULES: Readonly<Record<string, ProfileRule>> = {
  uuid: () => ignored("the app's name for the profile"),
  name: put((draft, text) => void (draft.name = text)),
  type: put((draft, text) => {
    if (!Object.hasOwn(TYPES, text)) throw new UnusableValue(`there is no type '${text}'`);
    draft.methods = TYPES[text];
  }),
  "remote.addr": put((draft, text) => void (draft.peer.remoteAddresses = [text])),
  "remote.port": (draft, value) => {
    draft.peer.remotePort = portOf(value);
    return undefined;
  },
  "remote.id": put((draft, text) => void (draft.remote.id = text)),
  "remote.cert": (draft, value) => {
    const octets = base64(value);
    const certificate = trustedCertificate(octets);
    if (certificate === undefined) throw new UnusableValue("a certificate in Base64 is expected");
    const name = `${fileName(draft)}.crt`;
    draft.files.push({ folder: certificate.isAuthority ? "x509ca" : "x509", name, from: octets });
    return undefined;
  },
  "remote.certreq": (draft, value) => {
    draft.peer.sendCertRequest = flagOf(value);
    return undefined;
  },
  "remote.revocation.crl": fetched("enable_crl"),
  "remote.revocation.ocsp": fetched("enable_ocsp"),
  "remote.revocation.strict": (draft, value) => {
    draft.remote.revocation = flagOf(value) ? "strict" : "relaxed";
    return undefined;
  },
  "local.id": put((draft, text) => void (draft.local.id = text)),
  "local.eap_id": put((draft, text) => void (draft.local.eapIdentity = text)),
  "local.aaa_id": put((draft, text) => void (draft.local.aaaIdentity = text)),
  "local.p12": (draft, value) => {
    draft.files.push({ folder: "pkcs12", name: `${fileName(draft)}.p12`, from: base64(value) });
    return undefined;
  },
  "local.rsa-pss": (_draft, value) =>
    flagOf(value) ? differs("charon.rsa_pss of strongswan.conf has it, for all connections") : WORKS,
  "ike-proposal": put((draft, text) => void (draft.peer.proposals = [text])),
  "esp-proposal": put((draft, text) => void (draft.child.proposals = [text])),
  mtu: option("charon.plugins.kernel-netlink.mtu"),
  "nat-keepalive": option("charon.keep_alive"),
  "dns-servers": () => unsupported("name servers are those that the server tells"),
  "split-tunneling.subnets": (draft, value) => {
    const subnets = listOf(value, /\s+/);
    if (subnets.length === 0) return WORKS;
    draft.child.remoteTs = subnets;
    return differs("asked for as traffic selectors, where the app asks for everything and routes these");
  },
  "split-tunneling.excluded": (draft, value) => {
    const subnets = listOf(value, /\s+/);
    if (subnets.length === 0) return WORKS;
    const localTs = ALL.filter((all) => subnets.some((subnet) => isIpv6(subnet) === isIpv6(all)));
    draft.shunts.set("excluded", { mode: "pass", localTs, remoteTs: subnets, startAction: "trap" });
    return undefined;
  },
  "split-tunneling.block-ipv4": blocked,
  "split-tunneling.block-ipv6": blocked,
  apps: () => OF_APPS,
  "excluded-apps": () => OF_APPS,
  "ipv6-transport": () => ignored("the server is reached by whatever address it has"),
};

/** Profiles of strongSwan's app for Android, as the app sets their connections up. */
export const ANDROID: ProfileFormat = {
  rule: (key) => (Object.hasOwn(RULES, key) ? RULES[key] : undefined),
  start: (name) =>
    emptyDraft(name, {
      peer: {
        unique: "replace",
        forceEncap: true,
        sendCertificates: "always",
        virtualIps: ["0.0.0.0", "::"],
        rekeyTime: 36_000,
        jitterTime: 600,
        overTime: 1800,
      },
      child: { remoteTs: ALL, rekeyTime: 7200, lifeTime: 9000, jitterTime: 300, dpdAction: "start", closeAction: "start" },
    }),
  finish(draft, keys) {
    if (draft.remote.id === undefined) {
      draft.remote.id = draft.peer.remoteAddresses?.[0];
      if (draft.remote.id !== undefined)
        draft.notes.push(`the server has to call itself ${draft.remote.id}, where the app takes other names that it proves`);
    }
    if (draft.methods.some((method) => method === "eap" || method === "eap-ttls")) {
      draft.local.id ??= draft.local.eapIdentity;
      draft.local.aaaIdentity ??= "%any";
      draft.notes.push("the password is not in the profile: write it into a section eap-1 of secrets in swanctl.conf");
    }
    if (draft.methods.some((method) => method === "pubkey" || method === "eap-tls")) {
      if (keys.get("local.p12") === undefined)
        draft.notes.push("the key of this host is in the device: bring certificate and key to the folders x509 and private");
      else draft.notes.push("the passphrase of the PKCS#12 container is asked for when it is loaded");
      if (draft.local.id === undefined)
        draft.notes.push("set local.id to the subject of this host's certificate, as the app takes it");
    }
    if (keys.get("remote.cert") === undefined)
      draft.notes.push("no authority is named: copy those that shall be trusted to the folder x509ca beside swanctl.conf");
  },
};

function put(take: (draft: ProfileDraft, text: string) => void): ProfileRule {
  return (draft, value) => {
    take(draft, textOf(value));
    return undefined;
  };
}

const isIpv6 = (selector: string): boolean => selector.includes(":");

/** @throws {UnusableValue} */
function base64(value: ProfileValue): Uint8Array {
  const text = textOf(value).replaceAll(/\s/g, "");
  const octets = Buffer.from(text, "base64");
  if (octets.length === 0 || octets.toString("base64") !== text) throw new UnusableValue("Base64 is expected");
  return octets;
}

const fileName = (draft: ProfileDraft): string => draft.name.replace(/[^\p{L}\p{N}_-]+/gu, "-");
