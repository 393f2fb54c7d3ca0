import {
  Bus,
  JobPriority,
  Scheduler,
  authRound,
  ConnectionStore,
  CredentialStore,
  LogGroup,
  PLUGIN_API,
  StreamServices,
  custom,
  definePlugin,
  peerDefinition,
  text,
} from "@cygnet/plugin-api";
import type { Feature, Plugin } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { testHost } from "../src/index.js";

const plugin = (register: Feature["register"], given: Partial<Feature> = {}): Plugin =>
  definePlugin({
    name: "acme",
    api: PLUGIN_API,
    options: { greeting: text("hello", "What it says.") },
    features: () => [{ provides: custom("acme"), on: "control", register, ...given }],
  }) as unknown as Plugin;

describe("a test host", () => {
  it("loads a plugin with its settings, among the usual algorithms", async () => {
    const host = await testHost({
      plugins: [plugin(({ log, options }) => log.log(LogGroup.APP, 1, `${String(options["greeting"])}, world`))],
      settings: { "plugins.acme.greeting": "good morning" },
    });
    expect(host.featureNames()).toEqual(["CUSTOM:acme"]);
    expect(host.messages(LogGroup.APP)).toEqual(["good morning, world"]);
    expect(host.messages(LogGroup.LIB)).toContainEqual(expect.stringMatching(/^loaded plugins: charon acme random aes /));
    await host.unload();
    expect(host.featureNames()).toEqual([]);
    expect(host.leftovers()).toEqual([]);
  });

  it("says why a feature did not load", async () => {
    const host = await testHost({ plugins: [plugin(() => Promise.reject(new Error("no disk")))] });
    expect(host.featureNames()).toEqual([]);
    expect(host.messages(LogGroup.LIB)).toContain("registering CUSTOM:acme of plugin 'acme' failed: no disk");
    await host.unload();
  });

  it("names what a plugin left behind", async () => {
    const host = await testHost({
      plugins: [
        plugin(async ({ resolve }) => {
          resolve(Scheduler).schedule({ name: "acme-poll", priority: JobPriority.LOW, execute: () => undefined }, 1000);
          resolve(Bus).addListener({ name: "acme" });
          await resolve(ConnectionStore).add(
            "acme",
            peerDefinition("net", {
              proposals: ["aes128-sha1-modp2048"],
              local: [authRound({ auth: "psk" })],
              remote: [authRound({ auth: "psk" })],
            }),
          );
          await resolve(CredentialStore).replaceSecrets("acme", [{ type: "IKE", owners: [], secret: Uint8Array.of(1) }]);
          const streams = resolve(StreamServices);
          await streams.listen({
            uri: `unix://${streams.pidDir}/acme.sock`,
            maxConcurrent: 1,
            onConnection: (c) => void c.end(),
          });
        }),
      ],
    });
    await host.unload();
    expect(host.leftovers()).toEqual([
      "Bus.addListener",
      "StreamServices.listen",
      "Scheduler.schedule of job 'acme-poll'",
      "connection 'net'",
      "IKE secret in 'acme'",
    ]);
  });
});
