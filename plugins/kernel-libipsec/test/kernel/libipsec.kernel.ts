import { EspEngine } from "@cygnet/native";
import { Host } from "@cygnet/plugin-api";
import type { KernelEvents, KernelNet, KernelRoute, KernelSa } from "@cygnet/plugin-api";
import { LogManager, MemorySink, VirtualClock } from "@cygnet/plugin-testkit/parts";
import { aead, cipher, describeKernelIpsec, LOCAL, policyOf, REMOTE, saOf, signer, subnet } from "@cygnet/plugin-testkit/kernel";
import { afterEach, describe, expect, it } from "vitest";
import { Libipsec } from "../../src/libipsec.js";
import { Spis } from "../../src/spis.js";
import { subnetText } from "../../src/subnet.js";
import { TunnelRoutes } from "../../src/tunnel-routes.js";

const ALGORITHMS: Readonly<Record<string, Partial<KernelSa>>> = {
  "3DES-CBC": cipher(3, 24),
  "AES-CBC with 256 bits": cipher(12, 32),
  "AES-CTR": cipher(13, 20),
  "no encryption": cipher(11, 0),
  "AES-GCM with 8 octets": aead(18, 20),
  "AES-GCM with 16 octets": aead(20, 36),
  "ChaCha20-Poly1305": aead(28, 36),
  "HMAC-MD5-96": signer(1, 16),
  "HMAC-SHA1-96": signer(2, 20),
  "HMAC-SHA512-256": signer(14, 64),
  "AES-XCBC-96": signer(5, 16),
  "AES-CMAC-96": signer(8, 16),
};

const NO_EVENTS: KernelEvents = {
  acquire: () => undefined,
  expire: () => undefined,
  mapping: () => undefined,
  migrate: () => undefined,
  roam: () => undefined,
};
const open: Libipsec[] = [];

/** A host of which only addresses and routes matter. */
class FakeNet {
  readonly routes: KernelRoute[] = [];
  refuses: Error | undefined;

  addresses(): readonly Host[] {
    return [Host.of("192.0.2.1"), Host.of("10.71.0.9")];
  }

  addRoute(route: KernelRoute): void {
    if (this.refuses) throw this.refuses;
    this.routes.push(route);
  }

  deleteRoute(route: KernelRoute): void {
    this.routes.splice(this.routes.indexOf(route), 1);
  }

  text(): string[] {
    return this.routes.map(
      ({ destination, prefix, source, interfaceName }) =>
        `${subnetText({ address: destination, prefix })} ${source} ${interfaceName}`,
    );
  }
}

function libipsec(allowPeer = false, rawEsp = false) {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink(1);
  const net = new FakeNet();
  const kernel = new Libipsec({
    log,
    events: NO_EVENTS,
    spis: new Spis({ min: 0xc000_0000, max: 0xcfff_ffff }, 1, 4),
    rawEsp,
    group: { shards: 1 },
    open: (listener) => new EspEngine({ name: "test", device: "esptest%d", mtu: 1400 }, listener),
    routes: (device) => new TunnelRoutes({ net: () => net as unknown as KernelNet, log, device, allowPeer }),
  });
  open.push(kernel);
  log.addSink(sink);
  return { kernel, net, sink };
}

afterEach(() => {
  for (const kernel of open.splice(0)) kernel.close();
});

describeKernelIpsec("ESP in user space", () => ({ kernel: libipsec().kernel, close: () => undefined }), {
  isReal: true,
  protocols: [3],
  modes: ["tunnel"],
  algorithms: ALGORITHMS,
});

describe("what is not there", () => {
  it.each<[string, (kernel: Libipsec) => void]>([
    ["AH", (kernel) => kernel.getSpi(REMOTE, LOCAL, 2)],
    ["IPComp", (kernel) => kernel.getCpi()],
    [
      "transport mode",
      (kernel) =>
        kernel.addSa({ source: LOCAL, destination: REMOTE, spi: 0xd000_0001, protocol: 3 }, saOf({ mode: "transport" })),
    ],
    [
      "encryption 14 with 19 octets of key and integrity 12 with 32",
      (kernel) => kernel.addSa({ source: LOCAL, destination: REMOTE, spi: 0xd000_0001, protocol: 3 }, saOf(cipher(14, 19))),
    ],
  ])("is refused by name: %s", (what, ask) => {
    const { kernel } = libipsec();
    expect(() => ask(kernel)).toThrow(
      expect.objectContaining({ code: "CYG_KERNEL_LIBIPSEC", errno: "EOPNOTSUPP", message: `kernel-libipsec has no ${what}` }),
    );
  });

  it("is told once where strongSwan leaves it out without a word", async () => {
    const { kernel, sink } = libipsec();
    for (const policy of [
      policyOf("out", { mark: { value: 7, mask: 0xff } }),
      policyOf("in", { mark: { value: 7, mask: 0xff } }),
    ])
      await kernel.addPolicy(policy);
    expect(sink.lines).toEqual(["00[KNL1] kernel-libipsec has no marks of policies"]);
  });

  it("is moved out of UDP by rekeying, unless there is raw ESP", () => {
    const { kernel } = libipsec();
    const id = { source: LOCAL, destination: REMOTE, spi: 0xd000_0001, protocol: 3 } as const;
    kernel.addSa(id, saOf({ udpEncap: true }));
    expect(kernel.updateSa(id, LOCAL, Host.of("192.0.2.8", 500), false)).toBe("unsupported");
    const { kernel: raw } = libipsec(false, true);
    raw.addSa(id, saOf({ udpEncap: true }));
    expect(raw.updateSa(id, LOCAL, Host.of("192.0.2.8", 500), false)).toBeUndefined();
    expect([kernel.requiresUdpEncap, raw.requiresUdpEncap]).toEqual([true, false]);
  });
});

describe("routes", () => {
  it("lead what outbound policies want into the device, from an address that the tunnel takes", async () => {
    const { kernel, net } = libipsec();
    const both = [policyOf("out"), policyOf("in"), policyOf("fwd")];
    for (const policy of both) await kernel.addPolicy(policy);
    expect(net.text()).toEqual([`10.72.0.0/24 10.71.0.9 ${kernel.device}`]);
    // Another CHILD_SA of the same networks.
    for (const policy of both) await kernel.addPolicy({ ...policy, spi: 0x2000 });
    for (const policy of both) await kernel.deletePolicy(policy);
    expect(net.text()).toHaveLength(1);
    for (const policy of both) await kernel.deletePolicy({ ...policy, spi: 0x2000 });
    expect(net.text()).toEqual([]);
  });

  it("are from a virtual IP where that is in the tunnel's network", async () => {
    const { kernel, net } = libipsec();
    const virtual = Host.of("10.3.0.1");
    Object.assign(net, { addressWithin: () => virtual });
    await kernel.addPolicy(policyOf("out", { source: subnet("10.3.0.1", 32) }));
    expect(net.text()).toEqual([`10.72.0.0/24 10.3.0.1 ${kernel.device}`]);
  });

  it("have no source where no address is in the tunnel's network", async () => {
    const { kernel, net } = libipsec();
    await kernel.addPolicy(policyOf("out", { source: subnet("10.99.0.0", 24) }));
    expect(net.text()).toEqual([`10.72.0.0/24 %any ${kernel.device}`]);
  });

  it.each([
    [false, [] as string[]],
    [true, [`0.0.0.0/0 10.71.0.9`]],
  ])("that would lead IKE into the tunnel, with allow_peer_ts = %s: %j", async (allowPeer, expected) => {
    const { kernel, net, sink } = libipsec(allowPeer);
    await kernel.addPolicy(policyOf("out", { destination: subnet("0.0.0.0", 0) }));
    expect(net.text()).toEqual(expected.map((text) => `${text} ${kernel.device}`));
    expect(sink.lines.filter((line) => line.includes("allow_peer_ts"))).toHaveLength(allowPeer ? 0 : 1);
  });

  it("that the kernel refuses are told of, and the policy stands", async () => {
    const { kernel, net, sink } = libipsec();
    net.refuses = new Error("no such device");
    await kernel.addPolicy(policyOf("out"));
    expect(sink.lines).toEqual([`00[KNL1] no route for 10.72.0.0/24 to ${kernel.device}: no such device`]);
    await kernel.deletePolicy(policyOf("out"));
  });
});
