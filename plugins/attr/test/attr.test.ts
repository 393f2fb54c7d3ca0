import { AttributeManager, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeSet } from "@cygnet/plugin-api";
import {
  LogManager,
  MemoryPluginSource,
  MemorySink,
  PluginHost,
  VirtualClock,
  createContainer,
  parseSettings,
  provide,
} from "@cygnet/plugin-testkit/parts";
import { configAttributeTypeName, cpPayload, decodeBody, PayloadType, Writer } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeAttribute } from "@cygnet/plugin-api";
import attr from "../src/index.js";

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");
const charonOf = (text: string) => parseSettings(`charon {\n${text}\n}`, { file: "x.conf" }).settings.section("charon");
const shown = (attributes: readonly Attribute[]) =>
  attributes.map(({ type, value }) => `${configAttributeTypeName(type)} ${hex(value)}`);

class FakeManager implements Pick<AttributeManager, "setAttributes"> {
  readonly sets = new Map<string, AttributeSet>();
  setAttributes(source: string, set: AttributeSet | undefined): void {
    if (set) this.sets.set(source, set);
    else this.sets.delete(source);
  }
}

async function load(text: string) {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const container = createContainer();
  const manager = new FakeManager();
  provide(container, AttributeManager, manager as unknown as AttributeManager);
  const host = new PluginHost({
    locations: ["control"],
    source: new MemoryPluginSource([attr]),
    container,
    log,
    charon: charonOf(text),
    defaultList: ["attr"],
    timers: clock,
  });
  await host.load();
  const served = () => shown([...manager.sets.values()].flatMap(({ attributes }) => attributes));
  return { host, manager, served, warnings: () => sink.messages(LogGroup.CFG, 1), details: () => sink.messages(LogGroup.CFG, 2) };
}

describe("attribute encoding", () => {
  it.each([
    ["dns", "10.1.2.3", "INTERNAL_IP4_DNS", "0a010203"],
    ["dns", "fec0::1", "INTERNAL_IP6_DNS", "fec00000000000000000000000000001"],
    ["nbns", "10.1.2.4", "INTERNAL_IP4_NBNS", "0a010204"],
    ["dhcp", "10.1.2.5", "INTERNAL_IP4_DHCP", "0a010205"],
    ["netmask", "255.255.0.0", "INTERNAL_IP4_NETMASK", "ffff0000"],
    ["server", "10.0.0.1", "INTERNAL_IP4_SERVER", "0a000001"],
    ["p-cscf", "fec0::2", "P_CSCF_IP6_ADDRESS", "fec00000000000000000000000000002"],
    ["address", "10.0.0.9", "INTERNAL_IP4_ADDRESS", "0a000009"],
    ["address", "fec0::9/64", "INTERNAL_IP6_ADDRESS", "fec0000000000000000000000000000940"],
    ["address", "fec0::9", "INTERNAL_IP6_ADDRESS", "fec0000000000000000000000000000980"],
    ["subnet", "10.1.0.0/16", "INTERNAL_IP4_SUBNET", "0a010000ffff0000"],
    ["subnet", "0.0.0.0/0", "INTERNAL_IP4_SUBNET", "0000000000000000"],
    ["subnet", "10.1.0.1", "INTERNAL_IP4_SUBNET", "0a010001ffffffff"],
    ["subnet", "fec1::/16", "INTERNAL_IP6_SUBNET", "fec1000000000000000000000000000010"],
    ["split-include", "10.5.0.0/17", "UNITY_SPLIT_INCLUDE", "0a050000ffff8000"],
    ["split-exclude", "192.168.0.0/24", "UNITY_LOCAL_LAN", "c0a80000ffffff00"],
    ["3", "10.9.9.9", "INTERNAL_IP4_DNS", "0a090909"],
    ["28672", "Welcome to moon", "UNITY_BANNER", hex(Buffer.from("Welcome to moon"))],
    ["28674", "https://example.org/", "UNITY_DEF_DOMAIN", hex(Buffer.from("https://example.org/"))],
    ["16000", "10.1.0.0/16", "(16000)", "0a010000ffff0000"],
    ["16000", "10.1.0.1", "(16000)", "0a010001"],
    ["16000", "fec1::/48", "(16000)", "fec1000000000000000000000000000030"],
  ])("of %s = %s is %s %s", (key, value, type, octets) => {
    const encoded = encodeAttribute(key, value);
    expect("problem" in encoded ? encoded.problem : shown([encoded])[0]).toBe(`${type} ${octets}`);
  });

  it.each([
    ["dns", "10.0.0", "'10.0.0' is no IP address"],
    ["dns", "%any", "'%any' is no IP address"],
    ["dns", "10.0.0.0/8", "'10.0.0.0/8' is no value for attribute type 3"],
    ["3", "fec0::1", "'fec0::1' is no value for attribute type 3"],
    ["subnet", "10.0.0.0/33", "'10.0.0.0/33' is no IP address with a prefix"],
    ["subnet", "fec0::/129", "'fec0::/129' is no IP address with a prefix"],
    ["split-include", "fec0::/16", "'fec0::/16' is no value for attribute type 28676"],
    ["dsn", "10.0.0.1", "mapping attribute type 'dsn' failed"],
    ["toString", "10.0.0.1", "mapping attribute type 'toString' failed"],
    ["0", "10.0.0.1", "mapping attribute type '0' failed"],
    ["32768", "x", "mapping attribute type '32768' failed"],
  ])("refuses %s = %s", (key, value, problem) => {
    expect(encodeAttribute(key, value)).toEqual({ problem });
  });

  it("gives only octets that a Configuration payload carries", () => {
    const keys = fc.oneof(
      fc.constantFrom("address", "dns", "nbns", "netmask", "subnet", "split-include", "p-cscf"),
      fc.integer({ min: 0, max: 70_000 }).map(String),
    );
    const values = fc.oneof(
      fc.string(),
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 130 })).map(([host, prefix]) => `${host}/${prefix}`),
    );
    fc.assert(
      fc.property(keys, values, (key, text) => {
        const encoded = encodeAttribute(key, text);
        if ("problem" in encoded || encoded.type === 14) return;
        const writer = new Writer(new Uint8Array(2048));
        cpPayload.encode(writer, { type: PayloadType.CP, cfgType: 2, attributes: [encoded] });
        expect(decodeBody(cpPayload, writer.bytes.slice(0, writer.offset)).attributes).toEqual([encoded]);
      }),
    );
  });
});

describe("plugin attr", () => {
  it("serves the attributes of its section and the legacy servers, in order", async () => {
    const { served } = await load(
      "dns1 = 10.0.0.1\n nbns2 = 10.0.0.2\n plugins { attr {\n dns = 10.0.0.3, fec0::3\n 28672 = Hi\n load = yes\n } }",
    );
    expect(served()).toEqual([
      "INTERNAL_IP4_DNS 0a000001",
      "INTERNAL_IP4_NBNS 0a000002",
      "INTERNAL_IP4_DNS 0a000003",
      "INTERNAL_IP6_DNS fec00000000000000000000000000003",
      "UNITY_BANNER 4869",
    ]);
  });

  it("serves peers with a virtual IP only, of any connection", async () => {
    const { manager } = await load("dns1 = 10.0.0.1");
    expect([...manager.sets]).toMatchObject([["attr", { withVirtualIp: true }]]);
    expect(manager.sets.get("attr")).not.toHaveProperty("connection");
  });

  it("names key, file and line of what it skips, and keeps the rest", async () => {
    const { served, warnings, details } = await load(
      "dns2 = 10.0\nplugins {\n attr {\n  dns = 10.0.0.3, x\n  dsn = 10.0.0.4\n }\n}",
    );
    expect(warnings()).toEqual([
      "x.conf:2: charon.dns2: '10.0' is no IP address, skipped",
      "x.conf:5: charon.plugins.attr.dns: 'x' is no IP address, skipped",
      "x.conf:6: charon.plugins.attr.dsn: mapping attribute type 'dsn' failed, skipped",
    ]);
    expect(served()).toEqual(["INTERNAL_IP4_DNS 0a000003"]);
    expect(details()).toContain("loaded attribute INTERNAL_IP4_DNS: 0a:00:00:03");
  });

  it("takes changed attributes with a reload", async () => {
    const { host, served } = await load("plugins { attr { dns = 10.0.0.3\n } }");
    await host.reload(charonOf("plugins { attr { nbns = 10.0.0.4\n } }"));
    expect(served()).toEqual(["INTERNAL_IP4_NBNS 0a000004"]);
    await host.reload(charonOf(""));
    expect(served()).toEqual([]);
  });

  it("leaves nothing behind when it is unloaded", async () => {
    const { host, manager } = await load("dns1 = 10.0.0.1");
    expect(host.featureNames()).toEqual(["CUSTOM:attr"]);
    await host.unload();
    expect([...manager.sets]).toEqual([]);
  });
});
