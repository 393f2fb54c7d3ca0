// `npm test [-- VITEST OPTIONS]`: sets up what is missing, runs all tests, ends with one line that counts them.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { libreswanFolder } from "./libreswan.mjs";
import { prepare, preparePeers } from "./prepare.mjs";
import { root, SetupError } from "./steps.mjs";
import { addUp, closingLine, failedLines, skippedLines, skippedPeers } from "./tally.mjs";

/** The tests with real peers make namespaces, daemons and packet loss: alone on the machine and one file after the other. */
const RUNS = [
  { name: "packages", args: ["--maxWorkers=100%", "--exclude", "test/interop/**", "--exclude", "test/scenarios/quick.test.ts"] },
  { name: "interop", args: ["--dir", "test/interop", "--no-file-parallelism"] },
  { name: "scenario", args: ["--dir", "test/scenarios", "--exclude", "**/scenarios.test.ts"] },
];

const strict = process.env["CI"] === "true";
const outcomes = [];
let complaint;
try {
  await prepare();
  const lacking = await preparePeers();
  if (lacking !== undefined) {
    if (strict) throw new SetupError(`CI runs all tests, but: ${lacking}`);
    process.stderr.write(`The tests that need real peers are skipped: ${lacking}\n`);
  }
  for (const run of RUNS) outcomes.push(await runVitest(run));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  complaint = error.message;
}

const total = addUp(outcomes);
process.stdout.write(`\n${skippedLines(total)}${failedLines(total)}`);
const peers = strict ? skippedPeers(total) : [];
if (peers.length > 0) complaint ??= `CI runs all tests, but ${peers.length} with real peers were skipped`;
if (complaint !== undefined) process.stdout.write(`${complaint}\n`);
process.exitCode = complaint === undefined && total.failures.length === 0 && total.passed > 0 ? 0 : 1;
process.stdout.write(`${closingLine(total)}\n`);

/** @returns {Promise<import("./tally.mjs").Outcome>} */
async function runVitest({ name, args }) {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-test-"));
  const file = join(folder, "outcome.json");
  const reporters = ["--reporter=default", `--reporter=${join(root, "tools/setup/outcome-reporter.mjs")}`];
  const options = ["run", "--passWithNoTests", ...reporters, ...args, ...process.argv.slice(2)];
  const env = { ...process.env, CYGNET_LIBRESWAN: libreswanFolder(), CYGNET_TEST_OUTCOME: file };
  try {
    const code = await wait(
      spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...options], { cwd: root, stdio: "inherit", env }),
    );
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    if (code === 0) return { passed: 0, failures: [], skipped: [] };
    throw new SetupError(`vitest ended with exit code ${code} before it counted the ${name} tests`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for a child; Ctrl-C reaches it from the terminal, and it ends first. */
function wait(child) {
  const ignore = () => {};
  process.on("SIGINT", ignore);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
