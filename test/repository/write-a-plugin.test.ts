import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { PLUGIN_API_VERSION } from "@cygnet/plugin-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./workspace.js";

/** A code block; one whose fence names a file of the plugin is that file, and `console` is commands with what they print. */
const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;
const END = "--end of command--";
/** Several programs run one after another. */
const PATIENCE_MS = 180_000 * Number(process.env["TIMESCALE"] ?? 1);

interface Command {
  readonly command: string;
  /** Lines that it prints, in this order; others may be between them. */
  readonly expected: readonly string[];
}

const guide = readFileSync(join(root, "docs/guides/write-a-plugin.md"), "utf8");

/** The guide as a list of commands: files are written where they stand. */
function commandsOf(text: string): Command[] {
  const commands: Command[] = [];
  for (const [, language, file, content] of text.matchAll(BLOCK)) {
    if (file !== undefined) commands.push({ command: `cat > ~/cygnet-plugin-acme/${file} <<'END'\n${content}END`, expected: [] });
    if (language !== "console") continue;
    for (const part of content.split(/^\$ /m).slice(1)) {
      const [command, ...lines] = part.trimEnd().split("\n");
      commands.push({ command, expected: lines.map(comparable).filter((line) => !/^(...)?$/.test(line)) });
    }
  }
  return commands;
}

/** Without what is another time another: times, colours, white space at the ends. */
function comparable(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/^\w{3} \d\d \d\d:\d\d:\d\d \d\d\[/, "TIME [")
    .replace(/\b\d+\.\d+ s$/, "SECONDS")
    .replace(/^ {2}cd .*/, "  cd ...")
    .trimEnd();
}

/** Runs the commands in one shell whose home is `home`. @returns the lines and the exit code of each */
function run(commands: readonly Command[], home: string): Promise<{ readonly lines: string[]; readonly code: number }[]> {
  const script = commands.map(({ command }) => `${command}\necho "${END} $?"\n`).join("");
  const clean = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|npm_)/.test(name));
  const env = { ...Object.fromEntries(clean), HOME: home, npm_config_update_notifier: "false" };
  return new Promise((resolve, reject) => {
    const shell = spawn("bash", ["-c", `exec 2>&1\n${script}`], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    shell.stdout.setEncoding("utf8").on("data", (piece: string) => (output += piece));
    shell.on("error", reject).on("close", () => {
      const outcomes = [...output.matchAll(new RegExp(`([^]*?)${END} (\\d+)\n`, "g"))];
      resolve(outcomes.map(([, text, code]) => ({ lines: text.split("\n").map(comparable), code: Number(code) })));
    });
  });
}

/** The expected lines that are not there in their order. */
function missing(expected: readonly string[], lines: readonly string[]): string[] {
  let from = 0;
  return expected.filter((line) => {
    const at = lines.indexOf(line, from);
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

describe("docs/guides/write-a-plugin.md", () => {
  const commands = commandsOf(guide);
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "cygnet-guide-"));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("has commands that do what it says, one after another", { timeout: PATIENCE_MS }, async () => {
    expect(commands.length).toBeGreaterThan(15);
    const outcomes = await run(commands, home);
    expect(outcomes).toHaveLength(commands.length);
    commands.forEach(({ command, expected }, i) => {
      const { lines, code } = outcomes[i];
      expect(code, `${command}\n${lines.join("\n")}`).toBe(0);
      expect(missing(expected, lines), `${command}\n${lines.join("\n")}`).toEqual([]);
    });
  });

  it("states the version of the plugin API that there is", () => {
    expect(guide).toContain(`api: "${PLUGIN_API_VERSION}"`);
  });
});
