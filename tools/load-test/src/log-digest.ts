import { createReadStream } from "node:fs";
import { LOADED_PLUGINS } from "./daemon-settings.js";

/** As much of a log is read: enough for the reasons of any failure, and no long wait after a long test. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** Group and message of a line, whatever the time before them looks like. */
const LINE = /\d\d\[([A-Z]{3})\d?\] (?:<[^>]*> )?(.*)$/;
/** From this line on the daemon works, and from the second one on it ends. */
const STARTED = /^spawning \d+ worker threads$/;
const ENDING = /^SIG\w+ received, shutting down|^load-test complete/;

/** What a daemon says at any start. All else that it says there should be known to who wants figures of it. */
const ORDINARY = [
  /^Starting IKE charon daemon /,
  /^the CPU affinity mask allows (\d+) of \1 online CPUs$/,
  /^loaded plugins: /,
  /^loading (?:secrets|(?:ca|ocsp signer) certificates|crls) from /,
  /^gmp plugin computes MODP groups with /,
  new RegExp(`^plugin '(?:${LOADED_PLUGINS.split(" ").join("|")})': failed to load - not available in this release$`),
];
/** Groups in which such words tell of a fault of the daemon or its machine, not of a session. */
const FAULT_GROUPS = new Set(["DMN", "LIB", "KNL", "NET", "JOB"]);
const FAULT = /\b(?:failed|error|errors|exception|rejection|unable|discarded|no socket)\b/i;

/** Why an initiator gives an IKE_SA up; the first group is what to count, the whole line without one. */
const FAILURES = [
  /^received (\S+) notify error$/,
  /^giving up after \d+ retransmits$/,
  /^giving up, the peer sent us back \d+ times$/,
  /^(no shared key found) for /,
  /^tried \d+ shared keys? for .*, but (MAC mismatched)$/,
  /^received a proposal that was not offered$/,
  /^received IKE_SA_INIT response without the payloads it needs$/,
  /^applying KE public value failed$/,
  /^key derivation failed$/,
  /^(?:AUTH|IDr) payload missing$/,
  /^(IDir '.*' does not match) to /,
  /^configured key exchange method \S+ not supported$/,
  /^peer requested key exchange method \S+, which was not proposed$/,
  /^authentication method .+ not supported$/,
  /^load-test initiation failed: (.+)$/,
];
const CHILD_FAILED = "failed to establish CHILD_SA, keeping IKE_SA";
const CHILD_REFUSED = /^(?:received )?(.+?)(?: notify)?, no CHILD_SA built$/;

/** How often each of several texts was seen. */
export type Counts = ReadonlyMap<string, number>;

/** Takes the log of a load test's daemon line by line, and keeps what went wrong. */
export class LogDigest {
  readonly #warnings = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #childFailures = new Map<string, number>();
  #phase: "starting" | "running" | "ending" = "starting";
  #before = "";

  /** What the daemon had to say about its settings at the start, and faults later. */
  get warnings(): Counts {
    return this.#warnings;
  }

  /** Why IKE_SAs were given up that this daemon initiated. */
  get failures(): Counts {
    return this.#failures;
  }

  /** Why IKE_SAs that it initiated were left without a CHILD_SA. */
  get childFailures(): Counts {
    return this.#childFailures;
  }

  add(line: string): void {
    const [, group, message] = LINE.exec(line) ?? [];
    if (message === undefined) return;
    if (STARTED.test(message)) this.#phase = "running";
    else if (ENDING.test(message)) this.#phase = "ending";
    else if (this.#phase === "starting") this.#atStart(message);
    else if (this.#phase === "running") this.#atWork(group, message);
    this.#before = message;
  }

  #atStart(message: string): void {
    if (!ORDINARY.some((pattern) => pattern.test(message))) count(this.#warnings, message);
  }

  #atWork(group: string, message: string): void {
    if (message === CHILD_FAILED) return count(this.#childFailures, CHILD_REFUSED.exec(this.#before)?.[1] ?? this.#before);
    for (const pattern of FAILURES) {
      const found = pattern.exec(message);
      if (found !== null) return count(this.#failures, found[1] ?? message);
    }
    if (FAULT_GROUPS.has(group) && FAULT.test(message)) count(this.#warnings, message);
  }
}

/** Reads a log that nobody writes any more; one that is not there, because other settings replaced it, says nothing. */
export async function digestLog(path: string): Promise<LogDigest> {
  const digest = new LogDigest();
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: CHUNK_BYTES, end: MAX_LOG_BYTES - 1 })) {
      const lines = (rest + (chunk as string)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) digest.add(line);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return digest;
}

/** Different texts that are kept; what varies from line to line is told by its first examples. */
const MAX_TEXTS = 100;

function count(counts: Map<string, number>, text: string): void {
  const before = counts.get(text);
  if (before !== undefined || counts.size < MAX_TEXTS) counts.set(text, (before ?? 0) + 1);
}

/** The most frequent first. */
export function byCount(counts: Counts): [text: string, count: number][] {
  return [...counts].sort(([, a], [, b]) => b - a);
}
