import type { Bench } from "./measurement.js";
import { Resources } from "./resources.js";

/** Takes down what a part of a run has started, before the next part. */
export async function scoped<T>(bench: Bench, part: (inner: Bench) => Promise<T>): Promise<T> {
  const resources = new Resources();
  bench.resources.hold({ release: () => resources.close(), drop: () => resources.drop() });
  try {
    return await part({ ...bench, resources });
  } finally {
    await resources.close();
  }
}
