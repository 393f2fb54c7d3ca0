import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CliProcess, testFolder, writeConf } from "./cli-process.js";

const PLUGIN_API = new URL("../../../../core/plugin-api/dist/index.js", import.meta.url).href;

/** A daemon with a plugin of which one feature runs `body` when it is registered. */
function daemonWith(folder: string, body: string): CliProcess {
  const source = `import { custom, definePlugin } from ${JSON.stringify(PLUGIN_API)};
    export default definePlugin({ name: "faulty", api: 1, features: () => [{ provides: custom("faulty"), register: () => { ${body} } }] });`;
  writeFileSync(join(folder, "faulty.mjs"), source);
  const load = "load = random nonce aes sha1 sha2 hmac gmp socket-default faulty";
  // With several shards the feature is on their threads, one of which such an error ends.
  const conf = writeConf(folder, [load, "shards = 1", "plugins { faulty { package = ./faulty.mjs } }"]);
  return new CliProcess(["charon", "--conf", conf, "--piddir", folder]);
}

it("survives errors that nobody catches, logs them with their stacks and counts them", async () => {
  const body = `setImmediate(() => { throw new Error("thrown"); }); setImmediate(() => void Promise.reject(new Error("rejected")));`;
  const daemon = daemonWith(testFolder(), body);
  await daemon.ready();
  await daemon.says("output", /uncaught exception \(number \d\), going on: Error: thrown\n00\[DMN\] {5}at .*faulty\.mjs/);
  await daemon.says("output", /unhandled rejection \(number \d\), going on: Error: rejected\n00\[DMN\] {5}at .*faulty\.mjs/);
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
  expect(daemon.output).toContain("00[DMN] 2 uncaught errors since the start\n");
});

it("ends at once at a second signal while the first is still being worked off", async () => {
  const folder = testFolder();
  const daemon = daemonWith(folder, "return () => new Promise(() => undefined);");
  await daemon.ready();
  daemon.kill("SIGTERM");
  await daemon.says("output", /SIGTERM received, shutting down/);
  daemon.kill("SIGTERM");
  expect(await daemon.ended).toBe(143);
  expect(existsSync(join(folder, "charon.pid"))).toBe(false);
});
