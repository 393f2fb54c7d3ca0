import { Host } from "@cygnet/plugin-api";
import type { KernelIpsec, KernelPolicy, KernelSa, KernelSaId, MaybePromise, TrafficRange } from "@cygnet/plugin-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A kernel under test. */
export interface KernelUnderTest {
  readonly kernel: KernelIpsec;
  /** Nothing of it stays. */
  close(): MaybePromise<void>;
}

/** What a kernel is expected to do beside accepting things. */
export interface KernelAbilities {
  /** It has SAs: it counts, and knows which it has. A fake one does not. */
  readonly isReal: boolean;
  /** Protocols that it has; all if not set. */
  readonly protocols?: readonly (2 | 3)[];
  /** How it carries packets; in all ways if not set. */
  readonly modes?: readonly ("tunnel" | "transport" | "beet")[];
  /** A name for each algorithm that it is said to have. */
  readonly algorithms?: Readonly<Record<string, Partial<KernelSa>>>;
}

/** Where the tests' SAs lead. No such addresses need be there. */
export const LOCAL = Host.of("192.0.2.1", 4500);
export const REMOTE = Host.of("192.0.2.2", 4500);

export const NO_LIMITS = { rekeySeconds: 0, lifeSeconds: 0, rekeyBytes: 0, lifeBytes: 0, rekeyPackets: 0, lifePackets: 0 };
const NO_MARK = { value: 0, mask: 0 };

/** Traffic of a subnet whose prefix is whole octets. */
export function subnet(address: string, prefix: number): TrafficRange {
  const { family, address: octets } = Host.of(address);
  const endAddress = octets.map((octet, i) => (i < prefix / 8 ? octet : 0xff));
  return { family, protocol: 0, startPort: 0, endPort: 0xffff, startAddress: octets, endAddress };
}

const key = (octets: number): Uint8Array => new Uint8Array(octets).fill(9);

/** What `saOf` takes for an AEAD cipher, by its number on the wire, with a key of so many octets, salt included. */
export const aead = (encryption: number, octets: number): Partial<KernelSa> => ({
  encryption,
  encryptionKey: key(octets),
  integrity: 0,
  integrityKey: key(0),
});
/** For another cipher. */
export const cipher = (encryption: number, octets: number): Partial<KernelSa> => ({ encryption, encryptionKey: key(octets) });
/** For a MAC. */
export const signer = (integrity: number, octets: number): Partial<KernelSa> => ({ integrity, integrityKey: key(octets) });

/** AES-CBC with HMAC-SHA-256 in tunnel mode. */
export function saOf(given: Partial<KernelSa>): KernelSa {
  return {
    reqid: 77,
    mode: "tunnel",
    inbound: false,
    encryption: 12,
    encryptionKey: new Uint8Array(16).fill(1),
    integrity: 12,
    integrityKey: new Uint8Array(32).fill(2),
    lifetime: NO_LIMITS,
    esn: false,
    replayWindow: 32,
    udpEncap: false,
    markIn: NO_MARK,
    markOut: NO_MARK,
    localTs: [subnet("10.71.0.0", 24)],
    remoteTs: [subnet("10.72.0.0", 24)],
    update: false,
    ...given,
  };
}

export function policyOf(direction: KernelPolicy["direction"], given: Partial<KernelPolicy> = {}): KernelPolicy {
  const isOut = direction === "out";
  const [local, remote] = [subnet("10.71.0.0", 24), subnet("10.72.0.0", 24)];
  return {
    direction,
    source: isOut ? local : remote,
    destination: isOut ? remote : local,
    type: "ipsec",
    priority: "default",
    reqid: 77,
    mode: "tunnel",
    protocol: 3,
    tunnelSource: isOut ? LOCAL : REMOTE,
    tunnelDestination: isOut ? REMOTE : LOCAL,
    spi: 0x1000,
    mark: NO_MARK,
    ...given,
  };
}

/**
 * The contract of `KernelIpsec`, for every plugin that provides `CUSTOM:kernel-ipsec`.
 *
 * @param open makes a kernel; a real one, in a network namespace that nobody else uses
 */
export function describeKernelIpsec(name: string, open: () => MaybePromise<KernelUnderTest>, abilities: KernelAbilities): void {
  const { isReal, algorithms = {}, protocols = [3, 2], modes = ["tunnel", "transport", "beet"] } = abilities;

  describe(name, () => {
    let test: KernelUnderTest;
    let kernel: KernelIpsec;
    beforeEach(async () => {
      test = await open();
      kernel = test.kernel;
    });
    afterEach(() => test.close());

    const inbound = async (protocol: 2 | 3 = 3): Promise<KernelSaId> => ({
      source: REMOTE,
      destination: LOCAL,
      spi: await kernel.getSpi(REMOTE, LOCAL, protocol),
      protocol,
    });
    const outbound = (protocol: 2 | 3 = 3): KernelSaId => ({ source: LOCAL, destination: REMOTE, spi: 0xd0000001, protocol });

    it("allocates SPIs that differ, none of them reserved", async () => {
      const ids: KernelSaId[] = [];
      for (let i = 0; i < 20; i++) ids.push(await inbound());
      expect(new Set(ids.map(({ spi }) => spi)).size).toBe(20);
      expect(ids.every(({ spi }) => spi > 255 && spi <= 0xffffffff)).toBe(true);
      for (const id of ids) await kernel.deleteSa(id);
    });

    it.each(protocols)(
      "takes both SAs of protocol %d, one of them with an SPI that it allocated, and gives them up",
      async (protocol) => {
        const encryption = protocol === 3 ? 12 : 0;
        const encryptionKey = new Uint8Array(protocol === 3 ? 16 : 0);
        const [ours, theirs] = [await inbound(protocol), outbound(protocol)];
        await kernel.addSa(ours, saOf({ inbound: true, update: true, encryption, encryptionKey }));
        await kernel.addSa(theirs, saOf({ encryption, encryptionKey }));
        for (const id of [ours, theirs]) {
          if (isReal) expect(await kernel.querySa(id)).toEqual({ bytes: 0, packets: 0, lastUseMs: 0 });
          await kernel.deleteSa(id);
          // What has gone by itself is no fault of who deletes it.
          await kernel.deleteSa(id);
          if (isReal) expect(await kernel.querySa(id)).toBeUndefined();
        }
      },
    );

    it.each(modes)("takes SAs of %s mode", async (mode) => {
      const ours = await inbound();
      await kernel.addSa(ours, saOf({ inbound: true, update: true, mode }));
      await kernel.addSa(outbound(), saOf({ mode }));
      await kernel.deleteSa(ours);
      await kernel.deleteSa(outbound());
    });

    it.each(Object.keys(algorithms))("takes %s", async (algorithm) => {
      const ours = await inbound();
      const chosen = algorithms[algorithm];
      await kernel.addSa(ours, saOf({ inbound: true, update: true, ...chosen }));
      await kernel.addSa(outbound(), saOf(chosen ?? {}));
      if (isReal) for (const id of [ours, outbound()]) expect(await kernel.querySa(id)).toBeDefined();
      await kernel.deleteSa(ours);
      await kernel.deleteSa(outbound());
    });

    it.each([
      ["extended sequence numbers", { esn: true }],
      ["extended sequence numbers and a large window", { esn: true, replayWindow: 1024 }],
      ["a large window", { replayWindow: 4096 }],
      ["no window", { replayWindow: 0 }],
      ["UDP encapsulation", { udpEncap: true }],
      ["limits", { lifetime: { ...NO_LIMITS, rekeySeconds: 600, lifeSeconds: 700, lifeBytes: 1 << 30, lifePackets: 1 << 20 } }],
      ["an outbound mark", { markOut: { value: 5, mask: 0xff } }],
      ["DSCP, ECN and DF of its own", { copyDscp: "no", copyEcn: false, copyDf: false }],
    ] as const)("takes SAs with %s", async (_, given) => {
      const ours = await inbound();
      await kernel.addSa(ours, saOf({ inbound: true, update: true, ...given }));
      await kernel.addSa(outbound(), saOf(given));
      if (isReal) for (const id of [ours, outbound()]) expect(await kernel.querySa(id)).toBeDefined();
      await kernel.deleteSa(ours);
      await kernel.deleteSa(outbound());
      if (isReal) for (const id of [ours, outbound()]) expect(await kernel.querySa(id)).toBeUndefined();
    });

    it("moves an SA to other addresses, or says that it cannot", async () => {
      const id = await inbound();
      await kernel.addSa(id, saOf({ inbound: true, update: true, udpEncap: true }));
      const [source, destination] = [Host.of("192.0.2.9", 1027), Host.of("192.0.2.8", 4500)];
      const moved = await kernel.updateSa(id, source, destination, true);
      const there = moved === "unsupported" ? id : { ...id, source, destination };
      if (isReal) expect(await kernel.querySa(there)).toBeDefined();
      if (isReal && moved !== "unsupported") expect(await kernel.querySa(id)).toBeUndefined();
      await kernel.deleteSa(there);
      if (isReal) expect(await kernel.querySa(there)).toBeUndefined();
    });

    it("takes policies of all directions, and the same ones for the next CHILD_SA of the same traffic", async () => {
      const directions = ["out", "in", "fwd"] as const;
      const first = directions.map((direction) => policyOf(direction));
      const second = directions.map((direction) => policyOf(direction, { spi: 0x2000 }));
      for (const policy of [...first, ...second]) await kernel.addPolicy(policy);
      for (const policy of [...first, ...second]) await kernel.deletePolicy(policy);
    });

    it.each([
      ["a trap", { priority: "routed", spi: 0 }],
      ["a pass shunt", { type: "pass", mode: "pass", priority: "pass", reqid: 0, spi: 0 }],
      ["a drop shunt", { type: "drop", mode: "drop", priority: "fallback", reqid: 0, spi: 0 }],
      ["a policy with a mark", { mark: { value: 7, mask: 0xff } }],
      ["a policy in transport mode", { mode: "transport" }],
    ] as const)("takes %s", async (_, given) => {
      await kernel.addPolicy(policyOf("out", given));
      await kernel.addPolicy(policyOf("in", given));
      await kernel.deletePolicy(policyOf("in", given));
      await kernel.deletePolicy(policyOf("out", given));
    });
  });
}
