import type { Terminal } from "./terminal.js";

/** Keeps what a command writes. */
export class CollectingTerminal implements Terminal {
  output = "";
  errors = "";
  readonly columns = 60;
  readonly isOutputInteractive = false;
  readonly isOutputClosed = false;

  constructor(readonly isInteractive = false) {}

  out(text: string): void {
    this.output += text;
  }
  err(text: string): void {
    this.errors += text;
  }
}
