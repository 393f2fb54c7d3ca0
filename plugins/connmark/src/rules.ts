import { Host } from "@cygnet/plugin-api";
import type { ChildSaView, TrafficRange } from "@cygnet/plugin-api";
import type { Rule } from "./iptables.js";

/** What of a CHILD_SA its rules are made of. */
export interface MarkedChild extends Pick<
  ChildSaView,
  "spiIn" | "reqid" | "udpEncap" | "markIn" | "markOut" | "localTs" | "remoteTs"
> {
  /** The ends of the IKE_SA, with ports. */
  readonly local: Host;
  readonly remote: Host;
}

/** Protocols with ports that iptables knows. */
const WITH_PORTS: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp", 33: "dccp", 132: "sctp" };
const MAX_PORT = 0xffff;
/** Where the SPI is behind a UDP header: IPv4's header says itself how long it is. */
const SPI_IN_UDP = { 4: "0>>22&0x3C@8", 6: "48" } as const;

/**
 * The rules for a CHILD_SA in transport mode:
 *
 *   PREROUTING  packets of its inbound SA get the inbound mark, by which its policies take what is in them;
 *   INPUT       the connections of what comes out of SAs of its reqid get the outbound mark in conntrack;
 *   OUTPUT      packets of its selectors get the mark of their connection, by which its policies take them.
 */
export function rulesOf(child: MarkedChild): Rule[] {
  const { local, remote, spiIn, reqid, markIn, markOut } = child;
  const { family } = local;
  const spi = `0x${spiIn.toString(16)}`;
  const ends = ["-s", remote.toString(), "-d", local.toString()];
  const arriving = child.udpEncap
    ? [
        "-p",
        "udp",
        "--sport",
        String(remote.port),
        "--dport",
        String(local.port),
        "-m",
        "u32",
        "--u32",
        `${SPI_IN_UDP[family]}=${spi}`,
      ]
    : ["-p", "esp", "-m", "esp", "--espspi", spi];
  // Not by its SPI, which iptables takes in the octet order of the host, and the kernel in that of the network.
  const policy = [
    "-m",
    "policy",
    "--dir",
    "in",
    "--pol",
    "ipsec",
    "--proto",
    "esp",
    "--mode",
    "transport",
    "--reqid",
    String(reqid),
  ];
  const rules: Rule[] = [
    { family, chain: "PREROUTING", terms: [...ends, ...arriving, "-j", "MARK", "--set-xmark", markText(markIn)] },
    { family, chain: "INPUT", terms: ["-d", local.toString(), ...policy, "-j", "CONNMARK", "--set-xmark", markText(markOut)] },
  ];
  const mask = hex(markOut.mask);
  for (const own of child.localTs)
    for (const other of child.remoteTs) {
      const terms = selectorTerms(own, other);
      if (terms)
        rules.push({
          family,
          chain: "OUTPUT",
          terms: [...terms, "-j", "CONNMARK", "--restore-mark", "--nfmask", mask, "--ctmask", mask],
        });
    }
  return rules;
}

/** @returns undefined for a pair that no packet is of */
function selectorTerms(own: TrafficRange, other: TrafficRange): string[] | undefined {
  if (own.startAddress.length !== other.startAddress.length) return undefined;
  if (own.protocol !== other.protocol && own.protocol !== 0 && other.protocol !== 0) return undefined;
  const protocol = own.protocol || other.protocol;
  const terms = ["-s", addressText(own), "-d", addressText(other)];
  if (protocol === 0) return terms;
  terms.push("-p", String(protocol));
  if (WITH_PORTS[protocol] !== undefined) terms.push(...portTerms("--sport", own), ...portTerms("--dport", other));
  return terms;
}

/** Transport mode is between hosts. */
const addressText = ({ startAddress }: TrafficRange): string => Host.fromOctets(startAddress).toString();

/** None for any ports, nor for OPAQUE ones, which are of packets that show none. */
function portTerms(option: string, { startPort, endPort }: TrafficRange): string[] {
  if ((startPort === 0 && endPort === MAX_PORT) || startPort > endPort) return [];
  return [option, `${startPort}:${endPort}`];
}

const markText = ({ value, mask }: ChildSaView["markIn"]): string => `${hex(value)}/${hex(mask)}`;
const hex = (value: number): string => `0x${value.toString(16)}`;
