import { readFileSync } from "node:fs";

interface Captured {
  readonly version: string;
  readonly command: string;
  readonly lines: readonly string[];
}

const FILE = new URL("../vectors/captured-output.json", import.meta.url);
const { outputs } = JSON.parse(readFileSync(FILE, "utf8")) as { readonly outputs: readonly Captured[] };

/** What strongSwan's socket answered to a command. @param which of several captures */
export function captured(version: "5.9.8" | "6.0.6", command: string, which = 0): readonly string[] {
  const found = outputs.filter((output) => output.version === version && output.command === command);
  const output = found[which];
  if (!output) throw new Error(`no capture ${which} of '${command}'`);
  return output.lines;
}
