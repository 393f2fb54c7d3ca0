/**
 * A log line about the configuration, with the place that it is about.
 *
 * `text` is what strongSwan's starter prints, without the place. `error` drops the section (or, in `config setup`, stops the start),
 * `warning` does not.
 */
export interface ConfMessage {
  readonly file: string;
  /** From 1; 0 if no line can be named. */
  readonly line: number;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** The text followed by its place, as it goes to the log: whoever greps for strongSwan's text still finds it. */
export function formatConfMessage(message: ConfMessage): string {
  const placed = /^(?:###|  )/.test(message.text) || message.text.startsWith(`${message.file}:`);
  return message.line > 0 && !placed ? `${message.text} (${message.file}:${message.line})` : message.text;
}
