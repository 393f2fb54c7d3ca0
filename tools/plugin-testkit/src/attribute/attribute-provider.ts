import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, AttributeProvider, MaybePromise } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A provider under test. */
export interface ProviderUnderTest {
  readonly provider: AttributeProvider;
  /** Nothing of it stays. */
  close(): MaybePromise<void>;
}

/** What a provider is expected to do. */
export interface ProviderAbilities {
  /** Whose addresses it has, as `AttributeContext.pools` names it; not set for one that serves attributes only. */
  readonly pool?: string;
  /** How many peers get an address at a time, at least 3. It may have more. */
  readonly addresses?: number;
  readonly family?: 4 | 6;
}

const ANY = { 4: "0.0.0.0", 6: "::" } as const;
/** Octets of values that have a fixed size, RFC 7296 section 3.15.1. */
const SIZES: Readonly<Record<number, readonly number[]>> = {
  [ConfigAttributeType.INTERNAL_IP4_ADDRESS]: [0, 4],
  [ConfigAttributeType.INTERNAL_IP4_NETMASK]: [0, 4],
  [ConfigAttributeType.INTERNAL_IP4_DNS]: [0, 4],
  [ConfigAttributeType.INTERNAL_IP4_NBNS]: [0, 4],
  [ConfigAttributeType.INTERNAL_IP4_DHCP]: [0, 4],
  [ConfigAttributeType.INTERNAL_IP6_ADDRESS]: [0, 17],
  [ConfigAttributeType.INTERNAL_IP6_DNS]: [0, 16],
};

/**
 * The contract of `AttributeProvider`, for each plugin that adds one.
 *
 * @param open makes a provider whose addresses are all free
 */
export function describeAttributeProvider(
  name: string,
  open: () => MaybePromise<ProviderUnderTest>,
  { pool, addresses = 3, family = 4 }: ProviderAbilities,
): void {
  describe(name, () => {
    let test: ProviderUnderTest;
    let provider: AttributeProvider;
    beforeEach(async () => {
      test = await open();
      provider = test.provider;
    });
    afterEach(() => test.close());

    const any = Host.of(ANY[family]);
    const peer = (number: number, pools: readonly string[] = pool === undefined ? [] : [pool]): AttributeContext => ({
      connection: "net",
      ikeSaId: number,
      identity: `peer${number}.example.org`,
      remote: `192.0.2.${number}`,
      pools,
    });
    const acquire = async (number: number, requested = any): Promise<Host | undefined> =>
      await provider.acquire?.(peer(number), requested);

    it("serves attributes that can be sent, whether or not there are virtual IPs", async () => {
      for (const virtualIps of [[], [Host.of("10.3.0.1")], [Host.of("10.3.0.1"), Host.of("2001:db8::3")]]) {
        const served: readonly Attribute[] = (await provider.attributes?.(peer(1), virtualIps)) ?? [];
        for (const { type, value } of served) {
          expect(type).toBeGreaterThan(0);
          // A bit above is reserved, and a length has 16.
          expect(type).toBeLessThan(0x8000);
          expect(value.length).toBeLessThan(0x10000);
          if (SIZES[type]) expect(SIZES[type], `octets of attribute ${type}`).toContain(value.length);
        }
      }
    });

    it("says that an address is not its own", async () => {
      expect((await provider.release?.(peer(1), Host.of("198.51.100.77"))) ?? false).toBe(false);
    });

    if (pool === undefined) return;

    it("gives each peer an address of its own, of the family that was asked for", async () => {
      const given: Host[] = [];
      for (let number = 1; number <= addresses; number++) given.push((await acquire(number))!);
      expect(given.every((host) => host instanceof Host && host.family === family && !host.isAny)).toBe(true);
      expect(new Set(given.map(String)).size).toBe(addresses);
    });

    it("gives peers that come at the same time different addresses", async () => {
      const given = await Promise.all(Array.from({ length: addresses }, (_, i) => acquire(i + 1)));
      expect(new Set(given.map(String)).size).toBe(addresses);
      expect(given).not.toContain(undefined);
    });

    it("has nothing for a peer of another pool", async () => {
      expect(await provider.acquire?.(peer(1, ["somebody-else"]), any)).toBeUndefined();
      expect(await provider.acquire?.(peer(1, []), any)).toBeUndefined();
    });

    it("gives a peer that asks for its address again the same one", async () => {
      const first = (await acquire(1))!;
      expect(await provider.release!(peer(1), first)).toBe(true);
      expect(String(await acquire(1, first))).toBe(String(first));
    });

    it("does not give a peer the address that another one has, although it asks for it", async () => {
      const first = (await acquire(1))!;
      const second = await acquire(2, first);
      expect(second).toBeDefined();
      expect(String(second)).not.toBe(String(first));
    });

    it("gives an address to another peer once it was released, and takes it back once only", async () => {
      const given: Host[] = [];
      for (let number = 1; number <= addresses; number++) given.push((await acquire(number))!);
      expect(await provider.release!(peer(1), given[0])).toBe(true);
      expect(await acquire(addresses + 1)).toBeDefined();
      for (let number = 2; number <= addresses; number++)
        expect(await provider.release!(peer(number), given[number - 1])).toBe(true);
    });

    it("serves a peer after another has come and gone many times", async () => {
      for (let round = 0; round < 3 * addresses; round++) {
        const address = await acquire(1);
        expect(address, `round ${round}`).toBeDefined();
        expect(await provider.release!(peer(1), address!)).toBe(true);
      }
      expect(await acquire(2)).toBeDefined();
    });
  });
}
