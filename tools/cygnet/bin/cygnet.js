#!/usr/bin/env node
import { existsSync } from "node:fs";

/** How long handles that nobody closed may keep a finished command alive, in milliseconds. */
const EXIT_GRACE_MS = 1000;

const compiled = new URL("../dist/main.js", import.meta.url);
if (existsSync(compiled)) {
  const { main } = await import(compiled.href);
  process.exitCode = await main(process.argv.slice(2));
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
} else {
  process.stderr.write("cygnet: not built yet, run `npm run build` in the repository first\n");
  process.exitCode = 1;
}
