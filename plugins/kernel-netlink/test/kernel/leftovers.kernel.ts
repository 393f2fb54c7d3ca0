import { LOCAL, policyOf, REMOTE, saOf } from "@cygnet/plugin-testkit/kernel";
import { Host } from "@cygnet/plugin-api";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeLeftovers, removeLeftoversOf } from "../../src/leftovers/leftovers.js";
import { OwnTags } from "../../src/leftovers/own-tags.js";
import { RunRecord } from "../../src/leftovers/run-record.js";
import { cable, hasEsp, ip, SEED, Thread, uncable } from "./kernel.js";

const VIRTUAL = Host.of("10.71.0.99");
const isThere = hasEsp();

describe("what a killed daemon has left in the kernel", () => {
  let folder: string;
  let record: RunRecord;
  let killed: Thread;
  let next: Thread;
  beforeEach(() => {
    cable();
    folder = mkdtempSync(join(tmpdir(), "cyg-left-"));
    const quiet = { enabled: () => false, log: () => undefined };
    record = new RunRecord(join(folder, "record"), quiet);
    record.seed();
    // It is not closed until the next one has cleaned up.
    killed = new Thread({ record });
    next = new Thread();
  });
  afterEach(() => {
    next.close();
    killed.close();
    uncable();
    rmSync(folder, { recursive: true });
    for (const what of ["xfrm state", "xfrm policy"]) expect(ip(what)).toBe("");
  });
  const options = (seed = SEED) => ({
    requests: {},
    log: { enabled: () => true, log: (_group: unknown, _level: unknown, message: string) => void next.lines.push(message) },
    tags: new OwnTags(seed),
    record,
    table: 220,
  });
  const clean = (seed = SEED): void => removeLeftovers(options(seed));

  it("is gone: policies, routes, rules and virtual IPs, those with marks and interfaces, too", () => {
    killed.net.addVirtualIp(VIRTUAL, 32, "cyg0");
    for (const direction of ["out", "in", "fwd"] as const) killed.kernel.addPolicy(policyOf(direction));
    killed.kernel.addPolicy(policyOf("out", { mark: { value: 6, mask: 0xff } }));
    killed.kernel.addPolicy(policyOf("in", { interfaceId: 9 }));
    killed.kernel.addPolicy(policyOf("in", { networkInterface: "cyg1" }));
    expect(ip("route show table 220")).toContain("10.72.0.0/24");
    clean();
    expect(ip("xfrm policy")).toBe("");
    expect(ip("route show table 220").trim()).toBe("");
    expect(ip("rule")).not.toContain("lookup 220");
    expect(ip("address show dev cyg0")).not.toContain("10.71.0.99");
    expect(record.notes()).toEqual([]);
    expect(next.lines).toEqual([
      expect.stringMatching(
        /^removed what a daemon before has left in the kernel: 6 policies, 1 route, 1 virtual IP, [12] rules?$/,
      ),
    ]);
  });

  it.runIf(isThere)("is gone: SAs, also those that have moved or have a mark", () => {
    const id = { source: LOCAL, destination: REMOTE, spi: 0xd0000007, protocol: 3 } as const;
    const spi = killed.kernel.getSpi(REMOTE, LOCAL, 3);
    killed.kernel.addSa(id, saOf({}));
    killed.kernel.updateSa(id, LOCAL, Host.of("192.0.2.77"), false);
    killed.kernel.addSa({ ...id, spi: 0xd0000008 }, saOf({ markOut: { value: 6, mask: 0xff } }));
    killed.kernel.addSa({ source: REMOTE, destination: LOCAL, spi, protocol: 3 }, saOf({ inbound: true, update: true }));
    clean();
    expect(ip("xfrm state")).toBe("");
    expect(next.lines).toEqual(["removed what a daemon before has left in the kernel: 3 SAs"]);
  });

  it("is all that is touched: what others have stays, and nothing is said", () => {
    ip("xfrm policy add src 10.99.0.0/24 dst 10.72.0.0/24 dir out action block priority 5");
    ip("route add 10.73.0.0/24 dev cyg0 table 220 proto static");
    ip("rule add lookup 220 priority 220");
    const before = ["xfrm policy", "route show table 220", "rule", "-4 address"].map(ip);
    clean();
    expect(["xfrm policy", "route show table 220", "rule", "-4 address"].map(ip)).toEqual(before);
    expect(next.lines).toEqual([]);
    ip("rule delete lookup 220");
    ip("xfrm policy delete src 10.99.0.0/24 dst 10.72.0.0/24 dir out");
  });

  it("is not what another daemon has, whose seed is another", () => {
    killed.kernel.addPolicy(policyOf("out"));
    const before = ip("xfrm policy");
    clean(SEED + 1);
    expect(ip("xfrm policy")).toBe(before);
  });

  it.runIf(isThere)("is, where a shard of several died, what was its: SAs by their tags, policies by their reqids", () => {
    const others = new Thread({ record }, undefined, 1);
    const id = { source: LOCAL, destination: REMOTE, spi: 0xd0000007, protocol: 3 } as const;
    // Of two shards, this one draws what is even; 7 and 9 are configured, and 9 is that of both.
    const draws = (reqid: number): boolean => reqid % 2 === 0;
    for (const [i, reqid] of [7, 9].entries()) killed.kernel.addSa({ ...id, spi: id.spi + i }, saOf({ reqid }));
    for (const [i, reqid] of [9, 11].entries()) others.kernel.addSa({ ...id, spi: id.spi + 8 + i }, saOf({ reqid }));
    const policyFor = (reqid: number) => policyOf("out", { reqid, mark: { value: reqid, mask: 0xff } });
    for (const reqid of [7, 9, 20]) killed.kernel.addPolicy(policyFor(reqid));
    others.kernel.addPolicy(policyFor(11));
    killed.kernel.addPolicy(policyOf("out", { reqid: 0, type: "pass", mark: { value: 99, mask: 0xff } }));
    const removed = removeLeftoversOf({ shard: 0, draws }, options());
    expect(removed).toHaveLength(2);
    expect(next.lines).toEqual(["removed what shard 0 before has left in the kernel: 2 SAs, 2 policies"]);
    expect([...ip("xfrm state").matchAll(/reqid (\d+)/g)].map(([, reqid]) => reqid).sort()).toEqual(["11", "9"]);
    expect([...ip("xfrm policy").matchAll(/mark 0x([0-9a-f]+)/g)].map(([, mark]) => parseInt(mark!, 16)).sort()).toEqual([
      11, 9, 99,
    ]);
    // Others' policies still lead there.
    expect(ip("route show table 220")).toContain("10.72.0.0/24");
    others.close();
    clean();
  });

  it("is, where a shard of several died, its virtual IPs, and no other's", () => {
    killed.net.addVirtualIp(VIRTUAL, 32, "cyg0");
    removeLeftoversOf({ shard: 1, draws: () => false }, options());
    expect(ip("address show dev cyg0")).toContain("10.71.0.99");
    removeLeftoversOf({ shard: 0, draws: () => false }, options());
    expect(ip("address show dev cyg0")).not.toContain("10.71.0.99");
    expect(next.lines).toEqual(["removed what shard 0 before has left in the kernel: 1 virtual IP"]);
    clean();
  });

  it("is found among many", () => {
    for (let i = 0; i < 200; i++) killed.kernel.addPolicy(policyOf("in", { mark: { value: i + 1, mask: 0xffff } }));
    clean();
    expect(next.lines[0]).toContain("200 policies");
  });
});
