import { execFileSync, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { FailedRun } from "../measurement.js";
import type { Bench } from "../measurement.js";
import type { Namespaces, Role } from "../peer/namespaces.js";
import { INSIDE } from "./tunnel-ends.js";

/** TCP's window is open, and daemons have warmed up, after the first. */
const WARM_UP_MS = 1000;
const MEASURE_MS = 4000;
const PROCESS = new URL("traffic-process.js", import.meta.url).pathname;
/** In the network behind the responder, and nobody's: what comes out of the tunnel for it is dropped without an answer. */
const NOBODY = "10.71.2.99";

/** How much one TCP connection gets through the tunnel, in Mbit/s, as the receiver counts its data. */
export async function tcpRate(bench: Bench, namespaces: Namespaces): Promise<number> {
  const receiver = start(bench, namespaces, "responder", ["receive", INSIDE.responder]);
  const port = await receiver.line();
  start(bench, namespaces, "initiator", ["send", INSIDE.responder, port]);
  await receiver.line();
  await sleep(WARM_UP_MS);
  receiver.ask();
  const [fromBytes, fromMs] = numbers(await receiver.line());
  await sleep(MEASURE_MS);
  receiver.ask();
  const [bytes, ms] = numbers(await receiver.line());
  return ((bytes! - fromBytes!) * 8) / (ms! - fromMs!) / 1000;
}

/** How many packets with 64 octets of UDP come out of the tunnel a second, when there are more than it carries. */
export async function packetRate(bench: Bench, namespaces: Namespaces): Promise<number> {
  start(bench, namespaces, "initiator", ["flood", NOBODY, "9"]);
  await sleep(WARM_UP_MS);
  const [from, fromMs] = [packetsOut(namespaces), performance.now()];
  await sleep(MEASURE_MS);
  return ((packetsOut(namespaces) - from) / (performance.now() - fromMs)) * 1000;
}

/** What the daemon has written to its TUN device. */
function packetsOut(namespaces: Namespaces): number {
  const [command, ...args] = [...namespaces.on("responder"), "cat", "/proc/net/dev"];
  const text = execFileSync(command!, args, { encoding: "utf8" });
  const found = /ipsec0:\s*\d+\s+(\d+)/.exec(text);
  if (!found) throw new FailedRun("the responder has no device ipsec0");
  return Number(found[1]);
}

const numbers = (line: string): number[] => line.split(" ").map(Number);

/** A process of the traffic in a namespace. */
interface Traffic {
  /** The next line that it prints. @throws {FailedRun} when it ends before */
  line(): Promise<string>;
  /** Has a receiver print what it has so far. */
  ask(): void;
}

function start({ resources }: Bench, namespaces: Namespaces, role: Role, args: readonly string[]): Traffic {
  const [command, ...rest] = [...namespaces.on(role), process.execPath, PROCESS, ...args];
  const child = spawn(command!, rest, { stdio: ["pipe", "pipe", "ignore"] });
  // What it missed is told by the lines that do not come.
  child.stdin.on("error", () => undefined);
  const lines: string[] = [];
  let isEnded = false;
  let wake = (): void => undefined;
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (text + chunk).split("\n");
    text = parts.pop()!;
    lines.push(...parts);
    wake();
  });
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isEnded = true;
      resolve();
      wake();
    };
    child.once("error", end);
    child.once("close", end);
  });
  const drop = (): void => void child.kill("SIGKILL");
  resources.hold({
    drop,
    release: async () => {
      drop();
      await ended;
    },
  });
  return {
    ask: () => void child.stdin.write("\n"),
    line: async () => {
      while (lines.length === 0) {
        if (isEnded) throw new FailedRun(`the process that was to ${args[0]} ended`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return lines.shift()!;
    },
  };
}
