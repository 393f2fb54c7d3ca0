import { DEFAULT_PID_DIR } from "../pid-dir.js";
import { UsageError } from "@cygnet/command";

/** What stands around the command of `cygnet ipsec`, anywhere on the command line. */
export interface IpsecArguments {
  /** Folder of pid files and control sockets. */
  readonly pidDir: string;
  /** Address of the stroke socket; unset: what strongswan.conf says, else `<piddir>/charon.ctl`. */
  readonly socket: string | undefined;
  /** strongswan.conf; unset: `STRONGSWAN_CONF` of the environment, else `/etc/strongswan.conf`. */
  readonly strongswanConf: string | undefined;
  /** The command, undefined without one, and what belongs to it. */
  readonly command: string | undefined;
  readonly rest: readonly string[];
}

/** Options of the wrapper itself; everything else belongs to the command. */
const OWN = ["--piddir", "--socket", "--strongswan-conf"] as const;

/** strongSwan's `ipsec --piddir` prints the folder; here it does so only without an argument. */
const PIDDIR_QUERY = "--piddir";

/** @throws {UsageError} for an option without its argument */
export function parseIpsecArguments(argv: readonly string[]): IpsecArguments {
  const found = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [option, inline] = splitOption(argv[i]);
    const isQuery = option === PIDDIR_QUERY && inline === undefined && i + 1 === argv.length && words.length === 0;
    if (!OWN.some((own) => own === option) || isQuery) {
      words.push(argv[i]);
      continue;
    }
    const value = inline ?? argv[++i];
    if (value === undefined || value === "") throw new UsageError(`${option} needs an argument`);
    found.set(option, value);
  }
  return {
    pidDir: found.get("--piddir") ?? DEFAULT_PID_DIR,
    socket: found.get("--socket"),
    strongswanConf: found.get("--strongswan-conf"),
    command: words[0],
    rest: words.slice(1),
  };
}

function splitOption(word: string): [option: string, value: string | undefined] {
  const at = word.indexOf("=");
  return word.startsWith("--") && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined];
}
