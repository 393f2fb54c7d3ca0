import { Host } from "@cygnet/plugin-api";
import { Pair, describeAttributeProvider, testHost, usualChild } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import { AddressPool } from "../src/address-pool.js";
import plugin from "../src/index.js";

const open = () => ({
  provider: new AddressPool({ name: "acme", first: Host.of("10.9.0.1"), size: 5, dns: Host.of("10.9.0.53") }),
  close: () => undefined,
});
describeAttributeProvider("the address pool", open, { pool: "acme", addresses: 5 });

it("loads, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:acme"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("says which option has no address", async () => {
  const host = await testHost({ plugins: [plugin], settings: { "plugins.acme.first": "here" } });
  expect(host.featureNames()).toEqual([]);
  expect(host.daemon.lines()).toContain("registering CUSTOM:acme of plugin 'acme' failed: 'here' is no IPv4 address");
  await host.unload();
});

it("gives a peer its virtual IP", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: { "plugins.acme.first": "10.3.0.7" } } });
  pair.configure(
    { virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
    { pools: ["acme"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
  );
  await pair.establish();
  expect(pair.moon.ikeSas.map(({ localVirtualIps }) => String(localVirtualIps))).toEqual(["10.3.0.7"]);
  await pair.unload();
});
