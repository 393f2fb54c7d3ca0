import { setTimeout as sleep } from "node:timers/promises";
import { readStatus } from "@cygnet/load-test";
import type { Bench, Measurement } from "../measurement.js";
import { percentile } from "../statistics.js";
import { LoadedResponder } from "./loaded-responder.js";

const NAME = "control.p99_ms";
const EVERY_MS = 10;
/** IKE_SAs of `statusall` that are waited for. */
const SHOWN = 3;
const WARM_UP_ANSWERS = 20;

/** How long `statusall` takes, up to its first IKE_SAs, while the responder sets up as many as it can. */
export const controlMeasurement: Measurement = {
  rows: [{ name: NAME, unit: "ms", lowerIsBetter: true, atLeast: 50 }],
  run: async (bench: Bench) => {
    const { sessions } = bench;
    const responder = await LoadedResponder.start(bench);
    // What asks is loaded and compiled as well.
    for (let i = 0; i < WARM_UP_ANSWERS; i++) await answerMs(responder.strokeSocket);
    const answers: Promise<number>[] = [];
    let isLoaded = true;
    const loaded = responder.setUp(sessions).finally(() => {
      isLoaded = false;
    });
    while (isLoaded) {
      answers.push(answerMs(responder.strokeSocket));
      await Promise.race([sleep(EVERY_MS), loaded]);
    }
    await loaded;
    return { [NAME]: percentile(await Promise.all(answers), 99) };
  },
};

async function answerMs(socket: string): Promise<number> {
  const startedMs = performance.now();
  await readStatus(socket, SHOWN);
  return performance.now() - startedMs;
}
