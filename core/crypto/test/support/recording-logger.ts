import type { Logger } from "@cygnet/plugin-api";
import { LogGroup } from "@cygnet/plugin-api";

/** Keeps lines as `GRP1 message`. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];

  constructor(readonly maxLevel: number) {}

  enabled(_group: LogGroup, level: number): boolean {
    return level <= this.maxLevel;
  }

  log(group: LogGroup, level: number, message: string): void {
    this.lines.push(`${LogGroup[group]}${level} ${message}`);
  }
}
