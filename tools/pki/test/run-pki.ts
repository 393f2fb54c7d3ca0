import { CollectingTerminal } from "@cygnet/command/testing";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { pkiCommand } from "../src/pki-command.js";

/** What a run of pki gave. */
export interface PkiRun {
  readonly code: number;
  /** All that was written to the output, in order. */
  readonly octets: Buffer;
  readonly text: string;
  readonly errors: string;
  /** Questions for passphrases. */
  readonly questions: readonly string[];
}

/** What pki finds around it. */
export interface Surroundings {
  readonly input?: Buffer;
  readonly passphrases?: readonly string[];
  readonly now?: number;
}

/** Nov 27 06:34:56 UTC 2026 */
export const NOW = Date.UTC(2026, 10, 27, 6, 34, 56);

class WritingTerminal extends CollectingTerminal {
  readonly chunks: Buffer[] = [];
  override out(text: string): void {
    this.chunks.push(Buffer.from(text));
  }
}

export async function runPki(
  argv: readonly string[],
  { input, passphrases = [], now = NOW }: Surroundings = {},
): Promise<PkiRun> {
  const terminal = new WritingTerminal();
  const questions: string[] = [];
  const code = await pkiCommand(argv, terminal, {
    readInput: () => input ?? Buffer.alloc(0),
    write: (octets) => void terminal.chunks.push(Buffer.from(octets)),
    now: () => now,
    askPassphrase: (question) => Promise.resolve(passphrases[questions.push(question) - 1]),
  });
  const octets = Buffer.concat(terminal.chunks);
  return { code, octets, text: octets.toString("utf8"), errors: terminal.errors, questions };
}

/** The output of a run that must succeed. */
export async function pki(...argv: readonly string[]): Promise<Buffer> {
  const { code, octets, errors } = await runPki(argv);
  expect(errors).toBe("");
  expect(code).toBe(0);
  return octets;
}

/** A folder for the time of a test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "cygnet-pki-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A file of `test/vectors`. */
export function vector(name: string): string {
  return join(import.meta.dirname, "vectors", name);
}
