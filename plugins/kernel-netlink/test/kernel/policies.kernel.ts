import { policyOf, subnet } from "@cygnet/plugin-testkit/kernel";
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cable, ip, Thread, uncable } from "./kernel.js";

describe("policies of the Linux kernel", () => {
  let thread: Thread;
  beforeEach(() => {
    cable();
    thread = new Thread();
  });
  afterEach(() => {
    thread.close();
    uncable();
    expect(ip("xfrm policy")).toBe("");
    expect(ip("rule")).not.toContain("lookup 220");
  });

  const lines = (): string[] =>
    ip("xfrm policy")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");

  it("are as ip sees them", () => {
    thread.kernel.addPolicy(policyOf("out", { mark: { value: 6, mask: 0xff } }));
    expect(lines()).toEqual([
      "src 10.71.0.0/24 dst 10.72.0.0/24",
      "dir out priority 375423 ptype main",
      "mark 0x6/0xff",
      "tmpl src 192.0.2.1 dst 192.0.2.2",
      "proto esp spi 0x00001000 reqid 77 mode tunnel",
    ]);
  });

  it("have IPComp before ESP, which inbound packets may come without", () => {
    thread.kernel.addPolicy(policyOf("out", { cpi: 0x1234 }));
    thread.kernel.addPolicy(policyOf("in", { cpi: 0x4321 }));
    const templates = [
      "tmpl src 192.0.2.1 dst 192.0.2.2",
      "proto comp spi 0x00001234 reqid 77 mode tunnel",
      "tmpl src 0.0.0.0 dst 0.0.0.0",
      "proto esp spi 0x00001000 reqid 77 mode transport",
    ];
    expect(lines().join("\n")).toContain(templates.join("\n"));
    expect(lines().filter((line) => line === "level use")).toHaveLength(1);
  });

  it("have a priority that is configured, and a flag for ICMP errors", () => {
    thread.kernel.addPolicy(policyOf("out", { manualPriority: 1234, icmp: true }));
    expect(lines()[1]).toBe("dir out priority 1234 ptype main flag icmp");
  });

  it("may be for one interface only, and go when that is gone", () => {
    const policy = policyOf("out", { networkInterface: "cyg1" });
    thread.kernel.addPolicy(policy);
    expect(lines().slice(0, 2)).toEqual(["src 10.71.0.0/24 dst 10.72.0.0/24 dev cyg1", "dir out priority 375421 ptype main"]);
    thread.kernel.deletePolicy(policy);
    expect(lines()).toEqual([]);
    expect(() => thread.kernel.addPolicy(policyOf("out", { networkInterface: "none" }))).toThrow("there is no interface none");
    expect(lines()).toEqual([]);
  });

  it("are those of the newest CHILD_SA, then of its predecessor, then of the trap", () => {
    const trap = policyOf("out", { priority: "routed", spi: 0 });
    const [first, second] = [policyOf("out", { spi: 0x1000 }), policyOf("out", { spi: 0x2000 })];
    const template = (): string | undefined => lines().at(-1);
    thread.kernel.addPolicy(trap);
    expect(template()).toBe("proto esp reqid 77 mode tunnel");
    thread.kernel.addPolicy(first);
    thread.kernel.addPolicy(second);
    expect(template()).toBe("proto esp spi 0x00002000 reqid 77 mode tunnel");
    thread.kernel.deletePolicy(second);
    expect(template()).toBe("proto esp spi 0x00001000 reqid 77 mode tunnel");
    thread.kernel.deletePolicy(first);
    expect(template()).toBe("proto esp reqid 77 mode tunnel");
    expect(lines()[1]).toBe("dir out priority 375424 ptype main");
    thread.kernel.deletePolicy(trap);
    expect(lines()).toEqual([]);
  });

  it("take the place of what somebody else has left, with a line", () => {
    ip("xfrm policy add src 10.71.0.0/24 dst 10.72.0.0/24 dir out action block priority 5");
    thread.kernel.addPolicy(policyOf("out"));
    expect(thread.lines).toEqual(["policy 10.71.0.0/24 === 10.72.0.0/24 out already exists, try to update it"]);
    expect(lines()[1]).toBe("dir out priority 375423 ptype main");
  });

  it("leave those of others alone when all of ours go", () => {
    ip("xfrm policy add src 10.99.0.0/24 dst 10.98.0.0/24 dir out action block priority 5");
    thread.kernel.addPolicy(policyOf("out"));
    thread.kernel.addPolicy(policyOf("in"));
    thread.close();
    expect(lines()[0]).toBe("src 10.99.0.0/24 dst 10.98.0.0/24");
    expect(lines()).toHaveLength(2);
    ip("xfrm policy delete src 10.99.0.0/24 dst 10.98.0.0/24 dir out");
    thread = new Thread();
  });

  it("that trap tell of the packet that meets them", async () => {
    thread.kernel.addPolicy(policyOf("out", { priority: "routed", spi: 0, reqid: 42 }));
    const ping = spawn("ping", ["-c", "1", "-W", "1", "-I", "10.71.0.1", "10.72.0.9"], { stdio: "ignore" });
    const ended = new Promise((resolve) => ping.once("close", resolve));
    expect(await thread.heard("acquire")).toBe("acquire 42 10.71.0.1 10.72.0.9");
    ping.kill("SIGKILL");
    await ended;
    // What the kernel began for it.
    ip("xfrm state flush");
  });

  it("have routes from an address of the tunnel, in a table of their own with a rule", () => {
    expect(ip("rule")).not.toContain("lookup 220");
    thread.kernel.addPolicy(policyOf("out"));
    thread.kernel.addPolicy(policyOf("in"));
    expect(ip("rule")).toContain("220:\tfrom all lookup 220");
    expect(ip("route show table 220").trim()).toBe("10.72.0.0/24 via 192.0.2.2 dev cyg0 proto static src 10.71.0.1");
    expect(ip("route get 10.72.0.7")).toContain("src 10.71.0.1");
    thread.kernel.deletePolicy(policyOf("out"));
    expect(ip("route show table 220").trim()).toBe("");
  });

  it("have no routes that lead IKE astray: lookups do as if there were none", () => {
    const all = subnet("0.0.0.0", 0);
    thread.kernel.addPolicy(policyOf("out", { destination: all }));
    expect(ip("route get 198.51.100.7")).toContain("src 10.71.0.1");
    expect(String(thread.net.sourceAddress(policyOf("out").tunnelDestination))).toBe("192.0.2.1");
    const hop = thread.net.nextHop(policyOf("out", { tunnelDestination: policyOf("in").tunnelDestination }).tunnelDestination);
    expect(hop).toBeDefined();
    thread.kernel.deletePolicy(policyOf("out", { destination: all }));
  });

  it("have no routes where there is no address for them, where protocols matter, or in transport mode", () => {
    thread.kernel.addPolicy(policyOf("out", { source: subnet("10.99.0.0", 24) }));
    thread.kernel.addPolicy(policyOf("out", { source: { ...subnet("10.71.0.0", 24), protocol: 6 } }));
    thread.kernel.addPolicy(policyOf("out", { mode: "transport", destination: subnet("10.73.0.0", 24) }));
    expect(ip("rule")).not.toContain("lookup 220");
  });

  it("that pass have routes that leave traffic to other tables", () => {
    thread.kernel.addPolicy(policyOf("out", { type: "pass", mode: "pass", priority: "pass", reqid: 0 }));
    expect(ip("route show table 220").trim()).toBe("throw 10.72.0.0/24 proto static");
  });
});

describe("policies of several shards", () => {
  let shards: Thread[];
  /** What one takes out, the others hear of when the test says so. */
  let removed: { readonly from: number; readonly key: string }[];

  beforeEach(() => {
    cable();
    removed = [];
    shards = [0, 1].map((from) => new Thread({}, { removed: (key) => void removed.push({ from, key }) }));
  });
  afterEach(() => {
    for (const shard of shards) shard.close();
    uncable();
    expect(ip("xfrm policy")).toBe("");
  });

  const tell = (): void => {
    for (const { from, key } of removed.splice(0)) shards[1 - from]!.kernel.restorePolicies([key]);
  };
  const shown = (): string => ip("xfrm policy");
  const route = (): string => ip("route show table 220").trim();
  const trap = policyOf("out", { reqid: 1, priority: "routed", spi: 0 });
  const [old, fresh] = [policyOf("out", { reqid: 1, spi: 0x1000 }), policyOf("out", { reqid: 2, spi: 0x2000 })];

  it("are the newer one's, and stay when the older one goes", () => {
    const [first, second] = shards as [Thread, Thread];
    first.kernel.addPolicy(old);
    second.kernel.addPolicy(fresh);
    expect(shown()).toContain("spi 0x00002000 reqid 2");
    first.kernel.deletePolicy(old);
    tell();
    expect(shown()).toContain("spi 0x00002000 reqid 2");
    expect(route()).toContain("10.72.0.0/24");
    second.kernel.deletePolicy(fresh);
    tell();
    expect(shown()).toBe("");
    expect(route()).toBe("");
  });

  it("come back for the older one when the newer one goes", () => {
    const [first, second] = shards as [Thread, Thread];
    first.kernel.addPolicy(old);
    second.kernel.addPolicy(fresh);
    second.kernel.deletePolicy(fresh);
    expect(shown()).toBe("");
    tell();
    expect(shown()).toContain("spi 0x00001000 reqid 1");
    expect(route()).toContain("10.72.0.0/24");
  });

  it("are not replaced by the trap of another shard, nor taken out with it", () => {
    const [first, second] = shards as [Thread, Thread];
    second.kernel.addPolicy(fresh);
    first.kernel.addPolicy(trap);
    expect(shown()).toContain("spi 0x00002000 reqid 2");
    first.kernel.deletePolicy(trap);
    tell();
    expect(shown()).toContain("spi 0x00002000 reqid 2");
    first.kernel.addPolicy(trap);
    second.kernel.deletePolicy(fresh);
    tell();
    expect(shown()).toContain("priority 375424");
    expect(shown()).toContain("reqid 1");
  });

  it("of a shard that has both give way to its trap only where the kernel has its own", () => {
    const [first, second] = shards as [Thread, Thread];
    first.kernel.addPolicy(trap);
    first.kernel.addPolicy(old);
    second.kernel.addPolicy(fresh);
    first.kernel.deletePolicy(old);
    tell();
    expect(shown()).toContain("spi 0x00002000 reqid 2");
    first.kernel.addPolicy(old);
    expect(shown()).toContain("spi 0x00001000 reqid 1");
    first.kernel.deletePolicy(old);
    expect(shown()).toContain("priority 375424");
  });
});
