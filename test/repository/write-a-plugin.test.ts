import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bus, CryptoRegistry, Host, LogGroup } from "@cygnet/plugin-api";
import type { IkeSaView } from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { EventBus, LogManager, PackageSource, PluginHost, SystemClock, createContainer, provide } from "@cygnet/runtime";
import { MemorySink } from "@cygnet/runtime/testing";
import { loadSettings } from "@cygnet/settings";
import { PseudoRandomFunction } from "@cygnet/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./workspace.js";

/** A code block whose fence names its file. */
const FILE = /^```\w+ (\S+)\n([\s\S]*?)^```$/gm;

describe("the plugin of docs/guides/write-a-plugin.md", () => {
  let folder: string;
  let host: PluginHost;
  const log = new LogManager(new SystemClock());
  const sink = new MemorySink();
  const bus = new EventBus(log);
  const crypto = new AlgorithmRegistry({ vectors: testVectors, requireVectors: true, logger: log });

  beforeAll(async () => {
    log.addSink(sink);
    folder = join(mkdtempSync(join(tmpdir(), "cygnet-guide-")), "cygnet-plugin-acme");
    mkdirSync(join(folder, "node_modules/@cygnet"), { recursive: true });
    for (const name of ["plugin-api", "wire"]) symlinkSync(join(root, "core", name), join(folder, "node_modules/@cygnet", name));
    const guide = readFileSync(join(root, "docs/guides/write-a-plugin.md"), "utf8");
    for (const [, name, text] of guide.matchAll(FILE)) writeFileSync(join(folder, name), text);

    const { settings } = loadSettings(join(folder, "strongswan.conf"));
    const container = createContainer();
    provide(container, Bus, bus);
    provide(container, CryptoRegistry, crypto);
    host = new PluginHost({
      locations: ["control", "shard"],
      source: new PackageSource({ folders: [folder] }),
      container,
      log,
      charon: settings.section("charon"),
    });
    await host.load();
  });

  afterAll(async () => {
    await host.unload();
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });

  it("is found by the path in its configuration and loads with its features", () => {
    expect(host.featureNames()).toEqual(expect.arrayContaining(["PRF:PRF_HMAC_SHA2_256", "CUSTOM:acme-announcer"]));
  });

  it("provides a PRF that passes the test vectors and comes before others", () => {
    expect(crypto.list()).toContainEqual({ kind: "prf", name: "PRF_HMAC_SHA2_256", plugin: "acme" });
    expect(crypto.prf(PseudoRandomFunction.PRF_HMAC_SHA2_256)?.outputBytes).toBe(32);
  });

  it("writes its greeting when an IKE_SA comes up", () => {
    bus.ikeUpdown({ remoteId: "moon.example.org", remote: Host.of("192.0.2.1") } as unknown as IkeSaView, true);
    expect(sink.messages(LogGroup.IKE)).toContain("hello, moon.example.org is here");
  });

  it("leaves nothing behind when it is unloaded", async () => {
    await host.unload();
    expect(crypto.list()).toEqual([]);
    expect(bus.wants("ikeUpdown")).toBe(false);
  });
});
