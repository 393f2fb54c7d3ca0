import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn, spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { PidFile } from "@cygnet/daemon";

describe("PidFile", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cygnet-pid-"));
    path = join(folder, "charon.pid");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("holds our pid while we run, and is gone afterwards", () => {
    const file = new PidFile(path);
    expect(file.create()).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    file.remove();
    expect(() => readFileSync(path)).toThrow("ENOENT");
  });

  it("makes the folder it belongs into", () => {
    const file = new PidFile(join(folder, "run", "charon.pid"));
    file.create();
    file.remove();
  });

  it.each([
    ["rubbish\n", true],
    ["", false],
  ])("replaces a file that names no process (%j), of which an empty one is no trace of a crash", (content, isStale) => {
    writeFileSync(path, content);
    expect(new PidFile(path).create()).toBe(isStale);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
  });

  it("replaces the file of a process that is gone", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(path, `${pid}\n`);
    expect(new PidFile(path).create()).toBe(true);
  });

  it("refuses to start beside a daemon that lives", () => {
    const daemon = spawn(process.execPath, ["-e", "process.stdin.resume()", "charon"], { stdio: ["pipe", "ignore", "ignore"] });
    onTestFinished(() => void daemon.kill());
    writeFileSync(path, `${daemon.pid}\n`);
    expect(() => new PidFile(path).create()).toThrow(expect.objectContaining({ code: "CYG_DAEMON_RUNNING" }));
    expect(readFileSync(path, "utf8")).toBe(`${daemon.pid}\n`);
  });

  it("replaces the file of a daemon whose number another program has now", () => {
    writeFileSync(path, `${process.ppid}\n`);
    expect(new PidFile(path).create()).toBe(true);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
  });

  it("leaves the file of another process alone", () => {
    const file = new PidFile(path);
    file.create();
    writeFileSync(path, "1\n");
    file.remove();
    expect(readFileSync(path, "utf8")).toBe("1\n");
  });

  it("says why it cannot be written", () => {
    writeFileSync(path, "");
    expect(() => new PidFile(join(path, "charon.pid")).create()).toThrow(
      expect.objectContaining({ code: "CYG_DAEMON_PID_FILE" }),
    );
  });
});
