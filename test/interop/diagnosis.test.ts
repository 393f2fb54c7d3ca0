import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
import { until } from "./harness/deadline.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { requireAll } from "./harness/requirements.js";

requireAll(["root", "build"]);

const CYGNET = fileURLToPath(new URL("../../tools/cygnet/bin/cygnet.js", import.meta.url));
const PLUGIN_API = new URL("../../core/plugin-api/dist/index.js", import.meta.url).href;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 3000;
/** For starting the daemon as well. */
const LIMIT = { timeout: 2 * PATIENCE_MS };

/** Leaves the thread of shard 0 no time, but lets its event loop come round. */
const BUSY = `
import { ControlLink, custom, definePlugin } from ${JSON.stringify(PLUGIN_API)};
export default definePlugin({ name: "busy", api: 1, features: () => [{ provides: custom("busy"), register: ({ resolve }) => {
  if (resolve(ControlLink).shard !== 0) return;
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    for (const endMs = performance.now() + 5; performance.now() < endMs;);
    setImmediate(turn);
  };
  turn();
  return () => void (isOver = true);
} }] });
`;

/** A daemon whose shard 0 is busy, and its profile in words. */
async function busyDaemon(on: readonly string[], shards: number): Promise<() => Promise<string>> {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-busy-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "busy.mjs"), BUSY);
  const daemon = await startDaemon({
    kind: "cygnet",
    name: "busy",
    folder: join(folder, "busy"),
    on,
    load: "random nonce aes sha1 sha2 hmac gmp busy load-tester socket-default stroke",
    settings: `port = 0\nport_nat_t = 0\nshards = ${shards}`,
    plugins: `busy { package = ${join(folder, "busy.mjs")}\n }`,
  });
  const command = [CYGNET, "ipsec", "--socket", `unix://${daemon.socket}`, "profile"];
  return async () => {
    // Whoever asks all the time leaves no CPU idle.
    await sleep(PAUSE_MS);
    return execFileSync(process.execPath, command, { encoding: "utf8" });
  };
}

// Here, as nothing else runs beside these tests: what they wait for is a CPU that idles.
describe.skipIf(availableParallelism() < 2)("the profile tells that one CPU has all the work while others idle", LIMIT, () => {
  it("for the affinity mask", async () => {
    const profile = await busyDaemon(["taskset", "-c", "0"], 1);
    const text = /The CPU affinity mask allows 1 of \d+ CPUs, and they are used up: .* was busy without a break/;
    await until("the affinity mask to be named", async () => text.test(await profile()), PATIENCE_MS);
  });

  it.each([
    [1, /One thread is the limit: .* was busy without a break .* All work is done by one shard\./],
    [2, /One thread is the limit: shard 0 was busy without a break .*, and shard 1 [\d.]+ % busy\. The work is not spread/],
  ])("for the work not being spread over %i shards", async (shards, text) => {
    const profile = await busyDaemon([], shards);
    await until("the busy shard to be named", async () => text.test(await profile()), PATIENCE_MS);
  });
});
