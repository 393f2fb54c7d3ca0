import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeTimers, SystemSyslog } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-syslog-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(text: string): string {
  const path = join(folder, "logger");
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

describe("syslog transport", () => {
  it("speaks to a stream socket directly", async () => {
    const path = join(folder, "log");
    let received = "";
    const ended = new Promise<void>((resolve) => {
      const server = createServer((connection: Socket) => {
        connection.setEncoding("utf8");
        connection.on("data", (text: string) => (received += text));
        connection.on("end", () => {
          server.close();
          resolve();
        });
      });
      server.listen(path);
    });
    const troubles: string[] = [];
    const syslog = new SystemSyslog({
      identifier: "charon",
      timers: new NodeTimers(),
      onTrouble: (reason) => troubles.push(reason),
      socketPath: path,
    });
    syslog.send(30, "00[DMN] one");
    syslog.send(86, "00[IKE] two");
    await syslog.end();
    await ended;
    const stamp = "[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d";
    expect(received).toMatch(
      new RegExp(
        `^<30>${stamp} charon\\[${process.pid}\\]: 00\\[DMN\\] one\\0<86>${stamp} charon\\[${process.pid}\\]: 00\\[IKE\\] two\\0$`,
      ),
    );
    expect(troubles).toEqual([]);
  });

  it("feeds a logger process where the socket is none that Node.js can open, and loses nothing at the end", async () => {
    const done = join(folder, "done");
    const loggerCommand = program(`#!/bin/sh\necho "$@" >${folder}/args\ncat >${folder}/lines\nmv ${folder}/lines ${done}\n`);
    const syslog = new SystemSyslog({
      identifier: "vpn",
      timers: new NodeTimers(),
      onTrouble: (reason) => expect.fail(reason),
      socketPath: join(folder, "nothing-here"),
      loggerCommand,
    });
    let expected = "";
    for (let i = 0; i < 5000; i++) {
      syslog.send(30, `00[IKE] line ${i}`);
      expected += `<30>00[IKE] line ${i}\n`;
    }
    await syslog.end();
    await expect.poll(() => readFileSync(done, "utf8") === expected, { timeout: 10_000 }).toBe(true);
    expect(readFileSync(join(folder, "args"), "utf8")).toBe(
      `--prio-prefix --tag vpn --id=${process.pid} --size=65536 --socket ${folder}/nothing-here --socket-errors=on\n`,
    );
  });

  it("gives up on a logger that cannot be started, says so once and drops the rest", async () => {
    const clock = new VirtualClock();
    const troubles: string[] = [];
    const syslog = new SystemSyslog({
      identifier: "charon",
      timers: clock,
      onTrouble: (reason) => troubles.push(reason),
      socketPath: join(folder, "nothing-here"),
      loggerCommand: join(folder, "no-such-program"),
    });
    syslog.send(30, "lost");
    await expect
      .poll(
        () => {
          clock.advance(1000);
          return troubles;
        },
        { timeout: 10_000 },
      )
      .toEqual(["syslog: neither /dev/log nor the logger command can be used"]);
    syslog.send(30, "lost too");
    await syslog.end();
    expect(troubles).toHaveLength(1);
  });
});
