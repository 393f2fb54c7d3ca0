import { UsageError } from "@cygnet/command";

/** How `cygnet ipsec profile` prints. */
export interface ProfileArguments {
  /** Seconds between two profiles; unset: one profile since the start of the daemon. */
  readonly watchSeconds: number | undefined;
  /** As the daemon answers, for programs. */
  readonly json: boolean;
}

const DEFAULT_SECONDS = 2;
const MAX_SECONDS = 86_400;

/** @throws {UsageError} */
export function parseProfileArguments(words: readonly string[]): ProfileArguments {
  let watchSeconds: number | undefined;
  let json = false;
  for (let i = 0; i < words.length; i++) {
    const [option, inline] = words[i].split(/=(.*)/s);
    if (option === "--json" && inline === undefined) json = true;
    else if (option === "--watch") watchSeconds = seconds(inline ?? (isOption(words[i + 1]) ? undefined : words[++i]));
    else throw new UsageError(`profile: unknown argument '${words[i]}'; it takes --watch [SECONDS] and --json`);
  }
  return { watchSeconds, json };
}

const isOption = (word: string | undefined): boolean => word === undefined || word.startsWith("--");

function seconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SECONDS;
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MAX_SECONDS) return value;
  throw new UsageError(`profile: --watch: '${text}' is not a number of seconds above 0, up to ${MAX_SECONDS}`);
}
