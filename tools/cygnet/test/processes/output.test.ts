import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { CLI, CliProcess, testFolder, writeConf } from "./cli-process.js";

// Not as a `CliProcess`, which reads the output to its end.
it.each([[["--help"]], [["ipsec", "--help"]], [["load-test", "--help"]]])(
  "%j ends with 0 and no complaint when nobody reads",
  async (args) => {
    const cli = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    cli.stdout.destroy();
    const [errors, code] = await Promise.all([text(cli.stderr), new Promise((resolve) => cli.once("exit", resolve))]);
    expect([code, errors]).toEqual([0, ""]);
  },
);

it("load-test goes on to its end when who reads its progress has gone", async () => {
  const cli = spawn(process.execPath, [CLI, "load-test", "--sessions", "2", "--no-statusall"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  cli.stderr.destroy();
  const [output, code] = await Promise.all([text(cli.stdout), new Promise((resolve) => cli.once("exit", resolve))]);
  expect([code, output]).toEqual([0, expect.stringContaining("2 of 2 set up")]);
});

it("charon works on when the reader of its log has gone", async () => {
  const folder = testFolder();
  const daemon = new CliProcess(["charon", "--conf", writeConf(folder), "--piddir", folder], {
    stdio: ["ignore", pipeWithoutReader(folder), "pipe", "ipc"],
  });
  await daemon.ready();
  daemon.kill("SIGHUP");
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});

it("charon ends at SIGTERM though the reader of its log reads nothing", async () => {
  const folder = testFolder();
  const daemon = new CliProcess(["charon", "--conf", writeConf(folder), "--piddir", folder], {
    stdio: ["ignore", fullPipe(folder), "pipe", "ipc"],
  });
  await daemon.ready();
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});

function makePipe(folder: string): { readonly reader: number; readonly writer: number } {
  const path = join(folder, "output");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY) };
}

/** The end of a pipe to write to, whose reader is gone. */
function pipeWithoutReader(folder: string): number {
  const { reader, writer } = makePipe(folder);
  closeSync(reader);
  onTestFinished(() => closeSync(writer));
  return writer;
}

/** The end of a pipe to write to, which is full; its reader is there and does not read. */
function fullPipe(folder: string): number {
  const { reader, writer } = makePipe(folder);
  const filler = openSync(join(folder, "output"), constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(filler, "x".repeat(4096));
  } catch {
    closeSync(filler);
  }
  onTestFinished(() => [reader, writer].forEach((fd) => closeSync(fd)));
  return writer;
}
