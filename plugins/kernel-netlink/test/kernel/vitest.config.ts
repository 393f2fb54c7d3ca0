import { defineConfig } from "vitest/config";
import root from "../../../../vitest.config.js";

/** Tests that use the kernel of the machine: they are run where that is theirs alone, by `namespace.test.ts` and `user-mode-linux.test.ts`. */
export default defineConfig({
  ...root,
  test: {
    ...root.test,
    include: ["plugins/kernel-netlink/test/kernel/*.kernel.ts"],
    // They share the namespace, and the guest has one processor.
    fileParallelism: false,
    maxWorkers: 1,
    cache: false,
  },
});
