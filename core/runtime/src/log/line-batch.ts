import { formatLines } from "./line-format.js";

/** Lines, and characters, that make a batch worth writing out. */
const FULL_LINES = 64;
const FULL_LENGTH = 8 * 1024;

/**
 * Messages that wait to become octets together: a busy daemon logs some twenty lines per IKE_SA, and converting each by itself costs more
 * than making its text.
 */
export class LineBatch {
  /** Each with its prefix and line feed, as if it were printable. */
  readonly #texts: string[] = [];
  readonly #prefixLengths: number[] = [];
  #length = 0;

  /** @returns whether the batch should be written out now */
  add(prefix: string, message: string): boolean {
    const text = `${prefix}${message}\n`;
    this.#texts.push(text);
    this.#prefixLengths.push(prefix.length);
    this.#length += text.length;
    return this.#texts.length >= FULL_LINES || this.#length >= FULL_LENGTH;
  }

  get lines(): number {
    return this.#texts.length;
  }

  /** UTF-16 code units of `plainText`. */
  get length(): number {
    return this.#length;
  }

  /** The lines as they were added; right if each message is one line of printable text. */
  plainText(): string {
    return this.#texts.join("");
  }

  /** The lines with control characters escaped and prefixes repeated. */
  cleanText(): string {
    return this.#texts
      .map((text, i) => formatLines(text.slice(this.#prefixLengths[i], -1), text.slice(0, this.#prefixLengths[i])))
      .join("");
  }

  clear(): void {
    this.#texts.length = this.#prefixLengths.length = this.#length = 0;
  }
}
