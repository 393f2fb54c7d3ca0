import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { IpsecConfError } from "@cygnet/starter";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { convertIpsecConf } from "./convert/convert-ipsec-conf.js";
import type { Conversion } from "./convert/convert-ipsec-conf.js";
import { verifyConversion } from "./convert/verify.js";
import { argumentsOf } from "./arguments.js";

export const CONVERT_USAGE = `Usage: cygnet migrate convert [OPTIONS] [IPSEC.CONF]

Writes the swanctl.conf that loads what /etc/ipsec.conf, or IPSEC.CONF, and its ipsec.secrets load.

  --secrets FILE  ipsec.secrets; without it the file of that name beside ipsec.conf
  --output FILE   where to write, not over a file that is there; without it the standard output. Secrets are in it: its mode is 0600
  --verify        compare what the daemon loads from both forms, and tell

Exit codes: 0 all was converted; 1 a section was not, or --verify found a difference; 2 a file cannot be used.
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
  if (others.length > 0) throw new UsageError(`convert takes one ipsec.conf, not ${positionals.length}`);
  const beside = join(dirname(conf), "ipsec.secrets");
  const conversion = convert(conf, values.secrets ?? (existsSync(beside) ? beside : undefined));
  const { text, connections, problems, notes } = conversion;
  if (values.output === undefined) terminal.out(text);
  else write(values.output, text);
  for (const line of notes) terminal.err(`note: ${line}\n`);
  for (const line of problems) terminal.err(`not converted: ${line}\n`);
  const found = values.verify === true ? verifyConversion(conversion, text) : [];
  for (const line of found) terminal.err(`different: ${line}\n`);
  if (values.verify === true && found.length === 0)
    terminal.err(`verified: ${connections.length} connections load the same from both forms\n`);
  return problems.length + found.length > 0 ? ExitCode.FAILED : ExitCode.OK;
}

function convert(conf: string, secrets: string | undefined): Conversion {
  try {
    return convertIpsecConf(conf, secrets);
  } catch (error) {
    if (!(error instanceof IpsecConfError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new UsageError(`'${file}' cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
