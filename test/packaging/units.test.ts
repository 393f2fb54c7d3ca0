import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CYGNET } from "../interop/harness/requirements.js";
import { root } from "../repository/workspace.js";

const UNITS = ["cygnet.service", "cygnet-starter.service"] as const;
const INSTALLED = "/usr/local/bin/cygnet";
/** In tenths, as `--threshold` has it; a service without any hardening is at 96. */
const MOST_EXPOSURE = 30;
const missing = spawnSync("systemd-analyze", ["--version"]).error === undefined ? undefined : "systemd-analyze is not installed";

const textOf = (unit: string): string => readFileSync(join(root, "packaging/systemd", unit), "utf8");
/** The settings of a unit, without comments. */
const settings = (unit: string): string[] =>
  textOf(unit)
    .split("\n")
    .filter((line) => /^[A-Z]\w+=/.test(line));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-units-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(missing !== undefined)(`systemd-analyze${missing ? ` (skipped: ${missing})` : ""}`, () => {
  /** The units where the command of this clone is, as `verify` looks for programs. */
  const files = (): string[] =>
    UNITS.map((unit) => {
      const file = join(folder, unit);
      writeFileSync(
        file,
        textOf(unit)
          .replaceAll(INSTALLED, CYGNET)
          .replaceAll(/^Documentation=.*$/gm, ""),
      );
      return file;
    });

  it("finds nothing amiss in the units", () => {
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", ...files()], { encoding: "utf8" });
    // What it says of units of the machine is not ours.
    const ours = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("cygnet"));
    expect(ours).toEqual([]);
    expect(status).toBe(0);
  });

  it("calls them little exposed", () => {
    for (const file of files()) {
      const args = ["security", "--offline=true", `--threshold=${MOST_EXPOSURE}`, "--no-pager", file];
      const { status, stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
      expect(status, stdout).toBe(0);
    }
  });
});

describe("the units", () => {
  it("differ in what they run only", () => {
    const differing = /^(Description|Conflicts|Exec\w+|KillMode)=/;
    const [first, second] = UNITS.map((unit) => settings(unit).filter((line) => !differing.test(line)));
    expect(first).toEqual(second);
    expect(first).toEqual(expect.arrayContaining(["Type=notify", "NoNewPrivileges=yes", "ProtectSystem=strict"]));
  });

  it("run commands that there are", () => {
    for (const unit of UNITS) {
      const commands = settings(unit).flatMap((line) => line.match(new RegExp(`^Exec\\w+=${INSTALLED} (.*)$`))?.slice(1) ?? []);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        const { status, stderr } = spawnSync(process.execPath, [CYGNET, ...command.split(" "), "--help"], { encoding: "utf8" });
        expect(status, `${command}: ${stderr}`).toBe(0);
      }
    }
  });

  it("exclude each other and strongSwan's", () => {
    for (const unit of UNITS) {
      const [conflicts] = settings(unit).filter((line) => line.startsWith("Conflicts="));
      for (const other of [...UNITS.filter((name) => name !== unit), "strongswan.service", "strongswan-starter.service"])
        expect(conflicts).toContain(other);
    }
  });
});
