import { InternalError, LogGroup } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { ExchangeType, HashAlgorithm, NotifyType, PayloadType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import { equalOctets } from "../../equal-octets.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** Octets of a hash. */
export const NAT_HASH_BYTES = 20;
/** SPIi, SPIr, address and port; filled and hashed in one go. */
const HASH_INPUT = new Uint8Array(8 + 8 + 16 + 2);

/** Where a message goes, or has come: our address and the peer's. */
export interface Path {
  readonly local: Host;
  readonly remote: Host;
}

/** Whose address is translated, as a message tells. */
export interface NatFindings {
  readonly isHere: boolean;
  readonly isThere: boolean;
}

/**
 * NAT detection, RFC 7296 section 2.23: SHA-1 over SPIs, address and port of each end, which the receiver compares with what the packet shows.
 * Where a NAT is pretended, the source is one that nobody has.
 */
export function addNatDetection(context: IkeContext, ikeSa: IkeSa, message: OutgoingMessage, path: Path): void {
  const { exchangeType, isResponse } = message;
  const source = isEncapsulationForced(context, ikeSa)
    ? randomHash(context)
    : hash(context, ikeSa, path.local, isOfFirst(exchangeType, isResponse));
  message.addNotify(NotifyType.NAT_DETECTION_SOURCE_IP, source);
  message.addNotify(
    NotifyType.NAT_DETECTION_DESTINATION_IP,
    hash(context, ikeSa, path.remote, isOfFirst(exchangeType, isResponse)),
  );
}

const isEncapsulationForced = ({ kernel }: IkeContext, { ikeConfig }: IkeSa): boolean =>
  ikeConfig?.forceEncap === true || kernel.ipsec.requiresUdpEncap;

/** Keeps what was found. Where there is no NAT and packets are to be in UDP all the same, one is pretended. */
export function noteNat(context: IkeContext, ikeSa: IkeSa, { isHere, isThere }: NatFindings): void {
  const isFake = !isHere && !isThere && isEncapsulationForced(context, ikeSa);
  if (isFake && !ikeSa.has(Condition.NAT_FAKE))
    context.log.log(LogGroup.IKE, 1, "faking NAT situation to enforce UDP encapsulation");
  ikeSa.set(Condition.NAT_HERE, isHere);
  ikeSa.set(Condition.NAT_THERE, isThere);
  ikeSa.set(Condition.NAT_FAKE, isFake);
}

/** @returns undefined where the message does not have both notifies */
export function findNat(context: IkeContext, ikeSa: IkeSa, message: Message, path: Path): NatFindings | undefined {
  const { exchangeType, isResponse } = message.header;
  const source = hash(context, ikeSa, path.remote, isOfFirst(exchangeType, isResponse));
  const destination = hash(context, ikeSa, path.local, isOfFirst(exchangeType, isResponse));
  let sources = 0;
  let sourceMatches = false;
  let destinations = 0;
  let destinationMatches = false;
  for (const payload of message.payloads) {
    if (payload.type !== PayloadType.NOTIFY) continue;
    if (payload.notifyType === NotifyType.NAT_DETECTION_SOURCE_IP) {
      sources++;
      sourceMatches ||= equalOctets(payload.data, source);
    } else if (payload.notifyType === NotifyType.NAT_DETECTION_DESTINATION_IP) {
      destinations++;
      destinationMatches ||= equalOctets(payload.data, destination);
    }
  }
  return sources === 0 || destinations === 0 ? undefined : { isHere: !destinationMatches, isThere: !sourceMatches };
}

/** The request of IKE_SA_INIT is hashed with an SPIr of zero by both ends, all else with the responder's. */
const isOfFirst = (exchangeType: number, isResponse: boolean): boolean =>
  exchangeType === ExchangeType.IKE_SA_INIT && !isResponse;

function hash(context: IkeContext, ikeSa: IkeSa, host: Host, isFirst: boolean): Uint8Array {
  const hasher = context.crypto.hasher(HashAlgorithm.SHA1);
  if (!hasher) throw new InternalError("NAT detection needs HASHER:HASH_SHA1");
  const input = HASH_INPUT;
  let at = 0;
  at = put32(input, at, ikeSa.spiInitiatorHi);
  at = put32(input, at, ikeSa.spiInitiatorLo);
  at = put32(input, at, isFirst ? 0 : ikeSa.spiResponderHi);
  at = put32(input, at, isFirst ? 0 : ikeSa.spiResponderLo);
  input.set(host.address, at);
  at += host.address.length;
  input[at++] = host.port >>> 8;
  input[at++] = host.port;
  const result = context.octets.take(NAT_HASH_BYTES);
  hasher.hash(input.subarray(0, at), result);
  return result;
}

function randomHash(context: IkeContext): Uint8Array {
  const result = new Uint8Array(NAT_HASH_BYTES);
  context.random.fill(result);
  return result;
}

function put32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}
