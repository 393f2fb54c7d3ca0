/** First line of an IKE_SA in `statusall`: name, number, state. */
const IKE_SA = /^ *.+\[\d+\]: (?:CREATED|CONNECTING|ESTABLISHED|PASSIVE|REKEYING|REKEYED|DELETING|DESTROYING)\b/;
const COUNTS = /^Security Associations \((\d+) up, (\d+) connecting\):$/;

/**
 * Takes the text of `statusall` as it arrives and keeps no more than the first IKE_SAs of it, with a line that says how many more there are.
 */
export class StatusText {
  readonly #limit: number;
  readonly #lines: string[] = [];
  #partial = "";
  #listed: number | undefined;
  #total = 0;
  #isFull = false;

  /** @param limit IKE_SAs to keep */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether what follows would be left out, so that nobody need send it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  add(chunk: string): void {
    if (this.#isFull) return;
    const lines = (this.#partial + chunk).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#addLine(line);
  }

  /** The text so far, ending in a line feed. */
  text(): string {
    const more = this.#total - this.#limit;
    const rest = this.#isFull ? [`  ... and ${more} more IKE_SA${more === 1 ? "" : "s"}`] : [];
    return [...this.#lines, ...rest, ""].join("\n");
  }

  #addLine(line: string): void {
    if (this.#isFull) return;
    const counts = COUNTS.exec(line);
    if (counts !== null) {
      this.#total = Number(counts[1]) + Number(counts[2]);
      this.#listed = 0;
    } else if (this.#listed !== undefined && IKE_SA.test(line) && this.#listed++ === this.#limit) {
      this.#isFull = true;
      return;
    }
    this.#lines.push(line);
  }
}
