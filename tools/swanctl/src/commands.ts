import type { OptionRule } from "@cygnet/command";
import type { Run } from "./context.js";
import * as control from "./control/control-commands.js";
import * as info from "./list/daemon-info.js";
import { listAuthorities } from "./list/list-authorities.js";
import { listCerts } from "./list/list-certs.js";
import { listConns } from "./list/list-conns.js";
import { listPols } from "./list/list-pols.js";
import { listPools } from "./list/list-pools.js";
import { listSas } from "./list/list-sas.js";
import { log, monitorSa } from "./list/watch.js";
import * as load from "./load/load-commands.js";

/** A command of swanctl. */
export interface SwanctlCommand {
  readonly name: string;
  readonly letter: string;
  readonly description: string;
  /** What follows the command in its usage, one entry a line. */
  readonly usage: readonly string[];
  readonly options: readonly OptionRule[];
  readonly run: Run;
}

const FORMATS = "[--raw|--pretty|--json]";

function value(name: string, letter: string, description: string): OptionRule {
  return { name, letter, description, takesValue: true };
}

function flag(name: string, letter: string, description: string): OptionRule {
  return { name, letter, description, takesValue: false };
}

const HELP = flag("help", "h", "show usage information");
const RAW = [flag("raw", "r", "print messages as they are"), flag("pretty", "P", "print messages on many lines")];
/** No letter of its own: each is in use by some command. */
const JSON_LINES = flag("json", "", "print each message as a line of JSON");
const FILE = value("file", "f", "path of swanctl.conf");
const CREDENTIALS = [
  flag("clear", "c", "clear credentials that were loaded before"),
  flag("noprompt", "n", "ask for no passphrases"),
];
const LOG_LEVEL = value("loglevel", "l", "level of the log that is shown meanwhile, default: 1");
const TIMEOUT = value("timeout", "t", "seconds to wait, 0 for ever, -1 not at all");
const TYPE = value("type", "t", "only this type of certificate");

/** Options of all commands. */
const COMMON: readonly OptionRule[] = [
  JSON_LINES,
  value("debug", "v", "level of messages of swanctl itself, -1 to 4, default: 1"),
  value("options", "+", "read more options from a file"),
  value("uri", "u", "URI of the daemon's vici socket"),
];

function command(
  name: string,
  letter: string,
  description: string,
  usage: readonly string[],
  options: readonly OptionRule[],
  run: Run,
): SwanctlCommand {
  return { name, letter, description, usage, options: [HELP, ...options, ...RAW, ...COMMON], run };
}

/** In the order of strongSwan's usage. */
export const COMMANDS: readonly SwanctlCommand[] = [
  command(
    "counters",
    "C",
    "list or reset IKE event counters",
    [`[--name <name>|--all] [--reset] ${FORMATS}`],
    [
      value("name", "n", "connection name, omit for global counters"),
      flag("all", "a", "counters of all connections"),
      flag("reset", "R", "reset the counters"),
    ],
    info.counters,
  ),
  command(
    "initiate",
    "i",
    "initiate a connection",
    [`[--child <name>] [--ike <name>] [--timeout <s>] ${FORMATS}`],
    [
      value("child", "c", "CHILD_SA configuration to initiate"),
      value("ike", "i", "IKE_SA configuration to initiate, or the child's connection"),
      TIMEOUT,
      LOG_LEVEL,
    ],
    control.initiate,
  ),
  command(
    "terminate",
    "t",
    "terminate a connection",
    ["--child <name> | --ike <name> | --child-id <id> | --ike-id <id>", `[--timeout <s>] ${FORMATS}`],
    [...saSelectors(), flag("force", "f", "do not wait for the peer's answer, unless a timeout is set"), TIMEOUT, LOG_LEVEL],
    control.terminate,
  ),
  command(
    "rekey",
    "R",
    "rekey an SA",
    ["--child <name> | --ike <name> | --child-id <id> | --ike-id <id>", `[--reauth] ${FORMATS}`],
    [...saSelectors(), flag("reauth", "a", "reauthenticate instead of rekeying an IKEv2 SA")],
    control.rekey,
  ),
  command(
    "redirect",
    "d",
    "redirect an IKE_SA",
    ["--ike <name> | --ike-id <id> | --peer-ip <ip|subnet|range>", `--peer-id <id|wildcards> | --gateway <ip|fqdn> ${FORMATS}`],
    [
      value("ike", "i", "by name of the IKE_SA"),
      value("ike-id", "I", "by unique identifier of the IKE_SA"),
      value("peer-ip", "p", "by the client's address"),
      value("peer-id", "d", "by the client's identity"),
      value("gateway", "g", "where to redirect to (address or host name)"),
    ],
    control.redirect,
  ),
  command("uninstall", "u", "uninstall a trap or shunt policy", installUsage(), installOptions(), control.uninstall),
  command("install", "p", "install a trap or shunt policy", installUsage(), installOptions(), control.install),
  command(
    "list-sas",
    "l",
    "list currently active IKE_SAs",
    ["[--ike <name>|--ike-id <id>] [--child <name>|--child-id <id>]", FORMATS],
    [...saSelectors(), flag("noblock", "n", "do not wait for IKE_SAs in use")],
    listSas,
  ),
  command("monitor-sa", "m", "monitor for IKE_SA and CHILD_SA changes", [FORMATS], [], monitorSa),
  command(
    "list-pols",
    "P",
    "list currently installed policies",
    [`[--child <name>] [--trap] [--drop] [--pass] ${FORMATS}`],
    [
      value("child", "c", "only of this CHILD_SA configuration"),
      flag("trap", "t", "trap policies"),
      flag("drop", "d", "drop policies"),
      flag("pass", "p", "bypass policies"),
    ],
    listPols,
  ),
  command(
    "list-authorities",
    "B",
    "list loaded authority configurations",
    [`[--name <name>] ${FORMATS}`],
    [value("name", "n", "only this authority")],
    listAuthorities,
  ),
  command("list-conns", "L", "list loaded configurations", [FORMATS], [], listConns),
  command(
    "list-certs",
    "x",
    "list stored certificates",
    [
      "[--subject <dn/san>] [--pem]",
      "[--type x509|x509_ac|x509_crl|ocsp_response|pubkey]",
      "[--flag none|ca|aa|ocsp|any] [--raw|--pretty|--json|--short|--utc]",
    ],
    [
      value("subject", "s", "only with this subject"),
      TYPE,
      value("flag", "f", "only with this flag of X.509 certificates"),
      flag("pem", "p", "print certificates in PEM"),
      flag("short", "S", "omit some details"),
      flag("utc", "U", "times in UTC"),
    ],
    listCerts,
  ),
  command(
    "list-pools",
    "A",
    "list loaded pool configurations",
    [`[--leases] [--name <name>] ${FORMATS}`],
    [flag("leases", "l", "list leases of each pool"), value("name", "n", "only this pool")],
    listPools,
  ),
  command("list-algs", "g", "show loaded algorithms", [FORMATS], [], info.listAlgs),
  command(
    "flush-certs",
    "f",
    "flush cached certificates",
    ["[--type x509|x509_ac|x509_crl|ocsp_response|pubkey]", FORMATS],
    [TYPE],
    control.flushCerts,
  ),
  command(
    "load-all",
    "q",
    "load credentials, authorities, pools and connections",
    [`[--clear] [--noprompt] [--file <path>] ${FORMATS}`],
    [...CREDENTIALS, FILE],
    load.loadAll,
  ),
  command("load-authorities", "b", "(re-)load authority configuration", fileUsage(), [FILE], load.loadAuthorities),
  command("load-conns", "c", "(re-)load connection configuration", fileUsage(), [FILE], load.loadConnections),
  command(
    "load-creds",
    "s",
    "(re-)load credentials",
    [`[--clear] [--noprompt] [--file <path>] ${FORMATS}`],
    [...CREDENTIALS, FILE],
    load.loadCredentials,
  ),
  command("load-pools", "a", "(re-)load pool configuration", fileUsage(), [FILE], load.loadPools),
  command("log", "T", "trace logging output", [FORMATS], [], log),
  command(
    "version",
    "v",
    "show version information",
    [`[--daemon] ${FORMATS}`],
    [flag("daemon", "d", "version of the daemon")],
    info.daemonVersion,
  ),
  command("stats", "S", "show daemon stats information", [FORMATS], [], info.stats),
  command("reload-settings", "r", "reload daemon strongswan.conf", [FORMATS], [], control.reloadSettings),
];

function saSelectors(): OptionRule[] {
  return [
    value("child", "c", "by name of the CHILD_SA"),
    value("ike", "i", "by name of the IKE_SA"),
    value("child-id", "C", "by unique identifier of the CHILD_SA"),
    value("ike-id", "I", "by unique identifier of the IKE_SA"),
  ];
}

function installUsage(): string[] {
  return [`--child <name> [--ike <name>] ${FORMATS}`];
}

function installOptions(): OptionRule[] {
  return [value("child", "c", "CHILD_SA configuration"), value("ike", "i", "the connection that it belongs to")];
}

function fileUsage(): string[] {
  return [`[--file <path>] ${FORMATS}`];
}
