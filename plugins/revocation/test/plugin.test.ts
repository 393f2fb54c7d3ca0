import { RevocationChecks } from "@cygnet/plugin-api";
import type { RevocationPolicy } from "@cygnet/plugin-api";
import {
  LogManager,
  MemoryPluginSource,
  PluginHost,
  Settings,
  VirtualClock,
  createContainer,
  provide,
} from "@cygnet/plugin-testkit/parts";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

it("sets the policy of its options, takes up changed ones, and ends the checks when it goes", async () => {
  let policy: RevocationPolicy | undefined;
  const container = createContainer();
  provide(container, RevocationChecks, { use: (given) => void (policy = given) });
  const charon = (revocation: Record<string, string>) =>
    Settings.fromObject({ charon: { plugins: { revocation } } }).section("charon");
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: new MemoryPluginSource([plugin]),
    container,
    log: new LogManager(new VirtualClock()),
    charon: charon({ enable_ocsp: "no", timeout: "2m" }),
    defaultList: ["revocation"],
    timers: new VirtualClock(),
  });
  await host.load();
  expect(host.featureNames()).toEqual(["CUSTOM:revocation"]);
  expect(policy).toEqual({ useCrl: true, useOcsp: false, timeoutMs: 120_000 });
  await host.reload(charon({ enable_crl: "no" }));
  expect(policy).toEqual({ useCrl: false, useOcsp: true, timeoutMs: 10_000 });
  await host.unload();
  expect(policy).toBeUndefined();
});
