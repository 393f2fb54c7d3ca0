import { setTimeout as sleep } from "node:timers/promises";
import { readStatus } from "@cygnet/load-test";
import type { Bench, Measurement } from "../measurement.js";
import { warmUpSessions } from "../measurement.js";
import { percentile } from "../statistics.js";
import { LoadedResponder } from "./loaded-responder.js";

const NAME = "control.p99_ms";
/** From one question to the next, or longer if the answer takes longer. */
const EVERY_MS = 10;
/** IKE_SAs of `statusall` that are waited for. */
const SHOWN = 3;

/** How long `statusall` takes, up to its first IKE_SAs, while the responder sets up as many as it can. */
export const controlMeasurement: Measurement = {
  rows: [{ name: NAME, unit: "ms", lowerIsBetter: true, atLeast: 50 }],
  run: async (bench: Bench) => {
    const { sessions } = bench;
    const responder = await LoadedResponder.start(bench);
    // What asks and what answers, both have code to compile.
    await answersBeside(responder, warmUpSessions(sessions));
    return { [NAME]: percentile(await answersBeside(responder, sessions), 99) };
  },
};

/** Milliseconds that each answer took while so many IKE_SAs were set up. */
async function answersBeside(responder: LoadedResponder, sessions: number): Promise<number[]> {
  const answers: number[] = [];
  let isLoaded = true;
  const loaded = responder.setUp(sessions).finally(() => {
    isLoaded = false;
  });
  // One at a time: an operator waits for an answer, too, and a pile of questions would be a load of its own.
  while (isLoaded) {
    const tookMs = await answerMs(responder.strokeSocket);
    answers.push(tookMs);
    await Promise.race([sleep(Math.max(0, EVERY_MS - tookMs)), loaded]);
  }
  await loaded;
  return answers;
}

async function answerMs(socket: string): Promise<number> {
  const startedMs = performance.now();
  await readStatus(socket, SHOWN);
  return performance.now() - startedMs;
}
