import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";

const SEED = "seed";
const SEED_PATTERN = /^[0-9a-f]{8}\n$/;

/** Something in the kernel that has no room for a tag. */
export type Note = RuleNote | AddressNote;

export interface RuleNote {
  readonly kind: "rule";
  readonly family: 4 | 6;
  readonly table: number;
  readonly priority: number;
  readonly fwmark?: { readonly value: number; readonly mask: number; readonly isInverted: boolean } | undefined;
}

export interface AddressNote {
  readonly kind: "address";
  readonly address: string;
  readonly prefix: number;
  readonly interfaceIndex: number;
  /** Which has added it. */
  readonly shard: number;
}

/**
 * What the next daemon needs to know when this one is killed: a folder beside the pid file, with the seed of the tags, and a file for each rule and
 * virtual IP, which is there before the thing itself. All threads of the daemon use it, without a lock, as no two write the same file differently.
 */
export class RunRecord {
  #isBroken = false;

  constructor(
    private readonly folder: string,
    private readonly log: Logger,
    /** Of the thread that it is used on; control's is 0. */
    readonly shard = 0,
  ) {}

  /** The seed of this daemon and its predecessors. Where it cannot be kept, one for this time only, and a line in the log. */
  seed(): number {
    const path = join(this.folder, SEED);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const known = readSeed(path);
      if (known !== undefined) return known;
      const seed = randomInt(2 ** 32);
      writeFileSync(path, `${seed.toString(16).padStart(8, "0")}\n`, { mode: 0o600 });
      return seed;
    } catch (error) {
      this.#complain(error);
      return randomInt(2 ** 32);
    }
  }

  add(note: Note): void {
    this.#attempt(() => writeFileSync(this.#path(note), JSON.stringify(note), { mode: 0o600 }));
  }

  delete(note: Note): void {
    this.#attempt(() => rmSync(this.#path(note), { force: true }));
  }

  /** All that are there. What cannot be read is left out. */
  notes(): readonly Note[] {
    let names: string[] = [];
    this.#attempt(() => (names = readdirSync(this.folder)));
    const notes: Note[] = [];
    for (const name of names) {
      if (name === SEED) continue;
      // One that was being written when the daemon ended is of something that was not there yet.
      this.#attempt(() => notes.push(JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Note));
    }
    return notes;
  }

  #path(note: Note): string {
    const name = note.kind === "rule" ? `rule-${note.family}` : `address-${note.address}`;
    return join(this.folder, name);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Once: the daemon works without. */
  #complain(error: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { message } = error as Error;
    this.log.log(
      LogGroup.KNL,
      1,
      `what is in the kernel cannot be recorded, it would stay if the daemon were killed: ${message}`,
    );
  }
}

function readSeed(path: string): number | undefined {
  try {
    const text = readFileSync(path, "latin1");
    return SEED_PATTERN.test(text) ? parseInt(text, 16) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
