import { DefinitionError } from "@cygnet/plugin-api";
import { parseSecrets } from "@cygnet/plugin-stroke/secrets";
import type { SecretEntry } from "@cygnet/plugin-stroke/secrets";
import { CA_KEYWORDS, NODE_CONF_FILES, REMOVED_KEYWORDS, SETUP_KEYWORDS, loadIpsecConf, parseIpsecConf } from "@cygnet/starter";
import { loadConn } from "../convert/loaded-conn.js";
import { readSecretFiles } from "../convert/secret-files.js";
import { definitionVerdict } from "./definition-verdict.js";
import { WORKS, unsupported } from "./verdict.js";
import type { Finding, Verdict } from "./verdict.js";

const SECRETS: Readonly<Record<SecretEntry["type"], Verdict>> = {
  PSK: WORKS,
  RSA: WORKS,
  ECDSA: WORKS,
  PKCS8: WORKS,
  EAP: unsupported("EAP does not authenticate in this release"),
  NTLM: unsupported("EAP does not authenticate in this release"),
  XAUTH: unsupported("XAUTH does not authenticate in this release"),
  P12: WORKS,
  BLISS: unsupported("there are no BLISS keys in this release"),
  PIN: unsupported("keys on tokens are not supported by this release"),
};

/** The verdicts on all settings of an ipsec.conf and what it includes. @throws {IpsecConfError} */
export function checkIpsecConf(path: string): Finding[] {
  const raw = parseIpsecConf(path, NODE_CONF_FILES, []);
  const sections = [...(raw.setup ? [raw.setup] : []), ...raw.conns.values(), ...raw.cas.values()];
  return sections.flatMap((section) =>
    [...section.settings.values(), ...section.also].map(({ key, value, file, line }): Finding => {
      const where = section.kind === "setup" ? "config setup" : `${section.kind} ${section.name}`;
      return { file, line, key: `${where}.${key}`, ...settingVerdict(section.kind, key, value ?? "") };
    }),
  );
}

/** The verdicts on the entries of an ipsec.secrets and what it includes. @throws what the file system throws */
export function checkIpsecSecrets(path: string): Finding[] {
  const { entries, messages } = parseSecrets(NODE_CONF_FILES.read(path), path, readSecretFiles);
  const broken = messages.filter(({ level }) => level === "error");
  return [
    ...entries.map(({ file, line, type }): Finding => ({ file, line, key: type, ...SECRETS[type] })),
    ...broken.map(({ file, line, text }): Finding => ({ file, line, key: "entry", ...unsupported(text) })),
  ];
}

function settingVerdict(kind: "setup" | "conn" | "ca", key: string, value: string): Verdict {
  if (Object.hasOwn(REMOVED_KEYWORDS[kind], key)) return { class: "ignored", why: "strongSwan does not know it any more either" };
  if (key === "also") return WORKS;
  if (kind === "conn") return connVerdict(key, value);
  if (!Object.hasOwn(kind === "ca" ? CA_KEYWORDS : SETUP_KEYWORDS, key)) return unsupported(`unknown keyword '${key}'`);
  return WORKS;
}

/** A section with this setting only goes the way of all sections: what the plugin makes of it is the verdict. */
function connVerdict(key: string, value: string): Verdict {
  const text = `conn check\n ${key}="${value}"\n auto=add\n`;
  const { config, messages } = loadIpsecConf("check", { files: { ...NODE_CONF_FILES, read: () => text } });
  const [conn] = config.conns;
  const broken = messages.find(({ level }) => level !== "info");
  if (conn === undefined || broken !== undefined) return unsupported(broken?.text.replace(/^[#\s]+/, "") ?? "cannot be read");
  try {
    const { peer, messages: log } = loadConn(conn, config.setup);
    const [idle] = log.flatMap((line) => /no effect in this release: (.*)$/.exec(line)?.slice(1) ?? []);
    return definitionVerdict(peer, idle === undefined ? [] : [idle]);
  } catch (error) {
    if (error instanceof DefinitionError) return unsupported(error.message);
    throw error;
  }
}
