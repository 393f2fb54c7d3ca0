import type { Interruption, Terminal } from "@cygnet/command";
import type { DaemonPair } from "./daemon-pair.js";
import { droppedOf, momentOf, outcomeOf } from "./figures.js";
import type { Statuses } from "./figures.js";
import type { LoadTestArguments } from "./load-test-arguments.js";
import { PROGRESS_MS, Progress } from "./progress.js";
import { summarize } from "./summary.js";
import type { Summary } from "./summary.js";

/** How long the end of a process may take to be noticed. */
const DEATH_NOTICE_MS = 1000;

/** Why a test ended. */
type TestEnd = "complete" | "interrupted" | "daemon-died";

/**
 * Runs the test itself, between two daemons that are ready, and shows how it goes.
 *
 * What they use is counted from just before the first initiation: the initiators wait for a request, so that nothing has happened yet when
 * it is read. It is read again when the last initiation has ended.
 */
export async function runTest(
  pair: DaemonPair,
  args: LoadTestArguments,
  terminal: Terminal,
  interruption: Interruption,
): Promise<{ readonly summary: Summary; readonly ended: TestEnd }> {
  const progress = new Progress(terminal);
  const first = await pair.statuses();
  const usedBefore = pair.usages();
  const startedMs = performance.now();
  let latest = first;
  let usedAfter = usedBefore;
  const look = async (): Promise<void> => {
    latest = await pair.statuses();
    progress.show(momentOf(latest, first, args.sessions, performance.now() - startedMs));
  };
  const complete = pair.initiate(args.sessions);
  const stopLooking = every(terminal.isInteractive ? PROGRESS_MS.interactive : PROGRESS_MS.plain, look);
  let ended: TestEnd;
  try {
    ended = await Promise.race([
      complete.then(
        () => "complete" as const,
        (error: unknown) => explain(error, pair),
      ),
      interruption.requested.then(() => "interrupted" as const),
      pair.firstEnd().then(() => "daemon-died" as const),
    ]);
    usedAfter = pair.usages();
  } finally {
    await stopLooking();
    // The answer of an initiator that is stopped now does not matter any more.
    complete.catch(() => undefined);
  }
  if (ended !== "daemon-died") await look();
  progress.end();
  return { summary: summaryOf(args, { first, latest, usages: pair.between(usedBefore, usedAfter) }), ended };
}

/** An initiator that does not answer any more has mostly died, which is noticed a moment later. */
async function explain(error: unknown, pair: DaemonPair): Promise<TestEnd> {
  const patience = new Promise<undefined>((resolve) => setTimeout(resolve, DEATH_NOTICE_MS, undefined));
  if ((await Promise.race([pair.firstEnd(), patience])) === undefined) throw error;
  return "daemon-died";
}

interface Measured {
  readonly first: Statuses;
  readonly latest: Statuses;
  readonly usages: ReturnType<DaemonPair["between"]>;
}

function summaryOf({ sessions }: LoadTestArguments, { first, latest, usages }: Measured): Summary {
  return summarize({ sessions, outcome: outcomeOf(latest.initiator), ...usages, dropped: droppedOf(latest) - droppedOf(first) });
}

/**
 * Calls `look` every `ms`, never two at a time; one that fails is left out, as the daemon it asked may be ending.
 * @returns what ends it, once the last call has
 */
function every(ms: number, look: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= look()
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
  }, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
