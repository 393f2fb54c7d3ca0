import { spawnSync } from "node:child_process";
import { Host, LogGroup } from "@cygnet/plugin-api";
import { LogManager, MemorySink, VirtualClock } from "@cygnet/plugin-testkit/parts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Iptables, rulesOf } from "../src/index.js";
import type { MarkedChild } from "../src/index.js";

const NAMESPACE = `cyg-connmark-${process.pid}`;
const inside = (...command: string[]) => spawnSync("ip", ["netns", "exec", NAMESPACE, ...command], { encoding: "utf8" });
const isPossible =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["-n", "iptables", "-t", "mangle", "-S"]).status === 0 &&
  spawnSync("unshare", ["-n", "ip6tables", "-t", "mangle", "-S"]).status === 0;
const reason = isPossible ? "" : " (skipped: needs root, network namespaces, iptables and ip6tables)";

const range = (address: string, protocol = 0, port = 0) => {
  const host = Host.of(address);
  const [startPort, endPort] = port === 0 ? [0, 0xffff] : [port, port];
  return { family: host.family, protocol, startPort, endPort, startAddress: host.address, endAddress: host.address };
};

function child(local: string, remote: string, more: Partial<MarkedChild> = {}): MarkedChild {
  return {
    local: Host.of(local, 4500),
    remote: Host.of(remote, 1024),
    spiIn: 0xc1234567,
    reqid: 1,
    udpEncap: true,
    markIn: { value: 2, mask: 0xffffffff },
    markOut: { value: 3, mask: 0xff },
    localTs: [range(local, 17, 1701)],
    remoteTs: [range(remote)],
    ...more,
  };
}

function iptables() {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink(1);
  log.addSink(sink);
  const before = ["netns", "exec", NAMESPACE] as const;
  return { tables: new Iptables(log, { 4: ["ip", ...before, "iptables"], 6: ["ip", ...before, "ip6tables"] }), sink };
}

const rules = (program: string): string[] =>
  inside(program, "-t", "mangle", "-S")
    .stdout.split("\n")
    .filter((line) => line.startsWith("-A"));

describe.skipIf(!isPossible)(`netfilter${reason}`, () => {
  beforeAll(() => expect(spawnSync("ip", ["netns", "add", NAMESPACE]).status).toBe(0));
  afterAll(() => expect(spawnSync("ip", ["netns", "del", NAMESPACE]).status).toBe(0));

  it("takes the rules of CHILD_SAs in UDP, and gives them up again", async () => {
    const { tables, sink } = iptables();
    const made = [rulesOf(child("192.0.2.2", "192.0.2.1")), rulesOf(child("2001:db8::2", "2001:db8::1"))];
    for (const list of made) tables.add(list);
    await tables.idle();
    expect(rules("iptables")).toEqual([
      '-A PREROUTING -s 192.0.2.1/32 -d 192.0.2.2/32 -p udp -m udp --sport 1024 --dport 4500 -m u32 --u32 "0x0>>0x16&0x3c@0x8=0xc1234567" -j MARK --set-xmark 0x2/0xffffffff',
      "-A INPUT -d 192.0.2.2/32 -m policy --dir in --pol ipsec --reqid 1 --proto esp --mode transport -j CONNMARK --set-xmark 0x3/0xff",
      "-A OUTPUT -s 192.0.2.2/32 -d 192.0.2.1/32 -p udp -m udp --sport 1701 -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff",
    ]);
    expect(rules("ip6tables")).toHaveLength(3);
    expect(rules("ip6tables")[0]).toContain('--u32 "0x30=0xc1234567"');
    for (const list of made) tables.remove(list);
    await tables.idle();
    expect([rules("iptables"), rules("ip6tables"), sink.messages(LogGroup.KNL, 1)]).toEqual([[], [], []]);
  });

  it("takes those of CHILD_SAs without UDP", async () => {
    const { tables } = iptables();
    const made = rulesOf(child("192.0.2.2", "192.0.2.1", { udpEncap: false, localTs: [range("192.0.2.2")] }));
    tables.add(made);
    await tables.idle();
    expect(rules("iptables")[0]).toMatch(/-p esp -m esp --espspi 3240314215 -j MARK/);
    expect(rules("iptables")).toHaveLength(3);
    tables.remove(made);
    await tables.idle();
    expect(rules("iptables")).toEqual([]);
  });

  it("says so in the log where it cannot", async () => {
    const { tables, sink } = iptables();
    tables.remove(rulesOf(child("192.0.2.2", "192.0.2.1")));
    await tables.idle();
    const lines = sink.messages(LogGroup.KNL, 1);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^connmark: ip netns exec .* iptables -w -t mangle -D PREROUTING .* failed: /);
  });
});

describe("pairs of selectors", () => {
  const outputs = (localTs: MarkedChild["localTs"], remoteTs: MarkedChild["remoteTs"]): string[] =>
    rulesOf(child("192.0.2.2", "192.0.2.1", { localTs, remoteTs }))
      .slice(2)
      .map(({ terms }) => terms.slice(4, terms.indexOf("-j")).join(" "));

  it("have a rule each, unless no packet is of both", () => {
    const [any, udp, tcp] = [range("192.0.2.1"), range("192.0.2.1", 17), range("192.0.2.1", 6, 80)];
    expect(outputs([range("192.0.2.2", 17, 53)], [any, udp, tcp])).toEqual(["-p 17 --sport 53:53", "-p 17 --sport 53:53"]);
    expect(outputs([range("192.0.2.2")], [tcp, range("2001:db8::1")])).toEqual(["-p 6 --dport 80:80"]);
  });
});
