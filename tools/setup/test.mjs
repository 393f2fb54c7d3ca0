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

const REPORTERS = ["--reporter=default", `--reporter=${join(root, "tools/setup/outcome-reporter.mjs")}`];
const VITEST = join(root, "node_modules/vitest/vitest.mjs");
const SCENARIOS = join(root, "test/scenarios/run.mjs");

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
  for (const { name, args } of RUNS)
    outcomes.push(await runSuite(name, VITEST, ["run", "--passWithNoTests", ...REPORTERS, ...args, ...process.argv.slice(2)]));
  const minutes = minutesForScenarios();
  if (minutes > 0) outcomes.push(await runSuite("scenarios", SCENARIOS, ["--expected", "--again", "--minutes", String(minutes)]));
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

/** In CI as many scenarios are run as there is time for: up to the second since 1970 that CYGNET_SCENARIOS_UNTIL says, for 20 minutes at most. */
function minutesForScenarios() {
  const until = Number(process.env["CYGNET_SCENARIOS_UNTIL"] ?? 0);
  return Math.min(20, Math.floor((until - Date.now() / 1000) / 60));
}

/** @returns {Promise<import("./tally.mjs").Outcome>} */
async function runSuite(name, program, args) {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-test-"));
  const file = join(folder, "outcome.json");
  const env = { ...process.env, CYGNET_LIBRESWAN: libreswanFolder(), CYGNET_TEST_OUTCOME: file };
  try {
    const code = await wait(spawn(process.execPath, [program, ...args], { cwd: root, stdio: "inherit", env }));
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    if (code === 0) return { passed: 0, failures: [], skipped: [] };
    throw new SetupError(`exit code ${code} before the ${name} tests were counted`);
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
