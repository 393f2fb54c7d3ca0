import { accessSync, constants, existsSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError, integer, writable } from "@cygnet/command";

/** What the command line of `cygnet load-test` says. */
export interface LoadTestArguments {
  /** IKE_SAs to set up, altogether. */
  readonly sessions: number;
  /** Initiators that share them. */
  readonly initiators: number;
  /** Milliseconds that an initiator waits after each initiation. */
  readonly delayMs: number;
  /** Initiators wait while more IKE_SAs than this are being set up; 0 for no limit. */
  readonly initLimit: number;
  /** How both sides authenticate: with a preshared key, or with certificates of the load-tester's own authority. */
  readonly auth: "psk" | "pubkey";
  readonly proposal: string;
  readonly esp: string;
  /** Absolute path of a strongswan.conf that is put over the generated settings of both daemons. */
  readonly conf: string | undefined;
  /** A remote gateway in place of our own responder, with the port it has for IKE. */
  readonly responder: { readonly address: string; readonly port: number } | undefined;
  /** Where the result goes as JSON. */
  readonly json: string | undefined;
  /** Whether the responder's `statusall` is printed. */
  readonly statusall: boolean;
  /** Absolute path of a folder that settings and logs of the daemons are kept in. */
  readonly keepLogs: string | undefined;
  readonly help: boolean;
}

/**
 * In the middle of what keeps both sides busy and what makes them hold more unfinished IKE_SAs than they must: each costs several times the
 * memory of a finished one.
 */
const DEFAULT_INIT_LIMIT = 200;
export const DEFAULT_PROPOSAL = "aes128-sha1-modp768";
export const DEFAULT_ESP = "aes128-sha1";
/** With more sessions than this only the first {@link SHOWN_SAS} IKE_SAs of `statusall` are shown. */
export const FULL_STATUS_SESSIONS = 20;
export const SHOWN_SAS = 3;
const MAX_SESSIONS = 10_000_000;
const MAX_DELAY_MS = 3_600_000;
const IKE_PORT = 500;

export const LOAD_TEST_USAGE = `Usage: cygnet load-test [OPTIONS]

Starts two daemons, lets one set up IKE_SAs with the other, and tells how fast that
went and what it cost.

  --sessions N         IKE_SAs to set up (2000)
  --initiators N       initiators that share them (5)
  --delay MS           pause of an initiator after each initiation (0)
  --init-limit N       IKE_SAs being set up at a time, 0 for no limit (${DEFAULT_INIT_LIMIT})
  --auth METHOD        psk, or pubkey for certificates of an authority that is built in (psk)
  --proposal P         IKE proposal (${DEFAULT_PROPOSAL})
  --esp P              ESP proposal (${DEFAULT_ESP})
  --conf FILE          a strongswan.conf that is put over the settings of both daemons
  --responder ADDR     drive the gateway at ADDR, or ADDR[PORT], and start no responder
  --json FILE          write the result to FILE as well
  --no-statusall       do not print the responder's statusall; otherwise ${SHOWN_SAS} of its IKE_SAs
                       are shown, or all of up to ${FULL_STATUS_SESSIONS} sessions
  --keep-logs DIR      keep settings and logs of the daemons in DIR
  --help

Exit codes: 0 all sessions were set up, 1 a session failed or has no CHILD_SA, or the
test was interrupted, 2 command line or settings unusable, 66 a daemon did not start.
`;

/** @throws {UsageError} for an unknown option, a value out of range, a file that is not there */
export function parseLoadTestArguments(argv: readonly string[]): LoadTestArguments {
  const values = parse([...argv]);
  return {
    sessions: integer("--sessions", values.sessions, 1, MAX_SESSIONS),
    initiators: integer("--initiators", values.initiators, 1, 1000),
    delayMs: integer("--delay", values.delay, 0, MAX_DELAY_MS),
    initLimit: integer("--init-limit", values["init-limit"], 0, MAX_SESSIONS),
    auth: method(values.auth),
    proposal: keyword("--proposal", values.proposal),
    esp: keyword("--esp", values.esp),
    conf: values.conf === undefined ? undefined : readable("--conf", resolve(values.conf)),
    responder: values.responder === undefined ? undefined : gateway(values.responder),
    json: values.json === undefined ? undefined : writable("--json", values.json),
    statusall: !values["no-statusall"],
    keepLogs: values["keep-logs"] === undefined ? undefined : resolve(values["keep-logs"]),
    help: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        sessions: { type: "string", default: "2000" },
        initiators: { type: "string", default: "5" },
        delay: { type: "string", default: "0" },
        "init-limit": { type: "string", default: String(DEFAULT_INIT_LIMIT) },
        auth: { type: "string", default: "psk" },
        proposal: { type: "string", default: DEFAULT_PROPOSAL },
        esp: { type: "string", default: DEFAULT_ESP },
        conf: { type: "string" },
        responder: { type: "string" },
        json: { type: "string" },
        "no-statusall": { type: "boolean", default: false },
        "keep-logs": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function method(text: string): LoadTestArguments["auth"] {
  if (text !== "psk" && text !== "pubkey") throw new UsageError(`--auth: '${text}' is neither psk nor pubkey`);
  return text;
}

/** Proposals go into a settings file, so nothing else may be in them; `checkProposals` looks at what they mean. */
function keyword(option: string, text: string): string {
  if (!/^[\w-]+$/.test(text)) throw new UsageError(`${option}: '${text}' is not one proposal such as aes128-sha1-modp768`);
  return text;
}

/** A file that the daemons include: a pattern that matches nothing readable would be skipped there without a word. */
function readable(option: string, path: string): string {
  if (!existsSync(path)) throw new UsageError(`${option}: there is no file '${path}'`);
  if (!statSync(path).isFile()) throw new UsageError(`${option}: '${path}' is no file`);
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (error) {
    throw new UsageError(`${option}: '${path}' cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function gateway(text: string): { readonly address: string; readonly port: number } {
  const [, address = "", port = String(IKE_PORT)] = /^([^[\]]+)(?:\[(\d{1,5})\])?$/.exec(text) ?? [];
  if (isIP(address) === 0) throw new UsageError(`--responder: '${text}' is not an IP address, or address[port]`);
  return { address, port: integer("--responder", port, 1, 65_535) };
}
