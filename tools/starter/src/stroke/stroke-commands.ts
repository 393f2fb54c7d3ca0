/**
 * The commands of `stroke` (and of `ipsec`, which passes most of its own on): names, arguments and the request that each one makes.
 */

import {
  encodeStrokeMessage,
  StrokeExportFlag,
  StrokeListFlag,
  StrokeMessageType,
  StrokePurgeFlag,
  StrokeRereadFlag,
} from "@cygnet/plugin-stroke/abi";
import type { StrokeFields, StrokeMessageInit } from "@cygnet/plugin-stroke/abi";

/** Wrong use of a command; the message is what to print. Code CYG_STROKE_USAGE. */
export class StrokeUsageError extends Error {
  readonly code = "CYG_STROKE_USAGE";
  constructor(message: string) {
    super(message);
    this.name = "StrokeUsageError";
  }
}

/** Options that stand anywhere on the command line. */
export interface StrokeCommandOptions {
  /** Print times in UTC; only the list commands know it. */
  readonly utc?: boolean;
}

/** One command. */
export interface StrokeCommand {
  /** Names of the command, the preferred one first. */
  readonly names: readonly [string, ...string[]];
  /** Arguments as shown in the usage: `NAME`, `[NAME]`. */
  readonly args: string;
  readonly description: string;
  /** Fewest arguments; more than the usage shows are ignored, as strongSwan does. */
  readonly minArgs: number;
  build(args: readonly string[], options: StrokeCommandOptions): Uint8Array;
}

const encode = <T extends StrokeMessageType>(type: T, fields: Partial<StrokeFields<T>>, verbosity = 1): Uint8Array =>
  encodeStrokeMessage({ type, fields, outputVerbosity: verbosity } as StrokeMessageInit<T>);

type NameType =
  | StrokeMessageType.INITIATE
  | StrokeMessageType.TERMINATE
  | StrokeMessageType.ROUTE
  | StrokeMessageType.UNROUTE
  | StrokeMessageType.REKEY
  | StrokeMessageType.DEL_CONN
  | StrokeMessageType.STATUS
  | StrokeMessageType.STATUS_ALL
  | StrokeMessageType.STATUS_ALL_NOBLK;

/** A command with one name, required or not. */
function named(
  names: StrokeCommand["names"],
  type: NameType,
  description: string,
  { optional = false, verbosity = 1 }: { optional?: boolean; verbosity?: number } = {},
): StrokeCommand {
  return {
    names,
    args: optional ? "[NAME]" : "NAME",
    description,
    minArgs: optional ? 0 : 1,
    build: (args) => encode(type, { name: args[0] ?? null }, verbosity),
  };
}

function flagged(
  type: StrokeMessageType.REREAD | StrokeMessageType.PURGE,
  verb: string,
  flags: readonly (readonly [string, number, string])[],
): StrokeCommand[] {
  return flags.map(([what, flag, description]) => ({
    names: [verb + what],
    args: "",
    description,
    minArgs: 0,
    build: () => encode(type, { flags: flag }),
  }));
}

function lists(flags: readonly (readonly [string, StrokeListFlag, string])[]): StrokeCommand[] {
  return flags.map(([what, flag, description]) => ({
    names: [`list${what}`],
    args: "[--utc]",
    description,
    minArgs: 0,
    build: (_args, { utc }) => encode(StrokeMessageType.LIST, { flags: flag, utc: Number(utc === true) }),
  }));
}

function exports(flags: readonly (readonly [string, StrokeExportFlag, string, string])[]): StrokeCommand[] {
  return flags.map(([what, flag, argument, description]) => ({
    names: [`export${what}`],
    args: argument,
    description,
    minArgs: 1,
    build: (args) => encode(StrokeMessageType.EXPORT, { flags: flag, selector: args[0] }),
  }));
}

function counters(name: string, reset: number, description: string): StrokeCommand {
  return {
    names: [name],
    args: "[NAME]",
    description,
    minArgs: 0,
    build: (args) => encode(StrokeMessageType.COUNTERS, { reset, name: args[0] ?? null }),
  };
}

/** All commands, in the order of the usage text. */
export const STROKE_COMMANDS: readonly StrokeCommand[] = [
  {
    names: ["add"],
    args: "NAME MY_ID OTHER_ID MY_ADDR OTHER_ADDR MY_NET OTHER_NET",
    description: "Add a transport mode connection",
    minArgs: 7,
    build: buildAdd,
  },
  named(["delete", "del"], StrokeMessageType.DEL_CONN, "Delete a connection; its SAs stay"),
  named(["up"], StrokeMessageType.INITIATE, "Initiate a connection"),
  named(["up-nb"], StrokeMessageType.INITIATE, "Initiate a connection without waiting", { verbosity: -1 }),
  named(["down"], StrokeMessageType.TERMINATE, "Close SAs: NAME, NAME[N], NAME[*], NAME{N}, NAME{*}"),
  named(["down-nb"], StrokeMessageType.TERMINATE, "Close SAs without waiting", { verbosity: -1 }),
  {
    names: ["down-srcip"],
    args: "START [END]",
    description: "Close the IKE_SAs of clients with a virtual IP in this range",
    minArgs: 1,
    build: (args) => encode(StrokeMessageType.TERMINATE_SRCIP, { start: args[0], end: args[1] ?? null }),
  },
  named(["route"], StrokeMessageType.ROUTE, "Install the trap or shunt policies of a connection"),
  named(["unroute"], StrokeMessageType.UNROUTE, "Remove the trap or shunt policies of a connection"),
  named(["rekey"], StrokeMessageType.REKEY, "Rekey SAs, named as for down"),
  {
    names: ["loglevel"],
    args: "TYPE LEVEL",
    description: "Set the log level (-1 to 4) of a log group, or of any",
    minArgs: 2,
    build: (args) => encode(StrokeMessageType.LOGLEVEL, { type: args[0], level: Number.parseInt(args[1], 10) | 0 }),
  },
  named(["status"], StrokeMessageType.STATUS, "Show SAs", { optional: true }),
  named(["statusall"], StrokeMessageType.STATUS_ALL, "Show the daemon, connections and SAs in detail", { optional: true }),
  named(["statusall-nb", "statusallnb"], StrokeMessageType.STATUS_ALL_NOBLK, "The same, without waiting for busy SAs", {
    optional: true,
  }),
  ...lists([
    ["pubkeys", StrokeListFlag.PUBKEYS, "List raw public keys"],
    ["certs", StrokeListFlag.CERTS, "List end entity certificates"],
    ["cacerts", StrokeListFlag.CACERTS, "List CA certificates"],
    ["ocspcerts", StrokeListFlag.OCSPCERTS, "List OCSP signer certificates"],
    ["aacerts", StrokeListFlag.AACERTS, "List authorization authority certificates"],
    ["acerts", StrokeListFlag.ACERTS, "List attribute certificates"],
    ["groups", StrokeListFlag.GROUPS, "List groups"],
    ["cainfos", StrokeListFlag.CAINFOS, "List ca sections"],
    ["crls", StrokeListFlag.CRLS, "List CRLs"],
    ["ocsp", StrokeListFlag.OCSP, "List cached OCSP responses"],
    ["algs", StrokeListFlag.ALGS, "List registered algorithms"],
    ["plugins", StrokeListFlag.PLUGINS, "List loaded plugins and their features"],
    ["all", StrokeListFlag.ALL, "List everything"],
  ]),
  ...flagged(StrokeMessageType.REREAD, "reread", [
    ["secrets", StrokeRereadFlag.SECRETS, "Read ipsec.secrets again"],
    ["cacerts", StrokeRereadFlag.CACERTS, "Read CA certificates again"],
    ["ocspcerts", StrokeRereadFlag.OCSPCERTS, "Read OCSP signer certificates again"],
    ["aacerts", StrokeRereadFlag.AACERTS, "Read authorization authority certificates again"],
    ["acerts", StrokeRereadFlag.ACERTS, "Read attribute certificates again"],
    ["crls", StrokeRereadFlag.CRLS, "Read CRLs again"],
    ["all", StrokeRereadFlag.ALL, "Read secrets, certificates and CRLs again"],
  ]),
  ...flagged(StrokeMessageType.PURGE, "purge", [
    ["ocsp", StrokePurgeFlag.OCSP, "Drop cached OCSP responses"],
    ["crls", StrokePurgeFlag.CRLS, "Drop cached CRLs"],
    ["certs", StrokePurgeFlag.CERTS, "Drop cached certificates"],
    ["ike", StrokePurgeFlag.IKE, "Close IKE_SAs without a CHILD_SA"],
  ]),
  ...exports([
    ["x509", StrokeExportFlag.X509, "DN", "Print the certificates with this subject as PEM"],
    ["conncert", StrokeExportFlag.CONN_CERT, "NAME", "Print the peer's certificate as PEM"],
    ["connchain", StrokeExportFlag.CONN_CHAIN, "NAME", "Print the peer's certificate chain as PEM"],
  ]),
  {
    names: ["leases"],
    args: "[POOL [ADDRESS]]",
    description: "Show leases of virtual IP pools",
    minArgs: 0,
    build: (args) => encode(StrokeMessageType.LEASES, { pool: args[0] ?? null, address: args[1] ?? null }),
  },
  {
    names: ["memusage"],
    args: "",
    description: "Show memory usage",
    minArgs: 0,
    build: () => encode(StrokeMessageType.MEMUSAGE, {}),
  },
  {
    names: ["user-creds"],
    args: "NAME USERNAME [PASSWORD]",
    description: "Set user name and password of a connection; the password is asked for if not given",
    minArgs: 2,
    build: (args) => encode(StrokeMessageType.USER_CREDS, { name: args[0], username: args[1], password: args[2] ?? null }),
  },
  counters("listcounters", 0, "Show IKE counters, of all or of one connection"),
  counters("resetcounters", 1, "Reset IKE counters"),
  {
    names: ["profile"],
    args: "",
    description: "Show where the time went, as JSON; not in strongSwan",
    minArgs: 0,
    build: () => encode(StrokeMessageType.PROFILE, {}),
  },
  {
    names: ["plugins"],
    args: "",
    description: "Show what became of the plugins, as JSON; not in strongSwan",
    minArgs: 0,
    build: () => encode(StrokeMessageType.PLUGINS, {}),
  },
];

const BY_NAME: ReadonlyMap<string, StrokeCommand> = new Map(
  STROKE_COMMANDS.flatMap((command) => command.names.map((name) => [name, command] as const)),
);

/** The command with this name, if there is one. */
export function strokeCommand(name: string): StrokeCommand | undefined {
  return BY_NAME.get(name);
}

/**
 * The request for a command line such as `["up", "net-net"]`; `--utc` may stand anywhere.
 *
 * @throws {StrokeUsageError} for an unknown command or too few arguments
 */
export function strokeCommandRequest(argv: readonly string[]): Uint8Array {
  const words = argv.filter((word) => word !== "--utc");
  const command = strokeCommand(words[0] ?? "");
  if (command === undefined) throw new StrokeUsageError(strokeUsage());
  const args = words.slice(1);
  if (args.length < command.minArgs) throw new StrokeUsageError(`Usage: stroke ${command.names[0]} ${command.args}`.trimEnd());
  return command.build(args, { utc: words.length < argv.length });
}

/** Usage of `stroke` with one line per command. */
export function strokeUsage(): string {
  const lines = STROKE_COMMANDS.map((c) => [`${c.names.join("|")} ${c.args}`.trimEnd(), c.description] as const);
  const width = 30;
  return [
    "stroke [OPTIONS] COMMAND [ARGUMENTS]",
    "",
    "Options:",
    `  ${"-h, --help".padEnd(width)}  print this information`,
    `  ${"-d, --daemon=NAME".padEnd(width)}  name of the daemon`,
    "",
    "Commands:",
    ...lines.map(([usage, text]) =>
      usage.length > width ? `  ${usage}\n  ${"".padEnd(width)}  ${text}` : `  ${usage.padEnd(width)}  ${text}`,
    ),
    "",
  ].join("\n");
}

/** What the real tool fills in for a connection given on the command line; its mode is always transport. */
function buildAdd(args: readonly string[]): Uint8Array {
  const [name, myId, otherId, myAddress, otherAddress, myNet, otherNet] = args;
  const end = (prefix: "me" | "other", id: string, address: string, subnets: string): Record<string, string | number> => ({
    [`${prefix}.id`]: id,
    [`${prefix}.address`]: address,
    [`${prefix}.ikeport`]: 500,
    [`${prefix}.subnets`]: subnets,
    [`${prefix}.sendcert`]: 1,
    [`${prefix}.to_port`]: 65535,
  });
  return encode(StrokeMessageType.ADD_CONN, {
    name,
    version: 2,
    mode: 1,
    mobike: 1,
    install_policy: 1,
    "dpd.action": 1,
    ...end("me", myId, myAddress, myNet),
    ...end("other", otherId, otherAddress, otherNet),
  });
}
