/**
 * The subcommands of `ipsec`: most are stroke requests, some are signals to starter, a few are done on the spot.
 */

import { STROKE_COMMANDS, strokeCommand } from "./stroke-commands.js";

/** What running a subcommand means. */
export type IpsecCommand =
  /** Send the stroke request named `request`. Exit status 7 if the daemon's pid file is missing, 3 for `status` and `statusall`. */
  | {
      readonly name: string;
      readonly kind: "stroke";
      readonly request: string;
      readonly args: string;
      readonly description: string;
      readonly noDaemonStatus: 3 | 7;
    }
  /** Signal the starter whose pid is in `starter.charon.pid`. */
  | {
      readonly name: string;
      readonly kind: "signal";
      readonly signal: "SIGHUP" | "SIGUSR1" | "SIGTERM";
      readonly description: string;
    }
  /** Done by the command line program itself. */
  | { readonly name: string; readonly kind: "local"; readonly args: string; readonly description: string };

/** strongSwan's usage line for a command that is given too few words, or more than the one name it takes; undefined for proper use. */
export function ipsecMisuse(command: IpsecCommand & { readonly kind: "stroke" }, words: readonly string[]): string | undefined {
  const given = words.filter((word) => word !== "--utc").length;
  const needed = strokeCommand(command.request)?.minArgs ?? 0;
  if (given >= needed && (command.args !== NAME || given === 1)) return undefined;
  const args = command.args.replaceAll(/[A-Z_]+/g, (word) => (word === NAME ? "<connection name>" : `<${word.toLowerCase()}>`));
  return `Usage: ipsec ${command.name} ${args}`;
}

/** Stands for the name of a connection, of which `ipsec` takes exactly one where it needs one. */
const NAME = "NAME";

/** Commands of `stroke` that `ipsec` does not have under their own name; `ipsec stroke ...` reaches them. */
const STROKE_ONLY: ReadonlySet<string> = new Set([
  "add",
  "delete",
  "del",
  "user-creds",
  "memusage",
  "loglevel",
  "profile",
  "plugins",
  "statusall-nb",
  "statusallnb",
]);

const fromStroke: readonly IpsecCommand[] = STROKE_COMMANDS.flatMap((command) =>
  command.names
    .filter((name) => !STROKE_ONLY.has(name))
    .map((name) => ({
      name,
      kind: "stroke" as const,
      request: name,
      args: command.args,
      description: command.description,
      noDaemonStatus: name.startsWith("status") ? (3 as const) : (7 as const),
    })),
);

/** All subcommands of `ipsec`. */
export const IPSEC_COMMANDS: readonly IpsecCommand[] = [
  { name: "start", kind: "local", args: "[STARTER OPTIONS]", description: "Start starter, which starts the daemon" },
  { name: "restart", kind: "local", args: "[STARTER OPTIONS]", description: "stop, then start" },
  { name: "stop", kind: "signal", signal: "SIGTERM", description: "Stop the daemon and starter" },
  { name: "update", kind: "signal", signal: "SIGHUP", description: "Apply changes of ipsec.conf" },
  { name: "reload", kind: "signal", signal: "SIGUSR1", description: "Load all of ipsec.conf anew" },
  ...fromStroke,
  {
    name: "profile",
    kind: "local",
    args: "[--watch [SECONDS]]",
    description: "Show where the daemon's time goes; --json for programs",
  },
  { name: "stroke", kind: "local", args: "ARGUMENTS", description: "Run the stroke tool" },
  { name: "pki", kind: "local", args: "--COMMAND [OPTIONS]", description: "Make, print and verify certificates: cygnet pki" },
  {
    name: "secrets",
    kind: "stroke",
    request: "rereadsecrets",
    args: "",
    description: "Read ipsec.secrets again",
    noDaemonStatus: 7,
  },
  { name: "version", kind: "local", args: "", description: "Print the version" },
  { name: "--help", kind: "local", args: "", description: "Print this information" },
];
