import { once } from "node:events";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeStrokeMessage, StrokeMessageType } from "@cygnet/plugin-stroke/abi";
import { loadIpsecConf, loadRequests, strokeRequest } from "@cygnet/starter";
import { describe, expect, it } from "vitest";
import { CliProcess, testFolder, writeConf } from "./cli-process.js";

const PLUGIN_API = new URL("../../../../core/plugin-api/dist/index.js", import.meta.url).href;
const { INITIATE, STATUS_ALL } = StrokeMessageType;
const SHARDS = 3;
const CONN = "conn late\n\tleft=127.0.0.1\n\tright=127.0.0.9\n\tauthby=secret\n\tauto=add\n";
const LOAD = "load = random nonce aes sha1 sha2 hmac gmp socket-default stroke faulty";

/** A plugin that does on a shard what a file with the shard's number says, once it is there. */
const FAULTY = `
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ControlLink, custom, definePlugin } from ${JSON.stringify(PLUGIN_API)};
const faults = {
  throw() { throw new Error("bang"); },
  exit() { process.exit(3); },
  // Holds its thread until it is told to die.
  block(file) {
    writeFileSync(file + ".blocked", "");
    while (!existsSync(file + ".release")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    throw new Error("released");
  },
  heap() { for (const kept = [];;) kept.push(new Array(1000).fill(kept.length + 0.5)); },
};
export default definePlugin({ name: "faulty", api: 1, features: () => [{ provides: custom("faulty"), register: ({ resolve, charon }) => {
  const file = charon.getString("plugins.faulty.folder") + "/fault-" + resolve(ControlLink).shard;
  const look = setInterval(() => {
    if (!existsSync(file)) return;
    const fault = readFileSync(file, "utf8");
    rmSync(file);
    faults[fault](file);
  }, 10);
  return () => clearInterval(look);
} }] });
`;

/** A plugin that has its shard die while it starts, for so many times. */
const EARLY = `
import { readFileSync, writeFileSync } from "node:fs";
import { ControlLink, custom, definePlugin } from ${JSON.stringify(PLUGIN_API)};
export default definePlugin({ name: "early", api: 1, features: () => [{ provides: custom("early"), register: ({ resolve, charon }) => {
  if (resolve(ControlLink).shard !== 1) return;
  const file = charon.getString("plugins.early.file");
  const left = Number(readFileSync(file, "utf8"));
  writeFileSync(file, String(left - 1));
  if (left > 0) process.exit(3);
} }] });
`;

/** A daemon with shards that can be made to fail. */
class Faulty {
  private constructor(
    readonly folder: string,
    readonly daemon: CliProcess,
  ) {}

  /** @param how far it must have come */
  static async start(more: readonly string[] = [], how: "serving" | "opening its socket" = "serving"): Promise<Faulty> {
    const folder = testFolder();
    writeFileSync(join(folder, "faulty.mjs"), FAULTY);
    const lines = [LOAD, `shards = ${SHARDS}`, `plugins { faulty { package = ./faulty.mjs\n folder = ${folder}\n } }`, ...more];
    const conf = writeConf(folder, lines);
    const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder]);
    const faulty = new Faulty(folder, daemon);
    if (how === "serving") await daemon.ready();
    else await faulty.#listens();
    return faulty;
  }

  /** Has a shard fail. */
  fail(shard: number, fault: string): void {
    const file = join(this.folder, `fault-${shard}`);
    // Moved into place, so that nobody reads half of it.
    writeFileSync(`${file}.new`, fault);
    renameSync(`${file}.new`, file);
  }

  /** Ends the wait of a shard that blocks. */
  release(shard: number): void {
    writeFileSync(join(this.folder, `fault-${shard}.release`), "");
  }

  /** Adds connections in the notation of ipsec.conf. */
  async load(text: string): Promise<void> {
    const file = join(this.folder, "ipsec.conf");
    writeFileSync(file, text);
    const { config } = loadIpsecConf(file);
    for (const request of loadRequests(config)) await this.#request(request);
  }

  statusall(): Promise<string> {
    return this.#request(encodeStrokeMessage({ type: STATUS_ALL, outputVerbosity: 1, fields: { name: null } }));
  }

  /** Begins to set a connection up. */
  async initiate(name: string): Promise<void> {
    await this.#request(encodeStrokeMessage({ type: INITIATE, outputVerbosity: -1, fields: { name } }));
  }

  /** Lines of the log that say this. */
  said(pattern: RegExp): string[] {
    return this.daemon.output.split("\n").filter((line) => pattern.test(line));
  }

  async appears(file: string): Promise<void> {
    while (!existsSync(join(this.folder, file))) await sleep(5);
  }

  /** The file of a socket is there a moment before anybody listens on it. */
  async #listens(): Promise<void> {
    for (let isListening = false; !isListening;) {
      await sleep(5);
      const connection = connect(join(this.folder, "charon.ctl"));
      isListening = await once(connection, "connect").then(
        () => true,
        () => false,
      );
      connection.destroy();
    }
  }

  async #request(message: Uint8Array): Promise<string> {
    let text = "";
    await strokeRequest(`unix://${join(this.folder, "charon.ctl")}`, message, {
      onData: (chunk) => void (text += Buffer.from(chunk).toString()),
    });
    return text;
  }

  async stop(): Promise<void> {
    this.daemon.kill("SIGTERM");
    expect(await this.daemon.ended).toBe(0);
  }
}

describe(`a daemon with ${SHARDS} shards`, () => {
  it.each([
    ["throw", /shard 1 died, 0 IKE_SAs are lost: bang$/m],
    ["exit", /shard 1 died, 0 IKE_SAs are lost: it ended by itself$/m],
    ["heap", /shard 1 died, 0 IKE_SAs are lost: .*JS heap out of memory$/m],
  ])("replaces one that fails by '%s', in one line", async (fault, line) => {
    const faulty = await Faulty.start(["shard_heap = 64"]);
    faulty.fail(1, fault);
    await faulty.daemon.says("output", /shard 1 is replaced$/m);
    expect(faulty.said(line)).toHaveLength(1);
    expect(faulty.said(/^00\[DMN\].*(died|lost|failed|exception)/)).toHaveLength(1);
    // The new one is as good as the old one.
    faulty.fail(1, "throw");
    await faulty.daemon.says("output", /is replaced\n(?:.*\n)*.*shard 1 died, 0 IKE_SAs are lost: bang$/m);
    await faulty.stop();
  });

  it("takes connections while one dies, and the new one has them", async () => {
    const faulty = await Faulty.start();
    faulty.fail(1, "block");
    await faulty.appears("fault-1.blocked");
    const added = faulty.load(CONN);
    await faulty.daemon.says("output", /received stroke: add connection 'late'/);
    faulty.release(1);
    await added;
    await faulty.daemon.says("output", /shard 1 is replaced$/m);
    expect(faulty.said(/added configuration 'late'$/)).toHaveLength(1);
    expect(await faulty.statusall()).toMatch(/^ +late: {2}127\.0\.0\.1\.\.\.127\.0\.0\.9 /m);
    // Initiations go round the shards: each of them knows it.
    for (let shard = 0; shard < SHARDS; shard++) await faulty.initiate("late");
    await faulty.daemon.says("output", /(initiating IKE_SA late\[\d+\][^]*){3}/);
    await faulty.stop();
  });

  it("takes connections, and sets them up, while its shards are still loading", async () => {
    const faulty = await Faulty.start([], "opening its socket");
    await faulty.load(CONN);
    for (let shard = 0; shard < SHARDS; shard++) await faulty.initiate("late");
    await faulty.daemon.says("output", /(initiating IKE_SA late\[\d+\][^]*){3}/);
    await faulty.stop();
  });

  it.each([
    [2, "serves all the same"],
    [3, "gives up"],
  ])("of which one dies %i times while it starts %s", async (times, end) => {
    const folder = testFolder();
    writeFileSync(join(folder, "early.mjs"), EARLY);
    writeFileSync(join(folder, "left"), String(times));
    const lines = [`${LOAD.replace("faulty", "early")}`, `shards = ${SHARDS}`];
    lines.push(`plugins { early { package = ./early.mjs\n file = ${join(folder, "left")}\n } }`);
    const daemon = new CliProcess(["charon", "--conf", writeConf(folder, lines), "--piddir", folder]);
    if (end === "gives up") expect(await daemon.ended).not.toBe(0);
    else {
      await daemon.ready();
      daemon.kill("SIGTERM");
      expect(await daemon.ended).toBe(0);
    }
    expect(daemon.output.match(/shard 1 died, 0 IKE_SAs are lost: it ended by itself$/gm)).toHaveLength(times);
  });

  it("tells of requests on its control socket and of permanent threads as a daemon with one shard does", async () => {
    const workers = /worker threads: .*$/m;
    const several = await Faulty.start(["threads = 32"]);
    const [one] = workers.exec(await several.statusall())!;
    await several.stop();
    const single = await Faulty.start(["threads = 32", "shards = 1"]);
    const [other] = workers.exec(await single.statusall())!;
    await single.stop();
    expect(one).toBe(other);
    expect(one).toContain("27 of 32 idle, 5/0/0/0 working");
  });
});

it("has shards where Node.js was given options of the engine", async () => {
  const folder = testFolder();
  const conf = writeConf(folder, ["load = random nonce aes sha1 sha2 hmac gmp socket-default", "shards = 2"]);
  const withOption = ["sh", "-c", 'exec "$0" --max-semi-space-size=16 "$@"'];
  const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder], {}, withOption);
  await daemon.ready();
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
});
