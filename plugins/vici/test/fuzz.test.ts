import { expect, it } from "vitest";
import { fuzzRequests } from "../fuzz/request.fuzz.js";

/** `npm run fuzz` takes a million. */
const INPUTS = Number(process.env["FUZZ_INPUTS"] ?? 20_000);

it(`${INPUTS} mutated requests give a value or the error that is foreseen`, { timeout: 600_000 }, () => {
  const report = fuzzRequests(INPUTS, 0x5eed);
  expect(report.inputs).toBe(INPUTS);
  // All ways were taken.
  for (const count of [report.malformed, report.refused, report.connections]) expect(count).toBeGreaterThan(INPUTS / 100);
});
