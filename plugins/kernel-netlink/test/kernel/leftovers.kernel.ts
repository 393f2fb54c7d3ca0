import { LOCAL, policyOf, REMOTE, saOf } from "@cygnet/plugin-testkit/kernel";
import { Host } from "@cygnet/plugin-api";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeLeftovers } from "../../src/leftovers/leftovers.js";
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
  const clean = (seed = SEED): void =>
    removeLeftovers({
      requests: {},
      log: { enabled: () => true, log: (_group, _level, message) => void next.lines.push(message) },
      tags: new OwnTags(seed),
      record,
      table: 220,
    });

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

  it("is found among many", () => {
    for (let i = 0; i < 200; i++) killed.kernel.addPolicy(policyOf("in", { mark: { value: i + 1, mask: 0xffff } }));
    clean();
    expect(next.lines[0]).toContain("200 policies");
  });
});
