import { defineConfig } from "vitest/config";
import root from "../../vitest.config.js";

/** What takes minutes to hours and is no part of `npm test`: `npm run soak`. */
export default defineConfig({
  ...root,
  test: { ...root.test, include: ["test/soak/*.soak.ts"], fileParallelism: false, maxWorkers: 1 },
});
