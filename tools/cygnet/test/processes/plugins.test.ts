import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { CliProcess, run, testFolder, writeConf } from "./cli-process.js";

describe("cygnet plugins with a running daemon", () => {
  it.each([
    ["stroke", "charon.ctl", "", 1],
    ["vici", "charon.vici", " vici", 2],
  ])("asks it over %s, with the features of its shards", async (_, file, more, shards) => {
    const folder = testFolder();
    const conf = writeConf(folder, [
      `load = random nonce aes sha1 sha2 hmac gmp socket-default stroke unity${more}`,
      `shards = ${shards}`,
    ]);
    const daemon = new CliProcess(["charon", "--conf", conf, "--piddir", folder]);
    await daemon.ready();
    const { code, output } = await run(["plugins", "--conf", conf, "--piddir", folder, "--json"]);
    expect(code).toBe(0);
    const answer = JSON.parse(output) as { readonly daemon: string; readonly plugins: readonly { readonly name: string }[] };
    expect(answer.daemon).toBe(`unix://${join(folder, file)}`);
    const of = (name: string) => answer.plugins.find((plugin) => plugin.name === name);
    expect(of("socket-default")).toMatchObject({
      version: "0.1.0",
      state: "loaded",
      features: [{ feature: "CUSTOM:socket", loaded: true }],
    });
    expect(of("stroke")).toMatchObject({ features: [{ on: "both" }] });
    expect(of("unity")).toMatchObject({ state: "failed", reason: "not available in this release" });
    expect(of("attr")).toMatchObject({ state: "installed" });
    daemon.kill("SIGTERM");
    expect(await daemon.ended).toBe(0);
    const offline = await run(["plugins", "--conf", conf, "--piddir", folder]);
    expect(offline.output).toMatch(/^No daemon was asked\./);
  });
});
