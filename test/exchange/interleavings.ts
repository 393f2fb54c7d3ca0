import type { Pair } from "@cygnet/plugin-testkit/pair";
import type { Flight } from "@cygnet/plugin-testkit/pair";

/** Something that may happen next: a command is given, or a datagram arrives. */
type Step = () => void;

/** More decisions than any exchange here takes; a scenario that goes on is going in circles. */
const MAX_STEPS = 60;
const LATENCY_MS = 1;

/**
 * Runs a scenario once for each order in which its commands can be given and the datagrams that follow can arrive.
 *
 * `prepare` makes the state to begin in, `commands` are given in any order, at any point. When nothing is under way any more the network
 * works normally again for `settleMs`, so that what waits for a retransmission comes to its end, and `check` looks at the result.
 * @returns how many orders there were
 */
export async function everyOrder(
  prepare: () => Promise<Pair>,
  commands: (pair: Pair) => readonly Step[],
  check: (pair: Pair) => void,
  settleMs = 300_000,
): Promise<number> {
  let runs = 0;
  let path: number[] | undefined = [];
  while (path) {
    const pair = await prepare();
    const branches = await run(pair, commands(pair), path);
    await pair.run(settleMs, 100);
    try {
      check(pair);
    } catch (error) {
      const log = pair.ends.map((end) => end.lines(2).slice(-60).join("\n")).join("\n--------\n");
      throw new Error(`order ${path.join()} of [${branches.join()}]: ${String(error)}\n${log}`, { cause: error });
    }
    runs++;
    path = next(path, branches);
  }
  return runs;
}

/** @returns how many choices there were at each step; choices beyond `path` are the first ones */
async function run(pair: Pair, commands: readonly Step[], path: number[]): Promise<number[]> {
  const { network } = pair;
  const possible: Step[] = [...commands];
  network.fate = (flight: Flight): readonly number[] => {
    possible.push(() => network.deliver(flight));
    return [];
  };
  const branches: number[] = [];
  while (possible.length > 0 && branches.length < MAX_STEPS) {
    const at = branches.length;
    path[at] ??= 0;
    branches.push(possible.length);
    const [step] = possible.splice(path[at], 1);
    step!();
    await pair.run(1, 1);
  }
  if (possible.length > 0) throw new Error(`no end after ${MAX_STEPS} steps`);
  network.fate = () => [LATENCY_MS];
  return branches;
}

/** The next choices in lexical order, undefined at the end. */
function next(path: readonly number[], branches: readonly number[]): number[] | undefined {
  for (let at = branches.length - 1; at >= 0; at--) {
    if (path[at]! + 1 < branches[at]!) return [...path.slice(0, at), path[at]! + 1];
  }
  return undefined;
}
