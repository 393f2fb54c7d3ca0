import { createSocket } from "node:dgram";
import { setImmediate as nextTurn } from "node:timers/promises";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Daemon } from "@cygnet/daemon";
import {
  JobPriority,
  Processor,
  WaitMeter,
  authRound,
  childDefinition,
  custom,
  definePlugin,
  peerDefinition,
} from "@cygnet/plugin-api";
import type { Plugin, PluginContext } from "@cygnet/plugin-api";
import { PackageSource, diagnose } from "@cygnet/runtime";
import type { Finding } from "@cygnet/runtime";
import { Settings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { describe, expect, it, onTestFinished, vi } from "vitest";

const LOAD = "random nonce aes sha1 sha2 hmac gmp socket-default";
/** More than the largest receive buffer holds. */
const FLOOD = 20_000;

/** A daemon on random ports, and what it printed. */
async function start(charon: SettingsObject = {}, plugin?: Plugin) {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-profile-"));
  const packages = new PackageSource({ folders: [process.cwd()] });
  const printed: string[] = [];
  const log = join(folder, "log");
  const daemon = new Daemon({
    settings: Settings.fromObject({
      charon: { load: LOAD, port: "0", port_nat_t: "0", filelog: { main: { path: log, flush_line: "yes" } }, ...charon },
    }),
    pidDir: folder,
    pluginSource: {
      find: async (request) => (request.name === plugin?.name ? { exported: plugin } : packages.find(request)),
    },
    onProfile: (text) => void printed.push(text),
  });
  onTestFinished(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  });
  await daemon.start();
  return { daemon, printed, log: () => readFileSync(log, "utf8") };
}

/** What stands out by and by. */
async function finding(daemon: Daemon, cause: Finding["cause"]): Promise<Finding> {
  return vi.waitFor(
    async () => {
      const found = diagnose(await daemon.controller.profile()).find((each) => each.cause === cause);
      if (!found) throw new Error(`${cause} is not among the findings`);
      return found;
    },
    { timeout: 20_000 },
  );
}

describe("the profile of a daemon", () => {
  it("is printed to the log and to whoever wants it when the daemon ends, with charon.profile = yes", async () => {
    const { daemon, printed, log } = await start({ profile: "yes" });
    const { processor } = daemon.shard.context;
    processor.queue({ name: "a job", priority: JobPriority.LOW, execute: () => undefined });
    await nextTurn();
    expect(printed).toEqual([]);
    await daemon.stop();
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/^Profile of [^]*\ncontrol, shard 0 [^]*\na job +1 +0 [^]*\n0\.0\.0\.0\[\d+\] [^]*\.\n$/);
    for (const line of printed[0].split("\n")) if (line !== "") expect(log()).toContain(`00[JOB] ${line}\n`);
  });

  it("is not printed otherwise, but can be asked for", async () => {
    const { daemon, printed, log } = await start();
    const profile = await daemon.controller.profile();
    expect(profile.shardCount).toBe(1);
    expect(profile.shards).toMatchObject([{ shard: 0, processor: { total: 16 } }]);
    expect(profile.host.processMs).toBeGreaterThan(0);
    expect(profile.host.machineMs).toBeGreaterThanOrEqual(profile.host.machineBusyMs);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
    await daemon.stop();
    expect(printed).toEqual([]);
    expect(log()).not.toContain("Profile of");
  });

  it("finds the job that took all job slots and what it waits for", async () => {
    const contexts: PluginContext[] = [];
    const stuck = definePlugin({
      name: "stuck",
      api: 1,
      features: () => [{ provides: custom("stuck"), register: (context) => void contexts.push(context) }],
    });
    const { daemon } = await start({ load: `${LOAD} stuck`, threads: "8" }, stuck);
    const [{ resolve }] = contexts;
    let answer: () => void = () => undefined;
    const server = new Promise<void>((settle) => (answer = settle));
    const ask = (): Promise<void> => resolve(WaitMeter).measure("stuck", "server", server);
    for (let i = 0; i < 10; i++) resolve(Processor).queue({ name: "ask", priority: JobPriority.MEDIUM, execute: ask });
    const { text } = await finding(daemon, "slots");
    expect(text).toMatch(/of 8 slots [\d.]+ at a time were held by jobs that wait, [\d.]+ of them by 'ask'\./);
    expect(text).toMatch(/look at what they wait for: stuck server, /);
    answer();
  });

  it("finds that the garbage collection has most of the time", async () => {
    const { daemon } = await start();
    const kept = Array.from({ length: 500_000 }, (_, i) => ({ i }));
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const collects = { name: "collect", priority: JobPriority.LOW, execute: collect };
    const timer = setInterval(() => daemon.shard.context.processor.queue(collects), 10);
    onTestFinished(() => clearInterval(timer));
    const { text } = await finding(daemon, "gc");
    expect(text).toMatch(/^Garbage collection took [\d.]+ m?s of the [\d.]+ m?s that .* was busy \(\d+ %\), in \d+ pauses/);
    expect(kept).toHaveLength(500_000);
  });

  it("finds that peers do not answer", async () => {
    const { daemon } = await start({ retransmit_timeout: "0.1", retransmit_base: "1", retransmit_tries: "2" });
    const silent = createSocket("udp4");
    onTestFinished(() => void silent.close());
    await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
    const child = childDefinition("net", {});
    const peer = peerDefinition("nobody", {
      local: [authRound({ auth: "psk", id: "moon" })],
      remote: [authRound({ auth: "psk", id: "sun" })],
      remoteAddresses: ["127.0.0.1"],
      remotePort: silent.address().port,
      keyingTries: 1,
      children: [child],
    });
    void daemon.controller.initiate(peer, child);
    const { text } = await finding(daemon, "peers");
    expect(text).toMatch(/^Peers, or the way to them, are slow: 0 responses .* [1-9]\d* requests were sent again/);
  });

  it("finds that a load test is held back by its own initiators", async () => {
    const tester = { enable: "yes", fake_kernel: "yes", initiator_auth: "psk", responder_auth: "psk", initiators: "2" };
    const { daemon } = await start({
      load: `${LOAD} load-tester`,
      plugins: { "load-tester": { ...tester, iterations: "0", delay: "300", proposal: "aes128-sha1-modp768" } },
    });
    const { text } = await finding(daemon, "initiators");
    expect(text).toMatch(/^The load test is held back by its initiators: \d+ % of their time they waited, \d+ % for delay/);
  });

  it("finds the socket that lost datagrams because nobody read them in time", async () => {
    const { daemon } = await start();
    const port = daemon.shard.context.sockets.socket!.port(false);
    const client = createSocket("udp4");
    onTestFinished(() => void client.close());
    await new Promise<void>((resolve) => client.connect(port, "127.0.0.1", resolve));
    // The event loop does not turn meanwhile, so what is sent stays in the kernel.
    const datagram = Buffer.alloc(1000);
    for (let i = 0; i < FLOOD; i++) client.send(datagram);
    const { text } = await finding(daemon, "socket-overflow");
    expect(text).toMatch(/^Datagrams came faster than they were read: 0\.0\.0\.0\[\d+\] lost \d+ of \d+ \(\d+ %\) because/);
  });
});
