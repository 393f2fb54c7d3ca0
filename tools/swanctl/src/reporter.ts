import type { Terminal } from "@cygnet/command";
import type { Section } from "@cygnet/vici";
import { plainData, prettyText, rawText } from "./message-text.js";

/** How messages are printed: as text that each command makes, or as they are. */
export type Format = "text" | "raw" | "pretty" | "json";

/** Prints messages as they are, where that is asked for. */
export class Reporter {
  constructor(
    readonly format: Format,
    private readonly terminal: Terminal,
  ) {}

  get isText(): boolean {
    return this.format === "text";
  }

  /** An event; `title` is what the raw formats have before it. Nothing with text. */
  event(name: string, message: Section, title = `${name} event`): void {
    this.#print({ event: name }, title, message);
  }

  /** The answer to a command. Nothing with text. */
  reply(command: string, message: Section): void {
    this.#print({ reply: command }, `${command} reply`, message);
  }

  #print(key: Readonly<Record<string, string>>, title: string, message: Section): void {
    if (this.format === "raw") this.terminal.out(`${title} ${rawText(message)}\n`);
    else if (this.format === "pretty") this.terminal.out(`${title} ${prettyText(message)}\n`);
    else if (this.format === "json") this.terminal.out(`${JSON.stringify({ ...key, message: plainData(message) })}\n`);
  }
}
