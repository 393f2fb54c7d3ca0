import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode } from "@cygnet/command";
import { CollectingTerminal } from "@cygnet/command/testing";
import { PLUGIN_API_VERSION } from "@cygnet/plugin-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KINDS, TOOL_VERSIONS, pluginCommand } from "../src/index.js";

const root = join(import.meta.dirname, "../../..");
const CYGNET = join(root, "tools/cygnet/bin/cygnet.js");
const { version, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-plugin-new-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `cygnet plugin` in this process. */
function run(...argv: readonly string[]) {
  const terminal = new CollectingTerminal();
  const code = pluginCommand(argv, terminal, version);
  return { code, output: terminal.output, errors: terminal.errors };
}

/** Runs a program in a folder, without what this test runner has told its environment. */
function execute(
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly text: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)));
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    child.on("error", reject).on("close", (code) => resolve({ code, text }));
  });
}

/** Several programs run one after another. */
const PATIENCE_MS = 120_000 * Number(process.env["TIMESCALE"] ?? 1);

describe("a package that cygnet plugin new makes", { timeout: PATIENCE_MS }, () => {
  let packages: string;
  beforeAll(() => {
    packages = join(folder, "packages");
    for (const kind of Object.keys(KINDS)) {
      const { code } = run("new", `my-${kind}`, "--kind", kind, "--folder", join(packages, kind), "--link");
      expect(code).toBe(ExitCode.OK);
    }
  });

  it.each(Object.keys(KINDS))("builds and loads as it is: %s", async (kind) => {
    const place = join(packages, kind);
    const build = await execute(place, "npm", "run", "build");
    expect(build.code, build.text).toBe(0);
    const doctor = await execute(place, process.execPath, CYGNET, "plugins", "doctor", "--conf", "strongswan.conf");
    expect(doctor.text).toMatch(new RegExp(`^ +\\d+ {2}my-${kind}: `, "m"));
    expect(doctor.text).toContain("Nothing is amiss.");
    expect(doctor.code).toBe(0);
  });

  it("has tests that pass", async () => {
    const { code, text } = await execute(join(packages, "listener"), "npm", "test");
    expect(code, text).toBe(0);
  });

  // One run for all of them, as most of it is the start.
  it("has tests that pass, whatever its kind", async () => {
    const vitest = join(packages, "listener/node_modules/.bin/vitest");
    const { code, text } = await execute(packages, vitest, "run", "--root", packages);
    expect(code, text).toBe(0);
    for (const kind of Object.keys(KINDS)) expect(text).toContain(`${kind}/test/my-${kind}.test.ts`);
  });
});

describe("cygnet plugin new", () => {
  it("states what the plugin needs and was written for", () => {
    const place = join(folder, "stated");
    run("new", "acme-hsm_2", "--kind", "crypto", "--folder", place);
    const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as Readonly<Record<string, unknown>>;
    expect(manifest).toMatchObject({
      name: "cygnet-plugin-acme-hsm_2",
      keywords: ["cygnet-plugin"],
      peerDependencies: { "@cygnet/plugin-api": `>=${version}`, "@cygnet/wire": `>=${version}` },
    });
    expect(readFileSync(join(place, "src/index.ts"), "utf8")).toContain(`api: "${PLUGIN_API_VERSION}"`);
    expect(existsSync(join(place, "test/acme-hsm_2.test.ts"))).toBe(true);
    expect(existsSync(join(place, "node_modules"))).toBe(false);
  });

  it("builds with the tools that the repository is built with", () => {
    for (const [name, wanted] of Object.entries(TOOL_VERSIONS)) expect(devDependencies[name], name).toBe(wanted);
  });

  it("says what is next", () => {
    const { output } = run("new", "later", "--folder", join(folder, "later"));
    expect(output).toMatch(/\/package\.json\n.*\/src\/doorkeeper\.ts\n/);
    expect(output).toMatch(/Next:\n {2}cd .*later\n {2}npm install\n {2}npm run build\n {2}npm test\n$/);
  });

  it.each([
    [["new"], /takes the name of one plugin/],
    [["new", "a", "b"], /takes the name of one plugin/],
    [["new", "Acme"], /'Acme' is no plugin name/],
    [["new", "../acme"], /'\.\.\/acme' is no plugin name/],
    [["new", "cygnet-plugin-acme"], /the plugin's name is 'acme'/],
    [["new", "attr"], /'attr' is cygnet's own, which would be loaded instead/],
    [["new", "pem"], /'pem' is cygnet's own/],
    [["new", "charon"], /'charon' is cygnet's own/],
    // As its package would be @cygnet/plugin-api.
    [["new", "api"], /'api' is cygnet's own/],
    [["new", "acme", "--kind", "toString"], /--kind: 'toString' is none of listener, crypto, /],
    [["new", "acme", "--kid", "x"], /Unknown option '--kid'/],
    [["old", "acme"], /unknown command 'old'/],
    [[], /^Usage: cygnet plugin new/],
  ])("refuses %j", (argv, message) => {
    expect(() => run(...argv)).toThrow(message);
  });

  it("overwrites nothing", () => {
    const place = join(folder, "full");
    mkdirSync(place);
    writeFileSync(join(place, "package.json"), "mine");
    expect(() => run("new", "acme", "--folder", place)).toThrow(/'.*full' is not empty/);
    expect(() => run("new", "acme", "--folder", join(place, "package.json"))).toThrow(/package\.json' is no folder/);
    const { code, errors } = run("new", "acme", "--folder", join(place, "package.json", "deeper"));
    expect(code).toBe(ExitCode.FAILED);
    expect(errors).toMatch(/^cygnet plugin: ENOTDIR/);
    expect(readFileSync(join(place, "package.json"), "utf8")).toBe("mine");
  });
});
