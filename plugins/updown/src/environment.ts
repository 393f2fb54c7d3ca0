import { formatAddress } from "@cygnet/plugin-api";
import type { ChildSaView, Host, IkeSaView, KernelMark, TrafficRange } from "@cygnet/plugin-api";

/** What a script is told. Plain data. */
export type Environment = Record<string, string>;

const AH = 2;
/** IP protocols whose "ports" are a type and a code. */
const ICMP = [1, 58];

/**
 * The variables of strongSwan's updown scripts, for one pair of traffic selectors. `PLUTO_INTERFACE` and `PLUTO_DNS*` are known elsewhere.
 * @param up whether the CHILD_SA comes up, or goes down
 */
export function environmentOf(ikeSa: IkeSaView, child: ChildSaView, pair: SelectorPair, up: boolean): Environment {
  const { local, remote } = pair;
  const ports = portsOf(pair);
  const environment: Environment = {
    PLUTO_VERSION: "1.1",
    PLUTO_VERB: verb(local, ikeSa.local, up),
    PLUTO_CONNECTION: child.name,
    PLUTO_REQID: String(child.reqid),
    PLUTO_PROTO: child.protocol === AH ? "ah" : "esp",
    PLUTO_UNIQUEID: String(ikeSa.uniqueId),
    PLUTO_ME: ikeSa.local.toString(),
    PLUTO_MY_ID: String(ikeSa.localId ?? ""),
    PLUTO_MY_CLIENT: subnet(local),
    PLUTO_MY_PORT: String(ports.local),
    PLUTO_MY_PROTOCOL: String(local.protocol),
    PLUTO_PEER: ikeSa.remote.toString(),
    PLUTO_PEER_ID: String(ikeSa.remoteId ?? ""),
    PLUTO_PEER_CLIENT: subnet(remote),
    PLUTO_PEER_PORT: String(ports.remote),
    PLUTO_PEER_PROTOCOL: String(remote.protocol),
  };
  addAddresses(environment, "PLUTO_MY_SOURCEIP", ikeSa.localVirtualIps);
  addAddresses(environment, "PLUTO_PEER_SOURCEIP", ikeSa.remoteVirtualIps);
  addMark(environment, "PLUTO_MARK_IN", child.markIn);
  addMark(environment, "PLUTO_MARK_OUT", child.markOut);
  if (child.ifIdIn !== 0) environment.PLUTO_IF_ID_IN = String(child.ifIdIn);
  if (child.ifIdOut !== 0) environment.PLUTO_IF_ID_OUT = String(child.ifIdOut);
  if (child.udpEncap) environment.PLUTO_UDP_ENC = String(ikeSa.remote.port);
  if (child.ipcomp) environment.PLUTO_IPCOMP = "1";
  if (child.hostAccess) environment.PLUTO_HOST_ACCESS = "1";
  return environment;
}

/** One traffic selector of each side. */
export interface SelectorPair {
  readonly local: TrafficRange;
  readonly remote: TrafficRange;
}

/** All pairs of a CHILD_SA: a script runs for each. */
export function selectorPairs(child: ChildSaView): SelectorPair[] {
  return child.localTs.flatMap((local) =>
    child.remoteTs.filter(({ family }) => family === local.family).map((remote) => ({ local, remote })),
  );
}

/** Adds `NAME4_1`, `NAME4_2`, `NAME6_1` and so on. */
export function addNumbered(environment: Environment, name: string, addresses: readonly Host[]): void {
  const counts = { 4: 0, 6: 0 };
  for (const address of addresses) environment[`${name}${address.family}_${++counts[address.family]}`] = address.toString();
}

/** Virtual IPs have an older variable as well, which has the first one. */
function addAddresses(environment: Environment, name: string, addresses: readonly Host[]): void {
  if (addresses.length > 0) environment[name] = addresses[0]!.toString();
  addNumbered(environment, name, addresses);
}

function addMark(environment: Environment, name: string, { value, mask }: KernelMark): void {
  if (mask !== 0) environment[name] = `${value}/0x${mask.toString(16).padStart(8, "0")}`;
}

/** `up-host` where the CHILD_SA is for our own address alone, `up-client` for a network behind us; `-v6` for IPv6. */
function verb(local: TrafficRange, own: Host, up: boolean): string {
  const isHost = [local.startAddress, local.endAddress].every((address) => formatAddress(address) === own.toString());
  return `${up ? "up" : "down"}-${isHost ? "host" : "client"}${local.family === 6 ? "-v6" : ""}`;
}

/** The first port of each side; of ICMP, the type is ours and the code the peer's. */
function portsOf({ local, remote }: SelectorPair): { readonly local: number; readonly remote: number } {
  if (!ICMP.includes(local.protocol)) return { local: local.startPort, remote: remote.startPort };
  return { local: local.startPort >> 8, remote: local.startPort & 0xff };
}

/** The smallest subnet that has the whole range. */
function subnet({ startAddress, endAddress }: TrafficRange): string {
  let prefix = 0;
  while (prefix < 8 * startAddress.length && bit(startAddress, prefix) === bit(endAddress, prefix)) prefix++;
  const base = startAddress.map((octet, i) => octet & (0xff00 >> Math.max(0, Math.min(8, prefix - 8 * i))));
  return `${formatAddress(base)}/${prefix}`;
}

const bit = (address: Uint8Array, at: number): number => (address[at >> 3]! >> (7 - (at & 7))) & 1;
