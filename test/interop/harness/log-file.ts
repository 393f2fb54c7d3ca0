import { existsSync, readFileSync } from "node:fs";
import { until } from "./deadline.js";

/** The log of a daemon, as far as it is written. */
export class LogFile {
  constructor(readonly path: string) {}

  get text(): string {
    return existsSync(this.path) ? readFileSync(this.path, "utf8") : "";
  }

  /** Messages without time, thread, group and IKE_SA. */
  get messages(): string[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^.*?\d\d\[[A-Z]{3}-?\d?\] /, "").replace(/^<[^>]*> /, ""));
  }

  has(pattern: string | RegExp): boolean {
    return this.count(pattern) > 0;
  }

  /** Number of messages that contain a text, or match. */
  count(pattern: string | RegExp): number {
    return this.messages.filter((message) => (typeof pattern === "string" ? message.includes(pattern) : pattern.test(message)))
      .length;
  }

  /** Waits until `times` messages contain a text, or match. */
  async seen(pattern: string | RegExp, { times = 1, patienceMs = 8000 } = {}): Promise<void> {
    await until(
      () => `'${pattern}' (${times} times) in ${this.path}`,
      () => this.count(pattern) >= times,
      patienceMs,
    );
  }

  /** The end of the log, for reports. */
  tail(lines = 60): string {
    return this.text.split("\n").slice(-lines).join("\n");
  }
}
