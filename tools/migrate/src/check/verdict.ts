/** What becomes of a key: it works, it works differently, it is ignored by design, it is not supported. */
export type VerdictClass = "works" | "differs" | "ignored" | "unsupported";

/** A class, with how or why where it is not "works". */
export interface Verdict {
  readonly class: VerdictClass;
  readonly why?: string;
}

/** A verdict on a key where it stands. */
export interface Finding extends Verdict {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** With its sections, as in `conn a.leftauth`. */
  readonly key: string;
}

export const WORKS: Verdict = { class: "works" };

export const unsupported = (why: string): Verdict => ({ class: "unsupported", why });

export const ignored = (why: string): Verdict => ({ class: "ignored", why });

export const differs = (how: string): Verdict => ({ class: "differs", why: how });
