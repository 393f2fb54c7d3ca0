import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A test, with what its kind has; octets are in hex. */
export interface WycheproofTest {
  readonly tcId: number;
  readonly comment: string;
  /** `acceptable`: an implementation may refuse it, or do what the vector says. */
  readonly result: "valid" | "invalid" | "acceptable";
  readonly flags: readonly string[];
  readonly key?: string;
  readonly iv?: string;
  readonly aad?: string;
  readonly msg?: string;
  readonly ct?: string;
  readonly tag?: string;
  readonly sig?: string;
  readonly public?: string;
  readonly private?: string;
  readonly shared?: string;
}

/** Tests that have sizes or a key in common. */
export interface WycheproofGroup {
  /** In bits. */
  readonly ivSize?: number;
  readonly keySize?: number;
  readonly tagSize?: number;
  readonly encoding?: string;
  readonly sha?: string;
  /** Octets. */
  readonly sLen?: number;
  readonly keyDer?: string;
  readonly tests: readonly WycheproofTest[];
}

/** The whole set instead of the selection: a folder with the files of Project Wycheproof. */
const WHOLE = process.env["CYGNET_WYCHEPROOF"];

/** The groups of a file, by its name without `_test.json`. */
export function vectorsOf(name: string): readonly WycheproofGroup[] {
  const file = WHOLE === undefined ? join(import.meta.dirname, "vectors", `${name}.json`) : join(WHOLE, `${name}_test.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly testGroups: readonly WycheproofGroup[] }).testGroups;
}

/** What a run over vectors finds. */
export class Findings {
  readonly wrong: string[] = [];
  /** How many said something. */
  ran = 0;

  note({ tcId, comment, result, flags }: WycheproofTest, isRight: boolean): void {
    this.ran++;
    if (!isRight) this.wrong.push(`${tcId} (${result}): ${comment} ${flags.join()}`);
  }
}

export const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const hexOf = (data: Uint8Array): string => Buffer.from(data).toString("hex");
