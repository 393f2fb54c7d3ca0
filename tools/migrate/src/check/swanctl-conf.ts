import { CommandFailed, settingsWithoutEffect } from "@cygnet/plugin-vici";
import { Settings } from "@cygnet/settings";
import type { SettingsNode, SettingsObject } from "@cygnet/settings";
import { swanctlDefinition } from "../convert/swanctl-definition.js";
import { definitionVerdict } from "./definition-verdict.js";
import { WORKS, unsupported } from "./verdict.js";
import type { Finding, Verdict } from "./verdict.js";

const AUTHORITIES: Readonly<Record<string, Verdict>> = {
  cacert: WORKS,
  file: WORKS,
  handle: unsupported("keys on tokens are not supported by this release"),
  slot: unsupported("keys on tokens are not supported by this release"),
  module: unsupported("keys on tokens are not supported by this release"),
  crl_uris: WORKS,
  ocsp_uris: WORKS,
  cert_uri_base: WORKS,
};
const POOLS: ReadonlySet<string> = new Set("addrs dns nbns dhcp netmask server subnet split_include split_exclude".split(" "));
/** Secrets by the beginning of their section. */
const SECRETS: readonly (readonly [prefix: string, verdict: Verdict])[] = [
  ["eap", unsupported("EAP does not authenticate in this release")],
  ["xauth", unsupported("XAUTH does not authenticate in this release")],
  ["ntlm", unsupported("EAP does not authenticate in this release")],
  ["ppk", unsupported("post-quantum preshared keys (RFC 8784) are not supported by this release")],
  ["token", unsupported("keys on tokens are not supported by this release")],
  ["ike", WORKS],
  ["private", WORKS],
  ["rsa", WORKS],
  ["ecdsa", WORKS],
  ["pkcs8", WORKS],
  ["pkcs12", WORKS],
];

/** The verdicts on all keys of a swanctl.conf and what it includes, in its order. */
export function checkSwanctlConf(settings: Settings): Finding[] {
  const findings: Finding[] = [];
  for (const node of settings.walk()) {
    if (node.kind !== "key" || node.origin === undefined) continue;
    findings.push({ file: node.origin.file, line: node.origin.line, key: node.path.join("."), ...verdictOf(node) });
  }
  return findings;
}

function verdictOf({ path, value }: SettingsNode): Verdict {
  const [kind, name, key] = path;
  if (kind === "connections" && path.length > 2) return connectionVerdict(name, path.slice(2), value ?? "");
  if (path.length === 3 && kind === "authorities" && Object.hasOwn(AUTHORITIES, key)) return AUTHORITIES[key];
  if (path.length === 3 && kind === "pools" && (POOLS.has(key) || /^\d+$/.test(key))) return WORKS;
  const secret = kind === "secrets" && path.length === 3 ? SECRETS.find(([prefix]) => name.startsWith(prefix)) : undefined;
  return secret?.[1] ?? unsupported(`unknown option '${path.join(".")}'`);
}

/** A connection with this key only goes the way of all connections: what the plugin makes of it is the verdict. */
function connectionVerdict(name: string, path: readonly string[], value: string): Verdict {
  const inner = path.reduceRight<SettingsObject | string>((content, part) => ({ [part]: content }), value);
  try {
    const peer = swanctlDefinition(Settings.fromObject({ connections: { [name]: inner } }), name);
    return definitionVerdict(peer, settingsWithoutEffect(peer));
  } catch (error) {
    if (error instanceof CommandFailed) return unsupported(error.message.replace(/, config discarded$/, ""));
    throw error;
  }
}
