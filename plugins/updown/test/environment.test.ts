import { Host } from "@cygnet/plugin-api";
import type { ChildSaView, IkeSaView, TrafficRange } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { environmentOf, selectorPairs } from "../src/environment.js";

function range(start: string, end: string, given: Partial<TrafficRange> = {}): TrafficRange {
  const [first, last] = [Host.of(start), Host.of(end)];
  const addresses = { startAddress: first.address, endAddress: last.address };
  return { family: first.family, protocol: 0, startPort: 0, endPort: 65_535, ...addresses, ...given };
}

const ikeSa = {
  uniqueId: 7,
  local: Host.of("192.0.2.1", 4500),
  remote: Host.of("192.0.2.2", 4501),
  localId: "moon.example.org",
  remoteId: "sun.example.org",
  localVirtualIps: [],
  remoteVirtualIps: [],
} as unknown as IkeSaView;

const child = (given: Partial<ChildSaView> = {}): ChildSaView =>
  ({
    name: "net",
    reqid: 3,
    protocol: 3,
    localTs: [range("10.1.0.0", "10.1.255.255")],
    remoteTs: [range("10.2.0.0", "10.2.255.255")],
    markIn: { value: 0, mask: 0 },
    markOut: { value: 0, mask: 0 },
    ifIdIn: 0,
    ifIdOut: 0,
    ...given,
  }) as ChildSaView;

const environment = (of: ChildSaView, sa: Partial<IkeSaView> = {}, up = true) =>
  environmentOf({ ...ikeSa, ...sa }, of, selectorPairs(of)[0]!, up);

describe("environment of an updown script", () => {
  it("is strongSwan's", () => {
    expect(environment(child())).toEqual({
      PLUTO_VERSION: "1.1",
      PLUTO_VERB: "up-client",
      PLUTO_CONNECTION: "net",
      PLUTO_REQID: "3",
      PLUTO_PROTO: "esp",
      PLUTO_UNIQUEID: "7",
      PLUTO_ME: "192.0.2.1",
      PLUTO_MY_ID: "moon.example.org",
      PLUTO_MY_CLIENT: "10.1.0.0/16",
      PLUTO_MY_PORT: "0",
      PLUTO_MY_PROTOCOL: "0",
      PLUTO_PEER: "192.0.2.2",
      PLUTO_PEER_ID: "sun.example.org",
      PLUTO_PEER_CLIENT: "10.2.0.0/16",
      PLUTO_PEER_PORT: "0",
      PLUTO_PEER_PROTOCOL: "0",
    });
  });

  it("has what is not always there", () => {
    const more = { udpEncap: true, ipcomp: true, hostAccess: true, protocol: 2 as const, ifIdIn: 42, ifIdOut: 43 };
    const marks = { markIn: { value: 7, mask: 0xff }, markOut: { value: 6, mask: 0xffffffff } };
    const addresses = { localVirtualIps: [Host.of("10.3.0.1"), Host.of("fec0::1"), Host.of("10.3.0.2")] };
    expect(environment(child({ ...more, ...marks }), addresses, false)).toMatchObject({
      PLUTO_VERB: "down-client",
      PLUTO_PROTO: "ah",
      PLUTO_UDP_ENC: "4501",
      PLUTO_IPCOMP: "1",
      PLUTO_HOST_ACCESS: "1",
      PLUTO_MARK_IN: "7/0x000000ff",
      PLUTO_MARK_OUT: "6/0xffffffff",
      PLUTO_IF_ID_IN: "42",
      PLUTO_IF_ID_OUT: "43",
      PLUTO_MY_SOURCEIP: "10.3.0.1",
      PLUTO_MY_SOURCEIP4_1: "10.3.0.1",
      PLUTO_MY_SOURCEIP4_2: "10.3.0.2",
      PLUTO_MY_SOURCEIP6_1: "fec0::1",
    });
    expect(environment(child(), { remoteVirtualIps: [Host.of("fec0::9")] })).toMatchObject({
      PLUTO_PEER_SOURCEIP: "fec0::9",
      PLUTO_PEER_SOURCEIP6_1: "fec0::9",
    });
  });

  it.each([
    ["192.0.2.1", "192.0.2.1", "up-host", "192.0.2.1/32"],
    ["192.0.2.7", "192.0.2.7", "up-client", "192.0.2.7/32"],
    ["10.1.4.0", "10.1.4.9", "up-client", "10.1.4.0/28"],
    ["0.0.0.0", "255.255.255.255", "up-client", "0.0.0.0/0"],
    ["fec0::", "fec0::ffff", "up-client-v6", "fec0::/112"],
  ])("says what %s to %s is", (start, end, verb, subnet) => {
    const one = range(start, end);
    expect(environment(child({ localTs: [one], remoteTs: [one] }))).toMatchObject({
      PLUTO_VERB: verb,
      PLUTO_MY_CLIENT: subnet,
      PLUTO_PEER_CLIENT: subnet,
    });
  });

  it("has ports, and type and code of ICMP", () => {
    const tcp = child({ remoteTs: [range("10.2.0.0", "10.2.0.255", { protocol: 6, startPort: 80, endPort: 80 })] });
    expect(environment(tcp)).toMatchObject({ PLUTO_PEER_PORT: "80", PLUTO_PEER_PROTOCOL: "6", PLUTO_MY_PORT: "0" });
    const icmp = child({ localTs: [range("10.1.0.0", "10.1.0.255", { protocol: 1, startPort: 0x0803, endPort: 0x0803 })] });
    expect(environment(icmp)).toMatchObject({ PLUTO_MY_PORT: "8", PLUTO_PEER_PORT: "3" });
  });

  it("is there for each pair of selectors of one family", () => {
    const [v4, v6] = [range("10.1.0.0", "10.1.0.255"), range("fec0::", "fec0::f")];
    const pairs = selectorPairs(child({ localTs: [v4, v6], remoteTs: [v6, v4, v4] }));
    expect(pairs).toEqual([
      { local: v4, remote: v4 },
      { local: v4, remote: v4 },
      { local: v6, remote: v6 },
    ]);
  });
});
