import { TransformType } from "@cygnet/wire";
import { KEYWORDS } from "./keyword-table.js";
import type { Proposal } from "./proposal.js";
import { isAeadEncryption, packTransform } from "./transform.js";

/** What a proposal keyword stands for. */
export interface KeywordTransform {
  /** A `TransformType`, 1 to 5. Key exchange keywords can also be used with a `ke1_` to `ke7_` prefix. */
  readonly type: TransformType;
  /** Transform number, 0 to 65535; from 1024 up it is negotiated only between equal implementations. */
  readonly id: number;
  /** Key Length attribute, 0 for none. */
  readonly keyBits?: number;
  /** An encryption algorithm that authenticates too. Needed only for numbers outside the IANA registry. */
  readonly aead?: boolean;
}

/** Explains words that are not in the table; undefined for words it does not know either. Must be pure: answers are cached. */
export type KeywordParser = (word: string) => KeywordTransform | undefined;

/** A keyword as the parser uses it. */
export interface ResolvedKeyword {
  readonly type: number;
  readonly transform: number;
  readonly isAead: boolean;
}

/**
 * How many parsed strings are kept. Configurations have a handful; the bound only guards against a control socket that feeds
 * many.
 */
const MAX_PARSED = 1024;

/**
 * The vocabulary of proposal strings: strongSwan's keywords and what plugins add. Also keeps the proposals parsed with it, so
 * that the same string is parsed once; adding or removing a keyword forgets them.
 */
export class ProposalKeywords {
  readonly #builtin = new Map<string, ResolvedKeyword>();
  readonly #added = new Map<string, ResolvedKeyword[]>();
  readonly #parsers: KeywordParser[] = [];
  readonly #parsed = new Map<string, Proposal>();

  constructor() {
    for (const [word, type, id, keyBits] of KEYWORDS) this.#builtin.set(word, resolve({ type, id, keyBits }));
  }

  /** Adds a keyword; it takes precedence over a built-in one of the same name. @returns the undo */
  addKeyword(word: string, transform: KeywordTransform): () => void {
    const entry = resolve(transform);
    const entries = this.#added.get(word) ?? [];
    this.#added.set(word, entries);
    entries.unshift(entry);
    this.#parsed.clear();
    return () => {
      const at = entries.indexOf(entry);
      if (at < 0) return;
      entries.splice(at, 1);
      this.#parsed.clear();
    };
  }

  /** Adds a parser for words that are in no table; the first one that knows a word wins. @returns the undo */
  addParser(parser: KeywordParser): () => void {
    this.#parsers.push(parser);
    this.#parsed.clear();
    return () => {
      const at = this.#parsers.indexOf(parser);
      if (at < 0) return;
      this.#parsers.splice(at, 1);
      this.#parsed.clear();
    };
  }

  /** What a word stands for, `ke1_` to `ke7_` prefixes included; undefined for an unknown word. */
  lookup(word: string): ResolvedKeyword | undefined {
    const round = additionalRound(word);
    if (round === 0) return this.#find(word);
    const ke = this.#find(word.slice(4));
    if (ke === undefined || ke.type !== TransformType.KEY_EXCHANGE_METHOD) return undefined;
    return { type: TransformType.ADDITIONAL_KEY_EXCHANGE_1 + round - 1, transform: ke.transform, isAead: false };
  }

  /** The proposal that was parsed from this text before. */
  cached(key: string): Proposal | undefined {
    return this.#parsed.get(key);
  }

  /** Keeps a proposal for `cached`. */
  remember(key: string, proposal: Proposal): void {
    if (this.#parsed.size >= MAX_PARSED) this.#parsed.clear();
    this.#parsed.set(key, proposal);
  }

  #find(word: string): ResolvedKeyword | undefined {
    const known = this.#added.get(word)?.[0] ?? this.#builtin.get(word);
    if (known !== undefined) return known;
    for (const parser of this.#parsers) {
      const transform = parser(word);
      if (transform !== undefined) return resolve(transform);
    }
    return undefined;
  }
}

/** The vocabulary of this thread that is used when none is given. */
export const defaultKeywords = new ProposalKeywords();

function resolve({ type, id, keyBits = 0, aead }: KeywordTransform): ResolvedKeyword {
  const isAead = type === TransformType.ENCRYPTION_ALGORITHM && (aead ?? isAeadEncryption(id));
  return { type, transform: packTransform(id, keyBits), isAead };
}

/** 1 to 7 for a word that starts with `ke1_` to `ke7_`, else 0. */
function additionalRound(word: string): number {
  if (!word.startsWith("ke") || word[3] !== "_") return 0;
  const digit = word.charCodeAt(2) - 0x30;
  return digit >= 1 && digit <= 7 ? digit : 0;
}
