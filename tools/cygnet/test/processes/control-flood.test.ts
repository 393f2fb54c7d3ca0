import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { encodeStrokeMessage, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import { expect, it } from "vitest";
import { CliProcess, testFolder, writeConf } from "./cli-process.js";

const REQUESTS = 10_000;
const STATUS = encodeStrokeMessage({ type: StrokeMessageType.STATUS, outputVerbosity: 1, fields: { name: null } });
const ANSWER = "Security Associations (0 up, 0 connecting):\n  none\n";

/** Connects as a program with blocking sockets does: while the backlog is full, it waits. */
function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const attempt = (): void => {
      const socket = connect(path, () => resolve(socket));
      socket.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EAGAIN") setTimeout(attempt, 1);
        else reject(error);
      });
    };
    attempt();
  });
}

/** One request. @returns the whole answer */
async function ask(path: string): Promise<string> {
  const socket = await connected(path);
  socket.write(STATUS);
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk;
  return text;
}

/** Of descriptors, ours and the daemon's, which keeps a quarter of them for other things. */
const needed = (REQUESTS * 4) / 3 + 100;
const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
if (limit < needed) console.warn(`skipped: ${limit} descriptors are allowed, ${Math.ceil(needed)} are needed (ulimit -n)`);

it.skipIf(limit < needed)(`answers ${REQUESTS} requests that come at the same time, and says nothing of it`, async () => {
  const folder = testFolder();
  const daemon = new CliProcess(["charon", "--conf", writeConf(folder), "--piddir", folder]);
  // The last lines of its start, in either order.
  await daemon.says("output", /no plugin provides CUSTOM:kernel-ipsec.*\n/);
  await daemon.says("output", /spawning 16 worker threads\n/);
  const path = join(folder, "charon.ctl");
  const before = daemon.output;
  const answers = await Promise.all(Array.from({ length: REQUESTS }, () => ask(path)));
  expect(answers.filter((answer) => answer !== ANSWER)).toEqual([]);
  expect(daemon.output).toBe(before);
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});
