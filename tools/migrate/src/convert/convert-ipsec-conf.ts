import { parseSecrets } from "@cygnet/plugin-stroke/secrets";
import { Settings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { NODE_CONF_FILES, loadIpsecConf } from "@cygnet/starter";
import type { CaConfig, StarterConfig } from "@cygnet/starter";
import { readFileSync } from "node:fs";
import { convertConnection } from "./convert-connection.js";
import type { ConvertedConnection, ConvertedPool } from "./convert-connection.js";
import { readSecretFiles } from "./secret-files.js";
import { secretSections } from "./secret-sections.js";
import { commentLine, sectionComments } from "./section-comments.js";
import type { SectionComments } from "./section-comments.js";

/** A swanctl.conf, and what there is to say about it. */
export interface Conversion {
  readonly text: string;
  readonly connections: readonly ConvertedConnection[];
  /** Lines with file and line: what could not be converted. */
  readonly problems: readonly string[];
  /** Lines with file and line: what has to be done beside it, or has no effect. */
  readonly notes: readonly string[];
  /** What the source carries and swanctl.conf names: paths beside swanctl.conf. */
  readonly files: readonly ConvertedFile[];
}

/** A certificate or container that was in the source. */
export interface ConvertedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * Makes swanctl.conf of ipsec.conf and, where given, ipsec.secrets.
 * @throws {IpsecConfError} if ipsec.conf cannot be read or parsed
 * @throws {Error} of the file system if ipsec.secrets cannot be read
 */
export function convertIpsecConf(conf: string, secrets: string | undefined): Conversion {
  const { config, messages } = loadIpsecConf(conf);
  const isProblem = (level: string): boolean => level === "error";
  const lines = messages.map(({ file, line, text, level }) => ({ level, text: `${file}:${line}: ${text}` }));
  const problems = lines.filter(({ level }) => isProblem(level)).map(({ text }) => text);
  const notes = [...lines.filter(({ level }) => !isProblem(level)).map(({ text }) => text), ...setupNotes(config, conf)];
  const comments = new CommentReader();
  const out: string[] = comments.of(conf, 0).map(commentLine);
  const connections: ConvertedConnection[] = [];
  const pools = new Map<string, ConvertedPool>();
  for (const conn of config.conns) {
    const place = `${conn.file}:${conn.line}: conn ${conn.name}`;
    const own = comments.of(conn.file, conn.line).map(commentLine);
    if (conn.auto === "ignore") {
      notes.push(`${place}: left out, as auto=ignore does not load it`);
      continue;
    }
    const result = convertConnection(conn, config.setup);
    if ("reasons" in result) {
      problems.push(...result.reasons.map((reason) => `${place}: ${reason}`));
      out.push(...own, ...result.reasons.map((reason) => commentLine(`conn ${conn.name} is not converted: ${reason}`)));
      continue;
    }
    connections.push(result);
    notes.push(...result.messages.map((message) => `${place}: ${message}`));
    out.push(...own, print({ connections: { [conn.name]: result.section } }));
    for (const [name, pool] of result.pools) {
      const known = pools.get(name);
      if (known !== undefined && known.addrs !== pool.addrs)
        problems.push(`${place}: rightsourceip=${pool.addrs}: its pool would be called like that of ${known.addrs}`);
      pools.set(name, merged(known, pool));
    }
  }
  for (const [name, { addrs, dns }] of pools) {
    out.push(print({ pools: { [name]: dns.length === 0 ? { addrs } : { addrs, dns: dns.join(", ") } } }));
  }
  for (const ca of config.cas) {
    if (ca.auto === "ignore") notes.push(`${ca.file}:${ca.line}: ca ${ca.name}: left out, as auto=ignore does not load it`);
    else out.push(...comments.of(ca.file, ca.line).map(commentLine), print({ authorities: { [ca.name]: authority(ca) } }));
  }
  if (secrets !== undefined) {
    const parsed = parseSecrets(readFileSync(secrets), secrets, readSecretFiles);
    for (const { file, line, level, text } of parsed.messages)
      if (level !== "info") (isProblem(level) ? problems : notes).push(`${file}:${line}: ${text}`);
    const { sections, notes: more } = secretSections(parsed.entries);
    notes.push(...more);
    if (Object.keys(sections).length > 0) out.push(print({ secrets: sections }));
  }
  return { text: out.join(""), connections, problems, notes, files: [] };
}

/** Comments of files, each read once. */
class CommentReader {
  readonly #files = new Map<string, SectionComments>();

  of(file: string, line: number): readonly string[] {
    let comments = this.#files.get(file);
    if (comments === undefined) {
      comments = sectionComments(NODE_CONF_FILES.read(file));
      this.#files.set(file, comments);
    }
    return comments.get(line) ?? [];
  }
}

const print = (object: SettingsObject): string => `${Settings.fromObject(object).print()}\n`;

function merged(one: ConvertedPool | undefined, other: ConvertedPool): ConvertedPool {
  return one === undefined ? other : { addrs: other.addrs, dns: [...new Set([...one.dns, ...other.dns])] };
}

function authority(ca: CaConfig): SettingsObject {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ["cacert", ca.cacert ?? undefined],
    ["crl_uris", joined(ca.crluri, ca.crluri2)],
    ["ocsp_uris", joined(ca.ocspuri, ca.ocspuri2)],
    ["cert_uri_base", ca.certuribase ?? undefined],
  ];
  return Object.fromEntries(texts.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

function joined(...texts: readonly (string | null)[]): string | undefined {
  const given = texts.filter((text) => text !== null);
  return given.length === 0 ? undefined : given.join(", ");
}

function setupNotes({ setup }: StarterConfig, conf: string): string[] {
  const notes: string[] = [];
  if (setup.charondebug !== null)
    notes.push(`${conf}: charondebug: set the levels in charon.filelog or charon.syslog of strongswan.conf`);
  if (setup.cachecrls)
    notes.push(
      `${conf}: cachecrls: set charon.cache_crls of strongswan.conf, which writes lists to the folder x509crl of swanctl`,
    );
  return notes;
}
