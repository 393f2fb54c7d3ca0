// `npm run scenarios [-- OPTIONS] [FAMILY/NAME ...]`: the scenarios with cygnet on all hosts, then on one side with strongSwan on the other.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { complaint, inOrder, listScenarios, obstacle, readPending, runScenario, SIDES } from "./scenarios.mjs";

const USAGE = `usage: npm run scenarios -- [options] [family/name ...]

  --side all|moon|peers  on which hosts cygnet runs; strongSwan has the others (repeatable; all three by default)
  --minutes N            start no scenario after N minutes; those that should pass come first
  --expected             only what should pass
  --again                run what fails once more: only that counts
  --keep-logs DIR        keep the logs of scenarios that fail
`;

const DAY_MS = 86_400_000;

process.exitCode = await main();

async function main() {
  const options = readOptions();
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const reason = obstacle();
  if (reason !== undefined) {
    process.stdout.write(`SKIP all scenarios: ${reason}\n`);
    return 0;
  }
  const pending = readPending();
  const all = listScenarios();
  const complaints = [...pending.names].filter((name) => !all.includes(name)).map((name) => `pending.tsv: there is no ${name}`);
  const names = options.wanted.length === 0 ? all : listScenarios(options.wanted);
  const runs = options.sides.flatMap((side) => names.map((name) => ({ name, side })));
  const chosen = runs.filter(({ name, side }) => !options.expected || pending.reasonOf(name, side) === undefined);

  const count = { PASS: 0, FAIL: 0, SKIP: 0, pending: 0, left: 0 };
  const end = performance.now() + options.minutes * 60_000;
  for (const { name, side } of inOrder(chosen, pending, Math.floor(Date.now() / DAY_MS))) {
    if (performance.now() > end) {
      count.left++;
      continue;
    }
    let result = await runScenario(name, side, options.logs);
    if (result.result === "FAIL" && options.again) {
      process.stdout.write(`once more: ${name} (${side}): ${result.reason}\n`);
      result = await runScenario(name, side, options.logs);
    }
    const known = result.result === "FAIL" ? pending.reasonOf(name, side) : undefined;
    count[known === undefined ? result.result : "pending"]++;
    const why = known === undefined ? result.reason : `pending, ${known}`;
    process.stdout.write(`${result.result} ${name} (${side})${why === "" ? "" : `: ${why}`}\n`);
    const wrong = complaint(result, pending);
    if (wrong !== undefined) complaints.push(wrong);
  }
  report({ passed: count.PASS, failures: complaints.map((line) => `test/scenarios: ${line}`), skipped: [] });
  for (const line of complaints) process.stdout.write(`${line}\n`);
  process.stdout.write(
    `${count.PASS} passed, ${count.FAIL} failed, ${count.pending} pending, ${count.SKIP} skipped, ${count.left} without time\n`,
  );
  return complaints.length === 0 ? 0 : 1;
}

/** For who adds up how several suites ended, in the form of tools/setup/tally.mjs. */
function report(outcome) {
  const file = process.env["CYGNET_TEST_OUTCOME"];
  if (file !== undefined) writeFileSync(file, JSON.stringify(outcome));
}

/** @returns the options, or undefined where they cannot be used */
function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        side: { type: "string", multiple: true, default: [...SIDES] },
        minutes: { type: "string", default: "Infinity" },
        expected: { type: "boolean", default: false },
        again: { type: "boolean", default: false },
        "keep-logs": { type: "string" },
      },
    });
    const minutes = Number(values.minutes);
    if (!(minutes > 0) || !values.side.every((side) => SIDES.includes(side))) return undefined;
    const { side: sides, expected, again, "keep-logs": logs } = values;
    return { wanted: positionals, sides, minutes, expected, again, logs };
  } catch {
    return undefined;
  }
}
