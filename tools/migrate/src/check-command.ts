import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { ConfigError, loadSettings } from "@cygnet/settings";
import { IpsecConfError } from "@cygnet/starter";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { argumentsOf } from "./arguments.js";
import { checkClientProfile } from "./check/client-profile.js";
import { checkIpsecConf, checkIpsecSecrets } from "./check/ipsec-conf.js";
import { OptionVerdicts, checkStrongswanConf } from "./check/strongswan-conf.js";
import type { OptionSources } from "./check/strongswan-conf.js";
import { checkSwanctlConf } from "./check/swanctl-conf.js";
import type { Finding, VerdictClass } from "./check/verdict.js";
import { KEYFILE_FOLDER, isClientProfile, isForeignKeyfile } from "./profile/client-profile.js";
import { ProfileError } from "./profile/profile-error.js";

const CHECK_USAGE = `Usage: cygnet migrate check [--json] [PATHS]

Reports for every key of a configuration whether it works here, works differently, is ignored by design, or is not supported.

PATHS are files, told apart by what their names end in, or folders that have them: strongswan.conf, ipsec.conf, ipsec.secrets,
swanctl.conf, with what they include; keyfiles of NetworkManager's strongSwan plugin (.nmconnection) and profiles of strongSwan's app for
Android (.sswan). A .conf file of another name is read as strongswan.conf. Without PATHS it is /etc.

  --json  one line for each key, and one for the summary

Exit codes: 0 all works or is ignored by design; 1 some is not supported or works differently; 2 a file cannot be used.
`;

const CLASSES: Readonly<Record<VerdictClass, string>> = {
  works: "works",
  differs: "works differently",
  ignored: "ignored by design",
  unsupported: "not supported",
};

/** What a folder is searched for. */
const FILES = ["strongswan.conf", "ipsec.conf", "ipsec.secrets", "swanctl.conf", "swanctl/swanctl.conf"];

/** `cygnet migrate check`. @returns the exit code @throws {UsageError} */
export async function checkCommand(argv: readonly string[], terminal: Terminal, sources: OptionSources): Promise<number> {
  const { values, positionals } = argumentsOf(() =>
    parseArgs({ args: [...argv], allowPositionals: true, options: { json: { type: "boolean" }, help: { type: "boolean" } } }),
  );
  if (values.help === true) {
    terminal.out(CHECK_USAGE);
    return ExitCode.OK;
  }
  const files = (positionals.length === 0 ? ["/etc"] : positionals).flatMap(filesOf);
  const verdicts = await OptionVerdicts.of(sources);
  const counts: Record<VerdictClass, number> = { works: 0, differs: 0, ignored: 0, unsupported: 0 };
  for (const file of files) {
    for (const finding of await check(file, verdicts)) {
      counts[finding.class] += 1;
      terminal.out(values.json === true ? `${JSON.stringify(finding)}\n` : `${findingText(finding)}\n`);
    }
  }
  const summary = Object.entries(CLASSES).map(([name, text]) => `${counts[name as VerdictClass]} ${text}`);
  terminal.out(values.json === true ? `${JSON.stringify({ summary: counts })}\n` : `${summary.join(", ")}\n`);
  return counts.unsupported + counts.differs > 0 ? ExitCode.FAILED : ExitCode.OK;
}

function findingText({ file, line, key, class: name, why }: Finding): string {
  return `${file}:${line}: ${key}: ${CLASSES[name]}${why === undefined ? "" : ` (${why})`}`;
}

/** @throws {UsageError} for what is not there, and folders without a configuration */
function filesOf(path: string): string[] {
  if (!existsSync(path)) throw new UsageError(`'${path}' does not exist`);
  if (!statSync(path).isDirectory()) return [path];
  const keyfiles = join(path, KEYFILE_FOLDER);
  const profiles = [...filesIn(path).filter((file) => isClientProfile(file)), ...(existsSync(keyfiles) ? filesIn(keyfiles) : [])];
  const found = [
    ...FILES.map((name) => join(path, name)).filter((file) => existsSync(file)),
    ...profiles.filter((file) => !isForeign(file)),
  ];
  if (found.length === 0) throw new UsageError(`'${path}' has none of ${FILES.join(", ")}, and no profile of a client`);
  return found;
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ name }) => join(folder, name)).sort();
}

/** What cannot be read is not passed by: that it cannot is told when it is its turn. */
function isForeign(file: string): boolean {
  try {
    return isForeignKeyfile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return false;
  }
}

async function check(file: string, verdicts: OptionVerdicts): Promise<readonly Finding[]> {
  const name = basename(file);
  try {
    if (isClientProfile(file)) return checkClientProfile(file);
    if (name.endsWith("ipsec.conf")) return checkIpsecConf(file);
    if (name.endsWith("ipsec.secrets")) return checkIpsecSecrets(file);
    if (name.endsWith("swanctl.conf")) return checkSwanctlConf(loadSettings(file).settings);
    if (name.endsWith(".conf")) return await checkStrongswanConf(loadSettings(file).settings, verdicts);
  } catch (error) {
    const isKnown = error instanceof ConfigError || error instanceof IpsecConfError || error instanceof ProfileError;
    if (!isKnown && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
  throw new UsageError(`'${file}' is none of the files that can be checked`);
}
