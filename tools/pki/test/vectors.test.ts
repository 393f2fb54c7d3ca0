import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runPki, vector } from "./run-pki.js";

interface Vectors {
  /** Where the outputs are from. */
  readonly source: string;
  readonly cases: readonly { readonly what: string; readonly args: readonly string[]; readonly output: string }[];
}

const { source, cases } = JSON.parse(readFileSync(vector("cases.json"), "utf8")) as Vectors;

/** Arguments that are names of files in the folder of the vectors, as paths. */
function located(args: readonly string[]): string[] {
  return args.map((arg) => (/\.(pem|crl)$/.test(arg) && existsSync(vector(arg)) ? vector(arg) : arg));
}

// All signatures in them are of algorithms that give the same one each time.
describe(`octet for octet what the ${source} makes`, () => {
  it.each(cases)("$what", async ({ args, output }) => {
    const { code, octets, errors } = await runPki(located(args));
    expect([code, errors]).toEqual([0, ""]);
    expect(octets.toString("base64")).toBe(output);
  });
});
