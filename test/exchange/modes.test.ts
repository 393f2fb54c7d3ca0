import { Host } from "@cygnet/plugin-api";
import type { ChildDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { IntegrityAlgorithm } from "@cygnet/wire";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";

type Mode = ChildDefinition["mode"];

const HOSTS = { moon: ["192.0.2.1/32"], sun: ["192.0.2.2/32"] };

/** Two ends that want these modes. */
async function negotiate(
  moon: Mode,
  sun: Mode,
  { isKnown = true, sunTs = HOSTS.sun }: { readonly isKnown?: boolean; readonly sunTs?: readonly string[] } = {},
): Promise<Pair> {
  const settings = { send_vendor_id: isKnown ? "yes" : "no" };
  const pair = new Pair({ moon: { settings }, sun: { settings } });
  const moonTs = { localTs: HOSTS.moon, remoteTs: sunTs, mode: moon };
  const sunSide = { localTs: sunTs, remoteTs: HOSTS.moon, mode: sun };
  pair.configure({ children: [usualChild("moon", "net", moonTs)] }, { children: [usualChild("sun", "net", sunSide)] });
  await pair.establish();
  expect(pair.ends.map(({ children }) => children.length)).toEqual([1, 1]);
  return pair;
}

/** What both ends and their kernels ended up with. */
function modes({ ends }: Pair): Set<Mode> {
  return new Set(
    ends.flatMap(({ children, kernel }) => [
      ...children.map(({ mode }) => mode),
      ...[...kernel.installed.values()].map(({ mode }) => mode),
    ]),
  );
}

describe("what a definition says for the kernel", () => {
  it("goes with each SA, and interfaces that are drawn are the CHILD_SA's own, also after rekeying", async () => {
    const pair = new Pair();
    const options = { copyDf: false, copyEcn: false, copyDscp: "yes", hwOffload: "auto", tfc: 1000 } as const;
    pair.configure({}, {}, { ...options, ifIdIn: "0x2a", ifIdOut: "%unique-dir" });
    await pair.establish();
    const kernel = (): unknown[] => {
      const [child] = pair.moon.children;
      return [child!.spiIn, child!.spiOut].map((spi) => {
        const { interfaceId, copyDf, copyEcn, copyDscp, hwOffload, tfcPadding } = pair.moon.kernel.installed.get(spi)!;
        return { interfaceId, copyDf, copyEcn, copyDscp, hwOffload, tfcPadding };
      });
    };
    const { reqid } = pair.moon.children[0]!;
    const { tfc, ...rest } = options;
    const expected = [42, 2 * reqid + 1].map((interfaceId) => ({ ...rest, tfcPadding: tfc, interfaceId }));
    expect(kernel()).toEqual(expected);
    pair.moon.rekeyChild();
    await pair.run(10_000);
    expect(kernel()).toEqual(expected);
  });
});

describe("what was agreed on", () => {
  it.each([
    [{}, ["hmac-sha256-128", 0]],
    [{ truncatedSha256: true, tfc: -1 }, ["hmac-sha256-96", 0xffffffff]],
  ])("is as %j says in the kernel", async (options, expected) => {
    const pair = new Pair();
    pair.configure({}, {}, { proposals: ["aes128-sha256"], ...options });
    await pair.establish();
    const names = new Map<number, string>([
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, "hmac-sha256-128"],
      [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_96, "hmac-sha256-96"],
    ]);
    for (const { spiIn, spiOut } of pair.moon.children)
      for (const spi of [spiIn, spiOut]) {
        const { integrity, tfcPadding } = pair.moon.kernel.installed.get(spi)!;
        expect([names.get(integrity), tfcPadding]).toEqual(expected);
      }
    expect(pair.moon.children[0]!.proposal!.algorithms).toContain("HMAC_SHA2_256_128");
  });
});

describe("marks, priority and forwarding of a definition", () => {
  it("reach SAs and policies, with %same as the mark of that direction, and go with the CHILD_SA", async () => {
    const pair = new Pair();
    const policies: string[] = [];
    pair.moon.kernel.onPolicy = ({ direction, type, priority, manualPriority, reqid, icmp, source }) =>
      void policies.push(
        `${direction} ${type} ${priority} ${manualPriority} ${reqid === 0 ? 0 : "reqid"} ${icmp} ${String(source)}`,
      );
    const options = { priority: 100, policiesFwdOut: true, markInSa: true, icmp: true } as const;
    pair.configure({}, {}, { ...options, markIn: "%unique", setMarkIn: "%same", markOut: "9", setMarkOut: "3/0xf" });
    await pair.establish();
    const [child] = pair.moon.children;
    const installed = (spi: number) => pair.moon.kernel.installed.get(spi)!;
    const inbound = installed(child!.spiIn);
    expect([inbound.markInSa, inbound.icmp, inbound.setMark]).toEqual([true, true, child!.markIn]);
    expect(inbound.setMark!.value).toBe(2 * child!.reqid);
    expect(installed(child!.spiOut).setMark).toMatchObject({ value: 3, mask: 0xf });
    const [own, peers] = [child!.localTs, child!.remoteTs].map(([ts]) => String(ts));
    expect(policies).toEqual([
      `out ipsec default 100 reqid true ${own}`,
      `fwd pass routed 101 0 true ${own}`,
      `in ipsec default 100 reqid true ${peers}`,
      `fwd ipsec default 100 reqid true ${peers}`,
    ]);
    pair.moon.terminateChild();
    await pair.run(10_000);
    expect(pair.moon.kernel.policies.size).toBe(0);
    expect(pair.moon.kernel.missing).toEqual([]);
  });

  it("are refused where a mark would have to be drawn to be set", () => {
    const pair = new Pair();
    expect(() => pair.configure({}, {}, { setMarkIn: "%unique" })).toThrow("only a value or %same can be set");
  });
});

describe("the mode of a CHILD_SA", () => {
  it.each(["tunnel", "transport", "beet"] as const)("is %s where both ends want that, also after rekeying", async (mode) => {
    const pair = await negotiate(mode, mode);
    expect(modes(pair)).toEqual(new Set([mode]));
    pair.moon.rekeyChild();
    await pair.run(10_000);
    expect(pair.ends.map(({ children }) => children.map(({ uniqueId }) => uniqueId))).toEqual([[2], [2]]);
    expect(modes(pair)).toEqual(new Set([mode]));
  });

  it.each(["transport", "beet"] as const)("is tunnel where the responder does not agree to %s", async (mode) => {
    const pair = await negotiate(mode, "tunnel");
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.moon.lines()).toContain(`peer selected tunnel mode instead of ${mode} mode`);
  });

  it.each(["transport", "beet"] as const)("is tunnel where only the responder wants %s", async (mode) => {
    expect(modes(await negotiate("tunnel", mode))).toEqual(new Set(["tunnel"]));
  });

  it("is tunnel where one wants transport and the other BEET", async () => {
    expect(modes(await negotiate("beet", "transport"))).toEqual(new Set(["tunnel"]));
    expect(modes(await negotiate("transport", "beet"))).toEqual(new Set(["tunnel"]));
  });

  it("is BEET only between hosts", async () => {
    const pair = await negotiate("beet", "beet", { sunTs: ["10.2.0.0/16"] });
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.sun.lines()).toContain("not using BEET mode, not host-to-host");
  });

  it("is BEET only between those who know each other, as the number is for private use", async () => {
    const pair = await negotiate("beet", "beet", { isKnown: false });
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(pair.sun.lines()).toContain(
      "received a notify that may mean BEET mode, but the peer did not say that it is strongSwan, ignored",
    );
  });
});

interface TransportPlan {
  readonly sunMode?: Mode;
  /** The address that moon knows sun by. */
  readonly peer?: string;
  readonly prepare?: (pair: Pair) => void;
}

/** Ends that want transport mode for these selectors, as each sees them. */
async function transport(
  moon: readonly [local: string, remote: string],
  sun: readonly [local: string, remote: string],
  { sunMode = "transport", peer = "192.0.2.2", prepare = () => undefined }: TransportPlan = {},
): Promise<Pair> {
  const pair = new Pair();
  const child = (end: "moon" | "sun", [local, remote]: readonly [string, string], mode: Mode) =>
    usualChild(end, "net", { localTs: [local], remoteTs: [remote], mode });
  pair.configure(
    { children: [child("moon", moon, "transport")], remoteAddresses: [peer] },
    { children: [child("sun", sun, sunMode)], remoteAddresses: ["%any"] },
  );
  prepare(pair);
  await pair.establish();
  return pair;
}

const selectors = ({ ends }: Pair): string[] =>
  ends.flatMap(({ children }) => children.map(({ localTs, remoteTs }) => `${localTs.join(" ")} === ${remoteTs.join(" ")}`));

describe("transport mode", () => {
  it("is between the hosts, whatever more is configured", async () => {
    const pair = await transport(["192.0.2.0/24[udp]", "0.0.0.0/0"], ["dynamic", "192.0.2.1[udp/1701]"]);
    expect(modes(pair)).toEqual(new Set(["transport"]));
    expect(selectors(pair)).toEqual(["192.0.2.1/32[udp/l2f] === 192.0.2.2/32", "192.0.2.2/32 === 192.0.2.1/32[udp/l2f]"]);
  });

  it("is refused where the hosts are not in the selectors, as strongSwan does", async () => {
    const subnets = ["10.1.0.0/16", "10.2.0.0/16"] as const;
    const pair = await transport(subnets, ["10.2.0.0/16", "10.1.0.0/16"]);
    expect(pair.sun.lines()).toContain("traffic selectors 10.2.0.0/16 === 10.1.0.0/16 unacceptable");
    expect(pair.moon.lines()).toContain("received TS_UNACCEPTABLE notify, no CHILD_SA built");
    expect(selectors(pair)).toEqual([]);
  });

  it("is tunnel mode for such selectors where the responder wants that", async () => {
    const pair = await transport(["10.1.0.0/16", "10.2.0.0/16"], ["10.2.0.0/16", "10.1.0.0/16"], { sunMode: "tunnel" });
    expect(modes(pair)).toEqual(new Set(["tunnel"]));
    expect(selectors(pair)).toEqual(["10.1.0.0/16 === 10.2.0.0/16", "10.2.0.0/16 === 10.1.0.0/16"]);
  });

  /** A NAT that gives an address another one outside. */
  const nat = (inside: string, outside: string) => (pair: Pair) => {
    const [own, seen] = [Host.of(inside), Host.of(outside)];
    pair.network.translate = (flight) => {
      const { source, destination } = flight;
      if (source.sameAddress(own)) return { ...flight, source: seen.withPort(source.port) };
      if (destination.sameAddress(seen)) return { ...flight, destination: own.withPort(destination.port) };
      return flight;
    };
  };

  it.each([
    [
      "initiator",
      "192.0.2.2",
      nat("192.0.2.1", "203.0.113.1"),
      ["192.0.2.1/32 === 192.0.2.2/32", "192.0.2.2/32 === 203.0.113.1/32"],
    ],
    [
      "responder",
      "203.0.113.2",
      nat("192.0.2.2", "203.0.113.2"),
      ["192.0.2.1/32 === 203.0.113.2/32", "192.0.2.2/32 === 192.0.2.1/32"],
    ],
  ] as const)("works with the %s behind a NAT, also after rekeying by either", async (_, peer, prepare, expected) => {
    const pair = await transport(["dynamic", "dynamic"], ["dynamic", "dynamic"], { peer, prepare });
    expect([modes(pair), selectors(pair)]).toEqual([new Set(["transport"]), expected]);
    for (const end of pair.ends) {
      end.rekeyChild();
      await pair.run(10_000);
      expect([modes(pair), selectors(pair)]).toEqual([new Set(["transport"]), expected]);
    }
    expect(pair.ends.map(({ children }) => children.map(({ uniqueId }) => uniqueId))).toEqual([[3], [3]]);
  });

  it("behind a NAT is tunnel mode with the addresses as they were sent where the responder wants that", async () => {
    const pair = await transport(["dynamic", "dynamic"], ["0.0.0.0/0", "0.0.0.0/0"], {
      sunMode: "tunnel",
      prepare: nat("192.0.2.1", "203.0.113.1"),
    });
    expect([modes(pair), selectors(pair)]).toEqual([
      new Set(["tunnel"]),
      ["192.0.2.1/32 === 192.0.2.2/32", "192.0.2.2/32 === 192.0.2.1/32"],
    ]);
  });
});
