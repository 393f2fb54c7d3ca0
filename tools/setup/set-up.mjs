// Sets up what is missing without running anything: for a fresh clone that shall not run the load test, and for CI before the checks.
import { prepare } from "./prepare.mjs";
import { SetupError } from "./steps.mjs";

try {
  await prepare();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
