import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DefinitionError, Host } from "@cygnet/plugin-api";
import { AddressPool, parsePoolRange } from "../../src/attributes/index.js";

const ANY = Host.any(4);
const pool = (addresses: string): AddressPool => new AddressPool("p", parsePoolRange("p", addresses));

describe("the addresses of a pool", () => {
  // Sizes are those of strongSwan 5.9.8; the first address is the first that it assigns.
  it.each([
    ["10.3.0.0/24", "10.3.0.1", 254],
    ["10.3.0.5/24", "10.3.0.5", 250],
    ["10.3.0.0/30", "10.3.0.1", 2],
    ["10.3.0.0/31", "10.3.0.0", 2],
    ["10.3.0.1/31", "10.3.0.1", 1],
    ["10.3.0.1/32", "10.3.0.1", 1],
    ["10.3.0.1", "10.3.0.1", 1],
    ["10.3.0.255/24", "10.3.0.255", 0],
    ["10.3.0.254/24", "10.3.0.254", 1],
    ["10.0.0.0/8", "10.0.0.1", 16777214],
    ["10.3.0.0/0", "10.3.0.0", 1979514879],
    ["fec0::/64", "fec0::1", 2147483646],
    ["fec0::/97", "fec0::1", 2147483646],
    ["fec0::/98", "fec0::1", 1073741822],
    ["fec0::5/97", "fec0::5", 2147483642],
    ["fec0::/126", "fec0::1", 2],
    ["fec0::/127", "fec0::", 2],
    ["fec0::1/128", "fec0::1", 1],
    ["10.3.0.0-10.3.0.255", "10.3.0.0", 256],
    ["10.3.0.5-10.3.0.9", "10.3.0.5", 5],
    ["10.3.0.9-10.3.0.9", "10.3.0.9", 1],
    ["10.0.0.0-255.0.0.0", "10.0.0.0", 4110417921],
    ["fec0::1-fec0::9", "fec0::1", 9],
    ["fec0::1-fec0::ffff:ffff", "fec0::1", 4294967295],
  ])("of %s begin at %s and are %d", (addresses, base, size) => {
    const made = pool(addresses);
    expect([made.base.toString(), made.size]).toEqual([base, size]);
    if (size > 0) expect(made.acquireNew("x", made.base.family === 4 ? ANY : Host.any(6))!.address.toString()).toBe(base);
  });

  it.each([
    ["10.3.0.0/33", "invalid addresses '10.3.0.0/33'"],
    ["10.3.0.0/24/1", "invalid addresses"],
    ["moon", "invalid addresses 'moon'"],
    ["", "invalid addresses ''"],
    ["%any/24", "invalid addresses"],
    ["10.3.0.9-10.3.0.5", "invalid IP address range: 10.3.0.9-10.3.0.5"],
    ["10.0.0.1-fec0::9", "invalid IP address range: 10.0.0.1-fec0::9"],
    ["fec0::1-fec0:1::9", "IP address range too large: fec0::1-fec0:1::9"],
  ])("are refused as %s", (addresses, message) => {
    expect(() => pool(addresses)).toThrowError(message);
    expect(() => pool(addresses)).toThrowError(DefinitionError);
  });

  it("says when a subnet is cut", () => {
    expect(parsePoolRange("p", "fec0::/64").warning).toBe("virtual IP pool too large, limiting to fec0::/97");
    expect(parsePoolRange("p", "fec0::/97").warning).toBeUndefined();
  });
});

describe("leasing addresses", () => {
  const acquire = (from: AddressPool, identity: string, requested = ANY, ikeSaId = 0): string | undefined =>
    (
      from.acquireExisting(identity, requested, ikeSaId) ??
      from.acquireNew(identity, requested, ikeSaId) ??
      from.acquireOffline(identity, requested, ikeSaId)
    )?.address.toString();

  it("gives fresh addresses in order and an identity its old one back", () => {
    const p = pool("10.3.0.0/29");
    expect([acquire(p, "a"), acquire(p, "b"), acquire(p, "c")]).toEqual(["10.3.0.1", "10.3.0.2", "10.3.0.3"]);
    expect(p.release("b", Host.of("10.3.0.2"))).toBe("offline");
    expect([p.online, p.offline]).toEqual([2, 1]);
    expect([acquire(p, "d"), acquire(p, "b")]).toEqual(["10.3.0.4", "10.3.0.2"]);
    expect([p.online, p.offline]).toEqual([4, 0]);
  });

  it("honours a requested address that is free, and only that", () => {
    const p = pool("10.3.0.0/29");
    expect(acquire(p, "a", Host.of("10.3.0.2"))).toBe("10.3.0.2");
    expect(acquire(p, "b", Host.of("10.3.0.2"))).toBe("10.3.0.1");
    expect(acquire(p, "c", Host.of("10.3.0.0"))).toBe("10.3.0.3");
    expect(acquire(p, "d", Host.of("10.9.9.9"))).toBe("10.3.0.4");
    expect(acquire(p, "e", Host.of("fec0::1"))).toBeUndefined();
  });

  it("gives the requested one of several offline leases", () => {
    const p = pool("10.3.0.0/29");
    const [first, second] = [acquire(p, "a")!, acquire(p, "a")!];
    p.release("a", Host.of(first));
    p.release("a", Host.of(second));
    expect(acquire(p, "a", Host.of(first))).toBe(first);
    expect(acquire(p, "a")).toBe(second);
  });

  it("reassigns the lease that is offline longest once no fresh address is left", () => {
    const p = pool("10.3.0.1-10.3.0.3");
    for (const each of ["a", "b", "c"]) acquire(p, each);
    p.release("b", Host.of("10.3.0.2"));
    p.release("a", Host.of("10.3.0.1"));
    expect(p.acquireOffline("d", ANY)).toMatchObject({ how: "reassigned", formerIdentity: "b" });
    expect(acquire(p, "b")).toBe("10.3.0.1");
    expect(acquire(p, "a")).toBeUndefined();
    expect([...p.leases()]).toEqual([
      { pool: "p", address: "10.3.0.1", identity: "b", online: true },
      { pool: "p", address: "10.3.0.2", identity: "d", online: true },
      { pool: "p", address: "10.3.0.3", identity: "c", online: true },
    ]);
  });

  it("releases only to whom an address belongs, and once", () => {
    const p = pool("10.3.0.0/29");
    acquire(p, "a");
    expect(p.release("b", Host.of("10.3.0.1"))).toBeUndefined();
    expect(p.release("a", Host.of("10.3.0.2"))).toBeUndefined();
    expect(p.release("a", Host.of("fec0::1"))).toBeUndefined();
    expect(p.release("a", Host.of("10.3.0.1", 500))).toBe("offline");
    expect(p.release("a", Host.of("10.3.0.1"))).toBeUndefined();
  });

  it("grants what is asked for under %config, and nothing unasked", () => {
    const p = pool("%config");
    expect(acquire(p, "a", Host.of("192.168.7.7"))).toBe("192.168.7.7");
    expect(acquire(p, "a")).toBeUndefined();
    expect(p.status()).toEqual({ name: "p", base: "%any", size: 0, online: 0, offline: 0 });
  });

  it("leases 200,000 addresses to one identity and takes them back", () => {
    const p = pool("10.0.0.0/8");
    for (let i = 0; i < 200_000; i++) p.acquireNew("same", ANY);
    for (const { address } of [...p.leases()]) p.release("same", Host.of(address));
    for (let i = 0; i < 200_000; i++) p.acquireExisting("same", ANY);
    expect(p.status()).toEqual({ name: "p", base: "10.0.0.1", size: 16777214, online: 200_000, offline: 0 });
  });

  it("never gives one address to two, never leaks one, and follows a naive model", () => {
    const command = fc.oneof(
      fc.record({ op: fc.constant("acquire" as const), identity: fc.nat(4), requested: fc.integer({ min: -3, max: 8 }) }),
      fc.record({ op: fc.constant("release" as const), pick: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const p = pool("10.3.0.1-10.3.0.6");
        /** All leases, offline ones with the time they went offline at. */
        const model: { address: string; identity: string; holders: number[]; offlineAt: number }[] = [];
        let time = 0;
        for (const each of commands) {
          time++;
          const online = model.filter(({ offlineAt }) => offlineAt < 0);
          if (each.op === "release") {
            const lease = online[each.pick % Math.max(1, online.length)];
            if (!lease) continue;
            const [holder] = lease.holders.splice(each.pick % lease.holders.length, 1);
            const isLast = lease.holders.length === 0;
            expect(p.release(lease.identity, Host.of(lease.address), holder)).toBe(isLast ? "offline" : "shared");
            if (isLast) lease.offlineAt = time;
            continue;
          }
          const identity = `id${each.identity}`;
          const wanted = each.requested < 0 ? undefined : `10.3.0.${each.requested}`;
          const given = acquire(p, identity, wanted === undefined ? ANY : Host.of(wanted), time);
          const shared = online.find((lease) => lease.identity === identity && lease.address === wanted);
          const own = model.filter((lease) => lease.identity === identity && lease.offlineAt >= 0);
          const fresh = [1, 2, 3, 4, 5, 6]
            .map((n) => `10.3.0.${n}`)
            .filter((address) => !model.some((lease) => lease.address === address));
          const oldest = model.filter(({ offlineAt }) => offlineAt >= 0).sort((a, b) => a.offlineAt - b.offlineAt)[0];
          if (shared) {
            expect(given).toBe(wanted);
            shared.holders.push(time);
          } else if (own.length > 0) {
            const exact = own.find(({ address }) => address === wanted);
            if (exact) expect(given).toBe(exact.address);
            const lease = own.find(({ address }) => address === given);
            expect(lease).toBeDefined();
            Object.assign(lease!, { holders: [time], offlineAt: -1 });
          } else if (fresh.length > 0) {
            expect(given).toBe(wanted !== undefined && fresh.includes(wanted) ? wanted : fresh[0]);
            model.push({ address: given!, identity, holders: [time], offlineAt: -1 });
          } else {
            expect(given).toBe(oldest?.address);
            if (oldest) Object.assign(oldest, { identity, holders: [time], offlineAt: -1 });
          }
          expect([p.online, p.offline]).toEqual([
            model.filter(({ offlineAt }) => offlineAt < 0).length,
            model.filter(({ offlineAt }) => offlineAt >= 0).length,
          ]);
        }
        const listed = [...p.leases()].map(({ address, identity, online }) => `${address} ${identity} ${online}`).sort();
        expect(listed).toEqual(model.map((lease) => `${lease.address} ${lease.identity} ${lease.offlineAt < 0}`).sort());
      }),
      { numRuns: 300 },
    );
  });
});
