import { defineConfig } from "vitest/config";

// Tests run on the sources: the "source" condition of each package's exports points to its src/index.ts.
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  test: {
    include: ["**/*.test.ts"],
    // Templates are tested as the packages that are made of them.
    exclude: ["**/node_modules/**", "**/dist/**", "tools/create-plugin/templates/**"],
    setupFiles: ["./test/setup.ts"],
    testTimeout: 30_000 * Number(process.env["TIMESCALE"] ?? 1),
    hookTimeout: 60_000 * Number(process.env["TIMESCALE"] ?? 1),
    server: { deps: { inline: [/@cygnet\//] } },
  },
});
