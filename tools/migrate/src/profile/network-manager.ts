import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { WORKS, ignored, unsupported } from "../check/verdict.js";
import type { Verdict } from "../check/verdict.js";
import { secretText } from "../convert/secret-sections.js";
import { trustedCertificate } from "./certificate-kind.js";
import { UnusableValue, emptyDraft, listOf, portOf, textOf } from "./profile-draft.js";
import type { ProfileDraft, ProfileFormat, ProfileKeys, ProfileRule } from "./profile-draft.js";
import type { ProfileFile } from "./profile-file.js";

const SERVICE = "org.freedesktop.NetworkManager.strongswan";
/** Words of the key `method`, with what they are in swanctl.conf and whether they go with a certificate. */
const METHODS: ReadonlyMap<string, { readonly auth: string; readonly hasKey: boolean }> = new Map([
  ["cert", { auth: "pubkey", hasKey: true }],
  ["key", { auth: "pubkey", hasKey: true }],
  ["agent", { auth: "pubkey", hasKey: true }],
  ["smartcard", { auth: "pubkey", hasKey: true }],
  ["eap-tls", { auth: "eap-tls", hasKey: true }],
  ["eap", { auth: "eap", hasKey: false }],
  ["psk", { auth: "psk", hasKey: false }],
]);
const AGENT = unsupported("keys of an ssh-agent are not supported by this release");
const TOKEN = unsupported("keys on tokens are not supported by this release");
const OF_NETWORK_MANAGER = ignored("what NetworkManager itself does with the connection");
const FROM_THE_SERVER = ignored("addresses, routes and name servers are those that the server and the traffic selectors tell");
const BESIDE_THE_TUNNEL = unsupported("routes and name servers of one's own are not part of a connection of swanctl.conf");
/** Of the groups `ipv4` and `ipv6`: what adds to, or takes from, what the server tells. */
const OWN_ROUTING = /^(address|dns|gateway|route|routing-rule|never-default|ignore-auto)/;

const methodOf = (keys: ProfileKeys): string => String(keys.get("vpn.method") ?? "");
const keySource = (keys: ProfileKeys): string => String(keys.get("vpn.cert-source") ?? methodOf(keys));
const isYes = (value: unknown): boolean => value === "yes";
const notRead = (keys: ProfileKeys): Verdict => ignored(`not read with method=${methodOf(keys)}`);

/** Puts a value where it belongs; that is all. */
const put =
  (take: (draft: ProfileDraft, text: string) => void): ProfileRule =>
  (draft, value) => {
    take(draft, textOf(value));
    return undefined;
  };

/** A key that is read with a certificate only, or without only. */
const withKey =
  (hasKey: boolean, rule: ProfileRule): ProfileRule =>
  (draft, value, keys) => {
    const method = METHODS.get(methodOf(keys));
    return method === undefined || method.hasKey === hasKey ? rule(draft, value, keys) : notRead(keys);
  };

const proposals =
  (member: "peer" | "child"): ProfileRule =>
  (draft, value, keys) => {
    if (!isYes(keys.get("vpn.proposal"))) return ignored("not read without proposal=yes");
    const given = listOf(value, /;/);
    if (given.length > 0) draft[member].proposals = given;
    return undefined;
  };

const RULES: Readonly<Record<string, ProfileRule>> = {
  "connection.id": put((draft, text) => void (draft.name = text)),
  "connection.type": () => WORKS,
  "vpn.service-type": () => WORKS,
  "vpn.address": put((draft, text) => void (draft.peer.remoteAddresses = [text])),
  "vpn.server-port": (draft, value) => {
    if (value !== "") draft.peer.remotePort = portOf(value);
    return undefined;
  },
  "vpn.virtual": put((draft, text) => void (draft.peer.virtualIps = isYes(text) ? ["0.0.0.0", "::"] : [])),
  "vpn.encap": put((draft, text) => void (draft.peer.forceEncap = isYes(text))),
  "vpn.ipcomp": put((draft, text) => void (draft.child.ipcomp = isYes(text))),
  "vpn.certificate": (draft, value, keys) => {
    if (methodOf(keys) === "psk") return notRead(keys);
    takeTrusted(draft, textOf(value));
    return undefined;
  },
  "vpn.method": (draft, value) => {
    const method = METHODS.get(textOf(value));
    if (method === undefined) throw new UnusableValue(`there is no method '${textOf(value)}'`);
    draft.methods = [method.auth];
    if (value === "psk") draft.remoteMethod = "psk";
    if (value === "agent") return AGENT;
    return value === "smartcard" ? TOKEN : undefined;
  },
  "vpn.cert-source": withKey(true, (_draft, value) => {
    if (value === "agent") return AGENT;
    return value === "smartcard" ? TOKEN : WORKS;
  }),
  "vpn.usercert": withKey(true, (draft, value) => {
    const from = textOf(value);
    draft.local.certificates = [basename(from)];
    draft.files.push({ folder: "x509", name: basename(from), from });
    return undefined;
  }),
  "vpn.userkey": withKey(true, (draft, value, keys) => {
    if (keySource(keys) === "agent" || keySource(keys) === "smartcard") return notRead(keys);
    const from = textOf(value);
    draft.files.push({ folder: "private", name: basename(from), from });
    return undefined;
  }),
  "vpn.user": withKey(false, (draft, value) => {
    draft.local.eapIdentity = textOf(value);
    draft.local.id ??= textOf(value);
    return undefined;
  }),
  "vpn.local-identity": put((draft, text) => void (draft.local.id = text)),
  "vpn.remote-identity": put((draft, text) => void (draft.remote.id = text)),
  "vpn.proposal": () => WORKS,
  "vpn.ike": proposals("peer"),
  "vpn.esp": proposals("child"),
  "vpn.remote-ts": (draft, value) => {
    const selectors = listOf(value, /;/);
    if (selectors.length > 0) draft.child.remoteTs = selectors;
    return undefined;
  },
  "vpn-secrets.password": (_draft, _value, keys) => {
    if (keySource(keys) === "smartcard") return TOKEN;
    return keySource(keys) === "agent" ? notRead(keys) : undefined;
  },
  "vpn-secrets.agent": () => AGENT,
};

/** Connections of NetworkManager's strongSwan plugin, as its daemon charon-nm sets them up. */
export const NETWORK_MANAGER: ProfileFormat = {
  rule(key) {
    if (Object.hasOwn(RULES, key)) return RULES[key];
    const [group, ...rest] = key.split(".");
    const name = rest.join(".");
    if (group === "ipv4" || group === "ipv6") return () => (OWN_ROUTING.test(name) ? BESIDE_THE_TUNNEL : FROM_THE_SERVER);
    if (group === "vpn" && name.endsWith("-flags")) return () => ignored("where NetworkManager keeps a secret");
    return group === "vpn" || group === "vpn-secrets" ? undefined : () => OF_NETWORK_MANAGER;
  },
  start: (name) =>
    emptyDraft(name, {
      peer: { unique: "replace", rekeyTime: 36_000, jitterTime: 600, overTime: 600 },
      child: { remoteTs: ["0.0.0.0/0", "::/0"], rekeyTime: 10_200, lifeTime: 10_800, jitterTime: 300 },
    }),
  finish(draft, keys) {
    if (draft.remote.id === undefined || draft.remote.id === "%any") {
      draft.remote.id = draft.peer.remoteAddresses?.[0];
      if (draft.remote.id !== undefined)
        draft.notes.push(
          `the server has to call itself ${draft.remote.id}, where NetworkManager takes other names that it proves`,
        );
    }
    const method = METHODS.get(methodOf(keys));
    if (method === undefined) return;
    if (method.auth.startsWith("eap")) draft.local.aaaIdentity = "%any";
    if (method.hasKey && keys.get("vpn.usercert") === undefined)
      draft.notes.push("there is no certificate of this host: usercert");
    if (method.auth !== "psk" && keys.get("vpn.certificate") === undefined)
      draft.notes.push("no authority is named: copy those that shall be trusted to the folder x509ca beside swanctl.conf");
    takePassword(draft, keys, method.auth);
  },
};

/** Whether a keyfile is of a connection of strongSwan's plugin. */
export function isStrongswanConnection({ entries }: ProfileFile): boolean {
  const has = (key: string, value: string): boolean => entries.some((entry) => entry.key === key && entry.value === value);
  return has("connection.type", "vpn") && has("vpn.service-type", SERVICE);
}

/** Of an authority, or of the server, which then has its subject for an identity. */
function takeTrusted(draft: ProfileDraft, from: string): void {
  const octets = read(from);
  const certificate = octets && trustedCertificate(octets);
  if (certificate === undefined) draft.notes.push(`'${from}' cannot be read here: it is taken for that of an authority`);
  const isAuthority = certificate?.isAuthority !== false;
  if (!isAuthority) draft.remote.id ??= certificate.subject;
  draft.files.push({ folder: isAuthority ? "x509ca" : "x509", name: basename(from), from });
}

/** The password is that of the key, or of the user. */
function takePassword(draft: ProfileDraft, keys: ProfileKeys, auth: string): void {
  const password = keys.get("vpn-secrets.password");
  const source = keySource(keys);
  if (source === "agent" || source === "smartcard") return;
  if (METHODS.get(methodOf(keys))?.hasKey === true) {
    const key = draft.files.find(({ folder }) => folder === "private");
    if (typeof password === "string" && key) draft.secrets["private-1"] = { file: key.name, secret: textSecret(password) };
    return;
  }
  const owner = auth === "psk" ? draft.local.id : draft.local.eapIdentity;
  if (typeof password !== "string")
    draft.notes.push("the password is not in the keyfile: write it into a section of secrets in swanctl.conf");
  else {
    const section = auth === "psk" ? "ike-1" : "eap-1";
    draft.secrets[section] = { ...(owner === undefined ? {} : { "id-1": owner }), secret: textSecret(password) };
  }
}

const textSecret = (text: string): string => secretText(new TextEncoder().encode(text));

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return undefined;
    throw error;
  }
}
