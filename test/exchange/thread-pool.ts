import type { Outcome, Pair } from "@cygnet/plugin-testkit/pair";

/** Real time, however many turns of the event loop that is on a busy machine. */
const PATIENCE_MS = 20_000;

/** Lets the thread pool sign for an operation, with next to no time of the pair's clock, until the operation has ended. */
export async function whenSigned(pair: Pair, operation: Outcome): Promise<Outcome> {
  for (const end = Date.now() + PATIENCE_MS; operation.result() === undefined && Date.now() < end;) {
    await new Promise((resolve) => setImmediate(resolve));
    await pair.run(0.001, 1);
  }
  await pair.run();
  return operation;
}
