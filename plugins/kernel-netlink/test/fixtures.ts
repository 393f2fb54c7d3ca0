import { Host } from "@cygnet/plugin-api";
import type { KernelPolicy, KernelSa, TrafficRange } from "@cygnet/plugin-api";
import { saOf } from "@cygnet/plugin-testkit/kernel";

export const NO_MARK = { value: 0, mask: 0 };

/** `10.1.0.0/16`, with protocol and ports. */
export function range(subnet: string, { protocol = 0, startPort = 0, endPort = 0xffff } = {}): TrafficRange {
  const [address = "", bits = ""] = subnet.split("/");
  const { family, address: octets } = Host.of(address);
  const prefix = bits === "" ? octets.length * 8 : Number(bits);
  const [startAddress, endAddress] = [octets.slice(), octets.slice()];
  for (let i = 0; i < octets.length; i++) {
    const host = 0xff >> Math.max(0, Math.min(8, prefix - i * 8));
    startAddress[i]! &= ~host;
    endAddress[i]! |= host;
  }
  return { family, protocol, startPort, endPort, startAddress, endAddress };
}

export function policy(given: Partial<KernelPolicy> = {}): KernelPolicy {
  return {
    direction: "out",
    source: range("10.1.0.0/16"),
    destination: range("10.2.0.0/24"),
    type: "ipsec",
    priority: "default",
    reqid: 1,
    mode: "tunnel",
    protocol: 3,
    tunnelSource: Host.of("192.0.2.1"),
    tunnelDestination: Host.of("192.0.2.2"),
    spi: 0xc0000001,
    mark: NO_MARK,
    ...given,
  };
}

export function sa(given: Partial<KernelSa> = {}): KernelSa {
  return saOf({ reqid: 1, localTs: [range("10.1.0.0/16")], remoteTs: [range("10.2.0.0/24")], ...given });
}
