import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { IpsecConfError } from "@cygnet/starter";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { convertIpsecConf } from "./convert/convert-ipsec-conf.js";
import type { Conversion } from "./convert/convert-ipsec-conf.js";
import { convertProfile } from "./convert/convert-profile.js";
import { verifyConversion } from "./convert/verify.js";
import { isClientProfile } from "./profile/client-profile.js";
import { ProfileError } from "./profile/profile-error.js";
import { argumentsOf } from "./arguments.js";

const CONVERT_USAGE = `Usage: cygnet migrate convert [OPTIONS] [FILE]

Writes the swanctl.conf that loads what FILE loads: an ipsec.conf with its ipsec.secrets, a keyfile of NetworkManager's strongSwan plugin
(.nmconnection) or a profile of strongSwan's app for Android (.sswan). Without FILE it is /etc/ipsec.conf.

  --secrets FILE  ipsec.secrets; without it the file of that name beside ipsec.conf
  --output FILE   where to write, not over a file that is there; without it the standard output. Secrets are in it: its mode is 0600.
                  Certificates and keys that are in a profile are written to the folders beside it
  --verify        compare what the daemon loads from both forms, and tell

Exit codes: 0 all was converted; 1 a section or key was not, or --verify found a difference; 2 a file cannot be used.
`;

/** `cygnet migrate convert`. @returns the exit code @throws {UsageError} */
export function convertCommand(argv: readonly string[], terminal: Terminal): number {
  const { values, positionals } = argumentsOf(() =>
    parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        secrets: { type: "string" },
        output: { type: "string" },
        verify: { type: "boolean" },
        help: { type: "boolean" },
      },
    }),
  );
  if (values.help === true) {
    terminal.out(CONVERT_USAGE);
    return ExitCode.OK;
  }
  const [conf = "/etc/ipsec.conf", ...others] = positionals;
  if (others.length > 0) throw new UsageError(`convert takes one file, not ${positionals.length}`);
  const conversion = convert(conf, values.secrets);
  const { text, connections, problems, notes, files } = conversion;
  if (values.output === undefined) {
    terminal.out(text);
    for (const { path } of files) terminal.err(`note: ${path} beside swanctl.conf is written with --output only\n`);
  } else {
    write(values.output, text);
    for (const { path, content } of files) write(join(dirname(values.output), path), content);
  }
  for (const line of notes) terminal.err(`note: ${line}\n`);
  for (const line of problems) terminal.err(`not converted: ${line}\n`);
  const found = values.verify === true ? verifyConversion(conversion, text) : [];
  for (const line of found) terminal.err(`different: ${line}\n`);
  if (values.verify === true && found.length === 0)
    terminal.err(`verified: ${connections.length} connections load the same from both forms\n`);
  return problems.length + found.length > 0 ? ExitCode.FAILED : ExitCode.OK;
}

function convert(file: string, secrets: string | undefined): Conversion {
  const isProfile = isClientProfile(file);
  if (isProfile && secrets !== undefined) throw new UsageError("--secrets is for ipsec.conf");
  const beside = join(dirname(file), "ipsec.secrets");
  try {
    return isProfile ? convertProfile(file) : convertIpsecConf(file, secrets ?? (existsSync(beside) ? beside : undefined));
  } catch (error) {
    const isKnown = error instanceof IpsecConfError || error instanceof ProfileError;
    if (!isKnown && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function write(file: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new UsageError(`'${file}' cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
