import { Host, LogGroup } from "@cygnet/plugin-api";
import type { KernelNet, Logger } from "@cygnet/plugin-api";
import { splitList } from "./stroke-end.js";
import type { StrokeEnd } from "./stroke-end.js";

/** Which end is ours. */
export interface Ends {
  readonly local: StrokeEnd;
  readonly remote: StrokeEnd;
}

/**
 * Finds out which end is this host: normally left, but right where its address is ours and left's is not.
 *
 * Only numeric addresses are looked at: a host name would have to be asked for first, and the name server may be behind the tunnel.
 * @param net undefined without a kernel-net plugin: nothing is known then, and left is ours
 */
export async function orderEnds(me: StrokeEnd, other: StrokeEnd, net: KernelNet | undefined, log: Logger): Promise<Ends> {
  const asGiven = { local: me, remote: other };
  if (net === undefined) return asGiven;
  const addresses = await net.addresses();
  const isLocal = (host: Host): boolean => isLoopback(host) || addresses.some((own) => own.sameAddress(host));
  const left = numericAddresses(me);
  const right = numericAddresses(other);
  if (left.length === 0 && !right.some(isLocal)) return asGiven;
  if (left.some(isLocal)) return asGiven;
  if (right.some(isLocal)) {
    log.log(LogGroup.CFG, 2, "left is other host, swapping ends");
    return { local: other, remote: me };
  }
  log.log(LogGroup.CFG, 1, "left nor right host is our side, assuming left=local");
  return asGiven;
}

/** Addresses of an end without `%any`, subnets, ranges and names. */
function numericAddresses(end: StrokeEnd): Host[] {
  return splitList(end.address)
    .map((text) => Host.parse(text))
    .filter((host) => host !== undefined && !host.isAny) as Host[];
}

function isLoopback({ family, address }: Host): boolean {
  if (family === 4) return address[0] === 127;
  return address[15] === 1 && address.subarray(0, 15).every((octet) => octet === 0);
}
