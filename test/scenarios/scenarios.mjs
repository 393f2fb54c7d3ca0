// strongSwan's regression scenarios with cygnet in charon's place: where they are, how one is run, and what may fail.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildXstate } from "../user-mode-linux/xstate.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The runner of the scenarios is not part of this repository; it is looked for beside it. */
export const SCENARIOS_FOLDER = resolve(process.env["CYGNET_SCENARIOS"] ?? join(root, "../shared/scenarios"));

const PENDING_FILE = fileURLToPath(new URL("pending.tsv", import.meta.url));

/** The hosts of the scenarios that can have a daemon, apart from the gateway moon. */
const PEERS = ["alice", "venus", "bob", "sun", "carol", "dave", "winnetou"];

/** On which hosts cygnet runs: on all, or with strongSwan on the other side, as the gateway moon or as moon's peers. */
export const SIDES = ["all", "moon", "peers"];

/** Which results a scenario can have; the runner skips what the machine lacks something for. */
const RESULTS = new Set(["PASS", "FAIL", "SKIP"]);

/** @returns {string | undefined} why no scenario can run here */
export function obstacle() {
  if (!existsSync(join(SCENARIOS_FOLDER, "run"))) return "the scenarios are not there: CYGNET_SCENARIOS names their folder";
  if (!existsSync(join(root, "tools/cygnet/dist/main.js"))) return "cygnet is not built";
  if (process.getuid?.() !== 0) return "only root can do this";
  if (spawnSync("linux.uml", ["--version"]).error !== undefined) return "user-mode-linux is not installed";
  return undefined;
}

/**
 * @param {readonly string[]} patterns with `*`; none for all scenarios
 * @returns {string[]} the scenarios that match, as family/name
 */
export function listScenarios(patterns = []) {
  const { status, stdout, stderr } = spawnSync(join(SCENARIOS_FOLDER, "run"), ["--list", ...patterns], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the scenarios cannot be listed: ${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t")[0]);
}

/**
 * Runs one scenario.
 *
 * @param {string} name
 * @param {string} side
 * @param {string | undefined} logs folder that keeps the logs of a scenario that failed
 * @returns {Promise<{ name: string, side: string, result: string, reason: string }>}
 */
export async function runScenario(name, side, logs) {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-scenario-"));
  const table = join(folder, "result.tsv");
  const keep = logs === undefined ? [] : ["--keep-logs", join(logs, side)];
  try {
    const child = spawn(join(SCENARIOS_FOLDER, "run"), [...daemonOptions(side), ...keep, "--tsv", table, name], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LD_PRELOAD: buildXstate(folder) },
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    await new Promise((done, failed) => child.on("close", done).on("error", failed));
    const line = existsSync(table) ? readFileSync(table, "utf8").split("\n")[0] : "";
    const [, result, , reason = ""] = line.split("\t");
    if (!RESULTS.has(result)) throw new Error(`scenario ${name} was not run: ${output}`);
    return { name, side, result, reason };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} side */
function daemonOptions(side) {
  const command = `${process.execPath} ${join(root, "tools/cygnet/bin/cygnet.js")} charon`;
  if (side === "all") return ["--daemon-all", command];
  const hosts = side === "moon" ? ["moon"] : PEERS;
  return hosts.flatMap((host) => ["--daemon", `${host}=${command}`]);
}

/** What does not pass yet, from `pending.tsv`. */
export function readPending() {
  return parsePending(readFileSync(PENDING_FILE, "utf8"));
}

/**
 * The list of scenarios that do not pass yet: lines of scenario, side (`*` for each) and reason, with tabs between them.
 *
 * @param {string} text
 * @throws {Error} naming the line that cannot be used
 */
export function parsePending(text) {
  const reasons = new Map();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [name, side, reason, ...rest] = line.split("\t");
    const wrong =
      !reason || rest.length > 0
        ? "wants scenario, side and reason"
        : side !== "*" && !SIDES.includes(side)
          ? `'${side}' is no side (${SIDES.join(", ")} or *)`
          : undefined;
    if (wrong !== undefined) throw new Error(`pending.tsv:${index + 1}: ${wrong}`);
    for (const each of side === "*" ? SIDES : [side]) {
      const key = `${name} ${each}`;
      if (reasons.has(key)) throw new Error(`pending.tsv:${index + 1}: ${name} is listed twice`);
      reasons.set(key, reason);
    }
  }
  return {
    names: new Set([...reasons.keys()].map((key) => key.split(" ")[0])),
    reasonOf: (name, side) => reasons.get(`${name} ${side}`),
  };
}

/**
 * Whether a result is what the list says.
 *
 * @returns {string | undefined} the complaint
 */
export function complaint({ name, side, result, reason }, pending) {
  const expected = pending.reasonOf(name, side);
  if (result === "FAIL" && expected === undefined) return `${name} (${side}) fails: ${reason}`;
  if (result === "PASS" && expected !== undefined) return `${name} (${side}) passes: take it out of test/scenarios/pending.tsv`;
  return undefined;
}

/**
 * The order of a run with limited time: what should pass first, then what is pending. Both begin at another place each day, so that each gets
 * its turn.
 *
 * @param {readonly { name: string, side: string }[]} runs
 * @param {number} day
 */
export function inOrder(runs, pending, day) {
  const waits = ({ name, side }) => pending.reasonOf(name, side) !== undefined;
  return [
    ...rotated(
      runs.filter((run) => !waits(run)),
      day,
    ),
    ...rotated(runs.filter(waits), day),
  ];
}

/** About as many as one day has time for. */
const A_DAY = 37;

function rotated(runs, day) {
  const first = runs.length === 0 ? 0 : (day * A_DAY) % runs.length;
  return [...runs.slice(first), ...runs.slice(0, first)];
}
