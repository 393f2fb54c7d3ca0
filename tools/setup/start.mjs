// `npm start [-- OPTIONS]`: sets up what is missing, then runs `cygnet load-test OPTIONS` in this process.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare } from "./prepare.mjs";
import { root, SetupError } from "./steps.mjs";

const command = join(root, "tools/cygnet/bin/cygnet.js");

try {
  await prepare();
  process.argv = [process.execPath, command, "load-test", ...process.argv.slice(2)];
  await import(pathToFileURL(command).href);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
