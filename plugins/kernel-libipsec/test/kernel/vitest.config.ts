import { defineConfig } from "vitest/config";
import root from "../../../../vitest.config.js";

/** Tests that make a TUN device: they are run in a network namespace of their own, by `namespace.test.ts`. */
export default defineConfig({
  ...root,
  test: {
    ...root.test,
    include: ["plugins/kernel-libipsec/test/kernel/*.kernel.ts"],
    fileParallelism: false,
    maxWorkers: 1,
    cache: false,
  },
});
