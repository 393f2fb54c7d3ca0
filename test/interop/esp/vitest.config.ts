import { defineConfig } from "vitest/config";
import root from "../../../vitest.config.js";

/** Tests with packets in tunnels, which need a kernel with ESP: `esp.test.ts` runs them in a guest. */
export default defineConfig({
  ...root,
  test: { ...root.test, include: ["test/interop/esp/*.kernel.ts"], fileParallelism: false, maxWorkers: 1, cache: false },
});
